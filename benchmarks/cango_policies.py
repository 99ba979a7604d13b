"""What policies for Bitcoin come to in `scenarios/cango_2026`, each on the same fresh paths.

Usage, from the root of the repository:

    python -m benchmarks.cango_policies [--paths 10000] [--gap 0.001] [--out benchmarks/results/cango_2026.json]

Four plans are made: the scenario's own; one whose loan is not tested for loan to value; one that holds all Bitcoin; one
that sells all of it in the first month. Each is then followed along the same paths, and its loan is tested by the
terms of the scenario, whatever the plan believed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from allocator.instance.compile import compile_instance
from allocator.instance.fresh_paths import draw_paths
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.scenario.uncertainty import Sampled
from allocator.studies.evaluate import COMPANIES, Evaluation, evaluate_on
from allocator.studies.sample_figures import mean, share, worst
from benchmarks.machine import machine, versions

SCENARIO = Path(__file__).parents[1] / "scenarios" / "cango_2026"
SEED = 1
NEVER = 1.5
"""The highest loan to value that a scenario may state."""
FIRST_QUARTER = 3
"""Periods."""

Document = dict[str, Any]


def untested(document: Document) -> None:
    """No level of loan to value is in the way."""
    for loan in document["loans"]:
        if loan["kind"] == "btc_backed":
            loan |= dict.fromkeys(("initial_ltv", "call_ltv", "liquidation_ltv", "release_ltv"), NEVER)


def holding(document: Document) -> None:
    """All Bitcoin is kept, whatever the lender would say."""
    untested(document)
    document["treasury"]["policy"] = {"kind": "hold_share", "share": 1.0}


def selling(document: Document) -> None:
    """All Bitcoin is sold in the first month, and production as it is mined."""
    sold = document["treasury"]["opening_btc"]
    document["treasury"]["policy"] = {"kind": "fixed_schedule", "sell_btc_by_month": [sold], "hold_share": 0.0}


POLICIES: Mapping[str, Callable[[Document], None]] = {
    "plan": lambda document: None,
    "plan without loan to value": untested,
    "hold everything": holding,
    "sell everything": selling,
}


def variant(change: Callable[[Document], None], home: Path) -> LoadedScenario:
    """The scenario with a change, in a folder of its own."""
    shutil.copytree(SCENARIO, home)
    yaml = YAML(typ="safe")
    file = home / "scenario.yaml"
    document = yaml.load(file)
    change(document)
    file.write_text(json.dumps(document, default=str), encoding="utf-8")
    return load_scenario(home)


def first_quarter(plan: Plan) -> dict[str, float]:
    """Expected Bitcoin sold from holdings, debt paid back and capital spent in the first three months."""
    nodes = plan.tables["nodes"]
    early = nodes[nodes["start_month"].isin(sorted(nodes["start_month"].unique())[:FIRST_QUARTER])]
    weight = dict(zip(early["node"], early["probability"], strict=True))

    def expected(table: str, column: str) -> float:
        frame = plan.tables[table]
        return float((frame[column] * frame["node"].map(weight).fillna(0.0)).sum())

    return {
        "sold_btc": expected("treasury", "sold_btc"),
        "repaid_usd": expected("loans", "repaid_usd"),
        "conversions_usd": float(
            sum(
                row.capex_usd * weight.get(row.decided_node, 0.0)
                for row in plan.tables["conversions"].drop_duplicates(["hall", "decided_node"]).itertuples()
            )
        ),
    }


def figures(found: Evaluation) -> dict[str, object]:
    """What a plan comes to on the paths."""
    count = len(found.npv_usd)
    assert found.calls is not None
    hits = {
        "margin_call": found.calls.called,
        "margin_call_unmet": found.calls.unmet,
        "liquidation": found.calls.liquidated,
        "cash_below_minimum": found.missing_usd > 0,
        "cash_below_zero": found.cash_usd < 0,
    }
    return {
        "npv_usd": asdict(mean(found.npv_usd)),
        "mean_of_worst_usd": asdict(worst(found.npv_usd, found.level)),
        **{name: asdict(share(int(np.asarray(hit).any(axis=1).sum()), count)) for name, hit in hits.items()},
    }


def main() -> None:
    """Solve, follow, print, and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=10_000)
    parser.add_argument("--gap", type=float, default=1e-3)
    parser.add_argument("--out", type=Path, default=None)
    options = parser.parse_args()
    base = load_scenario(SCENARIO)
    instance = compile_instance(base)
    assert isinstance(base.scenario.uncertainty, Sampled)
    paths = draw_paths(base, base.scenario.uncertainty, options.paths, SEED, instance.terminal.years)
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, change) in enumerate(POLICIES.items()):
            started = time.perf_counter()
            outcome = solve_scenario(
                variant(change, Path(folder) / str(number)), request=SolveRequest(relative_gap=options.gap)
            )
            reacts, keeps = (evaluate_on(base, instance, outcome.plan, paths, SEED, company) for company in COMPANIES)
            results[name] = {
                "seconds": time.perf_counter() - started,
                "plan_npv_usd": outcome.plan.meta.objective_usd,
                "relative_gap": outcome.plan.meta.relative_gap,
                "first_quarter": first_quarter(outcome.plan),
                "fresh_paths": figures(reacts),
                "fresh_paths_if_nobody_reacts": figures(keeps),
            }
            print(name, json.dumps(results[name], indent=2), flush=True)
    if options.out is not None:
        about = {"machine": machine(), "versions": versions("highspy", "numpy", "pandas"), "paths": options.paths}
        options.out.write_text(json.dumps({**about, "policies": results}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

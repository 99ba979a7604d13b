"""Plans on trees from scenario files: equal however solved, verified, never wiser than their information."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.plan.summary import summarise
from allocator.scenario.load import load_scenario
from tests.instance.scenario_files import document, write

TIGHT = 1e-7
PRICE = {"changes": {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.9}}
DIFFICULTY = {"treatment": "branched", "elasticity": 0.8, "half_life_months": 4.0, "volatility_per_year": 0.1}
REVERTING = {"treatment": "branched", "half_life_months": 6.0, "volatility_per_year": 0.4}
NETWORK = {"kind": "network", "btc_price_usd": 150e3, "difficulty": 1.4e14, "fee_share_of_subsidy": 0.01,
           "pool_fee_share": 0.0, "sale_fee_share": 0.0, "halving_dates": ["2028-04-20"]}  # fmt: skip
SAMPLED: dict[str, Any] = {
    "kind": "sampled", "seed": 3, "branching": [{"month": 1, "children": 3}, {"month": 2, "children": 2}],
    "btc_price": PRICE, "difficulty": DIFFICULTY, "gpu_rental": {"h100": REVERTING},
    "power": {"texas": {**REVERTING, "sites": ["west"]}},
}  # fmt: skip


def monthly(uncertainty: dict[str, Any] | None, bitcoin: dict[str, Any]) -> dict[str, Any]:
    """The small scenario with a node a month, some days of each, and cheap machines."""
    changed = document()
    del changed["horizon"]["periods"]
    changed["horizon"]["hours"] = {"representative_days": 3}
    changed["bitcoin"] = dict(bitcoin)
    changed["equipment"]["miner"] |= {"price_usd": 500.0, "resale_usd": 400.0, "lead_months": 1}
    if uncertainty is not None:
        changed["uncertainty"] = uncertainty
    return changed


def solved(folder: Path, changed: dict[str, Any], method: str = "monolithic") -> Outcome:
    """A verified plan; raises where it is not verified."""
    return solve_scenario(
        load_scenario(write(folder, changed)), request=SolveRequest(method=method, relative_gap=TIGHT)
    )


def worth(folder: Path, hashprice: Sequence[dict[str, Any]], known_month: int) -> float:
    """Optimum of a fan over hashprice paths."""
    fan = {"kind": "given", "known_month": known_month, "machine_price_elasticity": 0.0, "scenarios": list(hashprice)}
    return solved(folder, monthly(fan, HASHPRICE)).meta.objective_usd


HASHPRICE = {"kind": "hashprice", "usd_per_ph_day": 40.0, "pool_fee_share": 0.0, "sale_fee_share": 0.0}
DOUBLES = {"name": "doubles", "probability": 0.5, "hashprice_usd_per_ph_day": {"by_month": [40.0, 80.0, 80.0]}}
HALVES = {"name": "halves", "probability": 0.5, "hashprice_usd_per_ph_day": {"by_month": [40.0, 20.0, 20.0]}}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder, changed = tmp_path_factory.mktemp("tree"), monthly(SAMPLED, NETWORK)
    return {method: solved(folder, changed, method) for method in ("monolithic", "decomposed")}


def test_a_sampled_tree_has_one_optimum_however_it_is_solved(tree: dict[str, Outcome]) -> None:
    whole, parts = (tree[method].meta for method in ("monolithic", "decomposed"))
    assert whole.verified
    assert parts.verified
    assert parts.objective_usd == pytest.approx(whole.objective_usd, rel=1e-6)
    assert parts.bound_usd == pytest.approx(whole.bound_usd, rel=1e-6)


def test_the_plan_says_what_tree_it_stands_on(tree: dict[str, Outcome]) -> None:
    outcome = tree["monolithic"]
    nodes = outcome.plan.tables["nodes"]
    assert len(nodes) == nodes["node"].nunique() == 10
    assert nodes.groupby("start_month")["probability"].sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
    assert any("a tree of 10 nodes and 6 leaves, seed 3" in remark for remark in outcome.meta.remarks)


def test_machines_are_not_bought_to_be_resold(tmp_path: Path) -> None:
    """Machines that never run, whose prices swing with hashprice and hardly fall on resale: none is ordered."""
    stated = {**SAMPLED, "machine_price_elasticity": 2.0}
    changed = monthly(stated, NETWORK)
    changed["equipment"]["miner"] |= {"maintenance_usd_per_mwh": 1e5, "resale_usd": 499.0, "lead_months": 0,
                                      "install_usd": 0.0, "price_growth_per_year": 0.0}  # fmt: skip
    trades = solved(tmp_path, changed).plan.tables["trades"]
    assert trades["bought_units"].sum() == 0


def test_a_fan_of_scenarios_that_are_alike_is_worth_what_the_chain_is(tmp_path: Path) -> None:
    chain = solved(tmp_path, monthly(None, NETWORK)).meta.objective_usd
    alike = [{"name": str(k), "probability": p} for k, p in enumerate((0.2, 0.3, 0.5))]
    for known_month in (1, 2):
        fan = {"kind": "given", "known_month": known_month, "scenarios": alike}
        assert solved(tmp_path, monthly(fan, NETWORK)).meta.objective_usd == pytest.approx(chain, rel=1e-7)


def test_before_the_branch_both_futures_see_the_same_decisions(tmp_path: Path) -> None:
    """Hashprice doubles or halves in May: what is done until then is one row of every table, whatever follows."""
    fan = {"kind": "given", "known_month": 2, "machine_price_elasticity": 0.0, "scenarios": [DOUBLES, HALVES]}
    tables = solved(tmp_path, monthly(fan, HASHPRICE)).plan.tables
    assert set(tables["nodes"]["node"]) == {"2028-03", "2028-04", "2028-05/doubles", "2028-05/halves"}
    for name in ("halls", "fleets", "trades"):
        before = tables[name][~tables[name]["node"].str.contains("/")]
        keys = [column for column in ("node", "hall", "fit_out", "model") if column in before]
        assert not before.duplicated(keys).any()
    ends = tables["power"].groupby("node")["gross_mwh"].sum()
    assert ends["2028-05/doubles"] > ends["2028-05/halves"]


def test_information_is_never_worth_less_when_it_comes_earlier(tmp_path: Path) -> None:
    """Knowing nothing until the last month <= knowing after the first <= perfect information, all of one fan."""
    late, early = (worth(tmp_path, [DOUBLES, HALVES], month) for month in (2, 1))
    alone = [worth(tmp_path, [{**one, "probability": 1.0}], 1) for one in (DOUBLES, HALVES)]
    perfect = float(np.mean(alone))
    rounding = 1e-6 * max(map(abs, alone))
    assert late <= early + rounding
    assert early <= perfect + rounding
    assert early > late + 1.0
    assert perfect > early + 1.0


def test_expected_megawatts_count_each_node_by_its_probability(tree: dict[str, Outcome]) -> None:
    outcome = tree["monolithic"]
    nodes, power = outcome.plan.tables["nodes"].set_index("node"), outcome.plan.tables["power"]
    weight = nodes["probability"].reindex(power["node"]).to_numpy()
    expected = (power["gross_mwh"] * weight).groupby(power["use"]).sum() / (nodes["hours"] * nodes["probability"]).sum()
    (year,) = summarise(outcome.plan).uses
    found = pd.Series({use: mw for use, mw in year.gross_mw.items() if use in expected.index})
    assert found.to_numpy() == pytest.approx(expected.reindex(found.index).to_numpy())

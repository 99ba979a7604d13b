"""The page and the workbook of a company of ten sites over five years on a tree of 5,229 nodes: seconds and megabytes.

Nothing solves such a tree here. A solved plan of `scenarios/cango_2026` lends its rows instead: every node of the large
tree gets those of a node of the plan that starts in the same month or in the last one before, under its own name, and
four more hosts those of one that is there. So tables are as long and as varied as a solved plan's, and figures mean
nothing.

Usage, from the root of the repository, with a plan of the scenario:

    python -m benchmarks.report out/cango_2026 [--out benchmarks/results/report_5229_nodes.json]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from allocator.cli.assumptions import assumptions
from allocator.cli.report_folder import report_of
from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.solve import plan_in
from allocator.plan.plan import Plan, SiteNodeTables
from allocator.reports.web.page import html_page
from allocator.reports.workbook.write import write_workbook
from allocator.scenario.load import LoadedScenario, load_scenario
from benchmarks.machine import machine, tell, versions

SCENARIO = Path(__file__).parents[1] / "scenarios" / "cango_2026"
BRANCHING = ((1, 4), (3, 3), (6, 3), (12, 3), (24, 3), (36, 2), (48, 2))
"""Month at which every node gets children, and how many: 1,296 futures."""
PERIODS = [{"months": 1, "count": 12}, {"months": 3, "count": 4}, {"months": 6, "count": 6}]
LENT, BORROWERS = "oman", ("oman_2", "oman_3", "oman_4", "oman_5")
"""A host, and those that get its rows."""
BY_NODE = ("node", "signed_node", "decided_node", "ready_node", "notice_node", "end_node", "leaf", "parent")
BY_SITE = ("site", "hall", "agreement", "subject")


def write_variant(folder: Path) -> None:
    """The scenario over five years on the large tree, in a new folder."""
    shutil.copytree(SCENARIO, folder)
    yaml, file = YAML(), folder / "scenario.yaml"
    document = yaml.load(file)
    document["horizon"] |= {"months": 60, "periods": PERIODS}
    branching = [{"month": month, "children": children} for month, children in BRANCHING]
    document["uncertainty"] |= {"branching": branching, "max_nodes": 6000}
    (host,) = (one for one in document["hosting"] if one["name"] == LENT)
    (fleet,) = (one for one in document["fleets"] if one["hall"] == LENT)
    document["hosting"] += [{**deepcopy(host), "name": name} for name in BORROWERS]
    document["fleets"] += [{**deepcopy(fleet), "hall": name} for name in BORROWERS]
    yaml.dump(document, file)


def stretched(plan: Plan, instance: Instance) -> Plan:
    """The plan with the nodes of the instance; see the head of this file."""
    tree, source = instance.tree, plan.tables["nodes"]
    starts = np.array(source["start_month"].tolist())
    months = [tree.calendar_month(int(month)) for month in tree.first_month]
    known = sorted(set(starts.tolist()))
    draw = np.random.default_rng(1)
    lender = [str(draw.choice(source["node"].to_numpy()[starts == _before(month, known)])) for month in months]
    borrows = pd.DataFrame({"lender": lender, "borrower": [str(name) for name in tree.name]})
    tables = {name: _more_sites(_lent(table, borrows)) for name, table in plan.tables.items()}
    parents = ["" if parent < 0 else str(tree.name[parent]) for parent in tree.parent]
    tables["nodes"] = pd.DataFrame(
        {
            "node": borrows["borrower"],
            "parent": parents,
            "probability": tree.probability,
            "start_month": months,
            "months": tree.months,
            "hours": tree.hours,
            "decision": True,
        }
    )
    leaves = [str(tree.name[leaf]) for leaf in tree.leaves]
    worth = draw.normal(plan.meta.objective_usd, 1e8, len(leaves))
    paths = {"leaf": leaves, "probability": tree.probability[tree.leaves], "npv_usd": worth}
    tables["paths"] = pd.DataFrame({**paths, "without_terminal_usd": worth / 2, "worst_share": 0.0})
    return Plan(tables, _Hours(plan, dict(zip(borrows["borrower"], lender, strict=True))), plan.meta)


def _before(month: str, known: list[str]) -> str:
    return max((one for one in known if one <= month), default=known[0])


def _lent(table: pd.DataFrame, borrows: pd.DataFrame) -> pd.DataFrame:
    """Rows of lenders under the names of those that borrow, for the first column that names a node."""
    (column, *others) = [name for name in BY_NODE if name in table.columns] or [""]
    if not column:
        return table
    rows = borrows.merge(table, left_on="lender", right_on=column)
    made = rows.assign(**dict.fromkeys((column, *others), rows["borrower"]))
    return made[list(table.columns)]


def _more_sites(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of the host that lends once more for each that borrows."""
    columns = [name for name in BY_SITE if name in table.columns]
    if not columns:
        return table
    own = table[np.logical_or.reduce([table[name] == LENT for name in columns])]
    more = [own.assign(**{name: own[name].replace(LENT, other) for name in columns}) for other in BORROWERS]
    return pd.concat([table, *more], ignore_index=True)


class _Hours(Mapping[tuple[str, str], SiteNodeTables]):
    """Hours of lenders under the names of those that borrow, read when they are asked for."""

    def __init__(self, plan: Plan, lender: Mapping[str, str]) -> None:
        self.plan, self.lender = plan, lender

    def __getitem__(self, pair: tuple[str, str]) -> SiteNodeTables:
        site, node = pair
        return self.plan.dispatch[LENT if site in BORROWERS else site, self.lender[node]]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        sites = dict.fromkeys(site for site, _ in self.plan.dispatch)
        return ((site, node) for site in (*sites, *BORROWERS) for node in self.lender)

    def __len__(self) -> int:
        return (len({site for site, _ in self.plan.dispatch}) + len(BORROWERS)) * len(self.lender)


def took_cpu_s(work: Callable[[], object]) -> float:
    """Seconds of processor that a piece of work takes, whatever else the machine does."""
    began = time.process_time()
    work()
    return round(time.process_time() - began, 2)


def made(folder: Path, room: Path) -> tuple[Plan, LoadedScenario]:
    """The stretched plan and its scenario."""
    write_variant(room / "wide")
    loaded = load_scenario(room / "wide")
    return stretched(plan_in(folder), compile_instance(loaded)), loaded


def measured(folder: Path) -> dict[str, object]:
    """Seconds and megabytes of both reports, with what is read once left out of neither."""
    with tempfile.TemporaryDirectory() as room:
        plan, loaded = made(folder, Path(room))
        page, book = Path(room, "page.html"), Path(room, "book.xlsx")
        html = took_cpu_s(lambda: page.write_text(html_page(report_of(plan, loaded)), encoding="utf-8"))
        xlsx = took_cpu_s(lambda: write_workbook(plan, assumptions(loaded), book))
        sizes = {one.suffix[1:]: round(one.stat().st_size / 1e6, 2) for one in (page, book)}
    return {
        "machine": machine(),
        "versions": versions("numpy", "pandas", "jinja2", "xlsxwriter"),
        "nodes": len(plan.tables["nodes"]),
        "paths": len(plan.tables["paths"]),
        "sites": int(plan.tables["reserved"]["site"].nunique()),
        "rows_of_cash_flow": len(plan.tables["cash_flow"]),
        "page_cpu_s": html,
        "workbook_cpu_s": xlsx,
        "page_mb": sizes["html"],
        "workbook_mb": sizes["xlsx"],
    }


def main() -> None:
    """Write both reports, then say what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path, help="A folder that allocator solve wrote for scenarios/cango_2026.")
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    found = measured(asked.plan)
    tell(found, asked.out)


if __name__ == "__main__":
    main()

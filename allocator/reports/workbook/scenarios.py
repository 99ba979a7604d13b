"""Sheet of the ways through a tree: one row a path, the worst and the best where there are very many."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from allocator.plan.meta import PlanMeta
from allocator.plan.schema import OPERATING_LINES
from allocator.reports.periods import Periods, Tables
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.table import Col, listed

MOST_PATHS = 2000
"""Paths listed; where there are more, half of them are the worst ones and half the best."""
BETWEEN = "all paths in between"


def write_scenarios(book: Book, tables: Tables, time: Periods, meta: PlanMeta) -> None:
    """What each path is worth, its lowest cash and what is left at its end; nothing for a plan of one path."""
    if not time.branches:
        return
    paths = _paths(tables)
    ordered = paths.sort_values("npv_usd", kind="stable")
    rows = [*_records(ordered.head(MOST_PATHS // 2)), *_records(ordered.iloc[MOST_PATHS // 2 :].tail(MOST_PATHS // 2))]
    left = ordered.iloc[MOST_PATHS // 2 : max(MOST_PATHS // 2, len(ordered) - MOST_PATHS // 2)]
    if len(left):
        rows.insert(MOST_PATHS // 2, _merged(left))
    columns = [
        Col("leaf", "Path (its last node)", width=24),
        Col("probability", "Probability", "factor", 12, total=True),
        Col("npv_usd", "Net present value, USD", "usd", 18),
        Col("weighted_usd", "Probability x value, USD", "usd", 18, total=True, formula="{probability}*{npv_usd}"),
        Col("without_terminal_usd", "Within the horizon, USD", "usd", 18),
        Col("ebitda_usd", "EBITDA of the path, undiscounted USD", "usd", 18),
        Col("lowest_usd", "Lowest cash on the path, USD", "usd", 18),
        Col("closing_usd", "Cash at its end, USD", "usd", 18),
        Col("held_btc", "Bitcoin at its end, BTC", "btc", 14),
        Col("worst_share", "Among the worst that the risk counts", "share", 14),
    ]
    note = f"{len(paths):,} paths, worst first." + (
        f" The {MOST_PATHS // 2:,} worst and best are listed, the others in one row with their means."
        if len(left)
        else ""
    )
    made = listed(book, "Scenarios", "Paths through the tree", note, columns, rows)
    value = made.sums["weighted_usd"]
    what = "Net present value, mean of all paths"
    book.checks.append(Check(what, made.total("weighted_usd"), value, meta.objective_usd, "plan.json"))


def _paths(tables: Tables) -> pd.DataFrame:
    """Rows of table `paths` with what is read along each path."""
    flow, nodes = tables["cash_flow"], tables["nodes"]
    own = flow[flow["line"].isin(OPERATING_LINES)].groupby("node")["amount_usd"].sum().to_dict()
    closing = dict(zip(tables["cash"]["node"], tables["cash"]["closing_usd"], strict=True))
    held = dict(zip(tables["treasury"]["node"], tables["treasury"]["closing_btc"], strict=True))
    earned: dict[str, float] = {}
    lowest: dict[str, float] = {}
    for node, parent in zip(nodes["node"].tolist(), nodes["parent"].tolist(), strict=True):
        earned[node] = earned.get(parent, 0.0) + own.get(node, 0.0)
        lowest[node] = min(lowest.get(parent, math.inf), closing[node])
    paths = tables["paths"]
    return paths.assign(
        ebitda_usd=paths["leaf"].map(earned),
        lowest_usd=paths["leaf"].map(lowest),
        closing_usd=paths["leaf"].map(closing),
        held_btc=paths["leaf"].map(held),
        weighted_usd=paths["probability"] * paths["npv_usd"],
    )


def _merged(left: pd.DataFrame) -> dict[str, object]:
    """One row for paths that are not listed: means by probability, the lowest cash of all."""
    weight = math.fsum(left["probability"])
    means = ["npv_usd", "without_terminal_usd", "ebitda_usd", "closing_usd", "held_btc", "worst_share"]
    found = {name: math.fsum(left["probability"] * left[name]) / weight for name in means}
    rest = {"leaf": BETWEEN, "probability": weight, "lowest_usd": float(left["lowest_usd"].min())}
    return _without_nan({**found, **rest, "weighted_usd": math.fsum(left["weighted_usd"])})


def _records(rows: pd.DataFrame) -> list[dict[str, object]]:
    return [_without_nan({str(name): value for name, value in row.items()}) for row in rows.to_dict("records")]


def _without_nan(row: Mapping[str, object]) -> dict[str, object]:
    """Figures that a plan does not have, such as Bitcoin without a treasury, as None."""
    return {name: None if value != value else value for name, value in row.items()}

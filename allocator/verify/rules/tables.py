"""TABLE: tables that repeat the instance, and prices that must agree among themselves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows, texts

BY_YEAR = ("USD/MW-year", "USD/MWh-year")


def nodes(case: Case) -> Iterator[Check]:
    """The nodes are those of the instance, in its order."""
    frame, tree = case.tables["nodes"], case.instance.tree
    node = case.axes.node_at(frame["node"])
    at = rows(frame, "node")
    parents = ["" if tree.parent[n] < 0 else tree.name[int(tree.parent[n])] for n in node]
    months = [tree.calendar_month(int(tree.first_month[n])) for n in node]
    yield Check("parent", "", at, texts(frame["parent"]), texts(parents))
    yield Check("start_month", "", at, texts(frame["start_month"]), texts(months))
    yield Check("decision", "", at, frame["decision"].to_numpy(), tree.decision[node])
    yield Check("months", "months", at, frame["months"].to_numpy(), tree.months[node])
    for column, unit, expected in (("probability", "share", tree.probability), ("hours", "h", tree.hours)):
        values, tolerance = frame[column].to_numpy(), tolerances.factor(expected[node])
        yield Check(column, unit, at, values, expected[node], tolerance=tolerance)


def marginal_values(case: Case) -> Iterator[Check]:
    """More of a limit is never worth less than nothing, and the horizon's value is that of its nodes."""
    frame = case.tables["marginal_values"]
    at = rows(frame, "subject", "quantity", "node")
    value, floor = frame["value_usd_per_unit"].to_numpy(), tolerances.MONEY_USD
    yield Check("value of one more unit", "USD/unit", at, value, 0.0, "at_least", floor)
    total = frame[frame["node"] == ""]
    parts = _parts(case, frame[(frame["node"] != "") & (frame["subject"] != "company")])
    keys = list(zip(total["subject"], total["quantity"], total["unit"], strict=True))
    expected = [parts.get(key, 0.0) for key in keys]
    at = rows(total, "subject", "quantity")
    tolerance = tolerances.usd(expected)
    yield Check(
        "value over the horizon", "USD/unit", at, total["value_usd_per_unit"].to_numpy(), expected, tolerance=tolerance
    )
    orphans = [key for key in parts if key not in keys]
    names = {"subject": [key[0] for key in orphans], "quantity": [key[1] for key in orphans]}
    values = [parts[key] for key in orphans]
    yield Check("values of nodes with none over the horizon", "USD/unit", (names,), values, 0.0, tolerance=floor)


RULES: dict[str, PlanRule] = {"TABLE.nodes": nodes, "TABLE.marginal_values": marginal_values}


def _parts(case: Case, frame: pd.DataFrame) -> dict[tuple[str, str, str], float]:
    """What the nodes' values make over the horizon, by subject, quantity and unit."""
    tree = case.instance.tree
    years = tree.months[case.axes.node_at(frame["node"])] / 12.0 / tree.horizon_years
    weight = np.where(frame["unit"].isin(BY_YEAR), years, 1.0)
    weighted = frame.assign(part=frame["value_usd_per_unit"].to_numpy() * weight)
    sums = weighted.groupby(["subject", "quantity", "unit"], as_index=False)["part"].sum()
    keys = zip(sums["subject"], sums["quantity"], sums["unit"], strict=True)
    return dict(zip(keys, sums["part"].tolist(), strict=True))

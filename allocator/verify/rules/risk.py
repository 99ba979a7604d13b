"""RISK: what each path is worth, which paths are the worst, and the mean of those."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.instance.risk import Expectation, WorstPaths
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows


def value(case: Case) -> Iterator[Check]:
    """A path is worth the lines of its nodes, each times its discount factor."""
    frame, tree = case.tables["paths"], case.instance.tree
    at, leaf = rows(frame, "leaf"), case.axes.node_at(frame["leaf"])
    odds, flow = tree.probability[leaf], case.tables["cash_flow"]
    stated = frame["probability"].to_numpy()
    yield Check("probability", "share", at, stated, odds, tolerance=tolerances.factor(odds))
    for column, lines in (("npv_usd", flow), ("without_terminal_usd", flow[flow["when"] == "period"])):
        owed, gross = _along(case, lines)[leaf], _along(case, lines, absolute=True)[leaf]
        yield Check(column, "USD", at, frame[column].to_numpy(), owed, tolerance=tolerances.usd(gross))


def tail(case: Case) -> Iterator[Check]:
    """The worst paths are those of least value, and the head states their weight and their mean."""
    risk, frame = case.instance.risk, case.tables["paths"]
    odds, values = frame["probability"].to_numpy(), frame["npv_usd"].to_numpy()
    taken = odds * frame["worst_share"].to_numpy()
    level = risk.level if isinstance(risk, WorstPaths) else 1.0
    yield Check("probability of the worst paths", "share", (), math.fsum(taken), 1.0 - level, tolerance=1e-9)
    share = frame["worst_share"].to_numpy()
    at = rows(frame, "leaf")
    yield Check("worst share", "share", at, share, 0.0, "at_least", 1e-12)
    yield Check("worst share", "share", at, share, 1.0, "at_most", 1e-9)
    if case.meta is None:
        return
    weight = 0.0 if isinstance(risk, Expectation) else risk.weight
    yield Check("tail_weight", "share", (), case.meta.tail_weight, weight, tolerance=tolerances.ROUNDING)
    known = isinstance(risk, WorstPaths)
    yield Check("a mean of the worst is stated", "", (), case.meta.mean_of_worst_usd is not None, known)
    if case.meta.mean_of_worst_usd is None or not known:
        return
    least, gross = _mean_of_worst(odds, values, level), float(np.abs(values).max(initial=0.0))
    slack = tolerances.usd(gross)
    yield Check("mean_of_worst_usd", "USD", (), case.meta.mean_of_worst_usd, least, tolerance=slack)
    chosen = math.fsum(taken * values) / (1.0 - level)
    yield Check("mean of the paths marked as worst", "USD", (), chosen, least, tolerance=slack)


RULES: dict[str, PlanRule] = {"RISK.value": value, "RISK.tail": tail}


def _along(case: Case, lines: pd.DataFrame, *, absolute: bool = False) -> Floats:
    """Discounted lines summed over each node's path, (N,); their sizes where `absolute`."""
    usd = lines["amount_usd"] * lines["discount_factor"]
    sums = {node: math.fsum(group) for node, group in (usd.abs() if absolute else usd).groupby(lines["node"])}
    return case.timeline.along(np.array([sums.get(name, 0.0) for name in case.instance.tree.name]))


def _mean_of_worst(odds: Floats, values: Floats, level: float) -> float:
    """max over q of q - sum odds max(0, q - value) / (1 - level); the maximum lies at one of the values."""
    below = np.maximum(values[:, None] - values[None, :], 0.0) @ odds
    return float(np.max(values - below / (1.0 - level)))

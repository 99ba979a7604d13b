"""NESTED: what each node is worth as seen from it, which of its children are the worst, and what the start is worth."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from allocator.instance.risk import WorstChildren
from allocator.instance.tree import Floats, Ints
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows


def own(case: Case) -> Iterator[Check]:
    """A node earns its own lines, each times its discount factor, and has its chance among its brothers."""
    frame = case.tables["nested_values"]
    at, node = rows(frame, "node"), case.axes.node_at(frame["node"])
    earned, gross = _lines(case)
    tolerance = tolerances.usd(gross[node])
    yield Check("own_usd", "USD", at, frame["own_usd"].to_numpy(), earned[node], tolerance=tolerance)
    chance = _chance(case)[node]
    stated = frame["chance_share"].to_numpy()
    yield Check("chance_share", "share", at, stated, chance, tolerance=tolerances.factor(chance))


def value(case: Case) -> Iterator[Check]:
    """A node is worth what it earns and its children as seen from it; the head states the weight and the start."""
    risk, frame = case.instance.risk, case.tables["nested_values"]
    nested = isinstance(risk, WorstChildren)
    if case.meta is not None:
        yield Check("a value of the start is stated", "", (), case.meta.nested_value_usd is not None, nested)
    if not isinstance(risk, WorstChildren):
        return
    worth, gross = _worth(case, risk)
    node, slack = case.axes.node_at(frame["node"]), tolerances.usd(gross)
    yield Check("value_usd", "USD", rows(frame, "node"), frame["value_usd"].to_numpy(), worth[node], tolerance=slack)
    if case.meta is None:
        return
    yield Check("tail_weight", "share", (), case.meta.tail_weight, risk.weight, tolerance=tolerances.ROUNDING)
    if case.meta.nested_value_usd is not None:
        start = _seen(case, risk, np.flatnonzero(case.instance.tree.parent < 0), worth)
        yield Check("nested_value_usd", "USD", (), case.meta.nested_value_usd, start, tolerance=slack)


def below(case: Case) -> Iterator[Check]:
    """The worst children of a node make 1 - level of their chances, and are those of least value."""
    risk, tree = case.instance.risk, case.instance.tree
    if not isinstance(risk, WorstChildren):
        return
    frame = case.tables["nested_values"]
    at, node, share = rows(frame, "node"), case.axes.node_at(frame["node"]), frame["worst_share"].to_numpy()
    yield Check("worst share", "share", at, share, 0.0, "at_least", 1e-12)
    yield Check("worst share", "share", at, share, 1.0, "at_most", 1e-9)
    stated, worth = np.zeros(len(tree)), np.zeros(len(tree))
    stated[node], worth[node] = share, frame["value_usd"].to_numpy()
    taken, slack = _chance(case) * stated, tolerances.usd(float(np.abs(worth).max(initial=0.0)))
    parents = [-1, *sorted({int(parent) for parent in tree.parent if parent >= 0})]
    groups = [np.flatnonzero(tree.parent == parent) for parent in parents]
    names = ({"node": ["the start" if parent < 0 else tree.name[parent] for parent in parents]},)
    chances = np.array([math.fsum(taken[group]) for group in groups])
    yield Check("chance of the worst children", "share", names, chances, 1.0 - risk.level, tolerance=1e-9)
    chosen = np.array([math.fsum(taken[group] * worth[group]) for group in groups]) / (1.0 - risk.level)
    least = np.array([_mean_of_worst(_chance(case)[group], worth[group], risk.level) for group in groups])
    yield Check("mean of the children marked as worst", "USD", names, chosen, least, tolerance=slack)


RULES: dict[str, PlanRule] = {"NESTED.own": own, "NESTED.value": value, "NESTED.below": below}


def _lines(case: Case) -> tuple[Floats, Floats]:
    """Discounted lines of each node summed, and their sizes, (N,) each."""
    flow = case.tables["cash_flow"]
    usd = flow["amount_usd"] * flow["discount_factor"]
    sums = {node: (math.fsum(group), math.fsum(group.abs())) for node, group in usd.groupby(flow["node"])}
    found = np.array([sums.get(name, (0.0, 0.0)) for name in case.instance.tree.name])
    return found[:, 0], found[:, 1]


def _chance(case: Case) -> Floats:
    """Probability of each node given its parent, of a root as it is, (N,)."""
    tree = case.instance.tree
    before = np.where(tree.parent >= 0, tree.probability[tree.parent], tree.probability[tree.parent < 0].sum())
    return np.asarray(tree.probability / before)


def _worth(case: Case, risk: WorstChildren) -> tuple[Floats, float]:
    """Of every node as its lines have it, from the last back to the first, (N,), and the size of all lines."""
    tree = case.instance.tree
    worth, gross = _lines(case)
    for node in range(len(tree) - 1, -1, -1):
        worth[node] += _seen(case, risk, np.flatnonzero(tree.parent == node), worth)
    return worth, float(gross.sum())


def _seen(case: Case, risk: WorstChildren, children: Ints, worth: Floats) -> float:
    """(1 - weight) x expected worth + weight x mean of the worst of some children; 0 of none."""
    if not len(children):
        return 0.0
    chance, values = _chance(case)[children], worth[children]
    expected = math.fsum(chance * values)
    return (1.0 - risk.weight) * expected + risk.weight * _mean_of_worst(chance, values, risk.level)


def _mean_of_worst(chance: Floats, values: Floats, level: float) -> float:
    """max over q of q - sum chance max(0, q - value) / (1 - level); the maximum lies at one of the values."""
    below = np.maximum(values[:, None] - values[None, :], 0.0) @ chance
    return float(np.max(values - below / (1.0 - level)))

"""CHANCE: which events happen where, and how likely they are, from what is missing and what is called."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.chance import COMPANY, LEAST_USD
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Axis, Check
from allocator.verify.loan_columns import of_collateral


def event(case: Case) -> Iterator[Check]:
    """What is amiss is what cash and loans state, no more than may be, and an event from a dollar on."""
    amiss = _amiss_usd(case)
    most = case.instance.chances.most_usd.reshape(amiss.shape)
    found, tolerance = _stated(case, "amiss_usd"), tolerances.usd(amiss)
    yield Check("amiss", "USD", _axes(case), found, amiss, tolerance=tolerance)
    yield Check("amiss", "USD", _axes(case), amiss, most, "at_most", tolerances.limit_usd(most))
    yield Check("happens", "", _axes(case), _stated(case, "happens"), (amiss >= LEAST_USD) * 1.0)


def on_path(case: Case) -> Iterator[Check]:
    """Where an event happens, it has happened."""
    happens, happened = _happens(case), _stated(case, "happened")
    yield Check("has happened", "", _axes(case), happened, happens * 1.0, "at_least")


def stays(case: Case) -> Iterator[Check]:
    """What has not happened in a node has happened by its end only if it had before."""
    happens, happened = _happens(case), _stated(case, "happened")
    before = case.timeline.carry(happened, np.zeros(len(happened)))
    expected = np.where(happens, happened, before)
    yield Check("has happened", "", _axes(case), happened, expected)


def month(case: Case) -> Iterator[Check]:
    """Probabilities by month are those of the nodes in which the event happens, within the limit."""
    tree, chances, frame = case.instance.tree, case.instance.chances, case.tables["chances"]
    starts = np.array(sorted(set(tree.first_month.tolist())))
    inside = (tree.first_month[None, :] == starts[:, None]) * tree.probability
    odds = _happens(case) @ inside.T
    named = [tree.calendar_month(int(start)) for start in starts]
    axes = (_events(case), {"month": named})
    by_event = [frame[_rows_of(case, k)].set_index("month") for k in range(len(chances))]
    for column, expected in (
        ("probability", odds),
        ("most_probability", np.tile(chances.by_month[:, None], len(named))),
    ):
        found = np.array([own[column].reindex(named) for own in by_event]).reshape(odds.shape)
        yield Check(column, "share", axes, found, expected, tolerance=tolerances.ROUNDING)
    limit = chances.by_month[:, None]
    yield Check("probability in a month", "share", axes, odds, limit, "at_most", tolerances.ROUNDING)


def paths(case: Case) -> Iterator[Check]:
    """The probability of the whole horizon is that of the paths on which the event happens, within the limit."""
    tree, chances, frame = case.instance.tree, case.instance.chances, case.tables["chances"]
    ever = np.array([case.timeline.along(row * 1.0) > 0 for row in _happens(case)]).reshape(len(chances), len(tree))
    odds, axes = ever[:, tree.leaves] @ tree.probability[tree.leaves], (_events(case),)
    whole = [frame[_rows_of(case, k)].set_index("month") for k in range(len(chances))]
    for column, expected in (("probability", odds), ("most_probability", chances.of_path)):
        found = np.array([own[column].get("", np.nan) for own in whole])
        yield Check(column, "share", axes, found, expected, tolerance=tolerances.ROUNDING)
    yield Check("probability of a path", "share", axes, odds, chances.of_path, "at_most", tolerances.ROUNDING)


RULES: dict[str, PlanRule] = {
    "CHANCE.event": event,
    "CHANCE.on_path": on_path,
    "CHANCE.stays": stays,
    "CHANCE.month": month,
    "CHANCE.paths": paths,
}


def _amiss_usd(case: Case) -> Floats:
    """Missing to the least cash, or called on the event's loan, (E, N)."""
    chances, debt = case.instance.chances, case.instance.debt
    amiss = np.zeros((len(chances), len(case.instance.tree)))
    for k, loan in enumerate(chances.loan.tolist()):
        if loan == COMPANY:
            amiss[k] = by_node(case, "cash", "shortfall_usd")
        elif debt is not None:
            amiss[k] = of_collateral(case, debt, "called_usd")[debt.collateral.loan == loan][0]
    return amiss


def _happens(case: Case) -> Bools:
    return np.asarray(_amiss_usd(case) >= LEAST_USD)


def _stated(case: Case, column: str) -> Floats:
    """A column of table events, (E, N)."""
    frame, found = case.tables["events"], np.full((len(case.instance.chances), len(case.instance.tree)), np.nan)
    node = case.axes.node_at(frame["node"])
    for k, (kind, loan) in enumerate(case.instance.chances.names(case.instance.debt)):
        own = ((frame["event"] == kind) & (frame["loan"] == loan)).to_numpy()
        found[k, node[own]] = frame[column].to_numpy(dtype=float)[own]
    return found


def _rows_of(case: Case, k: int) -> Bools:
    """Rows of table chances of one event."""
    (kind, loan), frame = case.instance.chances.names(case.instance.debt)[k], case.tables["chances"]
    return ((frame["event"] == kind) & (frame["loan"] == loan)).to_numpy()


def _events(case: Case) -> Axis:
    names = case.instance.chances.names(case.instance.debt)
    return {"event": [kind for kind, _ in names], "loan": [loan for _, loan in names]}


def _axes(case: Case) -> tuple[Axis, Axis]:
    return _events(case), case.axes.nodes

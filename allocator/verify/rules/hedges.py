"""HEDGE: positions, purchases, and what table hedges says of prices and payoffs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.hedges import UNIT
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.axes import position_of
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Axis, Check, rows, texts
from allocator.verify.facts import scatter
from allocator.verify.lines_hedges import bought_units, held_units, payoff_usd, settlement_usd


def balance(case: Case) -> Iterator[Check]:
    """A node begins with the opening position and all that was bought on the way to it."""
    held = held_units(case)
    yield Check("held", "units", _axes(case), _of(case, "held_units"), held, tolerance=tolerances.factor(held))


def offered(case: Case) -> Iterator[Check]:
    """Whole lots are bought where they are on offer, and no more along a path than are."""
    hedges, bought = case.instance.hedges, bought_units(case)
    yield Check("bought", "units", _axes(case), bought, np.where(hedges.offered, bought, 0.0))
    yield Check("bought", "units", _axes(case), bought, 0.0, "at_least")
    lots = bought / hedges.lot[:, None]
    yield Check("lots", "", _axes(case), lots, np.round(lots), tolerance=LOTS)
    total = case.timeline.along(lots)
    yield Check("lots bought so far", "", _axes(case), total, hedges.most_lots[:, None], "at_most", LOTS)


def stated(case: Case) -> Iterator[Check]:
    """Terms, prices, premiums and payoffs stated are those of the scenario at the node's market."""
    hedges, frame, axes = case.instance.hedges, case.tables["hedges"], _axes(case)
    at, own = rows(frame, "node", "hedge"), position_of(hedges.names, frame["hedge"])
    for column, names in (("kind", hedges.kind), ("unit", tuple(UNIT[kind] for kind in hedges.kind))):
        yield Check(column, "", at, texts(frame[column].tolist()), texts([names[i] for i in own.tolist()]))
    call = np.where(np.isfinite(hedges.call_strike_usd), hedges.call_strike_usd, 0.0)
    bought, held = bought_units(case), held_units(case)
    for column, expected in (
        ("premium_usd_per_unit", hedges.premium_usd),
        ("premium_usd", hedges.premium_usd * bought),
        ("settlement_usd", settlement_usd(case)),
        ("fixed_usd", np.broadcast_to(hedges.fixed_usd[:, None], held.shape)),
        ("call_usd", np.broadcast_to(call[:, None], held.shape)),
        ("payoff_usd", payoff_usd(case) * held),
    ):
        yield Check(column, "USD", axes, _of(case, column), expected, tolerance=tolerances.usd(expected))
    settled = hedges.settled * held
    found = _of(case, "settled_units")
    yield Check("settled", "units", axes, found, settled, tolerance=tolerances.factor(settled))


LOTS = 1e-6
"""What a division by the size of a lot leaves."""

RULES: dict[str, PlanRule] = {"HEDGE.balance": balance, "HEDGE.offered": offered, "HEDGE.stated": stated}


def _axes(case: Case) -> tuple[Axis, Axis]:
    return case.axes.hedges, case.axes.nodes


def _of(case: Case, column: str) -> Floats:
    frame = case.tables["hedges"]
    at = case.axes.hedge_at(frame["hedge"]), case.axes.node_at(frame["node"])
    return scatter(case.instance.hedges.settled.shape, at, frame[column])

"""Edits that state which instruments are held, and how many lots may still be bought."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from allocator.instance.hedges_build import lot_units, opening_field, opening_units
from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit, Gone
from allocator.roll.futures import Course, partings
from allocator.roll.words import plain
from allocator.scenario.hedges import HashpriceForward, Hedge, PowerSwap
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario


def hedge_edits(at: AtNode, scenario: Scenario, course: Course) -> Iterator[Edit]:
    """Instruments go on with the months that are left of them and the lots that were bought; what has settled goes."""
    planned = {one.name: one for one in at.loaded.scenario.hedges}
    buyable = _buyable(at, scenario, course)
    for position, one in enumerate(scenario.hedges):
        path, last = ("hedges", position), last_month(one)
        if last < at.month:
            yield Edit(path, Gone.OUT, f"{one.name} has settled")
            continue
        if isinstance(one, HashpriceForward | PowerSwap) and one.first_month < at.month:
            yield Edit((*path, "first_month"), str(at.month), "earlier months have settled")
        before = planned.get(one.name)
        if before is not None:
            yield from _held(at, path, one, before, any(_offers(one, month, last) for month in buyable))


def last_month(one: Hedge) -> Month:
    """The last month in which an instrument settles."""
    return one.last_month if isinstance(one, HashpriceForward | PowerSwap) else one.expiry_month


def _offers(one: Hedge, month: Month, last: Month) -> bool:
    begun = one.offered_from is None or one.offered_from <= month
    return begun and (one.offered_until is None or month <= one.offered_until) and month < last


def _held(at: AtNode, path: tuple[str, int], one: Hedge, before: Hedge, is_offered: bool) -> Iterator[Edit]:
    units, bought = opening_units(before), 0.0
    if at.parent >= 0:
        rows, earlier = at.last("hedges"), at.earlier("hedges")
        last = rows[rows["hedge"] == one.name]
        units = float(last["held_units"].sum() + last["bought_units"].sum())
        bought = float(earlier["bought_units"][earlier["hedge"] == one.name].sum())
    if units or opening_units(one):
        yield Edit((*path, opening_field(one)), plain(units), f"held at the end of {at.name_before}")
    left = before.most_lots - round(bought / lot_units(before)) if is_offered else 0
    if one.most_lots and left != one.most_lots:
        yield Edit((*path, "most_lots"), left, "lots that may still be bought")


def _buyable(at: AtNode, scenario: Scenario, course: Course) -> list[Month]:
    """Months from which the tree of the later scenario branches in a node that takes decisions."""
    horizon, starts = scenario.horizon, [0, *accumulate(course.periods)]
    counted = horizon.start if horizon.decisions_from is None else horizon.decisions_from
    found = []
    for branch in partings(at, scenario, course):
        node = at.month.plus(max(start for start in starts if start < branch))
        if node.since(counted) % horizon.decision_every_months == 0:
            found.append(node)
    return found

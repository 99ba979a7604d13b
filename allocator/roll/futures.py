"""Edits that move what is uncertain, and what of it has become known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allocator.roll.at_node import AtNode
from allocator.roll.delays import members, possible
from allocator.roll.edits import Edit, Gone
from allocator.roll.grid import Grid, next_start
from allocator.roll.words import plain
from allocator.scenario.scenario import Scenario
from allocator.scenario.treasury import Optimise
from allocator.scenario.uncertainty import Given, Sampled
from allocator.scenario.yaml_reader import Path

HERE = "uncertainty"


@dataclass(frozen=True)
class Course:
    """Periods from the later start on: `ago` months after the first start, the length of each, and which they are."""

    ago: int
    periods: Sequence[int]
    grid: Grid

    def start_of(self, month: int) -> int | None:
        """First later period that begins no earlier than a month, counted from the first start; None where none is."""
        return next_start(self.periods, max(1, month - self.ago))


def future_edits(at: AtNode, scenario: Scenario, course: Course) -> Iterator[Edit]:
    """Months in which things become known are counted from the new start. A sampled tree is drawn anew from there; of
    futures that are given, those stay that may still come."""
    match scenario.uncertainty:
        case Given() as given:
            yield from _given(at, given, course)
        case Sampled() as sampled:
            yield from _sampled(sampled, course)
    if scenario.uncertainty is not None and not partings(at, scenario, course):
        yield from _alone(scenario)


def partings(at: AtNode, scenario: Scenario, course: Course) -> list[int]:
    """Months from the new start in which futures part."""
    match scenario.uncertainty:
        case Sampled() as sampled:
            return [one["month"] for one in branchings(sampled, course)]
        case Given() as given:
            names = _left(at, given)
            stems = [stem for stem in given.stems if members(given, stem.name) & names]
            months = [given.known_month, *(stem.known_month for stem in stems)]
            return [month - course.ago for month in months if month > course.ago and len(names) > 1]
        case None:
            return []


def _alone(scenario: Scenario) -> Iterator[Edit]:
    """What means something where futures part alone. Trades that are to be optimised are none on a path that is known,
    so that all production is sold."""
    if scenario.risk is not None:
        yield Edit(("risk",), Gone.OUT, "one path is left, and it is as good as the worst one")
    if scenario.treasury is not None and isinstance(scenario.treasury.policy, Optimise):
        yield Edit(("treasury", "policy"), {"kind": "sell_production"}, "one path is left, on which nothing is timed")


def _sampled(stated: Sampled, course: Course) -> Iterator[Edit]:
    later = branchings(stated, course)
    if not later:
        yield Edit((HERE,), Gone.OUT, "nothing more becomes known before the end of the horizon")
        return
    yield Edit((HERE, "branching"), later, "from the new start, where the tree is drawn anew")
    delay = stated.delivery_delay
    if delay is None or delay.known_month is None:
        return
    known = course.start_of(delay.known_month) if delay.known_month >= course.ago else None
    if known is None:
        yield Edit((HERE, "delivery_delay"), Gone.OUT, "the delay is known")
    else:
        yield Edit((HERE, "delivery_delay", "known_month"), known, f"{delay.known_month}, {course.ago} months on")


def branchings(stated: Sampled, course: Course) -> list[dict[str, int]]:
    """Where a tree branches from the later start on: in the calendar months in which it did, or, on a grid that begins
    anew, as many months on as from the first start."""
    ago = course.ago if course.grid is Grid.LEFT else 0
    starts = [(next_start(course.periods, one.month - ago), one) for one in stated.branching if one.month > ago]
    found = {month: one.children for month, one in reversed(starts) if month is not None}
    return [{"month": month, "children": children} for month, children in sorted(found.items())]


def _given(at: AtNode, stated: Given, course: Course) -> Iterator[Edit]:
    """Futures that may still come, and when those are told apart; one that is left alone is known."""
    names = _left(at, stated)
    total = math.fsum(one.probability for one in stated.scenarios if one.name in names)
    for position, one in enumerate(stated.scenarios):
        path: Path = (HERE, "scenarios", position)
        if one.name not in names:
            yield Edit(path, Gone.OUT, f"{one.name} has not come")
        elif len(names) < len(stated.scenarios):
            yield Edit((*path, "probability"), plain(one.probability / total), "of those that may still come")
            if len(names) == 1 and one.delivery_delay_months:
                yield Edit((*path, "delivery_delay_months"), 0, "known, and in the leads of contracts")
    around = [stem for stem in stated.stems if members(stated, stem.name) >= names]
    apart = max([stated.known_month, *(stem.known_month for stem in around)]) if len(names) > 1 else 0
    yield Edit((HERE, "known_month"), course.start_of(apart) or 1, "in months from the new start")
    for k, stem in enumerate(stated.stems):
        stays = stem not in around and members(stated, stem.name) & names
        month = course.start_of(stem.known_month) if stays else None
        at_stem: Path = (HERE, "stems", k)
        if month is None:
            yield Edit(at_stem, Gone.OUT, f"{stem.name} is told apart")
        else:
            yield Edit((*at_stem, "known_month"), month, "in months from the new start")


def _left(at: AtNode, stated: Given) -> set[str]:
    """Names of futures that may still come; all of them where the plan knows none of them."""
    every = {one.name for one in stated.scenarios}
    return possible(at) & every or every

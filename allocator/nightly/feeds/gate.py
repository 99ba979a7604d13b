"""The gate: every value passes, or is set aside with its reason."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from allocator.nightly.feeds.rows import Read
from allocator.scenario.feeds import Gate


@dataclass(frozen=True)
class SetAside:
    """A row that did not pass."""

    time: str
    value: str
    reason: str


@dataclass(frozen=True)
class Judged:
    """Values that passed, by moment in order, and rows that did not."""

    values: Mapping[datetime, float]
    aside: tuple[SetAside, ...]


def judge(rows: Sequence[Read], gate: Gate, scale: float) -> Judged:
    """Pass or set aside each row: a time, a number, on the grid, in the range, said once, no jump from its neighbour.

    A jump is one from the value a step before, so that a level that stays is believed from its second value on.
    """
    aside: list[SetAside] = []
    by_moment: dict[datetime, list[tuple[str, float]]] = {}
    for time, moment, number in rows:
        reason = _reason(moment, number, gate, scale)
        if reason or moment is None or number is None:
            aside.append(SetAside(time, "" if number is None else f"{number:g}", reason))
        else:
            by_moment.setdefault(moment, []).append((time, number * scale))
    single = {moment: said[0][1] for moment, said in sorted(by_moment.items()) if len({v for _, v in said}) == 1}
    for moment, said in by_moment.items():
        if moment not in single:
            aside += [SetAside(time, f"{value:g}", "said twice, with different values") for time, value in said]
    values = dict(_without_jumps(single, gate, aside))
    return Judged(values, tuple(aside))


def _reason(moment: datetime | None, number: float | None, gate: Gate, scale: float) -> str:
    low, high = gate.range
    if moment is None:
        return "no time, or one that the zone skips"
    if number is None or not math.isfinite(number):
        return "no number"
    if moment.timestamp() % (3600.0 * gate.step_h):
        return f"not on the grid of {gate.step_h:g} h"
    if not low <= number * scale <= high:
        return f"outside {low:g} to {high:g}"
    return ""


def _without_jumps(
    values: dict[datetime, float], gate: Gate, aside: list[SetAside]
) -> Iterator[tuple[datetime, float]]:
    last: tuple[datetime, float] | None = None
    for moment, value in values.items():
        beside = last is not None and moment - last[0] <= timedelta(hours=gate.step_h)
        if gate.most_jump is not None and beside and last is not None and abs(value - last[1]) > gate.most_jump:
            aside.append(SetAside(moment.isoformat(), f"{value:g}", f"jumps by more than {gate.most_jump:g}"))
            continue
        last = (moment, value)
        yield moment, value


def gaps(moments: Sequence[datetime], gate: Gate) -> list[str]:
    """Stretches longer than the gate lets pass, in words."""
    if gate.most_gap_h is None:
        return []
    longest, step = timedelta(hours=gate.most_gap_h), timedelta(hours=gate.step_h)
    holes = [(a + step, b) for a, b in pairwise(moments) if b - a - step > longest]
    return [f"no values from {a.isoformat()} to {b.isoformat()}" for a, b in holes]


def too_old(moments: Sequence[datetime], gate: Gate, as_of: datetime) -> str:
    """In words, if the newest value is older than the gate lets pass; empty if not."""
    if gate.most_age_h is None:
        return ""
    if not moments:
        return "there are no values at all"
    age_h = (as_of.astimezone(UTC) - moments[-1]).total_seconds() / 3600.0
    if age_h <= gate.most_age_h:
        return ""
    return f"the newest value is of {moments[-1].isoformat()}, older than {gate.most_age_h:,.1f} h"

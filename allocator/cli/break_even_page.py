"""Break-evens of `allocator explain`: how far they are, and where decisions flip."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import click

from allocator.cli.text import counted, duration, indented, money, printable, table
from allocator.studies.explain.break_even import BreakEvens, Progress, Range
from allocator.studies.explain.price_points import Priced
from allocator.studies.explain.shares import Shares

CERTAIN = 1.0 - 1e-9
LARGE = 1000.0
"""Prices from which nobody reads cents."""
LEAST_SHARE = 0.005
"""Shares of futures that differ by less are the same to whoever reads them in whole percent."""


def no_progress(_: Progress) -> None:
    """Says nothing."""


@dataclass
class PriceLines:
    """Prints how far all points are, with the one solved last, at most every `every_s` seconds."""

    every_s: float = 1.0 if sys.stderr.isatty() else 30.0
    _last: float = 0.0

    def __call__(self, now: Progress) -> None:
        """Show the state."""
        is_due = time.monotonic() - self._last >= self.every_s
        if is_due or (now.last is not None and now.done == now.total):
            self._last = time.monotonic()
            click.echo(_state(now), err=True)


def _state(now: Progress) -> str:
    """How far, with the point solved last."""
    left = "" if now.remaining_s is None or now.done == now.total else f"; about {duration(now.remaining_s)} left"
    last = ""
    if now.last is not None:
        value = "no plan" if now.last.value_usd is None else money(now.last.value_usd)
        last = f"; {now.last.lever} x {now.last.factor:.4g}: {value}"
    return printable(f"  {now.seconds:6.1f} s  {now.done} of about {counted(now.total, 'price')}{last}{left}")


def break_even_page(found: BreakEvens, between: Range, stated: float | None, ranked: bool) -> Iterator[str]:
    """Where decisions flip as one price is scaled; `ranked`: plans are ranked by more than their expected value."""
    times = "its stated value" if stated is None else f"its stated value of {stated:,.6g}"
    yield printable(f"At which {found.lever} decisions flip: times {times}, from {between.low:g} to {between.high:g}")
    if found.stopped:
        yield from indented("ended early: brackets may be wider than asked for, and flips further out are not known")
    if found.flips:
        heads = ["in the plan", "still so at", "no longer at", "decision"]
        yield from table(heads, _flips(found, stated), right=[1, 2], wrapped=3)
    yield from indented(_kept(found))
    for point in found.points:
        if not point.has_plan:
            yield from indented(f"no plan at {_at(point.factor, stated)}: {point.reason}")
    yield ""
    yield from _along(found, stated, ranked)
    yield ""


def _flips(found: BreakEvens, stated: float | None) -> list[list[str]]:
    """Flips by price, those of one bracket together."""
    together: dict[tuple[str, float, float], list[str]] = {}
    for one in sorted(found.flips, key=lambda one: (one.flips_at, str(one.decision))):
        told = _share(_base(found)[one.decision]) if one.is_taken else "not taken"
        together.setdefault((told, one.holds_at, one.flips_at), []).append(str(one.decision))
    return [
        [told, _at(holds, stated), _at(flips, stated), printable(", ".join(names))]
        for (told, holds, flips), names in together.items()
    ]


def _kept(found: BreakEvens) -> str:
    """What does not flip, and how well the solved prices are known."""
    gaps = [point.bound_usd - point.value_usd for point in found.points if point.bound_usd and point.value_usd]
    every = "every other" if found.flips else "every"
    widest = max(gaps, default=0.0)
    known = f"; no plan there can be worth {money(widest)} more" if widest >= 1.0 else ""
    return f"{every} contract, conversion and notice keeps through {counted(len(found.points), 'solved price')}{known}"


def _base(found: BreakEvens) -> Shares:
    return next(point.shares for point in found.points if point.factor == 1.0)


def _at(factor: float, stated: float | None) -> str:
    if stated is None:
        return f"{factor:.3g}"
    value = stated * factor
    return f"{factor:.3g} ({value:,.0f})" if value >= LARGE else f"{factor:.3g} ({value:.4g})"


def _share(share: float) -> str:
    return "taken" if share >= CERTAIN else f"in {_percent(share)} of futures"


def _along(found: BreakEvens, stated: float | None, ranked: bool) -> Iterator[str]:
    """What plans are worth and decide otherwise at prices evenly apart."""
    rows = []
    for point in found.points:
        if point.value_usd is not None and point.factor in found.grid:
            words = "the plan" if point.factor == 1.0 else _otherwise(_base(found), point.shares)
            rows.append([_at(point.factor, stated), money(point.value_usd), words])
    value = "as ranked" if ranked else "plans are worth"
    heads = ["times", value, "decided otherwise than in the plan"]
    yield from table(heads, rows, right=[0, 1], wrapped=2)
    if ranked:
        yield from indented("as ranked: the value with worst paths and broken limits counted")


def _otherwise(base: Shares, other: Shares) -> str:
    together: dict[str, list[str]] = {}
    for decision in sorted({*base, *other}, key=str):
        was, now = base.get(decision, 0.0), other.get(decision, 0.0)
        if abs(was - now) >= LEAST_SHARE:
            together.setdefault(_change(was, now), []).append(str(decision))
    return printable("; ".join(f"{change} {', '.join(names)}" for change, names in together.items()) or "nothing")


def _change(was: float, now: float) -> str:
    if was <= LEAST_SHARE or now <= LEAST_SHARE:
        word, share = ("no", was) if now <= LEAST_SHARE else ("also", now)
        return word if share >= CERTAIN else f"{word} (in {_percent(share)} of futures)"
    return f"in {_percent(was)} -> {_percent(now)} of futures"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def machine_break_evens(found: BreakEvens) -> Mapping[str, object]:
    """For machines."""
    flips = [
        {
            "decision": str(one.decision),
            "is_taken": one.is_taken,
            "holds_at": one.holds_at,
            "flips_at": one.flips_at,
        }
        for one in found.flips
    ]
    return {"lever": found.lever, "flips": flips, "points": [_point(each) for each in found.points]}


def _point(one: Priced) -> Mapping[str, object]:
    return {
        "factor": one.factor,
        "value_usd": one.value_usd,
        "bound_usd": one.bound_usd,
        "shares_of_futures": {str(decision): share for decision, share in one.shares.items()},
        "reason": one.reason,
    }

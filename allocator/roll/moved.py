"""Edits that move a scenario's calendar: what it says of later months stays true of them.

Figures that are counted from the start of the horizon (lists by month, growth, prices of machines) are counted from
the new one. What is stated by calendar month, and all series, need no edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.roll.edits import Edit, Gone
from allocator.roll.words import plain
from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.hedges import HashpriceForward, PowerSwap
from allocator.scenario.horizon import Horizon, Period
from allocator.scenario.months import Month
from allocator.scenario.record import Record
from allocator.scenario.resolve import resolve_equipment
from allocator.scenario.scenario import Scenario
from allocator.scenario.values import ByMonth, Growing
from allocator.scenario.yaml_reader import Path


def horizon_edits(horizon: Horizon, month: Month, months: int | None) -> Iterator[Edit]:
    """Start, length and grid; `months` is the new length, None: the horizon ends when it did."""
    ago = month.since(horizon.start)
    left = horizon.months - ago if months is None else months
    kept = "ends when it did" if months is None else "the length asked for"
    yield Edit(("horizon", "start"), str(month), f"moved on from {horizon.start}")
    yield Edit(("horizon", "months"), left, kept)
    if horizon.periods is not None:
        grid = _grid(horizon, ago, left)
        yield Edit(("horizon", "periods"), grid, "what is left of the grid")
    if horizon.decision_every_months > 1 and horizon.decisions_from is None:
        yield Edit(("horizon", "decisions_from"), str(horizon.start), "decisions keep their months")


def _grid(horizon: Horizon, ago: int, left: int) -> list[dict[str, int]]:
    """Periods from the new start on; further months stand in periods as long as the last."""
    lengths, passed = list(horizon.node_months), 0
    while passed < ago:
        passed += lengths.pop(0)
    while sum(lengths) < left:
        lengths.append(min(horizon.node_months[-1], left - sum(lengths)))
    while sum(lengths) > left:
        lengths[-1] -= min(lengths[-1], sum(lengths) - left)
        lengths = [length for length in lengths if length]
    runs: list[Period] = []
    for length in lengths:
        if runs and runs[-1].months == length:
            runs[-1] = Period(months=length, count=runs[-1].count + 1)
        else:
            runs.append(Period(months=length, count=1))
    return [{"months": run.months, "count": run.count} for run in runs]


def value_edits(scenario: Scenario, ago: int) -> Iterator[Edit]:
    """Values that are counted from the start: lists by month lose their first months, growth has gone on."""
    for path, value in _values((), scenario):
        if isinstance(value, ByMonth):
            yield Edit((*path, "by_month"), [plain(x) for x in value.by_month[ago:]], f"without {ago} months")
        elif isinstance(value, Growing) and value.growth_per_year:
            grown = value.start * (1.0 + value.growth_per_year) ** (ago / 12.0)
            yield Edit((*path, "start"), plain(grown), f"{value.start:g}, {ago} months on")


def _values(path: Path, part: Any) -> Iterator[tuple[Path, ByMonth | Growing]]:
    if isinstance(part, ByMonth | Growing):
        yield path, part
    elif isinstance(part, Record):
        for name in type(part).model_fields:
            if name not in ("knobs", "variants"):
                yield from _values((*path, name), getattr(part, name))
    elif isinstance(part, dict):
        for key, inner in part.items():
            yield from _values((*path, key), inner)
    elif isinstance(part, tuple):
        for position, inner in enumerate(part):
            yield from _values((*path, position), inner)


def price_edits(scenario: Scenario, ago: int) -> Iterator[Edit]:
    """Prices of machines, which grow from the start."""
    for name, entry in scenario.equipment.items():
        growth = (1.0 + entry.price_growth_per_year) ** (ago / 12.0)
        if growth == 1.0:
            continue
        price = resolve_equipment(entry, bundled_catalogue()).price_usd
        for field, usd in (("price_usd", price), ("resale_usd", entry.resale_usd)):
            yield Edit(("equipment", name, field), plain(usd * growth), f"{usd:g}, {ago} months on")


def hedge_edits(scenario: Scenario, month: Month) -> Iterator[Edit]:
    """Instruments go on with the months that are left of them; what has settled goes."""
    for position, one in enumerate(scenario.hedges):
        last = one.last_month if isinstance(one, HashpriceForward | PowerSwap) else one.expiry_month
        if last < month:
            yield Edit(("hedges", position), Gone.OUT, f"{one.name} has settled")
        elif isinstance(one, HashpriceForward | PowerSwap) and one.first_month < month:
            yield Edit(("hedges", position, "first_month"), str(month), "earlier months have settled")


def covenant_edits(scenario: Scenario, month: Month) -> Iterator[Edit]:
    """Tests keep their months: the first one is the next."""
    for position, one in enumerate(scenario.covenants):
        passed = month.since(one.first_month)
        if passed > 0:
            later = one.first_month.plus(-(-passed // one.every_months) * one.every_months)
            yield Edit(("covenants", position, "first_month"), str(later), f"since {one.first_month}")

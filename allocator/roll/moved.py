"""Edits that move a scenario's calendar: what it says of later months stays true of them.

Figures that are counted from the start of the horizon (lists by month, growth, prices of machines) are counted from
the new one. What is stated by calendar month, and all series, need no edit.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from allocator.roll.edits import Edit
from allocator.roll.grid import runs
from allocator.roll.words import plain
from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.horizon import Horizon
from allocator.scenario.months import Month
from allocator.scenario.record import Record
from allocator.scenario.resolve import resolve_equipment
from allocator.scenario.scenario import Scenario
from allocator.scenario.values import ByMonth, FromSeries, Growing, Value
from allocator.scenario.yaml_reader import Path


def horizon_edits(horizon: Horizon, month: Month, periods: Sequence[int], is_asked: bool) -> Iterator[Edit]:
    """Start, length and grid; `periods` is the length of each node, months; `is_asked`: somebody said how many."""
    kept = "the length asked for" if is_asked else "ends when it did"
    yield Edit(("horizon", "start"), str(month), f"moved on from {horizon.start}")
    yield Edit(("horizon", "months"), sum(periods), kept)
    if horizon.periods is not None:
        yield Edit(("horizon", "periods"), runs(periods), "from here on")
    if horizon.decision_every_months > 1 and horizon.decisions_from is None:
        yield Edit(("horizon", "decisions_from"), str(horizon.start), "decisions keep their months")


def value_edits(scenario: Scenario, ago: int) -> Iterator[Edit]:
    """Values that are counted from the start: lists by month lose their first months, growth has gone on."""
    for path, value in _values((), scenario):
        if isinstance(value, ByMonth):
            yield Edit((*path, "by_month"), [plain(x) for x in value.by_month[ago:]], f"without {ago} months")
        elif isinstance(value, Growing) and value.growth_per_year:
            grown = value.start * (1.0 + value.growth_per_year) ** (ago / 12.0)
            yield Edit((*path, "start"), plain(grown), f"{value.start:g}, {ago} months on")


def later_value(value: Value, ago: int) -> Any:
    """A value as the file states it some months on."""
    match value:
        case ByMonth():
            return {"by_month": [plain(one) for one in value.by_month[ago:]]}
        case Growing():
            grown = value.start * (1.0 + value.growth_per_year) ** (ago / 12.0)
            return {"start": plain(grown), "growth_per_year": value.growth_per_year}
        case FromSeries():
            return {"series": value.series}
        case _:
            return plain(value)


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

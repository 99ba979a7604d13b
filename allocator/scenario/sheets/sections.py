"""Which parts of a scenario have a sheet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from allocator.scenario.contracts import Colocation
from allocator.scenario.equipment import Fleet
from allocator.scenario.loans import Loan
from allocator.scenario.sheets.leaves import Leaf, leaves
from allocator.scenario.yaml_reader import Path

NOTES = "notes"
"""Column for people: it is not read."""
DESCRIBED_ROW, KEY_ROW, FIRST_ROW = 2, 3, 4
"""Rows of a sheet, from 1: what columns are, their keys, the first entry."""


@dataclass(frozen=True, eq=False)
class Section:
    """A list of the scenario whose entries are rows of a sheet.

    `named`: keys that tell entries apart.
    """

    key: str
    sheet: str
    entry: Any
    named: tuple[str, ...]

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        return leaves(self.entry)


SECTIONS = (
    Section("contracts", "Contracts", Colocation, ("name",)),
    Section("fleets", "Fleets", Fleet, ("equipment", "hall")),
    Section("loans", "Loans", Loan, ("name",)),
)
PATHS_SHEET = "Price paths"
FORMS = ("number", "growth", "by_month", "series")
FORM, VALUE, GROWTH, SERIES, PATHS_FIRST = "form", "value or start", "growth_per_year", "series", 8
"""Rows of the sheet of price paths after the places; months follow from row PATHS_FIRST."""


OF_BITCOIN = {"usd_per_ph_day": "USD per PH/s and day", "btc_price_usd": "USD", "difficulty": "plain number"}
"""Paths of section bitcoin, and their units."""


def price_paths(document: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """Places of paths of prices that the document states, with their units."""
    bitcoin = document.get("bitcoin")
    if isinstance(bitcoin, dict):
        yield from ((("bitcoin", name), unit) for name, unit in OF_BITCOIN.items() if name in bitcoin)
    rentals = document.get("gpu_rental")
    if isinstance(rentals, dict):
        for name, market in rentals.items():
            if isinstance(market, dict) and "usd_per_gpu_hour" in market:
                yield ("gpu_rental", name, "usd_per_gpu_hour"), "USD per GPU and hour"

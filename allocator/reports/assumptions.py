"""What a plan rests on, as plain values for reports: figures of the scenario with their places, and sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Assumption:
    """One figure of the scenario file, or a list of them.

    Attributes:
        section: first key of its place. place: as people read it, such as sites[0].power_limit_mw.
        values: one, or several where a list stands there. note: the comment of its line, "" for none.
    """

    section: str
    place: str
    values: tuple[Value, ...]
    note: str


@dataclass(frozen=True)
class EquipmentSource:
    """Where the figures of an equipment model come from, and how sure they are."""

    name: str
    catalogue: str
    confidence: str
    stated: str
    source: str


@dataclass(frozen=True)
class Assumptions:
    """All of them. `sources`: words by key, as the scenario states them. `files`: series files it reads."""

    description: str
    sources: Mapping[str, str]
    files: Mapping[str, str]
    equipment: tuple[EquipmentSource, ...]
    figures: tuple[Assumption, ...]

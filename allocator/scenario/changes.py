"""What differs between two scenario files: values by path, lists of named members matched by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from allocator.scenario.value_paths import open_places, places_at, value_at
from allocator.scenario.yaml_reader import Path


class Absent(Enum):
    """Stands for a value that one of two files does not state."""

    HERE = "not stated"


class Kind(Enum):
    """What a change is about."""

    PRICES = "prices"
    DATA = "data"
    SCENARIO = "scenario"


@dataclass(frozen=True)
class Change:
    """One value that differs, at a path whose list members go by name where they have one."""

    path: Path
    before: Any
    after: Any

    @property
    def kind(self) -> Kind:
        return kind_of(self.path)


IGNORED = frozenset({"knobs", "variants", "description", "sources", "name", "version"})
"""Sections that no plan depends on."""
_MARKET = frozenset({"bitcoin", "gpu_rental", "uncertainty"})
_PRICED = frozenset({"price", "relief", "price_usd", "resale_usd", "price_growth_per_year", "resale_growth_per_year"})
"""Fields of sites, hosts and equipment that state prices."""


def kind_of(path: Path) -> Kind:
    """Prices: the market and its processes, prices of power, hosts and machines. Data: series. All else: scenario."""
    if path[0] == "series":
        return Kind.DATA
    return Kind.PRICES if path[0] in _MARKET or not _PRICED.isdisjoint(map(str, path)) else Kind.SCENARIO


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every change between two documents of one version, in the order of the second, gone ones last."""
    own = ({key: part for key, part in document.items() if key not in IGNORED} for document in (before, after))
    return list(_between((), *own))


def _between(path: Path, before: Any, after: Any) -> Iterator[Change]:
    a, b = _members(before), _members(after)
    if a is None or b is None:
        if before != after:
            yield Change(path, before, after)
        return
    for key in [*b, *(key for key in a if key not in b)]:
        yield from _between((*path, key), a.get(key, Absent.HERE), b.get(key, Absent.HERE))


def _members(value: Any) -> dict[str, Any] | None:
    """Members by key, or by name; None where a value is whole."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list) and value and all(isinstance(m, Mapping) and "name" in m for m in value):
        named = {str(member["name"]): member for member in value}
        return named if len(named) == len(value) else None
    return None


def apply(document: dict[str, Any], change: Change) -> None:
    """Make a change in a document, which is changed in place."""
    holder_places = places_at(document, change.path[:-1]) if change.path[:-1] else [()]
    holder, last = value_at(document, holder_places[0]), change.path[-1]
    if isinstance(holder, list):
        kept = [member for member in holder if member.get("name") != last]
        at = len(kept) if len(kept) == len(holder) else next(k for k, m in enumerate(holder) if m.get("name") == last)
        holder[:] = kept
        if change.after is not Absent.HERE:
            holder.insert(at, change.after)
    elif change.after is Absent.HERE:
        holder.pop(last, None)
    else:
        for place in places_at(document, change.path) or open_places(document, change.path):
            value_at(document, place[:-1])[place[-1]] = change.after

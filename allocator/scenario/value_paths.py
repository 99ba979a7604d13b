"""Paths to values of a scenario, as text: sites[0].halls[*].fit_out, contracts[anchor].term_months.

A step is a key of a mapping, the position of a member of a list, the name of such a member (its field `name`), or *,
which stands for every member of a list or mapping.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from allocator.scenario.yaml_reader import Path

_STEP = re.compile(r"\.?([^.\[\]]+)|\[(?:([0-9]{1,6})|([^\[\]]+))\]")


def split_path(text: str) -> Path:
    """Steps of a path: sites[0].name is ("sites", 0, "name"); empty if the text is no path."""
    steps: list[str | int] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return ()
        steps.append(int(match[2]) if match[2] else match[1] or match[3])
        end = match.end()
    return tuple(steps) if end == len(text) else ()


def places_at(document: Any, path: Path) -> list[Path]:
    """Every place that a path leads to, each as keys and positions; empty if there is none."""
    found: list[tuple[Path, Any]] = [((), document)] if path else []
    for step in path:
        found = [((*place, key), inner) for place, outer in found for key, inner in _members(outer, step)]
    return [place for place, _ in found]


def open_places(document: Any, path: Path) -> list[Path]:
    """Places of a field that the file leaves out, one in each mapping that the path before it leads to."""
    if not path or not isinstance(path[-1], str) or path[-1] == "*":
        return []
    holders = places_at(document, path[:-1]) if path[:-1] else [()]
    return [(*place, path[-1]) for place in holders if isinstance(value_at(document, place), Mapping)]


def look_up(document: Any, path: Path) -> list[Any]:
    """Every value at a path; empty if there is none."""
    return [value_at(document, place) for place in places_at(document, path)]


def value_at(document: Any, place: Path) -> Any:
    """What stands at a place of keys and positions; KeyError or IndexError where nothing does."""
    for step in place:
        document = document[step]
    return document


def _members(outer: Any, step: str | int) -> Iterator[tuple[str | int, Any]]:
    if isinstance(outer, Mapping):
        yield from ((key, inner) for key, inner in outer.items() if step in (key, "*"))
    elif isinstance(outer, list | tuple):
        yield from ((k, inner) for k, inner in enumerate(outer) if step in (k, "*") or _name(inner) == step)


def _name(member: Any) -> Any:
    return member.get("name") if isinstance(member, Mapping) else None

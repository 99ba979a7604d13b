"""Knobs point at places that exist, and either set or scale them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.yaml_reader import Path

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,6}|\*)\]")


def knobs(context: Context) -> Iterator[Fault]:
    """Each knob has one of set and scale; each path leads to a value, a number where it is scaled."""
    for part in context.draft.knobs:
        stated = {"set", "scale"} & part.value.model_fields_set
        if len(stated) != 1:
            found = Quoted(" and ".join(sorted(stated)) or "neither set nor scale")
            yield context.places.fault(part.path, found, "either set or scale", "state one of them")
        for position, text in enumerate(part.value.paths):
            path = (*part.path, "paths", position)
            yield from _path_faults(context, path, text, is_scaled="scale" in stated)


def _path_faults(context: Context, path: Path, text: str, is_scaled: bool) -> Iterator[Fault]:
    places = look_up(context.draft.document, split_path(text))
    if not places:
        expected = "a place that the file states, such as sites[0].power_limit_mw or contracts[*].rent_usd_per_kw_month"
        yield context.places.fault(path, text, expected, "correct the path, or state the value there")
    elif is_scaled and not all(_is_number(value) for value in places):
        fix = "point at the number itself, or use set"
        yield context.places.fault(path, text, "the place of a number, to be scaled", fix)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def split_path(text: str) -> Path:
    """Steps of a path: sites[0].name is ("sites", 0, "name"); empty if the text is no path."""
    steps: list[str | int] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return ()
        steps.append(match[1] or (match[2] if match[2] == "*" else int(match[2])))
        end = match.end()
    return tuple(steps) if end == len(text) else ()


def look_up(document: Any, path: Path) -> list[Any]:
    """Every value at a path, in which * stands for every member of a list or mapping; empty if there is none."""
    found = [document] if path else []
    for step in path:
        found = [inner for outer in found for inner in _members(outer, step)]
    return found


def _members(outer: Any, step: str | int) -> list[Any]:
    if isinstance(outer, Mapping):
        return list(outer.values()) if step == "*" else [outer[step]] if step in outer else []
    if isinstance(outer, list | tuple):
        members = list(outer)
        return members if step == "*" else members[step : step + 1] if isinstance(step, int) else []
    return []

"""Knobs point at places that exist, and either set or scale them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.yaml_reader import Path

_STEP = re.compile(r"\.?([^.\[\]]+)|\[([0-9]{1,6})\]")


def knobs(context: Context) -> Iterator[Fault]:
    """Each knob has one of set and scale; each path leads to a value, a number where it is scaled."""
    for part in context.draft.knobs:
        stated = {"set", "scale"} & part.value.model_fields_set
        if len(stated) != 1:
            found = Quoted(" and ".join(sorted(stated)) or "neither set nor scale")
            yield context.places.fault(part.path, found, "either set or scale", "state one of them")
        for position, text in enumerate(part.value.paths):
            path = (*part.path, "paths", position)
            value = _look_up(context.draft.document, text)
            if value is _NOWHERE:
                expected = "a place that the file states, such as sites[0].power_limit_mw"
                yield context.places.fault(path, text, expected, "correct the path, or state the value there")
            elif "scale" in stated and not _is_number(value):
                fix = "point at the number itself, or use set"
                yield context.places.fault(path, text, "the place of a number, to be scaled", fix)


_NOWHERE = object()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def split_path(text: str) -> Path | None:
    """ "sites[0].name" -> ("sites", 0, "name"); None if the text is no path."""
    steps: list[str | int] = []
    end = 0
    for match in _STEP.finditer(text):
        if match.start() != end:
            return None
        steps.append(match[1] if match[1] is not None else int(match[2]))
        end = match.end()
    return tuple(steps) if steps and end == len(text) else None


def _look_up(document: Any, text: str) -> Any:
    here = document
    for step in split_path(text) or (0,):
        if isinstance(here, Mapping):
            here = here.get(step, _NOWHERE)
        elif isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
            here = here[step]
        else:
            return _NOWHERE
    return here

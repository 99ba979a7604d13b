"""Knobs and variants point at places that exist; knobs either set or scale them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted, suggestion
from allocator.scenario.scenario import Scenario
from allocator.scenario.value_paths import look_up, open_places, places_at, split_path
from allocator.scenario.yaml_reader import Path


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
    elif is_scaled and not all(is_number(value) for value in places):
        fix = "point at the number itself, or use set"
        yield context.places.fault(path, text, "the place of a number, to be scaled", fix)


def variants(context: Context) -> Iterator[Fault]:
    """Each change of a variant names a knob, or the path of a value that the file could state."""
    document = context.draft.document
    stated = document.get("variants")
    for name, changes in stated.items() if isinstance(stated, Mapping) else ():
        for key in changes if isinstance(changes, Mapping) else ():
            if key not in context.draft.keys("knobs") and not _could_stand(document, split_path(key)):
                expected = "the name of a knob, or the path of a value, such as finance.opening_cash_usd"
                fix = suggestion(key, context.draft.keys("knobs"))
                yield context.places.fault(("variants", name, key), key, expected, fix)


def _could_stand(document: Mapping[str, Any], path: Path) -> bool:
    is_field = path[:1] != path or path[0] in Scenario.model_fields
    return is_field and bool(places_at(document, path) or open_places(document, path))


def is_number(value: Any) -> bool:
    """Whether a value of a file is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)

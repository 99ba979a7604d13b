"""From pydantic's errors to faults in the user's words: the place in the file, what stands there, what was expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from allocator.scenario.credentials import HIDDEN
from allocator.scenario.faults import Fault
from allocator.scenario.fields import fields_at
from allocator.scenario.places import Places, Quoted, suggestion
from allocator.scenario.scenario import Scenario
from allocator.scenario.yaml_reader import Path


def translate(error: ValidationError, data: Any, places: Places, root: type[BaseModel] = Scenario) -> list[Fault]:
    """One fault for each error of a file whose whole is a `root`."""
    errors = [details for details in error.errors(include_url=False) if not _is_echo(details)]
    return list(dict.fromkeys(_fault(details, data, places, root) for details in errors))


def _is_echo(details: ErrorDetails) -> bool:
    """Whether pydantic calls a list too short only because its entries have faults, which are reported themselves."""
    return details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]


def _fault(details: ErrorDetails, data: Any, places: Places, root: type[BaseModel]) -> Fault:
    kind, path = details["type"], file_path(details["loc"], data, missing=details["type"] == "missing")
    if kind == "missing":
        return places.fault(path[:-1], Quoted(f"no {path[-1]!r}"), f"the field {path[-1]}", f"add {path[-1]}: ...")
    if kind == "extra_forbidden":
        found, known = Quoted(f"the unknown field {str(path[-1])!r}"), fields_at(path[:-1], data, root)
        return places.fault(path, found, "a field of the format", suggestion(str(path[-1]), known))
    if kind == "unknown_variant":
        return _variant_fault(details, path, places)
    expected, fix = _words(details)
    return places.fault(path, _found(details, path), expected, fix)


def _found(details: ErrorDetails, path: Path) -> Any:
    if details["type"] == "finite_number":
        return Quoted("NaN or infinity")
    return details["input"] if HIDDEN.isdisjoint(path) else Quoted("something else, which may be a secret")


def _variant_fault(details: ErrorDetails, path: Path, places: Places) -> Fault:
    """A union of which no member fits: often the kind is misspelt or missing."""
    found, expected = details["input"], details["msg"]
    if not expected.startswith("kind:") or not isinstance(found, Mapping):
        return places.fault(path, found, expected, "write one of these")
    if "kind" not in found:
        return places.fault(path, Quoted("no 'kind'"), expected, "add kind: ...")
    kinds = expected.removeprefix("kind: ").split(" or ")
    return places.fault((*path, "kind"), found["kind"], expected, suggestion(str(found["kind"]), kinds))


def file_path(location: tuple[str | int, ...], data: Any, missing: bool) -> Path:
    """Pydantic's location without the union branches and key marks that are not in the file."""
    path: list[str | int] = []
    here = data
    for position, step in enumerate(location):
        inside = _entered(here, step)
        if inside is not _NOWHERE:
            here = inside
        elif not (missing and position == len(location) - 1):
            continue
        path.append(step)
    return tuple(path)


_NOWHERE = object()


def _entered(here: Any, step: str | int) -> Any:
    """What stands at `step`, or _NOWHERE: then the step is pydantic's own mark, such as <file> or [key]."""
    if isinstance(here, Mapping):
        return here.get(step, _NOWHERE)
    is_position = isinstance(here, list | tuple) and isinstance(step, int) and step < len(here)
    return here[int(step)] if is_position else _NOWHERE


_KINDS: dict[str, tuple[str, str]] = {
    "float_type": ("a number", "write a number without quotes, units or separators"),
    "int_type": ("a whole number", "write a whole number without quotes"),
    "int_from_float": ("a whole number", "write a whole number"),
    "bool_type": ("true or false", "write true or false"),
    "string_type": ("text", "write text; put it in quotes if it looks like a number"),
    "tuple_type": ("a list", "write a list: [a, b] or lines beginning with -"),
    "dict_type": ("a mapping", "write lines of the form name: value"),
    "model_type": ("a mapping of fields", "write lines of the form field: value"),
    "model_attributes_type": ("a mapping of fields", "write lines of the form field: value"),
    "finite_number": ("a finite number", "write the number itself"),
    "date_from_datetime_parsing": ("a date YYYY-MM-DD", "write for example 2028-04-20"),
    "date_parsing": ("a date YYYY-MM-DD", "write for example 2028-04-20"),
    "date_type": ("a date YYYY-MM-DD", "write for example 2028-04-20"),
}

_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than": ("above {gt}", "use a number above {gt}"),
    "greater_than_equal": ("at least {ge}", "use a number not below {ge}"),
    "less_than": ("below {lt}", "use a number below {lt}"),
    "less_than_equal": ("at most {le}", "use a number not above {le}"),
    "too_short": ("at least {min_length} entries", "add entries"),
    "too_long": ("at most {max_length} entries", "remove entries"),
    "string_too_short": ("at least {min_length} characters", "write a name"),
    "string_too_long": ("at most {max_length} characters", "shorten it"),
    "literal_error": ("{expected}", "use one of these"),
}


def _words(details: ErrorDetails) -> tuple[str, str]:
    kind, context = details["type"], details.get("ctx", {})
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _BOUNDS:
        expected, fix = _BOUNDS[kind]
        return expected.format(**context), fix.format(**context)
    if kind == "value_error":
        return str(context.get("error", details["msg"])), "change it so"
    return details["msg"], "change it so"

"""Which fields may stand at a place of the file: for suggestions when one is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from allocator.scenario.scenario import Scenario
from allocator.scenario.yaml_reader import Path


def fields_at(path: Path, data: Any, root: type[BaseModel] = Scenario) -> list[str]:
    """Names of the fields of the record at `path`; for a union, of the members that fit best."""
    types: list[Any] = [root]
    for step in path:
        data = _inside(data, step)
        types = [inner for outer in types for inner in _step(outer, step)]
    records = [record for outer in types for record in _records(outer)]
    kind = data.get("kind") if isinstance(data, Mapping) else None
    of_kind = [record for record in records if kind in get_args(_annotation(record, "kind"))]
    return sorted({name for record in of_kind or records for name in record.model_fields})


def _inside(data: Any, step: str | int) -> Any:
    try:
        return data[step]
    except (KeyError, IndexError, TypeError):
        return None


def _annotation(record: type[BaseModel], name: str) -> Any:
    field = record.model_fields.get(name)
    return field.annotation if field else None


def _records(kind: Any) -> list[type[BaseModel]]:
    """The record types a type stands for: itself, or the members of a union."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    if get_origin(kind) in (dict, tuple):
        return []
    return [record for inner in get_args(kind) for record in _records(inner)]


def _step(kind: Any, step: str | int) -> list[Any]:
    """Types one step further in."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        annotation = _annotation(kind, str(step))
        return [] if annotation is None else [annotation]
    if get_origin(kind) is Annotated:
        return _step(get_args(kind)[0], step)
    if get_origin(kind) is dict:
        return [get_args(kind)[1]]
    if get_origin(kind) is tuple:
        return [get_args(kind)[0]]
    return [found for inner in get_args(kind) for found in _step(inner, step)]

"""Columns of a sheet, read off the format: every plain value that an entry of a section may hold, and its place."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from allocator.scenario.months import Month

Kind = Literal["number", "integer", "flag", "text", "numbers", "texts"]


@dataclass(frozen=True)
class Leaf:
    """One plain value of an entry.

    Attributes:
        path: keys that lead to it within the entry. kind: what a cell holds; lists stand in one cell.
        choices: words it may be, () for any. description: what the format says of it.
        holders: values of `kind` of the entries that have it, () where all do.
    """

    path: tuple[str, ...]
    kind: Kind
    choices: tuple[str, ...]
    description: str
    holders: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Heading of its column: keys joined by dots."""
        return ".".join(self.path)


def leaves(entry: Any) -> tuple[Leaf, ...]:
    """Every plain value of an entry type, a record or a union of records; one a place."""
    found: dict[tuple[str, ...], Leaf] = {}
    for leaf in _record_leaves(entry):
        old = found.get(leaf.path)
        found[leaf.path] = leaf if old is None else _both(old, leaf)
    members = [_kind_of(record) for record in _records(entry)]
    return tuple(_everywhere(leaf, members) for leaf in found.values())


def _both(old: Leaf, new: Leaf) -> Leaf:
    choices = tuple(dict.fromkeys((*old.choices, *new.choices))) if old.choices and new.choices else ()
    return Leaf(old.path, old.kind, choices, old.description, tuple(dict.fromkeys((*old.holders, *new.holders))))


def _everywhere(leaf: Leaf, members: list[str]) -> Leaf:
    """Without holders where every kind of entry has it."""
    return replace(leaf, holders=()) if set(members) <= set(leaf.holders) else leaf


def _record_leaves(entry: Any) -> Iterator[Leaf]:
    for record in _records(entry):
        for leaf in _of_record(record, ()):
            yield Leaf(leaf.path, leaf.kind, leaf.choices, leaf.description, (_kind_of(record),))


def _of_record(record: type[BaseModel], path: tuple[str, ...]) -> Iterator[Leaf]:
    for name, field in record.model_fields.items():
        yield from _of_type(field.annotation, (*path, name), " ".join((field.description or "").split()))


def _of_type(kind: Any, path: tuple[str, ...], said: str) -> Iterator[Leaf]:
    origin, members = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from _of_type(members[0], path, said)
    elif origin in (Union, types.UnionType):
        for member in members:
            yield from _of_type(member, path, said)
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from _of_record(kind, path)
    elif origin is tuple and not _records(members[0]):
        yield Leaf(path, _LISTS[_plain(members[0])], (), said)
    elif origin is Literal:
        yield Leaf(path, "text", tuple(str(member) for member in members), said)
    elif origin is not tuple and kind is not type(None):
        yield Leaf(path, _KINDS[kind], ("true", "false") if kind is bool else (), said)


_KINDS: dict[Any, Kind] = {float: "number", int: "integer", bool: "flag", str: "text", Month: "text"}
_LISTS: dict[Any, Kind] = {float: "numbers", int: "numbers", str: "texts", Month: "texts"}
"""A type that stands in neither has no column; the tests see that there is none but lists of records, which stay as the
scenario has them."""


def _plain(kind: Any) -> Any:
    return _plain(get_args(kind)[0]) if get_origin(kind) is Annotated else kind


def _records(kind: Any) -> list[type[BaseModel]]:
    """Record types that a type stands for."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [kind]
    return [record for member in get_args(kind) for record in _records(member)]


def _kind_of(record: type[BaseModel]) -> str:
    """Value of `kind` of a record; its own name where it has none."""
    field = record.model_fields.get("kind")
    return str(get_args(field.annotation)[0]) if field else record.__name__

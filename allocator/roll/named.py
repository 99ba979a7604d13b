"""Knobs and variants that name members of lists by position: where a member has gone, they would mean another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from allocator.roll.edits import Edit, Gone
from allocator.scenario.value_paths import split_path
from allocator.scenario.yaml_reader import Path


def loose_edits(document: Mapping[str, Any], edits: Sequence[Edit]) -> Iterator[Edit]:
    """Takes out every knob, and every variant, one of whose paths leads through a list from which a member goes."""
    lists = {edit.path[:-1] for edit in edits if edit.value is Gone.OUT and isinstance(edit.path[-1], int)}
    knobs = document.get("knobs") or {}
    loose = {name for name, knob in knobs.items() if any(_through(path, lists) for path in knob.get("paths", ()))}
    for name in knobs:
        if name in loose:
            yield Edit(("knobs", name), Gone.OUT, "it names members of a list by position, from which one has gone")
    for name, changed in (document.get("variants") or {}).items():
        if any(key in loose or _through(key, lists) for key in changed):
            yield Edit(("variants", name), Gone.OUT, "it changes what has gone, or names it by position")


def _through(text: str, lists: set[Path]) -> bool:
    """Whether a path names a member of one of the lists by position or by name."""
    path = split_path(text)
    return any(path[: len(one)] == one and len(path) > len(one) and path[len(one)] != "*" for one in lists)

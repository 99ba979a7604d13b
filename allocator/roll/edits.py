"""What changes in a scenario file as it moves on: values by place, each with the words that stand beside it."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from allocator.scenario.value_paths import value_at
from allocator.scenario.yaml_reader import Path


class Gone(Enum):
    """Stands for a value that is taken out of the file."""

    OUT = "taken out"


@dataclass(frozen=True)
class Edit:
    """A value put at a place of the document as it was, or taken out; `why` is the comment beside it.

    Members of lists are put at the position after the last one to be added, and taken out after all else is done.
    """

    path: Path
    value: Any
    why: str


def applied(document: Mapping[str, Any], edits: Sequence[Edit]) -> dict[str, Any]:
    """A copy of the document with edits made."""
    changed = copy.deepcopy(dict(document))
    for edit in ordered(edits):
        put(changed, edit)
    return changed


def ordered(edits: Sequence[Edit]) -> list[Edit]:
    """The edits in the order in which they are made: what goes, goes last, the last members of a list first."""
    goes = [edit for edit in edits if edit.value is Gone.OUT]
    goes.sort(key=lambda edit: [(str(step), -1) if isinstance(step, str) else ("", step) for step in edit.path])
    return [*(edit for edit in edits if edit.value is not Gone.OUT), *reversed(goes)]


def put(document: Any, edit: Edit) -> None:
    """Make an edit in a document, which is changed in place."""
    holder, last = value_at(document, edit.path[:-1]), edit.path[-1]
    if edit.value is Gone.OUT:
        del holder[last]
    elif isinstance(holder, list) and isinstance(last, int) and last >= len(holder):
        holder.append(copy.deepcopy(edit.value))
    else:
        holder[last] = copy.deepcopy(edit.value)

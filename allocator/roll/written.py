"""The file of a scenario with edits made in place: its comments and layout stay, and each edit says why."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from allocator.roll.edits import Edit, Gone, applied, ordered, put
from allocator.scenario.load import LoadedScenario
from allocator.scenario.value_paths import value_at
from allocator.scenario.written import yaml_text
from allocator.scenario.yaml_reader import Path, read_yaml

WIDTH = 140
LONGEST_FLOW = 100
"""Characters of a mapping that is written on one line."""


class _Representer(RoundTripRepresenter):
    """Writes the keyword null where there is nothing, which the library leaves blank."""


def _null(writer: _Representer, _: None) -> ScalarNode:
    return writer.represent_scalar("tag:yaml.org,2002:null", "null")


_Representer.add_representer(type(None), _null)


def edited_text(loaded: LoadedScenario, edits: Sequence[Edit], head: Sequence[str]) -> str:
    """The scenario file with edits made and commented, under a head of comments.

    Where a file's layout cannot be kept, it is written anew from its data, with the edits listed in the head.
    """
    document = applied(loaded.yaml.data, edits)
    head = [*head, *(f"{_place(edit.path)} taken out: {edit.why}" for edit in edits if edit.value is Gone.OUT)]
    kept = _kept(_source(loaded), edits)
    if kept is not None and _reads_as(kept, document):
        return _headed(head, kept)
    listed = [f"{_place(edit.path)}: {edit.why}" for edit in edits if edit.value is not Gone.OUT]
    return _headed([*head, *listed], yaml_text(document))


def _source(loaded: LoadedScenario) -> str:
    if loaded.settings:
        return yaml_text(loaded.yaml.data)
    return (loaded.folder / loaded.file_name).read_text(encoding="utf-8")


def _headed(head: Sequence[str], text: str) -> str:
    return "".join(f"# {' '.join(line.split())}\n" for line in head) + text


def _reads_as(text: str, document: Any) -> bool:
    return bool(read_yaml(text.encode(), "").data == document)


def _kept(text: str, edits: Sequence[Edit]) -> str | None:
    """The text with edits made, None where the library cannot."""
    editor = YAML()
    editor.Representer = _Representer
    editor.width, editor.preserve_quotes = WIDTH, True
    editor.indent(mapping=2, sequence=4, offset=2)
    document = editor.load(text)
    _unfold(document)
    for edit in ordered(edits):
        _open(document, edit.path[:-1])
        put(document, Edit(edit.path, _styled(edit.value), edit.why))
        if edit.value is not Gone.OUT:
            _comment(document, edit)
    stream = io.StringIO()
    editor.dump(document, stream)
    return stream.getvalue()


def _unfold(part: Any) -> int:
    """Write mappings that are too long for one line over several; returns about how many characters a part has."""
    if isinstance(part, CommentedMap):
        size = sum(len(str(key)) + 4 + _unfold(value) for key, value in part.items())
        if size > LONGEST_FLOW:
            part.fa.set_block_style()
        return size
    if isinstance(part, CommentedSeq):
        sizes = [2 + _unfold(value) for value in part]
        if any(isinstance(value, CommentedMap) and not value.fa.flow_style() for value in part):
            part.fa.set_block_style()
        return sum(sizes)
    return len(str(part))


def _open(document: Any, path: Path) -> None:
    """Write what lies on the way to an edit over several lines, so that a comment has a place."""
    for length in range(len(path) + 1):
        holder = value_at(document, path[:length])
        if isinstance(holder, CommentedMap | CommentedSeq):
            holder.fa.set_block_style()


def _styled(value: Any) -> Any:
    """Lists of mappings over several lines, everything else on one."""
    if isinstance(value, list) and value and all(isinstance(member, dict) for member in value):
        members = CommentedSeq([_styled(member) for member in value])
        members.fa.set_block_style()
        return members
    if isinstance(value, dict):
        found = CommentedMap({key: _flat(member) for key, member in value.items()})
        found.fa.set_flow_style()
        return found
    return _flat(value) if isinstance(value, list) else value


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        members = CommentedSeq([_flat(member) for member in value])
        members.fa.set_flow_style()
        return members
    return _styled(value) if isinstance(value, dict) else value


def _comment(document: Any, edit: Edit) -> None:
    holder, last = value_at(document, edit.path[:-1]), edit.path[-1]
    if isinstance(edit.value, list) and isinstance(holder, CommentedMap) and not _is_flow(edit.value):
        holder.yaml_set_comment_before_after_key(last, before=edit.why)
    else:
        holder.yaml_add_eol_comment(edit.why, key=last)


def _is_flow(value: list[Any]) -> bool:
    return not value or not all(isinstance(member, dict) for member in value)


def _place(path: Path) -> str:
    return ".".join(str(step) for step in path)

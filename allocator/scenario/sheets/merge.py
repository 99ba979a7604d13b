"""Puts what a workbook says into a scenario file: all else stays as it is written, comments too where they can."""

from __future__ import annotations

import copy
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.load import LoadedScenario, parse_scenario
from allocator.scenario.places import Places, shown
from allocator.scenario.sheets.read import Filled
from allocator.scenario.sheets.sections import PATHS_SHEET
from allocator.scenario.value_paths import value_at
from allocator.scenario.written import yaml_text
from allocator.scenario.yaml_reader import Path, YamlText, read_yaml


@dataclass(frozen=True)
class Merged:
    """A scenario file with the workbook's values.

    Attributes:
        text: the new file. changed: sections and places whose value is another one now.
        keeps_comments: whether comments of the file are still there.
    """

    text: str
    changed: tuple[str, ...]
    keeps_comments: bool


def merged(loaded: LoadedScenario, filled: Filled) -> Merged:
    """The scenario file with the values of a workbook in it.

    Raises:
        ScenarioFaults: with every fault of the workbook, its cells named, and of the scenario that it makes.
    """
    document = copy.deepcopy(loaded.yaml.data)
    wanted = {place: _as_it_was(_value(document, place), value) for place, value in filled.values.items()}
    filled = replace(filled, values=wanted)
    faults = [*filled.faults, *_misdated(document, filled)]
    for place, value in filled.values.items():
        if len(place) > 1 and not _is_there(document, place):
            fix = "add it to the scenario first, or remove the column"
            faults.append(Fault(filled.cells[place], ".".join(map(str, place)), "a place that the scenario has", fix))
        else:
            _put(document, place, copy.deepcopy(value))
    faults += _faults_of(loaded, document, filled)
    if faults:
        raise ScenarioFaults(list(dict.fromkeys(faults)))
    changed = [place for place, value in filled.values.items() if _value(loaded.yaml.data, place) != value]
    text, kept = _text(loaded, filled, document)
    return Merged(text, tuple(".".join(map(str, place)) for place in changed), kept)


def _as_it_was(old: Any, new: Any) -> Any:
    """`new`, with what a spreadsheet cannot hold from `old`: lists of records, and digits of numbers beyond 15."""
    if isinstance(old, dict) and isinstance(new, dict):
        kept = {key: value for key, value in old.items() if key not in new and _are_records(value)}
        return {**{key: _as_it_was(old.get(key), value) for key, value in new.items()}, **kept}
    if isinstance(old, list) and isinstance(new, list):
        if all(isinstance(one, dict) for one in (*old, *new)):
            by_name = {_named(entry): entry for entry in old}
            return [_as_it_was(by_name.get(_named(entry)), entry) for entry in new]
        return [_as_it_was(one, other) for one, other in zip(old, new, strict=False)] + new[len(old) :]
    numbers = type(new) in (int, float) and type(old) in (int, float)
    return old if numbers and f"{old:.15g}" == f"{new:.15g}" else new


def _are_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(one, dict) for one in value)


def _faults_of(loaded: LoadedScenario, document: Any, filled: Filled) -> list[Fault]:
    places = Places(loaded.file_name, YamlText(document, loaded.yaml.lines), filled.cells)
    try:
        parse_scenario(document, loaded.folder, places)
    except ScenarioFaults as error:
        return error.faults
    return []


def _misdated(document: Any, filled: Filled) -> list[Fault]:
    """A first month beside paths by month that is not the scenario's."""
    if filled.first_month is None or not any("by_month" in place for place in filled.cells):
        return []
    start = str(document["horizon"]["start"])
    if filled.first_month == start:
        return []
    fix = "let the values begin with the first month of the horizon"
    return [Fault(filled.first_month_at, shown(filled.first_month), f"{start}, where {PATHS_SHEET} begin", fix)]


def _is_there(document: Any, place: Path) -> bool:
    try:
        value_at(document, place)
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _value(document: Any, place: Path) -> Any:
    return value_at(document, place) if _is_there(document, place) else None


def _put(document: Any, place: Path, value: Any) -> None:
    for step in place[:-1]:
        document = document[step]
    document[place[-1]] = value


def _text(loaded: LoadedScenario, filled: Filled, document: Any) -> tuple[str, bool]:
    """The file with only what differs written anew; the whole of it where that does not read back as it should."""
    writer = YAML(typ="rt")
    writer.width, writer.preserve_quotes = 100_000, True
    old = (loaded.folder / loaded.file_name).read_text(encoding="utf-8-sig")
    tree = writer.load(old)
    for place, value in filled.values.items():
        if _value(loaded.yaml.data, place) != value:
            _put(tree, place, _updated(_value(tree, place), value))
    stream = io.StringIO()
    writer.dump(tree, stream)
    if _reads_back(stream.getvalue(), loaded, document):
        return stream.getvalue(), True
    return yaml_text(document), False


def _reads_back(text: str, loaded: LoadedScenario, document: Any) -> bool:
    try:
        return bool(read_yaml(text.encode(), loaded.file_name).data == document)
    except ScenarioFaults:
        return False


def _updated(old: Any, new: Any) -> Any:
    """`old` with the values of `new`, changed in place, so that comments beside what stays are kept."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [key for key in old if key not in new]:
            del old[key]
        for key, value in new.items():
            if key not in old or old[key] != value:
                old[key] = _updated(old.get(key), value)
        return old
    if isinstance(old, list) and isinstance(new, list) and all(isinstance(one, dict) for one in (*old, *new)):
        return _entries(old, new)
    return new


def _entries(old: Any, new: list[dict[str, Any]]) -> Any:
    """A list of entries, each taken from the old one of its name where there is one."""
    by_name: dict[object, Any] = {_named(entry): entry for entry in old}
    made = [_updated(by_name.pop(_named(entry), CommentedMap()), entry) for entry in new]
    old[:] = made
    return old


def _named(entry: Mapping[str, Any]) -> object:
    return str(entry["name"]) if "name" in entry else (str(entry.get("equipment")), str(entry.get("hall")))

"""The scenario of a plan as reports show it: every figure with its place, the comment beside it, and sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.cli.check import equipment_sources
from allocator.reports.assumptions import Assumption, Assumptions, EquipmentSource, Value
from allocator.scenario.load import LoadedScenario
from allocator.scenario.places import path_text
from allocator.scenario.yaml_reader import Path

SAID_ELSEWHERE = ("sources", "description", "version", "name")
"""Keys of a scenario that are words, shown in places of their own."""
DEEPEST = 20


def assumptions(loaded: LoadedScenario) -> Assumptions:
    """Everything a plan of the scenario rests on."""
    scenario, comments = loaded.scenario, _comments(loaded)
    return Assumptions(
        description=scenario.description,
        sources=scenario.sources,
        files={name: source.file for name, source in scenario.series.items()},
        equipment=tuple(EquipmentSource(**row) for row in equipment_sources(scenario)),
        figures=tuple(_figures(loaded, comments)),
    )


def _figures(loaded: LoadedScenario, comments: dict[int, str]) -> Iterator[Assumption]:
    told: set[int] = set()
    for key, data in loaded.yaml.data.items():
        if key in SAID_ELSEWHERE:
            continue
        for path, values in _leaves((key,), data):
            line = loaded.yaml.line(path) or 0
            note = "" if line in told else comments.get(line, "")
            told.add(line)
            yield Assumption(str(key), path_text(path), values, note)


def _leaves(path: Path, data: Any) -> Iterator[tuple[Path, tuple[Value, ...]]]:
    """Scalars, and lists of nothing else, with their places; as deep as a scenario may be."""
    if isinstance(data, dict) and len(path) <= DEEPEST:
        for key, value in data.items():
            yield from _leaves((*path, key), value)
    elif isinstance(data, list) and any(isinstance(value, dict | list) for value in data):
        for k, value in enumerate(data):
            yield from _leaves((*path, k), value)
    elif isinstance(data, list):
        yield path, tuple(data)
    else:
        yield path, (data,)


def _comments(loaded: LoadedScenario) -> dict[int, str]:
    """Comments at the ends of lines, by line; none where settings changed the file."""
    if loaded.settings:
        return {}
    lines = (loaded.folder / loaded.file_name).read_text(encoding="utf-8-sig").splitlines()
    found = {number: _comment(line) for number, line in enumerate(lines, start=1)}
    return {number: words for number, words in found.items() if words}


def _comment(line: str) -> str:
    """What follows a # that stands after a blank and outside quotes; nothing for a line that is a comment."""
    quote = ""
    for k, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'" and (k == 0 or line[k - 1] in " [{,:"):
            quote = letter
        elif letter == "#" and k and line[k - 1] in " \t":
            return line[k + 1 :].strip() if line[:k].strip() else ""
    return ""

"""YAML 1.2 core schema, read from parser events, with the line of every value.

What people trip over is settled here: `1e6` is a number, `NO` and `12:30` and `2027-01` are text. What has no
place in a scenario file is a fault with its line: repeated keys, anchors, aliases, tags, a second document.
Building from events needs no recursion, so that no nesting can exhaust the stack.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.reader import ReaderError

from allocator.scenario.faults import Fault, ScenarioFaults

Path = tuple[str | int, ...]
"""Keys and positions that lead to a value."""

LARGEST_BYTES = 5_000_000
DEEPEST = 20
MOST_VALUES = 100_000

_NULL = re.compile(r"|~|null|Null|NULL")
_TRUE = re.compile(r"true|True|TRUE")
_FALSE = re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}")
_OCTAL = re.compile(r"0o[0-7]{1,100}")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]{1,100}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITY = re.compile(r"([-+]?)\.(?:inf|Inf|INF)")
_NAN = re.compile(r"\.(?:nan|NaN|NAN)")


@dataclass(frozen=True)
class YamlText:
    """A file as plain data, and the line (from 1) on which each value of it stands."""

    data: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int | None:
        """Line of the value at `path`, or of the nearest value around it."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return None


def plain_scalar(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar under the YAML 1.2 core schema."""
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    number = _number(text)
    return text if number is None else number


def _number(text: str) -> int | float | None:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if _HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    if _FLOAT.fullmatch(text):
        return float(text)
    if infinity := _INFINITY.fullmatch(text):
        return float(infinity[1] + "inf")
    return float("nan") if _NAN.fullmatch(text) else None


def read_yaml(content: bytes, file_name: str) -> YamlText:
    """Parse one file; raises ScenarioFaults with the line of every fault found."""
    text = _decode(content, file_name)
    builder = _Builder(file_name)
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            builder.take(event)
    except (YAMLError, ValueError, OverflowError) as error:  # the latter two: escapes beyond Unicode
        builder.faults.append(_syntax_fault(error, text, file_name))
    if not builder.faults and not builder.documents:
        builder.faults.append(
            Fault(file_name, "an empty file", "a scenario", "write one, or start from allocator init")
        )
    if builder.faults:
        raise ScenarioFaults(builder.faults)
    return YamlText(builder.root, builder.lines)


def _decode(content: bytes, file_name: str) -> str:
    if len(content) > LARGEST_BYTES:
        megabytes = f"{len(content) / 1e6:.1f} MB"
        raise ScenarioFaults([Fault(file_name, megabytes, "at most 5 MB", "move series into CSV or Parquet files")])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{content[error.start]:02x}"
        raise ScenarioFaults(
            [Fault(f"{file_name}: line {line}", found, "UTF-8 text", "save the file as UTF-8")]
        ) from None


def _syntax_fault(error: Exception, text: str, file_name: str) -> Fault:
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        found = f"the control character {ord(text[error.position]):#04x}"
        return Fault(f"{file_name}: line {line}", found, "text", "remove the character")
    mark = error.problem_mark or error.context_mark if isinstance(error, MarkedYAMLError) else None
    if mark is None:
        return Fault(
            file_name, _one_line(str(error)), "YAML text", "look for an escape such as \\U that is no character"
        )
    lines = text.split("\n")
    row = lines[mark.line] if mark.line < len(lines) else ""
    place = f"{file_name}: line {mark.line + 1}"
    if "\t" in row[: len(row) - len(row.lstrip())]:
        return Fault(place, "a tab in the indentation", "blanks", "indent with blanks")
    problem = _one_line(str(getattr(error, "problem", None) or error))
    return Fault(place, f"{row.strip()[:80]!r} ({problem})", "YAML", "check colons, quotes, brackets and indentation")


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


@dataclass
class _Open:
    """A mapping or sequence whose end has not come yet."""

    path: Path
    container: dict[str, Any] | list[Any]
    key: str | None = None
    awaits_value: bool = False


@dataclass
class _Builder:
    """Turns parser events into data; collects faults instead of stopping at the first."""

    file_name: str
    faults: list[Fault] = field(default_factory=list)
    lines: dict[Path, int] = field(default_factory=dict)
    root: Any = None
    documents: int = 0
    stack: list[_Open] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """Work one event in."""
        if isinstance(event, DocumentStartEvent):
            self._document(event)
        elif isinstance(event, NodeEvent):
            self._node(event)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.stack.pop()

    def _document(self, event: Event) -> None:
        self.documents += 1
        if self.documents > 1:
            self._fault(event, "a second document (---)", "one document", "put each scenario into its own file")

    def _node(self, event: NodeEvent) -> None:
        if len(self.lines) > MOST_VALUES:
            self._stop(event, f"more than {MOST_VALUES} values", "move series into CSV or Parquet files")
        self._refuse_references(event)
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, AliasEvent):
            self._place(event, None)
        else:
            self._container(event)

    def _refuse_references(self, event: NodeEvent) -> None:
        if isinstance(event, AliasEvent):
            self._fault(event, f"the alias *{event.anchor}", "the value itself", "write the value out at each place")
        elif event.anchor:
            self._fault(event, f"the anchor &{event.anchor}", "a value without anchor", "remove the anchor")
        tag = getattr(event, "tag", None)
        if tag:
            self._fault(event, f"the tag {tag}", "a value without tag", "remove the tag")

    def _container(self, event: Event) -> None:
        container: dict[str, Any] | list[Any] = {} if isinstance(event, MappingStartEvent) else []
        path = self._place(event, container)
        self.stack.append(_Open(path, container))
        if len(self.stack) > DEEPEST:
            self._stop(event, f"more than {DEEPEST} levels of nesting", "remove surplus brackets")

    def _scalar(self, event: ScalarEvent) -> None:
        if any("\ud800" <= character <= "\udfff" for character in event.value):
            self._fault(event, "half a character (a lone surrogate)", "whole characters", "remove the escape")
        parent = self.stack[-1] if self.stack else None
        if parent is not None and isinstance(parent.container, dict) and not parent.awaits_value:
            self._key(event, parent, parent.container)
        else:
            is_plain = event.style is None
            self._place(event, plain_scalar(event.value) if is_plain else event.value)

    def _key(self, event: ScalarEvent, parent: _Open, container: dict[str, Any]) -> None:
        key = event.value
        path = (*parent.path, key)
        if key in container:
            first = self.lines[path]
            fix = f"keep one of them; the first stands on line {first}"
            self._fault(event, f"the key {key!r} a second time", "each key once", fix)
        if key == "<<" and event.style is None:
            self._fault(event, "a merge key <<", "the values themselves", "write the values out")
        parent.key, parent.awaits_value = key, True
        container.setdefault(key, None)
        self.lines.setdefault(path, event.start_mark.line + 1)

    def _place(self, event: Event, value: Any) -> Path:
        """Put a value where the parser stands; returns its path."""
        if not self.stack:
            if self.documents <= 1:
                self.root = value
            self.lines.setdefault((), event.start_mark.line + 1)
            return ()
        parent = self.stack[-1]
        if isinstance(parent.container, list):
            path = (*parent.path, len(parent.container))
            parent.container.append(value)
            self.lines.setdefault(path, event.start_mark.line + 1)
            return path
        return self._place_in_mapping(event, parent, parent.container, value)

    def _place_in_mapping(self, event: Event, parent: _Open, container: dict[str, Any], value: Any) -> Path:
        if not parent.awaits_value:
            self._fault(event, "a list or mapping as a key", "text as a key", "use a plain name as the key")
            parent.key, parent.awaits_value = "?", True
            return (*parent.path, "?")
        key = parent.key or ""
        container[key] = value
        parent.awaits_value = False
        return (*parent.path, key)

    def _fault(self, event: Event, found: str, expected: str, fix: str) -> None:
        place = f"{self.file_name}: line {event.start_mark.line + 1}"
        self.faults.append(Fault(place, found, expected, fix))

    def _stop(self, event: Event, found: str, fix: str) -> NoReturn:
        """Give up on what is no scenario, before it costs time."""
        self._fault(event, found, "a scenario", fix)
        raise ScenarioFaults(self.faults)

"""Where in a scenario file a value stands: paths as people read them, with the line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from allocator.scenario.faults import Fault
from allocator.scenario.yaml_reader import Path, YamlText


def path_text(path: Path) -> str:
    """("sites", 0, "name") -> "sites[0].name"."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{_key_text(step)}" for step in path)
    return text.removeprefix(".") or "the file"


def _key_text(key: str) -> str:
    """A key as it may stand in a message: what would not print, or run on, is quoted."""
    return key if key.isprintable() and len(key) <= 80 else shown(key)


@dataclass(frozen=True)
class Places:
    """Builds faults for one file.

    Attributes:
        changed: values that do not stand in the file as used, and what put them there.
    """

    file_name: str
    yaml: YamlText
    changed: Mapping[Path, str] = field(default_factory=dict)

    def fault(self, path: Path, found: Any, expected: str, fix: str) -> Fault:
        """A fault at `path`; `found` is quoted as written."""
        return Fault(self.place(path), found if isinstance(found, Quoted) else shown(found), expected, fix)

    def place(self, path: Path) -> str:
        """scenario.yaml: sites[0].name (line 41); or what changed it, instead of the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.changed:
                return f"{self.changed[path[:length]]}: {path_text(path)}"
        line = self.yaml.line(path)
        return f"{self.file_name}: {path_text(path)}" + (f" (line {line})" if line else "")


class Quoted(str):
    """Words about what was found, not the value itself."""

    __slots__ = ()


def shown(value: Any) -> str:
    """A value as it may stand in a message: one line, not long."""
    if isinstance(value, dict):
        return "a mapping with " + (", ".join(shown(str(key)) for key in list(value)[:5]) or "nothing in it")
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > 10**20:
        return "an overlong number"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 100 else text[:97] + "..."


def suggestion(name: str, known: Iterable[str]) -> str:
    """A fix for an unknown name: the nearest known one, or the list of them."""
    names = [str(candidate) for candidate in known]
    near = get_close_matches(name, names, n=1, cutoff=0.6) or [n for n in names if n.lower() == name.lower()]
    if near:
        return f"did you mean {near[0]!r}?"
    listed = ", ".join(_key_text(known_name) for known_name in sorted(names)[:12]) + (
        ", ..." if len(names) > 12 else ""
    )
    return f"use one of: {listed}" if names else "define it first"

"""What is wrong with an input: every fault names the place, what stands there, what was expected and the fix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault of an input file.

    Attributes:
        place: file and path or row, e.g. "scenario.yaml: sites[0].name (line 41)" or "prices.csv: line 14".
        found: what stands there. expected: what should. fix: what to do about it.
    """

    place: str
    found: str
    expected: str
    fix: str

    def __str__(self) -> str:
        text = f"{self.place}: found {self.found}; expected {self.expected}; {self.fix}"
        return "".join(character if character.isprintable() else _escaped(character) for character in text)


def _escaped(character: str) -> str:
    """A character that would break the line or steer a terminal, as Python writes it."""
    return character.encode("unicode_escape").decode()


class ScenarioFaults(Exception):  # noqa: N818
    """Raised with every fault of an input at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

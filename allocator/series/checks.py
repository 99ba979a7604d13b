"""Faults of series files: collected while reading, raised together, each kind listed up to a limit and then counted."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.series.specs import Ints

LISTED = 20


@dataclass(frozen=True)
class Kind:
    """What every fault of one kind shares: what was expected and what to do."""

    expected: str
    fix: str


class FaultLog:
    """Faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self._listed: dict[Kind, list[Fault]] = {}
        self._count: dict[Kind, int] = {}

    def __contains__(self, kind: Kind) -> bool:
        return kind in self._count

    def __bool__(self) -> bool:
        return bool(self._count)

    def add(self, kind: Kind, found: str, where: str = "") -> None:
        """Note one fault; `where` is a line or a column of the file."""
        self._count[kind] = self._count.get(kind, 0) + 1
        listed = self._listed.setdefault(kind, [])
        if len(listed) < LISTED:
            listed.append(Fault(self._place(where), found, kind.expected, kind.fix))

    def add_rows(self, kind: Kind, rows: Sequence[int] | Ints, found: Callable[[int], str]) -> None:
        """Note a fault at each of `rows` (line numbers); `found(i)` words the i-th, called only where it is listed."""
        for position, row in enumerate(rows[:LISTED]):
            self.add(kind, found(position), f"line {row}")
        if len(rows) > LISTED:
            self._count[kind] += len(rows) - LISTED

    def raise_if_any(self) -> None:
        """Raise every fault noted so far.

        Raises:
            ScenarioFaults: there are faults.
        """
        if self:
            raise self.error()

    def error(self) -> ScenarioFaults:
        """Every fault noted so far, as the error to raise."""
        return ScenarioFaults([fault for kind in self._listed for fault in self._summary(kind)])

    def _summary(self, kind: Kind) -> list[Fault]:
        listed = self._listed[kind]
        more = self._count[kind] - len(listed)
        rest = Fault(self.file, f"{more} more faults like the last", kind.expected, kind.fix)
        return [*listed, rest] if more else listed

    def _place(self, where: str) -> str:
        return f"{self.file}: {where}" if where else self.file


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Words that point from an unknown name to the known ones."""
    known = list(known)
    if not known:
        return "the file is empty"
    lower = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lower, n=1, cutoff=0.6)
    shown = ", ".join(repr(candidate) for candidate in known[:12]) + (", ..." if len(known) > 12 else "")
    return f"did you mean {lower[near[0]]!r}? There are: {shown}" if near else f"there are: {shown}"

"""What a web page shows: head, key figures, sections of pieces, decisions as a tree, what all of it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.reports.assumptions import Assumptions
from allocator.reports.figure import Section


@dataclass(frozen=True)
class Tile:
    """A key figure: what it is, its number in words, what to add; `tone` "good", "bad" or "" colours it."""

    name: str
    words: str
    note: str = ""
    tone: str = ""


@dataclass(frozen=True)
class Decision:
    """What is done in a period, in words, and the ways on.

    Attributes:
        condition: market on which this way is taken, "" where it is taken in any case. share: how likely it then is.
        ways: what may follow.
    """

    period: str
    actions: tuple[str, ...]
    condition: str = ""
    share: float = 1.0
    ways: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class Report:
    """A page.

    Attributes:
        kind: plan, comparison, sweep or backtest, as the head says it. lead: what the answer is, in a sentence.
        why: sentences that bear it out. surety: sentences on how sure it is. warnings: what must not be overlooked.
        remarks: what a reader should know. facts: name and words of what made it: hash of the inputs, versions.
    """

    title: str
    kind: str
    lead: str
    tiles: tuple[Tile, ...]
    surety: tuple[str, ...]
    sections: tuple[Section, ...]
    facts: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    decisions: Decision | None = None
    assumptions: Assumptions | None = None

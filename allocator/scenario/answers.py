"""What `allocator acknowledge` reads: answers of those who run machines to their set-points, a CSV table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.moments import Moment
from allocator.scenario.places import Quoted
from allocator.scenario.record import Record
from allocator.scenario.record_table import Row, load_table


class AnswerLine(Record):
    """Row of a table of answers; the last one to a set-point counts."""

    id: Annotated[str, Field(min_length=1, max_length=20)]
    """Set-point."""
    answer: Literal["accepted", "rejected"]
    """Whether it is carried out."""
    reason: Annotated[str, Field(max_length=500)] = ""
    """Why not; needed where it is rejected."""
    by: Annotated[str, Field(min_length=1, max_length=200)]
    """Who or what answers."""
    at: Moment
    """When, with its offset: 2027-06-01T02:00Z."""


def load_answers(path: Path) -> list[Row[AnswerLine]]:
    """Read answers; raises ScenarioFaults with every fault of them."""
    rows = load_table(path, AnswerLine, "a table of answers to set-points")
    faults = [fault for row in rows for fault in _without_reason(row)]
    if faults:
        raise ScenarioFaults(faults)
    return rows


def _without_reason(row: Row[AnswerLine]) -> Iterator[Fault]:
    if row.record.answer == "rejected" and not row.record.reason:
        yield row.places.fault(("reason",), Quoted("none"), "why it is rejected", "write the reason")

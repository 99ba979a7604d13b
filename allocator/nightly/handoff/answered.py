"""Answers to set-points: kept as they come, and what they mean for the next night.

A tier that refused to run is held off for the rest of that time; one that refused to stop runs on. A battery that
refused to take or give is held idle; of one that refused to stand idle nothing follows but the alert.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.handoff.set_points import BATTERY
from allocator.nightly.state.orders import REJECTION, Order
from allocator.nightly.store.registry import Answer, Registry
from allocator.nightly.store.tables import SetPointRow
from allocator.scenario.answers import load_answers
from allocator.scenario.faults import Fault, ScenarioFaults

ACCEPTED, REJECTED = "accepted", "rejected"
LOOK_BACK = timedelta(days=1)
"""How long an answer that is missing is told of."""


@dataclass(frozen=True)
class Kept:
    """How many answers were kept."""

    accepted: int
    rejected: int


def acknowledge(path: Path, registry: Registry) -> Kept:
    """Keep the answers of a table, all or none.

    Raises:
        ScenarioFaults: the table has faults, or answers what was never asked.
    """
    rows = load_answers(path)
    answers = [
        Answer(one.record.id, one.record.answer, one.record.reason, one.record.by, one.record.at) for one in rows
    ]
    last = {one.set_point: one for one in sorted(answers, key=lambda one: one.at)}
    unknown = set(registry.answer(list(last.values())))
    if unknown:
        raise ScenarioFaults(
            [
                Fault(row.places.place(("id",)), repr(row.record.id), "a set-point of the store", "check setpoints.csv")
                for row in rows
                if row.record.id in unknown
            ]
        )
    found = Counter(one.answer for one in last.values())
    return Kept(found[ACCEPTED], found[REJECTED])


@dataclass(frozen=True)
class Returned:
    """What came back by a moment: orders that follow from it, and what somebody should know."""

    orders: tuple[Order, ...]
    alerts: tuple[Alert, ...]


def returned(registry: Registry, as_of: datetime) -> Returned:
    """Rejections that are still in force, and set-points that began without an answer, once answers come at all."""
    rows = registry.set_points(as_of - LOOK_BACK)
    silent = _silent(rows, as_of) if registry.is_answered() else ()
    rejected = [row for row in rows if row.answer == REJECTED and row.ends > as_of]
    orders = tuple(_order(row) for row in rejected if _said(row)["mode"] != "idle")
    return Returned(orders, (*map(_refused, rejected), *silent))


def _order(row: SetPointRow) -> Order:
    said = _said(row)
    by = f"{REJECTION} {row.set_point}, rejected by {row.answered_by}: {row.reason}"
    if said.get("device") == BATTERY:
        return Order(by, row.begins, row.ends, said["site"], battery=True)
    runs = said["mode"] == "off"
    tier = ("", said["hall"], said["model"], said["step"])
    return Order(by, row.begins, row.ends, *tier, most_mw=None if runs else 0.0, runs=runs)


def _refused(row: SetPointRow) -> Alert:
    said = _said(row)
    tier = f"{said['site']}, {said['hall']}: {said['model']} step {said['step']}"
    who = f"{said['site']}: the battery" if said.get("device") == BATTERY else tier
    what = {"off": "stop", "idle": "stand idle"}.get(said["mode"], said["mode"])
    words = f"{who} refuses to {what} from {said['begins']} to {said['ends']}: {row.reason} ({row.answered_by})"
    return Alert(Severity.WARNING, "set_point_rejected", words)


def _silent(rows: Sequence[SetPointRow], as_of: datetime) -> Iterator[Alert]:
    """Set-points that held for some time and have no answer, by site."""
    missing = [
        row
        for row in rows
        if row.answer is None and row.begins <= as_of and (row.superseded_at is None or row.superseded_at > row.begins)
    ]
    for site, count in sorted(Counter(_said(row)["site"] for row in missing).items()):
        words = f"{site}: {count} set-points of the last day began without an answer"
        yield Alert(Severity.WARNING, "set_points_unanswered", words, about=site)


def _said(row: SetPointRow) -> dict[str, Any]:
    found = json.loads(row.said)
    assert isinstance(found, dict)
    return found

"""Faults of the WORK family."""

from __future__ import annotations

from functools import partial

from tests.mutations.money import CASH, WORK_LINES, paid
from tests.mutations.mutation import Mutation, added, cell, edited, judged, made, put, scheduled
from tests.verify.draft import Frames
from tests.verify.worked import worked

FAULT = partial(Mutation, base=worked)
FIRST = "2027-01-01 06:00:00+00:00"
HERE = {"site": "site0", "node": "2027-01"}


def _work_of_nothing(_: Frames, dispatch: dict[tuple[str, str], Frames]) -> None:
    frames = dispatch["site0", "2027-01"]
    frames["worked_loads"] = added(frames["worked_loads"], step=3, work_mw=0.3)


MUTATIONS = [
    FAULT(
        "WORK.running",
        "more works than runs",
        scheduled(0, 0, "load_mw", 0, 0, by=-1.5),
        place={**HERE, "hall": "hall", "model": "rack", "utc": FIRST},
        amount=0.5,
        also=frozenset({"HOURS.left_idle"}),
    ),
    FAULT(
        "WORK.most",
        "more works at once than may",
        judged("jobs", most_mw=put(0, to=1.5)),
        place={**HERE, "job": "train", "utc": FIRST},
        amount=0.5,
        count=2,
    ),
    FAULT(
        "WORK.allowed",
        "machines work that may not",
        judged("jobs", qualifies=put(0, 0, to=False)),
        place={**HERE, "job": "train", "model": "rack"},
        amount=2.0,
        count=2,
    ),
    FAULT(
        "WORK.allowed",
        "machines work that cannot stand there",
        edited(_work_of_nothing),
        place={**HERE, "job": "train", "step": "3", "utc": FIRST},
        amount=0.3,
    ),
    FAULT(
        "WORK.at_a_loss",
        "machines work for less than their rent",
        made("jobs", rate_usd_per_mwh=put(0, to=50.0)),
        place={**HERE, "job": "train", "model": "rack"},
        amount=(90.0 - 80.0) * 2.0 * 240.0,
        count=2,
    ),
    FAULT(
        "WORK.left_undone",
        "work is left undone while machines are rented out for less",
        made("jobs", most_mw=put(0, to=2.5)),
        place={**HERE, "job": "train", "model": "rack"},
        amount=20.0 * 40.0,
        count=2,
    ),
    FAULT(
        "WORK.volume",
        "more is done than is owed",
        made("jobs", work_mwh=put(0, 0, to=900.0)),
        place={"job": "train", "node": "2027-01"},
        amount=60.0,
    ),
    *(
        FAULT(f"MONEY.{line}", "another amount is stated", paid(line, 250.0), amount=250.0, also=CASH)
        for line in WORK_LINES
    ),
    *(
        FAULT(
            "WORK.table",
            f"the work of a month states other {column}",
            cell("work", column, lambda value: value + 7.0, node="2027-02"),
            place={"site": "site0", "node": "2027-02", "job": "train"},
            amount=7.0,
        )
        for column in ("due_mwh", "done_mwh", "pay_usd", "displaced_usd", "penalty_usd", "margin_usd")
    ),
]

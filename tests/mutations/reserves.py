"""Faults of the RESERVE family."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.mutations.mutation import Mutation, added, cell, changed, edited, hour_cell, judged, made, put
from tests.verify.draft import Draft, Frames
from tests.verify.stored import stored

Hourly = dict[tuple[str, str], Frames]
FIRST = "2027-01-01 06:00:00+00:00"
SOLD = {"site": "site0", "node": "2027-03", "service": "fast"}


def _offer_of_nothing(_: Frames, dispatch: Hourly) -> None:
    frames = dispatch["site0", "2027-01"]
    frames["offered_loads"] = added(frames["offered_loads"], model="rack", offered_mw=0.3)


def _bought_back(_: Frames, dispatch: Hourly) -> None:
    """A load is offered less than nothing, and another that much more: the service sees the same."""
    frames = dispatch["site0", "2027-01"]
    loads = added(frames["offered_loads"], model="s21", step=1, offered_mw=-0.1)
    loads = loads.sort_values("utc", kind="stable").reset_index(drop=True)
    frames["offered_loads"] = changed(loads, "offered_mw", lambda mw: mw + 0.1, {"service": "fast", "model": "s19"})


def _sold_twice(draft: Draft) -> None:
    """The MW that the battery feeds is sold with the others."""
    old = draft.schedules[0, 0]
    draft.touched = True
    draft.schedules[0, 0] = replace(old, offer_mw=old.offer_mw + np.array([0.0, 0.0, 1.0]))


MUTATIONS = [
    Mutation(
        "RESERVE.fed_by_grid",
        "load that the battery feeds is sold",
        _sold_twice,
        place={"site": "site0", "node": "2027-01", "utc": "2027-01-03 06:00:00+00:00"},
        amount=1.0,
        base=stored,
    ),
    Mutation(
        "RESERVE.running",
        "a service needs more running load than stands behind it",
        judged("reserves", qualifying_share=put(1, to=0.1)),
        place={"site": "site0", "node": "2027-01", "hall": "yard", "model": "s21", "step": "0"},
        amount=0.4 / 0.1 - 2.0 * 1.04,
        count=6,
    ),
    Mutation(
        "RESERVE.most",
        "a service takes less than it is offered",
        judged("reserves", most_mw=put(0, to=0.9)),
        place={"site": "site0", "node": "2027-01", "service": "fast", "utc": FIRST},
        amount=0.1,
        count=6,
    ),
    Mutation(
        "RESERVE.allowed",
        "machines that do not qualify are offered",
        judged("reserves", qualifies=put(1, to=False)),
        place={"site": "site0", "node": "2027-01", "service": "slow", "hall": "yard", "model": "s21"},
        amount=0.4,
        count=6,
    ),
    Mutation(
        "RESERVE.allowed",
        "an hour that pays too little is offered",
        judged("reserves", minimum_usd_per_mw_hour=put(1, to=0.35)),
        place={"site": "site0", "node": "2027-01", "service": "slow", "hall": "yard", "model": "s21"},
        amount=0.4,
        count=6,
    ),
    Mutation(
        "RESERVE.allowed",
        "machines that cannot stand there are offered",
        edited(_offer_of_nothing),
        place={"site": "site0", "node": "2027-01", "model": "rack", "utc": FIRST},
        amount=0.3,
    ),
    Mutation(
        "RESERVE.allowed",
        "load is bought back",
        edited(_bought_back),
        place={"site": "site0", "node": "2027-01", "service": "fast", "model": "s21", "step": "1", "utc": FIRST},
        amount=0.1,
        also=frozenset({"RESERVE.sums", "MONEY.reserve_lost_earnings"}),
    ),
    Mutation(
        "RESERVE.table",
        "an hour states another offer",
        hour_cell("site0", "2027-03", "offers", "offered_mw", lambda mw: mw - 0.1, service="slow"),
        place={"site": "site0", "node": "2027-03", "service": "slow"},
        amount=0.1,
    ),
    Mutation(
        "RESERVE.table",
        "an hour states another price",
        hour_cell("site0", "2027-03", "offers", "price_usd_per_mw_hour", lambda usd: usd + 0.2, service="slow"),
        place={"site": "site0", "node": "2027-03", "service": "slow"},
        amount=0.2,
    ),
    Mutation(
        "RESERVE.at_a_loss",
        "load is offered whose calls cost more than they pay",
        made("reserves", deployment_share=put(1, to=0.05)),
        place={"site": "site0", "node": "2027-01", "service": "slow", "model": "s21", "step": "0", "utc": FIRST},
        amount=(0.05 * (70.0 / 1.04 - 26.0) - 0.3) * 0.4 * 240.0,
        count=6,
    ),
    Mutation(
        "RESERVE.unsold",
        "running load is left unsold",
        made("reserves", most_mw=put(1, to=0.5)),
        place={"site": "site0", "node": "2027-01", "service": "slow", "model": "s21", "step": "0", "utc": FIRST},
        amount=0.3 * 0.1 * 240.0,
        count=18,
    ),
    *(
        Mutation(
            "RESERVE.sums",
            f"a service states other {column}",
            cell("reserves", column, lambda value: value + 7.0, **SOLD),
            place=SOLD,
            amount=7.0,
        )
        for column in (
            "offered_mw_h",
            "called_mwh",
            "capacity_usd",
            "called_usd",
            "saved_energy_usd",
            "lost_earnings_usd",
            "margin_usd",
        )
    ),
]

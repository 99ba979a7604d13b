"""Faults of the POWER, COOLING and HOURS families."""

from __future__ import annotations

import numpy as np

from tests.mutations.halls import YARD_AIR
from tests.mutations.mutation import (
    Mutation,
    Spoil,
    added,
    cell,
    changed,
    dropped,
    edited,
    hour_cell,
    judged,
    made,
    put,
    scheduled,
    then,
)
from tests.verify.draft import Draft, Frames
from tests.verify.plans import HOT, standing, works_instance

Hourly = dict[tuple[str, str], Frames]
_INSTANCE = works_instance()
S21_FIRST_STEP, S19_ONLY_STEP = (
    int(np.flatnonzero(_INSTANCE.segments.placement == standing(_INSTANCE, model, "yard/air"))[0])
    for model in ("s21", "s19")
)
"""Segments of site 0, which come first."""

FIRST = "2027-01-01 06:00:00+00:00"


def _limit(kind: str, site: int, bay: int, hour: int, limit_mw: float) -> Spoil:
    """Judge by another heat limit of a bay (counted within its site) in one step of the site."""

    def change(old: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
        new = [table.copy() for table in old]
        new[site][bay, hour] = limit_mw
        return tuple(new)

    return judged("hours", **{kind: change})


def _plant_limit(old: tuple[np.ndarray, ...]) -> tuple[np.ndarray, ...]:
    """Site 0's plant rejects 7 MW in its first step."""
    tower = old[0].copy()
    tower[0, 0] = 7.0
    return (tower, *old[1:])


def _no_row(_: Frames, dispatch: Hourly) -> None:
    dispatch["site0", "2027-03"]["bays"] = dropped(dispatch["site0", "2027-03"]["bays"], hall="yard")


def _row_too_many(_: Frames, dispatch: Hourly) -> None:
    frames = dispatch["site0", "2027-02"]
    frames["bays"] = added(frames["bays"], hall="barn", fit_out="gpu")


def _row_of_nowhere(_: Frames, dispatch: Hourly) -> None:
    frames = dispatch["site1", "2027-02"]
    frames["bays"] = added(frames["bays"], hall="dock", fit_out="air")


def _load_of_nothing(_: Frames, dispatch: Hourly) -> None:
    frames = dispatch["site0", "2027-01"]
    frames["segments"] = added(frames["segments"], model="rack", load_mw=0.3)


def _machines_that_feed_the_grid(_: Frames, dispatch: Hourly) -> None:
    frames = dispatch["site0", "2027-01"]
    frames["segments"] = changed(frames["segments"], "load_mw", lambda mw: -mw, {"hall": "yard", "model": "s19"})


def _tail_within(draft: Draft) -> None:
    draft.touched = True
    draft.point.tail_mw[YARD_AIR] = 5.6


MUTATIONS = [
    Mutation(
        "POWER.reserved",
        "a site states other claims",
        cell("reserved", "reserved_mw", lambda mw: mw + 0.2, site="site1", node="2027-03"),
        place={"site": "site1", "node": "2027-03"},
        amount=0.2,
    ),
    Mutation(
        "POWER.reserved",
        "a site states another limit",
        cell("reserved", "limit_mw", lambda mw: mw + 0.2, site="site1", node="2027-03"),
        place={"site": "site1", "node": "2027-03"},
        amount=0.2,
    ),
    Mutation(
        "POWER.reserved",
        "contracts claim more than the interconnect has",
        made("offers", gross_up=put(0, to=12.0)),
        place={"site": "site1", "node": "2027-03"},
        amount=7.35,
        count=4,
    ),
    Mutation(
        "POWER.firm",
        "a hall states another metered load",
        cell("halls", "firm_mw", lambda mw: mw - 0.1, hall="dock", node="2027-03"),
        place={"hall": "dock", "node": "2027-03"},
        amount=0.1,
    ),
    Mutation(
        "POWER.energy",
        "a use states other energy",
        cell("power", "it_mwh", lambda mwh: mwh + 12.0, site="site0", node="2027-03", use="mining"),
        place={"site": "site0", "node": "2027-03", "use": "mining"},
        amount=12.0,
    ),
    Mutation(
        "POWER.energy",
        "a use states other energy at the meter",
        cell("power", "gross_mwh", lambda mwh: mwh + 12.0, site="site1", node="2027-03", use="no_load"),
        place={"site": "site1", "node": "2027-03", "use": "no_load"},
        amount=12.0,
    ),
    Mutation(
        "POWER.energy",
        "a site draws more than its energy budget",
        judged("sites", energy_budget_mwh=put(0, 2, to=3300.0)),
        place={"site": "site0", "node": "2027-03"},
        amount=9.12,
    ),
    Mutation(
        "POWER.hall",
        "a hall draws more than its limit",
        then(made("bays", it_limit_mw=put(YARD_AIR, to=5.6)), _tail_within),
        place={"site": "site0", "node": "2027-03", "hall": "yard", "fit_out": "air"},
        amount=0.1,
        count=5,
    ),
    Mutation(
        "POWER.site",
        "a site draws more than its limit",
        made("sites", power_limit_mw=put(0, to=7.5)),
        place={"site": "site0", "node": "2027-05", "utc": "2027-05-01 06:00:00+00:00"},
        amount=0.448,
        count=4,
    ),
    Mutation(
        "POWER.feeder",
        "halls draw more than their feeder carries",
        judged("feeders", limit_mw=put(0, to=7.9)),
        place={"site": "site0", "node": "2027-04", "feeder": "busway", "utc": "2027-04-01 06:00:00+00:00"},
        amount=0.048,
        count=3,
    ),
    Mutation(
        "COOLING.plant",
        "halls are hotter than their plant can take",
        judged("plants", limit_mw=_plant_limit),
        place={"site": "site0", "node": "2027-01", "plant": "tower", "utc": FIRST},
        amount=0.2,
    ),
    Mutation(
        "POWER.grid",
        "an hour states another draw",
        hour_cell("site0", "2027-03", "hours", "grid_mw", lambda mw: mw + 0.05),
        place={"site": "site0", "node": "2027-03"},
        amount=0.05,
    ),
    Mutation(
        "COOLING.air",
        "a hall is hotter than its air side can take",
        _limit("air_limit_mw", 0, YARD_AIR, HOT, 2.9),
        place={"site": "site0", "node": "2027-05", "hall": "yard", "utc": "2027-05-11 06:00:00+00:00"},
        amount=0.1,
    ),
    Mutation(
        "COOLING.liquid",
        "a hall is hotter than its liquid loop can take",
        _limit("liquid_limit_mw", 1, 0, HOT, 0.6),
        place={"site": "site1", "node": "2027-05", "hall": "dock"},
        amount=0.04,
    ),
    *(
        Mutation(
            "HOURS.table",
            f"an hour states another {column}",
            hour_cell("site0", "2027-03", "hours", column, lambda value: value + 0.5),
            place={"site": "site0", "node": "2027-03"},
            amount=0.5,
        )
        for column in ("weight_h", "price_usd_per_mwh", "spot_usd_per_mwh", "ambient_c", "limit_mw")
    ),
    Mutation(
        "HOURS.bays",
        "an hour of a usable hall is missing",
        edited(_no_row),
        place={"site": "site0", "node": "2027-03", "hall": "yard", "fit_out": "air"},
    ),
    Mutation(
        "HOURS.bays",
        "a hall that converts has an hour",
        edited(_row_too_many),
        place={"site": "site0", "node": "2027-02", "hall": "barn", "fit_out": "gpu"},
    ),
    Mutation(
        "HOURS.bays",
        "a hall has an hour in a fit-out it cannot have",
        edited(_row_of_nowhere),
        place={"site": "site1", "node": "2027-02", "hall": "dock", "fit_out": "air"},
    ),
    Mutation(
        "HOURS.segments",
        "machines that cannot stand there run",
        edited(_load_of_nothing),
        place={"site": "site0", "node": "2027-01", "model": "rack", "utc": FIRST},
        amount=0.3,
    ),
    Mutation(
        "HOURS.segments",
        "machines feed the grid",
        edited(_machines_that_feed_the_grid),
        place={"site": "site0", "node": "2027-01", "model": "s19"},
        amount=1.2,
        also=frozenset(
            {
                "HOURS.left_idle",
                "RESERVE.running",
                "WORK.running",
                "POWER.grid",
                "POWER.energy",
                "MONEY.mining_revenue",
                "MONEY.power_cost",
                "MONEY.power_table",
            }
        ),
    ),
    Mutation(
        "HOURS.left_idle",
        "machines that pay stand still",
        scheduled(0, 0, "load_mw", S21_FIRST_STEP, 0, by=-0.2),
        place={"site": "site0", "node": "2027-01", "hall": "yard", "model": "s21", "step": "0", "utc": FIRST},
        amount=(70.0 - 26.0 * 1.04) * 0.2 * 240.0,
    ),
    Mutation(
        "HOURS.at_a_loss",
        "machines run at a loss",
        scheduled(0, 0, "load_mw", S19_ONLY_STEP, 2, by=0.5),
        place={"site": "site0", "node": "2027-01", "hall": "yard", "model": "s19", "utc": "2027-01-21 06:00:00+00:00"},
        amount=(71.0 * 1.04 - 45.0) * 0.5 * 240.0,
        also=frozenset({"RESERVE.unsold"}),
    ),
    Mutation(
        "HOURS.shed_needlessly",
        "tenants are shed while there is room",
        scheduled(1, 2, "shed_mw", 0, 0, by=0.1),
        place={"site": "site1", "node": "2027-03", "hall": "dock", "utc": "2027-03-02 06:00:00+00:00"},
        amount=(800.0 - 37.0 * 1.15) * 0.1 * 240.0,
    ),
    Mutation(
        "HOURS.firm",
        "tenants draw more than their contracts meter",
        hour_cell("site1", "2027-03", "bays", "firm_mw", lambda mw: mw + 0.1, hall="dock"),
        place={"site": "site1", "node": "2027-03", "hall": "dock"},
        amount=0.1,
        also=frozenset({"POWER.grid", "POWER.energy", "MONEY.power_cost", "MONEY.power_table"}),
    ),
]

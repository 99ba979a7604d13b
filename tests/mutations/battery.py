"""Faults of the BATTERY family: site0 has one in the last month, three steps of 240 hours at 41, 61 and 86 USD/MWh."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.dispatch.interface import StorageSchedule
from allocator.instance.battery import SiteBattery
from allocator.instance.types import Instance
from tests.mutations.mutation import Mutation, Spoil, cell, edited, hour_cell, made
from tests.verify.draft import Draft, Frames
from tests.verify.plans import BATTERY, works

NODE, PAIR, STEP_H = "2027-06", (0, 5), 240.0
PLACE = {"site": "site0", "node": NODE}
STEPS = tuple(f"{day} 06:00:00+00:00" for day in ("2027-05-31", "2027-06-10", "2027-06-20"))


def good() -> StorageSchedule:
    """Full after the first step, at its opening level after the last."""
    storage = works().schedules[PAIR].storage
    assert storage is not None
    return storage


def with_battery(instance: Instance, **changed: float) -> Instance:
    """The battery with other figures."""
    owned = instance.batteries[0]
    assert owned is not None
    return replace(instance, batteries=(SiteBattery(replace(owned.battery, **changed), owned.available), None))


def measured_by(**changed: float) -> Spoil:
    """Verify against another battery."""

    def spoil(draft: Draft) -> None:
        draft.judged_by = with_battery(draft.instance, **changed)

    return spoil


def ran(storage: StorageSchedule, **changed: float) -> Spoil:
    """Run the battery, with other figures, otherwise; the draw at the meter follows."""

    def spoil(draft: Draft) -> None:
        draft.touched, draft.instance = True, with_battery(draft.instance, **changed)
        old = draft.schedules[PAIR]
        assert old.storage is not None
        loads = old.grid_mw - old.storage.charge_mw + old.storage.discharge_mw
        grid = loads + storage.charge_mw - storage.discharge_mw
        draft.schedules[PAIR] = replace(old, grid_mw=grid, storage=storage)

    return spoil


def own_loads_mw() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.asarray(works().schedules[PAIR].grid_mw - good().charge_mw + good().discharge_mw)


def exporting(given_mw: float) -> StorageSchedule:
    """Gives that much in the last step; what it needs was taken in the first."""
    kept = BATTERY.kept_share_per_h**STEP_H
    second = (BATTERY.opening_mwh + STEP_H * given_mw / BATTERY.discharge_efficiency) / kept
    first = second / kept
    taken = (first - kept * BATTERY.opening_mwh) / (STEP_H * BATTERY.charge_efficiency)
    stored = np.array([first, second, BATTERY.opening_mwh])
    return StorageSchedule(np.array([taken, 0.0, 0.0]), np.array([0.0, 0.0, given_mw]), stored)


def both_ways(given_mw: float) -> StorageSchedule:
    """Takes more in the first step and gives that much at once; what is stored stays."""
    more = np.array([given_mw, 0.0, 0.0])
    return replace(
        good(), charge_mw=good().charge_mw + more / BATTERY.round_trip, discharge_mw=good().discharge_mw + more
    )


def _cheap_at_last(price: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    price[17] = -0.001


def _battery_from_nowhere(_: Frames, dispatch: dict[tuple[str, str], Frames]) -> None:
    idle = dispatch["site0", NODE]["storage"].iloc[1:2].reset_index(drop=True)
    dispatch["site1", NODE]["storage"] = idle.assign(stored_mwh=0.0)


LARGE: dict[str, float] = {"charge_mw": 9.0, "discharge_mw": 3.0, "energy_mwh": 2000.0}

MUTATIONS = [
    Mutation(
        "BATTERY.balance",
        "more is stored than came",
        hour_cell("site0", NODE, "storage", "stored_mwh", lambda mwh: mwh + 1.0, stored_mwh=good().stored_mwh[1]),
        place={**PLACE, "utc": STEPS[1]},
        amount=1.0,
    ),
    Mutation(
        "BATTERY.balance",
        "a month ends emptier than it began",
        hour_cell("site0", NODE, "storage", "stored_mwh", lambda mwh: mwh - 1.0, stored_mwh=good().stored_mwh[2]),
        place={**PLACE, "utc": STEPS[2]},
        amount=1.0,
        count=2,
    ),
    Mutation(
        "BATTERY.limits",
        "more is taken than it can take",
        measured_by(charge_mw=0.3),
        place={**PLACE, "utc": STEPS[0]},
        amount=float(good().charge_mw[0]) - 0.3,
    ),
    Mutation(
        "BATTERY.limits",
        "more is given than it can give",
        measured_by(discharge_mw=0.2),
        place={**PLACE, "utc": STEPS[2]},
        amount=float(good().discharge_mw[2]) - 0.2,
    ),
    Mutation(
        "BATTERY.limits",
        "more is stored than it can hold",
        measured_by(energy_mwh=89.0),
        place={**PLACE, "utc": STEPS[0]},
        amount=1.0,
    ),
    Mutation(
        "BATTERY.negative_price",
        "it gives in an hour of a negative price",
        made("hours", price_usd_per_mwh=_cheap_at_last),
        place={**PLACE, "utc": STEPS[2]},
        amount=float(good().discharge_mw[2]),
        also=frozenset({"HOURS.left_idle"}),
    ),
    Mutation(
        "BATTERY.behind_meter",
        "it gives more than the site takes",
        ran(exporting(2.5), **LARGE),
        place={**PLACE, "utc": STEPS[2]},
        amount=2.5 - float(own_loads_mw()[2]),
    ),
    Mutation(
        "BATTERY.one_way",
        "it takes and gives at once",
        ran(both_ways(0.05)),
        place={**PLACE, "utc": STEPS[0]},
        amount=0.05,
    ),
    *(
        Mutation(
            "BATTERY.foresight" if column == "foresight_usd" else "BATTERY.table",
            f"a battery states other {column}",
            cell("batteries", column, lambda value: value + 7.0, site="site0", node=NODE),
            place=PLACE,
            amount=7.0,
        )
        for column in (
            "charged_mwh", "discharged_mwh", "charging_cost_usd", "saved_usd", "wear_cost_usd", "foresight_usd",
            "margin_usd",
        )
    ),
    Mutation(
        "TABLE.rows",
        "a site without a battery has hours of one",
        edited(_battery_from_nowhere),
        place={"site": "site1", "node": NODE, "table": "storage"},
    ),
]  # fmt: skip

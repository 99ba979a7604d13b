"""A week as tables, by name: what is written down, shown, and checked.

- `hours`: one row a step: price at the meter, spot, day-ahead price (nan: not known), draw, what is bought ahead, and
  the battery's flows (nan without one).
- `tiers`: one row a step and tier, whatever runs. `on_share` and `started_share` are those of its fleet.
- `tenants`: one row a step and tenancy with firm load; `tenancy` is its position.
- `offered`: one row a step and service to which something is offered before its price is known.
- `offers`, `work`: rows with load; `service` and `job` are positions.
- `curve`: one row a step and stair that adds to the one before: up to that market price, so many MW in all.
- `stored`: one row a step and cell of what the battery stores: prices at the meter below which it is filled and above
  which it is emptied; empty without a battery.
- `money`: one row a line, signed; their sum is the value of the week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.dispatch.battery_value import battery_money
from allocator.dispatch.blocks import block_usd
from allocator.dispatch.interface import Schedule
from allocator.dispatch.reserve_value import offers_usd
from allocator.dispatch.take import untaken_mwh
from allocator.dispatch.work_value import work_usd
from allocator.instance.tree import Floats
from allocator.week.interface import Part, WeekPlan

Tables = Mapping[str, pd.DataFrame]
SMALL_MW = 1e-9
"""Load below which an offer or work is none."""


def week_tables(week: WeekPlan) -> dict[str, pd.DataFrame]:
    """Every table of the module."""
    return {
        "hours": _hours(week),
        "tiers": _tiers(week),
        "tenants": _tenants(week),
        "offers": _by_tier(week, "service", [schedule.offer_mw for schedule in week.schedules], "offer_mw"),
        "offered": _offered(week),
        "work": _by_tier(week, "job", [schedule.work_mw for schedule in week.schedules], "work_mw"),
        "curve": _curve(week),
        "stored": _stored(week),
        "money": money_table(week),
    }


def _hours(week: WeekPlan) -> pd.DataFrame:
    flows = {"charge_mw": [], "discharge_mw": [], "stored_mwh": []}  # type: dict[str, list[Floats]]
    for part, schedule in zip(week.structure.parts, week.schedules, strict=True):
        for name, found in flows.items():
            none = np.full(part.here.hours, np.nan)
            found.append(none if schedule.storage is None else getattr(schedule.storage, name))
    return pd.DataFrame(
        {
            "utc": week.structure.utc,
            "price_usd_per_mwh": week.structure.price_usd_per_mwh,
            "spot_usd_per_mwh": week.prices.spot_usd_per_mwh,
            "day_ahead_usd_per_mwh": week.prices.day_ahead_usd_per_mwh,
            "grid_mw": week.grid_mw,
            "day_ahead_mw": week.day_ahead_mw,
            **{name: np.concatenate(found) for name, found in flows.items()},
        }
    )


def _tiers(week: WeekPlan) -> pd.DataFrame:
    structure, fleet = week.structure, week.structure.fleet
    by_step = {
        "load_mw": week.load_mw,
        "on_share": week.on_share[fleet],
        "started_share": week.started_share[fleet],
        "strike_off_usd_per_mwh": week.strike_off_usd_per_mwh,
        "strike_on_usd_per_mwh": week.strike_on_usd_per_mwh,
    }
    names = {name: [getattr(tier, name) for tier in structure.tiers] for name in ("hall", "fit_out", "model", "step")}
    return pd.DataFrame(
        {
            "utc": np.repeat(structure.utc, len(structure.tiers)),
            **{name: np.tile(np.array(values), structure.hours) for name, values in names.items()},
            **{name: values.T.ravel() for name, values in by_step.items()},
        }
    )


def _tenants(week: WeekPlan) -> pd.DataFrame:
    structure = week.structure
    firm = structure.over_steps([part.capacity.firm_mw for part in structure.parts])
    hour, tenancy = np.nonzero(firm.T > 0.0)
    halls = structure.tenant_halls
    return pd.DataFrame(
        {
            "utc": structure.utc[hour],
            "tenancy": tenancy,
            "hall": [halls[k][0] for k in tenancy],
            "fit_out": [halls[k][1] for k in tenancy],
            "firm_mw": firm[tenancy, hour],
            "shed_mw": week.shed_mw[tenancy, hour],
        }
    )


def _by_tier(week: WeekPlan, axis: str, by_part: list[Floats], value: str) -> pd.DataFrame:
    """Rows with load of what is (axis, tier, step), part by part."""
    whole = np.concatenate(by_part, axis=2) if by_part[0].shape[0] else np.zeros((0, 0, 0))
    at, tier, hour = np.nonzero(whole > SMALL_MW)
    names = [week.structure.tiers[j] for j in tier]
    return pd.DataFrame(
        {
            "utc": week.structure.utc[hour],
            axis: at,
            "hall": [name.hall for name in names],
            "fit_out": [name.fit_out for name in names],
            "model": [name.model for name in names],
            "step": [name.step for name in names],
            value: whole[at, tier, hour],
        }
    )


def _offered(week: WeekPlan) -> pd.DataFrame:
    offered = np.zeros((0, week.structure.hours)) if week.offered_mw is None else week.offered_mw
    hour, service = np.nonzero(offered.T > SMALL_MW)
    return pd.DataFrame({"utc": week.structure.utc[hour], "service": service, "offered_mw": offered[service, hour]})


def _curve(week: WeekPlan) -> pd.DataFrame:
    """Stairs that add something; the first always."""
    mw = np.array([stair.mw for stair in week.curve])
    price = np.array([stair.price_usd_per_mwh for stair in week.curve])
    added = np.diff(mw, axis=0, prepend=np.full((1, mw.shape[1]), -np.inf)) > SMALL_MW
    hour, stair = np.nonzero(added.T)
    number = np.cumsum(added, axis=0)[stair, hour] - 1
    columns = {"utc": week.structure.utc[hour], "stair": number}
    return pd.DataFrame({**columns, "price_usd_per_mwh": price[stair, hour], "mw": mw[stair, hour]})


def _stored(week: WeekPlan) -> pd.DataFrame:
    columns = ("utc", "from_mwh", "to_mwh", "take_below_usd_per_mwh", "give_above_usd_per_mwh")
    if week.stored is None:
        return pd.DataFrame({name: np.zeros(0) for name in columns})
    stored, hours = week.stored, week.structure.hours
    prices = stored.take_below_usd_per_mwh.T.ravel(), stored.give_above_usd_per_mwh.T.ravel()
    ends = np.tile(stored.from_mwh, hours), np.tile(stored.to_mwh, hours)
    return pd.DataFrame(
        dict(zip(columns, (np.repeat(week.structure.utc, len(stored.from_mwh)), *ends, *prices), strict=True))
    )


def money_table(week: WeekPlan) -> pd.DataFrame:
    """Lines of the value of a week."""
    found: dict[str, float] = {}
    for part, schedule in zip(week.structure.parts, week.schedules, strict=True):
        for line, usd in _lines(part, schedule):
            found[line] = found.get(line, 0.0) + usd
    found["restarts"] = -week.money.restarts
    return pd.DataFrame({"line": list(found), "amount_usd": list(found.values())})


def _lines(part: Part, schedule: Schedule) -> Iterator[tuple[str, float]]:
    here, weight = part.here, part.here.weight_h
    yield "earnings", float(here.segment_value_usd_per_mwh @ (schedule.load_mw @ weight))
    yield "power", -float((here.price_usd_per_mwh * weight) @ schedule.grid_mw)
    yield "unserved", -float(((here.unserved_usd_per_mwh() * schedule.shed_mw) @ weight).sum())
    beyond = 0.0 if schedule.beyond_mwh is None else float(here.beyond_usd_per_mwh @ schedule.beyond_mwh)
    yield "unserved_beyond_allowance", -beyond
    yield "offers", offers_usd(here, schedule.offer_mw)
    yield "work", work_usd(here, schedule.work_mw)
    yield "blocks", block_usd(here, schedule.grid_mw)
    if here.take is not None:
        untaken = untaken_mwh(here, schedule.take_mwh, schedule.grid_mw)
        yield "untaken", -here.take.untaken_usd_per_mwh * untaken
    if here.battery is not None and schedule.storage is not None:
        money = battery_money(here, here.battery, schedule.storage)
        yield "battery_wear", -money.wear
        yield "battery_foresight", -money.foresight

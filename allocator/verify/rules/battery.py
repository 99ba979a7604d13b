"""BATTERY: what a battery takes, gives and stores, step by step, and what that is said to earn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.axes import subset
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.lines_period import foresight_usd, wear_usd
from allocator.verify.rules.power import loads_drawn


def balance(case: HourCase) -> Iterator[Check]:
    """What is stored is what was stored before, less losses, and what came and went; runs end where they began."""
    owned = case.hours.battery
    if owned is None:
        return
    battery = owned.battery
    before = np.where(owned.opens, battery.opening_mwh, np.roll(case.stored_mwh, 1))
    change = battery.charge_efficiency * case.charge_mw - case.discharge_mw / battery.discharge_efficiency
    stored = before * battery.kept_share_per_h**owned.step_h + owned.step_h * change
    tolerance = tolerances.limit_mwh(max(battery.energy_mwh, float(owned.step_h.max())))
    yield Check("stored", "MWh", (case.utc,), case.stored_mwh, stored, tolerance=tolerance, worst_of="hours")
    ends = np.flatnonzero(np.append(owned.opens[1:], True))
    at = subset(case.utc, ends)
    level = battery.opening_mwh
    yield Check("stored at the end", "MWh", (at,), case.stored_mwh[ends], level, tolerance=tolerance)


def limits(case: HourCase) -> Iterator[Check]:
    """Flows and what is stored stay within the battery, none below nothing."""
    if case.hours.battery is None:
        return
    battery = case.hours.battery.battery
    for says, unit, found, limit in (
        ("taken", "MW", case.charge_mw, battery.charge_mw),
        ("given", "MW", case.discharge_mw, battery.discharge_mw),
        ("stored", "MWh", case.stored_mwh, battery.energy_mwh),
    ):
        tolerance = tolerances.limit_mw(limit)
        yield Check(says, unit, (case.utc,), found, limit, "at_most", tolerance, worst_of="hours")
        yield Check(says, unit, (case.utc,), found, 0.0, "at_least", tolerances.POWER_MW, worst_of="hours")


def negative_price(case: HourCase) -> Iterator[Check]:
    """Nothing is given in hours of a negative price: that would burn energy for money."""
    if case.hours.battery is None:
        return
    given = np.where(case.hours.price_usd_per_mwh < 0, case.discharge_mw, 0.0)
    yield Check("given", "MW", (case.utc,), given, 0.0, "at_most", tolerances.POWER_MW, worst_of="hours")


def behind_meter(case: HourCase) -> Iterator[Check]:
    """It gives no more than the site's own loads take."""
    if case.hours.battery is None:
        return
    own = loads_drawn(case)
    tolerance = tolerances.limit_mw(own)
    yield Check("given", "MW", (case.utc,), case.discharge_mw, own, "at_most", tolerance, worst_of="hours")


def one_way(case: HourCase) -> Iterator[Check]:
    """It does not take and give in the same step."""
    if case.hours.battery is None:
        return
    both = np.minimum(case.charge_mw, case.discharge_mw)
    yield Check("both ways", "MW", (case.utc,), both, 0.0, "at_most", tolerances.POWER_MW, worst_of="hours")


def table(case: Case) -> Iterator[Check]:
    """Energy taken and given and its money repeat the hours."""
    energy = case.energy
    yield from _columns(case, "MWh", {"charged_mwh": energy.charged_mwh, "discharged_mwh": energy.discharged_mwh})
    money = {"charging_cost_usd": energy.charging_usd, "saved_usd": energy.saved_usd, "wear_cost_usd": wear_usd(case)}
    yield from _columns(case, "USD", money)
    traded = energy.saved_usd - energy.charging_usd - wear_usd(case)
    yield from _columns(case, "USD", {"margin_usd": traded - foresight_usd(case)})


def foresight(case: Case) -> Iterator[Check]:
    """Where trading hours pays, all but the capture share of what it earns is left out."""
    yield from _columns(case, "USD", {"foresight_usd": foresight_usd(case)})


RULES: dict[str, PlanRule] = {"BATTERY.table": table, "BATTERY.foresight": foresight}
HOUR_RULES: dict[str, HourRule] = {
    "BATTERY.balance": balance,
    "BATTERY.limits": limits,
    "BATTERY.negative_price": negative_price,
    "BATTERY.behind_meter": behind_meter,
    "BATTERY.one_way": one_way,
}


def _columns(case: Case, unit: str, expected: dict[str, Floats]) -> Iterator[Check]:
    """Columns of table `batteries` beside (S, N) arrays."""
    frame = case.tables["batteries"]
    cell, at = (case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"])), rows(frame, "site", "node")
    tolerate = tolerances.mwh if unit == "MWh" else tolerances.usd
    for column, values in expected.items():
        yield Check(column, unit, at, frame[column].to_numpy(), values[cell], tolerance=tolerate(values[cell]))

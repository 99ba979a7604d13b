"""Batteries, one step at a time."""

from __future__ import annotations

from types import SimpleNamespace

import pulp

from tests.reference.draft import Draft
from tests.reference.steps import Hour, marginal_usd_per_mwh


def columns(d: Draft, everything: list[Hour]) -> None:
    """charge_mw, discharge_mw and stored_mwh [t], and foresight_usd [s,n], where there is a battery."""
    own = [hour for hour in everything if owned(d, hour) is not None]
    for name in ("charge_mw", "discharge_mw", "stored_mwh"):
        d.add(name, [(hour.at,) for hour in own])
    d.add("foresight_usd", sorted({(hour.site, hour.node) for hour in own}))
    for hour in own:
        battery = owned(d, hour)
        d.columns["charge_mw"][(hour.at,)].upBound = battery.charge_mw
        given = d.columns["discharge_mw"][(hour.at,)]
        given.upBound = battery.discharge_mw if marginal_usd_per_mwh(d, hour) >= 0 else 0.0
        stored = d.columns["stored_mwh"][(hour.at,)]
        stored.upBound = battery.energy_mwh
        if _closes(d, hour):
            stored.lowBound = stored.upBound = battery.opening_mwh


def owned(d: Draft, hour: Hour) -> SimpleNamespace | None:
    """The battery of the site in the node, if there is one."""
    batteries = d.given.batteries
    if not batteries or batteries[hour.site] is None or not batteries[hour.site].available[hour.node]:
        return None
    return batteries[hour.site].battery


def net_mw(d: Draft, hour: Hour) -> pulp.LpAffineExpression:
    """What the battery takes less what it gives, gross MW."""
    if owned(d, hour) is None:
        return pulp.LpAffineExpression()
    return d.columns["charge_mw"][(hour.at,)] - d.columns["discharge_mw"][(hour.at,)]


def _closes(d: Draft, hour: Hour) -> bool:
    """True where the step after, if there is one, begins a run of its own."""
    opens = d.given.hours.opens
    return hour.stored + 1 == len(opens) or bool(opens[hour.stored + 1])


def balance(d: Draft, hour: Hour) -> None:
    """BATTERY.balance[t]: stored = kept * stored before + hours * (efficiency * charge - discharge / efficiency)."""
    battery = owned(d, hour)
    if battery is None:
        return
    step_h, stored = d.given.hours.step_h[hour.stored], d.columns["stored_mwh"]
    before = battery.opening_mwh if d.given.hours.opens[hour.stored] else stored[(hour.at - 1,)]
    charge, discharge = d.columns["charge_mw"][(hour.at,)], d.columns["discharge_mw"][(hour.at,)]
    change = battery.charge_efficiency * charge - discharge * (1 / battery.discharge_efficiency)
    after = battery.kept_share_per_h**step_h * before + step_h * change
    d.row("BATTERY.balance", (hour.at,), stored[(hour.at,)] == after)


def behind_meter(d: Draft, hour: Hour, loads_mw: pulp.LpAffineExpression) -> None:
    """BATTERY.behind_meter[t]: discharge <= draw of everything else."""
    if owned(d, hour) is not None:
        d.row("BATTERY.behind_meter", (hour.at,), d.columns["discharge_mw"][(hour.at,)] <= loads_mw)


def wear_usd(d: Draft, hour: Hour) -> pulp.LpAffineExpression:
    """Wear of what is given in an hour of the step."""
    battery = owned(d, hour)
    if battery is None:
        return pulp.LpAffineExpression()
    return battery.wear_usd_per_mwh * d.columns["discharge_mw"][(hour.at,)]


def foresight(d: Draft, everything: list[Hour]) -> None:
    """BATTERY.foresight[s,n]: foresight_usd >= (1 - capture share) * what trading hours earns; and its cost."""
    for (s, n), lost in d.columns["foresight_usd"].items():
        own = [hour for hour in everything if (hour.site, hour.node) == (s, n)]
        traded = pulp.LpAffineExpression()
        for hour in own:
            cost = marginal_usd_per_mwh(d, hour) * net_mw(d, hour) + wear_usd(d, hour)
            traded -= d.given.hours.weight_h[hour.stored] * cost
        capture_share = d.given.batteries[s].battery.capture_share
        d.row("BATTERY.foresight", (s, n), lost >= (1 - capture_share) * traded)
        d.operate(s, n, -1.0 * lost)

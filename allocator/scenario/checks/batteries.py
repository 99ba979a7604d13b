"""Batteries: there within the horizon, and strong enough to hold their own level."""

from __future__ import annotations

from collections.abc import Iterator
from math import log

from allocator.scenario.battery import Battery
from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted


def availability(context: Context) -> Iterator[Fault]:
    """A battery is there before the horizon ends."""
    horizon = context.draft.horizon
    for site in context.draft.sites:
        battery = site.value.battery
        if horizon is None or battery is None or battery.available_from is None:
            continue
        if battery.available_from >= horizon.end:
            path, last = (*site.path, "battery", "available_from"), horizon.end.plus(-1)
            expected, fix = f"a month up to {last}", "move the month or the horizon, or drop the battery"
            yield context.places.fault(path, Quoted(str(battery.available_from)), expected, fix)


def standing_losses(context: Context) -> Iterator[Fault]:
    """What a battery loses standing at its opening level can be made up by its charging power."""
    for site in context.draft.sites:
        battery = site.value.battery
        if battery is None:
            continue
        power, holding = battery.charge_power_mw or battery.power_mw, _holding_mw(battery)
        if holding > power:
            path = (*site.path, "battery", "standing_loss_share_per_hour")
            lost = f"{battery.standing_loss_share_per_hour:g}, which takes {holding:.4g} MW to make up"
            fix = "lower the loss or opening_stored_share, or raise charge_power_mw"
            yield context.places.fault(path, Quoted(lost), f"at most the charging power, {power:g} MW", fix)


def _holding_mw(battery: Battery) -> float:
    """Draw that holds the opening level, in steps however short."""
    opening = battery.opening_stored_share * battery.energy_mwh
    return -log(1.0 - battery.standing_loss_share_per_hour) * opening / battery.charge_efficiency_share

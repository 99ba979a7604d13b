"""What a battery can and does earn: bounds for cuts, and the money of a schedule."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.dispatch.interface import SiteNode, StorageSchedule
from allocator.instance.battery import Battery, NodeBattery
from allocator.instance.tree import Floats

QUANTILES = np.linspace(0.0, 1.0, 9)
"""Of the prices of a node: values of stored energy tried for a bound."""


def discharge_limit_mw(here: SiteNode, battery: Battery) -> Floats:
    """Most the battery gives in each step, (T,): nothing where the price is negative, that would burn energy for money.

    Design section 10.
    """
    return np.where(here.price_usd_per_mwh >= 0.0, battery.discharge_mw, 0.0)


def least_energy_usd_per_mwh(here: SiteNode) -> Floats:
    """No gross MWh of a step can cost less, (T,): its price, or where a battery gives, what it stored at best costs.

    Stored energy costs the least price of the node, losses and wear; a node with negative prices may be paid for it
    many times over, so that there no floor is stated.
    """
    price = here.price_usd_per_mwh
    if here.battery is None:
        return price
    battery, least = here.battery.battery, float(price.min())
    stored = least / battery.round_trip + battery.wear_usd_per_mwh if least >= 0 else -np.inf
    return np.where(price >= 0.0, np.minimum(price, stored), price)


def most_earned_usd(here: SiteNode, energy_usd_per_mw: Floats) -> float:
    """No schedule of the battery earns more where a MW drawn in a step costs `energy_usd_per_mw`, (T,), all weights in.

    Weak duality: with any value y >= 0 of stored energy, the same in all steps of a run, standing only loses, so

        sum_t  D_t max(0, e_t - w_t k - y out_t) + C max(0, y in_t - e_t)

    bounds what it earns; the least of a few y is taken. `in_t` and `out_t` are MWh of store per MW taken and given.
    Serving the site's own loads only, and what foresight alone earns, are left out: both lower what it earns.
    """
    owned = here.battery
    if owned is None:
        return 0.0
    battery, weight = owned.battery, here.weight_h
    run = np.cumsum(owned.opens) - 1
    of_run = (np.bincount(run, weight) / np.bincount(run))[run]
    price = np.maximum(np.quantile(energy_usd_per_mw / weight, QUANTILES), 0.0)
    stored = np.append(price, 0.0)[:, None] * of_run * owned.step_h
    given = energy_usd_per_mw - weight * battery.wear_usd_per_mwh - stored / battery.discharge_efficiency
    taken = stored * battery.charge_efficiency - energy_usd_per_mw
    earned = np.maximum(given, 0.0) @ discharge_limit_mw(here, battery)
    earned += battery.charge_mw * np.maximum(taken, 0.0).sum(axis=1)
    return float(earned.min())


def storage_schedule(here: SiteNode, owned: NodeBattery, flows: StorageSchedule) -> StorageSchedule:
    """An engine's flows within the battery's limits and never both ways at once; what is stored stays as it is.

    Where it takes and gives at once, less of both draws less from the grid at a price that is not negative.
    """
    battery = owned.battery
    charge = np.clip(flows.charge_mw, 0.0, battery.charge_mw)
    discharge = np.clip(flows.discharge_mw, 0.0, discharge_limit_mw(here, battery))
    idle = np.minimum(discharge, charge * battery.round_trip)
    stored = np.clip(flows.stored_mwh, 0.0, battery.energy_mwh)
    return StorageSchedule(charge - idle / battery.round_trip, discharge - idle, stored)


@dataclass(frozen=True)
class BatteryMoney:
    """Money of a battery over a node, USD, undiscounted.

    Attributes:
        saved: grid energy that what it gave replaced. taken: what it took. wear: of what it gave; all at the hour's
            price. foresight: what of the rest only foresight earns.
    """

    saved: float
    taken: float
    wear: float
    foresight: float

    @property
    def total(self) -> float:
        """What the battery adds to the value of the node, next to what it lets run."""
        return self.saved - self.taken - self.wear - self.foresight


def battery_money(here: SiteNode, owned: NodeBattery, storage: StorageSchedule) -> BatteryMoney:
    """Money of a schedule."""
    battery, cost = owned.battery, here.weight_h * here.price_usd_per_mwh
    saved, taken = float(cost @ storage.discharge_mw), float(cost @ storage.charge_mw)
    wear = battery.wear_usd_per_mwh * float(here.weight_h @ storage.discharge_mw)
    lost = (1.0 - battery.capture_share) * max(0.0, saved - taken - wear)
    return BatteryMoney(saved, taken, wear, lost)

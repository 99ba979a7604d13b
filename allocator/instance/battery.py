"""Batteries: what one is, and what the hours of a node need of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Bools, Floats

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class Battery:
    """A battery behind the meter of one site.

    Attributes:
        charge_mw: most it takes at the meter. discharge_mw: most it gives, at the meter.
        energy_mwh: most it stores.
        charge_efficiency: stored per MWh taken. discharge_efficiency: given per MWh that leaves the store.
        opening_mwh: stored where a run of steps begins, and again where it ends.
        wear_usd_per_mwh: per MWh given.
        kept_share_per_h: what an hour of standing leaves of what is stored, above 0.
        capture_share: share of what trading hours earns with foresight that a real schedule earns.
    """

    charge_mw: float
    discharge_mw: float
    energy_mwh: float
    charge_efficiency: float
    discharge_efficiency: float
    opening_mwh: float
    wear_usd_per_mwh: float
    kept_share_per_h: float
    capture_share: float

    @property
    def round_trip(self) -> float:
        """Share of what is taken that can be given again."""
        return self.charge_efficiency * self.discharge_efficiency

    @property
    def holding_mw(self) -> float:
        """Draw that keeps the opening level up against standing losses, however short the steps, MW at the meter.

        A step of h hours needs opening (1 - kept^h) / (h charge_efficiency), which falls in h and tends to this.
        """
        return self.opening_mwh * -float(np.log(self.kept_share_per_h)) / self.charge_efficiency


@dataclass(frozen=True)
class SiteBattery:
    """A battery, and the nodes in which it is there from the first hour to the last, (N,)."""

    battery: Battery
    available: Bools


@dataclass(frozen=True)
class NodeBattery:
    """A battery in the T steps of one site-node.

    Attributes:
        step_h: length of each step, (T,). opens: True where a run of steps that follow one another begins, (T,); where
            the first step does not open one, it follows the last step of the site-node before.
        goes_on: whether the last run goes on after these steps, so that nothing is asked of what is stored then.
        idle: True where it may neither take nor give, (T,); None: nowhere.
    """

    battery: Battery
    step_h: Floats
    opens: Bools
    goes_on: bool = False
    idle: Bools | None = None

    @property
    def closes(self) -> Bools:
        """True at the last step of each run, (T,)."""
        return np.append(self.opens[1:], not self.goes_on)

    @property
    def works(self) -> Floats:
        """1 where it may take and give, 0 where it is idle, (T,)."""
        return np.ones(len(self.opens)) if self.idle is None else np.where(self.idle, 0.0, 1.0)

    @property
    def kept_share(self) -> Floats:
        """What a step leaves of what was stored before it, (T,)."""
        return np.asarray(self.battery.kept_share_per_h**self.step_h)


def has_battery(instance: Instance, site: int, node: int) -> bool:
    """Whether a site has a battery in a node."""
    owned = instance.batteries[site] if instance.batteries else None
    return owned is not None and bool(owned.available[node])


def node_battery(instance: Instance, site: int, node: int) -> NodeBattery | None:
    """The battery of a site in a node; None where there is none."""
    owned = instance.batteries[site] if instance.batteries else None
    if owned is None or not has_battery(instance, site, node):
        return None
    own = instance.hours.steps(site, node)
    return NodeBattery(owned.battery, instance.hours.step_h[own], instance.hours.opens[own])


def holding_mw(instance: Instance) -> Floats:
    """Draw that keeps each site's battery at its opening level in each node, MW, (S, N)."""
    held = np.zeros((len(instance.sites.names), len(instance.tree)))
    for site, owned in enumerate(instance.batteries):
        if owned is not None:
            held[site] = owned.battery.holding_mw * owned.available
    return held

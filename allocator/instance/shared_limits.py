"""Limits that several halls share: feeders (gross power) and plants (heat), over bays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.types import Instance

Loop = Literal["air", "liquid"]


@dataclass(frozen=True)
class Feeders:
    """(F,) feeders, and every (feeder, bay) of a hall behind one, (R,).

    Attributes:
        limit_mw: most gross draw of the halls behind it, no-load draw included.
        feeder, bay: positions, (R,).
    """

    names: tuple[str, ...]
    site: Ints
    limit_mw: Floats
    feeder: Ints
    bay: Ints

    def holds(self, bays: int) -> Bools:
        """Whether each feeder holds each bay, (F, B)."""
        return _holds(self.feeder, self.bay, (len(self.names), bays))


@dataclass(frozen=True)
class Plants:
    """(K,) cooling plants, and every (plant, bay) of a hall that one serves, (R,).

    Attributes:
        loop: whose heat it takes.
        limit_mw: heat it rejects in each step, by site: (plants of the site, T_s) over the site's own steps.
        firm_limit_mw: heat that may be promised to tenants, by node, (K, N): the least at the promised temperatures.
        tail_limit_mw: heat it rejects on average over the last twelve months, for the years beyond, (K,).
        plant, bay: positions, (R,).
    """

    names: tuple[str, ...]
    site: Ints
    loop: tuple[Loop, ...]
    limit_mw: tuple[Floats, ...]
    firm_limit_mw: Floats
    tail_limit_mw: Floats
    plant: Ints
    bay: Ints

    def holds(self, bays: int) -> Bools:
        """Whether each plant serves each bay, (K, B)."""
        return _holds(self.plant, self.bay, (len(self.names), bays))


@dataclass(frozen=True)
class SiteFeeder:
    """One feeder of a site-node; `label` is its position in the instance, `inside` the bays behind it, (B,)."""

    label: int
    name: str
    limit_mw: float
    inside: Bools


@dataclass(frozen=True)
class SitePlant:
    """One plant of a site-node; `label` is its position in the instance, `inside` the bays it serves, (B,).

    `limit_mw` is the heat it rejects in each step, (T,).
    """

    label: int
    name: str
    loop: Loop
    limit_mw: Floats
    inside: Bools


def no_feeders() -> Feeders:
    """For sites whose halls share nothing but the meter."""
    none = np.zeros(0, dtype=np.int64)
    return Feeders((), none, np.zeros(0), none, none)


def no_plants() -> Plants:
    """For sites whose halls reject their heat apart."""
    none = np.zeros(0, dtype=np.int64)
    return Plants((), none, (), (), np.zeros((0, 0)), np.zeros(0), none, none)


def tenant_heat_share(instance: Instance) -> Floats:
    """Share of the heat of tenants of each bay that goes to each plant, (K, B); 0 where the plant does not serve it."""
    bays = instance.bays
    share = np.where(_takes_air(instance.plants)[:, None], bays.firm_air_share, bays.firm_liquid_share)
    return np.where(instance.plants.holds(len(bays.names)), share, 0.0)


def mining_heat_share(instance: Instance) -> Floats:
    """The same for mining: all of its heat goes to the loop of the fit-out, air or liquid, (K, B)."""
    by_air = np.array([kind == "air_mining" for kind in instance.bays.kind], dtype=bool)
    takes = _takes_air(instance.plants)[:, None] == by_air
    return np.where(takes & instance.plants.holds(len(by_air)), 1.0, 0.0)


def site_feeders(instance: Instance, site: int) -> tuple[SiteFeeder, ...]:
    """Feeders of one site, over its own bays."""
    feeders, own = instance.feeders, instance.bays.site == site
    inside = feeders.holds(len(own))[:, own]
    return tuple(
        SiteFeeder(label, feeders.names[label], float(feeders.limit_mw[label]), inside[label])
        for label in np.flatnonzero(feeders.site == site).tolist()
    )


def site_plants(instance: Instance, site: int, steps: slice) -> tuple[SitePlant, ...]:
    """Plants of one site, over its own bays, in some of its own steps."""
    plants, own = instance.plants, instance.bays.site == site
    inside = plants.holds(len(own))[:, own]
    return tuple(
        SitePlant(label, plants.names[label], plants.loop[label], plants.limit_mw[site][k, steps], inside[label])
        for k, label in enumerate(np.flatnonzero(plants.site == site).tolist())
    )


def _takes_air(plants: Plants) -> Bools:
    return np.array([loop == "air" for loop in plants.loop], dtype=bool)


def _holds(group: Ints, bay: Ints, shape: tuple[int, int]) -> Bools:
    table = np.zeros(shape, dtype=bool)
    table[group, bay] = True
    return table

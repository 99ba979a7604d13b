"""What stands at a site in any hours of the horizon, by the decisions of a plan, as the nightly run takes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.dispatch.interface import Capacity, SiteNode
from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.plan.carried import carried
from allocator.studies.backtest.carried import Pieces
from allocator.week.interface import Structure
from allocator.week.structure import CapacityOf, Window, planned_capacity, structure


@dataclass(frozen=True)
class Windows:
    """One site under the decisions of a plan.

    Attributes:
        stands: by site and node. nodes: names, in order of time. pieces: how fleets are cut for a battery; None: not.
    """

    instance: Instance
    site: str
    stands: CapacityOf
    nodes: tuple[str, ...]
    pieces: Pieces | None = None

    def structure(self, first: np.datetime64, hours: int) -> Structure:
        """What stands from a moment on, cut where the horizon ends. What a battery trades counts as it comes."""
        found = structure(self.instance, self.site, self.nodes, Window(first, hours), self.stands)
        found = replace(found, parts=tuple(replace(part, here=_in_full(part.here)) for part in found.parts))
        return found if self.pieces is None else self.pieces.cut(found)

    @property
    def planned_hashprice(self) -> Mapping[str, float]:
        """Hashprice of the plan, USD per PH and day, by node."""
        return dict(zip(self.instance.tree.name, self.instance.market.hashprice_usd_per_ph_day.tolist(), strict=True))

    @property
    def mines(self) -> Bools:
        """Tiers that mine, (J,)."""
        return np.asarray(self._hash_ph_per_mw > 0.0)

    @property
    def mined_usd_per_mwh(self) -> Mapping[str, Floats]:
        """What of a tier's value is hashprice, (J,), by node."""
        market = self.instance.market
        per_usd = self._hash_ph_per_mw * market.mining_net_share / 24.0
        price = market.hashprice_usd_per_ph_day
        return {name: price[n] * per_usd for n, name in enumerate(self.instance.tree.name)}

    @property
    def _hash_ph_per_mw(self) -> Floats:
        """Of every tier, (J,)."""
        own = self.instance.segments.hash_ph_per_mw[self.instance.segments.site == self._position]
        return np.asarray(own if self.pieces is None else own[self.pieces.tier])

    @property
    def _position(self) -> int:
        return self.instance.sites.names.index(self.site)


def windows(instance: Instance, plans: Mapping[str, Mapping[str, pd.DataFrame]], site: str) -> Windows:
    """Of the tables of the plan in force in each node, by name.

    Raises:
        BadInputError: the scenario has more than one future.
    """
    if len(instance.tree.leaves) > 1:
        raise BadInputError("the scenario has more than one future, the past had one", ["replay one without a tree"])
    decided = {id(one): planned_capacity(instance, one, carried(instance, one)) for one in plans.values()}
    names = tuple(str(name) for name in instance.tree.name)
    known: dict[tuple[int, int], Capacity] = {}

    def stands(s: int, n: int) -> Capacity:
        if (s, n) not in known:
            known[s, n] = decided[id(plans[names[n]])](s, n)
        return known[s, n]

    return Windows(instance, site, stands, tuple(name for name in names if name in plans))


def _in_full(here: SiteNode) -> SiteNode:
    if here.battery is None:
        return here
    return replace(here, battery=replace(here.battery, battery=replace(here.battery.battery, capture_share=1.0)))


def without_battery(found: Structure) -> Structure:
    """The same with no battery."""
    return replace(found, parts=tuple(replace(p, here=replace(p.here, battery=None)) for p in found.parts))


def at_hashprice(found: Structure, mined: Mapping[str, Floats], share: Mapping[str, float]) -> Structure:
    """The structure where hashprice is another, by node: `mined` (J,) what of a tier's value is hashprice, `share` of
    the planned one."""
    parts = []
    for part in found.parts:
        worth = part.here.segment_value_usd_per_mwh + (share[part.node] - 1.0) * mined[part.node]
        parts.append(replace(part, here=replace(part.here, segment_value_usd_per_mwh=worth)))
    return replace(found, parts=tuple(parts))

"""Ancillary services: what is known of them, and the services of one site in one node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class Reserves:
    """(K,) services of all sites, those of a site together; prices by hour stand in the hour store.

    Attributes:
        names: unique within a site. site: position.
        qualifies: True where machines in the bay qualify, (K, B).
        most_mw: most offered in an hour, gross; inf: no limit.
        qualifying_share: gross MW offered per gross MW that runs behind it.
        deployment_share: expected share of what is offered that is called. deployment_usd_per_mwh: paid for it.
        kept_share: share of the price that is earned: performance and capture.
        minimum_usd_per_mw_hour: price below which an hour is not offered.
    """

    names: tuple[str, ...]
    site: Ints
    qualifies: Bools
    most_mw: Floats
    qualifying_share: Floats
    deployment_share: Floats
    deployment_usd_per_mwh: Floats
    kept_share: Floats
    minimum_usd_per_mw_hour: Floats


NO_RESERVES = Reserves((), np.zeros(0, np.int64), np.zeros((0, 0), bool), *(np.zeros(0) for _ in range(6)))
"""Nothing to be sold anywhere."""


@dataclass(frozen=True)
class NodeReserves:
    """Services of one site in one node; K services, J segments, T steps. Shares and limits as in `Reserves`, (K,).

    Attributes:
        price_usd_per_mw_hour: of capacity, before deductions, (K, T).
        open: True where the price reaches the service's minimum, (K, T).
        qualifies: True where the segment's machines qualify, (K, J).
    """

    price_usd_per_mw_hour: Floats
    open: Bools
    qualifies: Bools
    most_mw: Floats
    qualifying_share: Floats
    deployment_share: Floats
    deployment_usd_per_mwh: Floats
    kept_share: Floats

    @property
    def services(self) -> int:
        return int(self.most_mw.shape[0])


def node_reserves(instance: Instance, site: int, steps: slice, segment_bay: Ints) -> NodeReserves | None:
    """Services of a site over some of its steps; None where it has none. `segment_bay`: bays of its segments, (J,)."""
    stated = instance.reserves
    own = np.flatnonzero(stated.site == site)
    if not len(own):
        return None
    price = instance.hours.reserve_usd_per_mw_hour[site][:, steps]
    return NodeReserves(
        price_usd_per_mw_hour=price,
        open=price >= stated.minimum_usd_per_mw_hour[own, None],
        qualifies=stated.qualifies[own][:, segment_bay],
        most_mw=stated.most_mw[own],
        qualifying_share=stated.qualifying_share[own],
        deployment_share=stated.deployment_share[own],
        deployment_usd_per_mwh=stated.deployment_usd_per_mwh[own],
        kept_share=stated.kept_share[own],
    )

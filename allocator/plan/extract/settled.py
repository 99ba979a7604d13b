"""What the tables are derived from: the instance, whole decisions, and the hours they lead to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.dispatch.interface import Capacity, Schedule
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.point import PlanPoint, peak_mw


@dataclass(frozen=True)
class Served:
    """What placed contracts do: one row a service row and bay with tranches, (R,).

    Attributes:
        contract, signed, node, bay, site: positions.
        share: tranches placed in the bay / tranches of the contract.
        contracted_mw, metered_mw, rent_usd: of that share, in the node.
    """

    contract: Ints
    signed: Ints
    node: Ints
    bay: Ints
    site: Ints
    share: Floats
    contracted_mw: Floats
    metered_mw: Floats
    rent_usd: Floats


@dataclass(frozen=True)
class Settled:
    """Decisions with every integer whole, and the schedule of every site in every node.

    Attributes:
        schedules: by (site, node) positions.
    """

    instance: Instance
    point: PlanPoint
    schedules: Mapping[tuple[int, int], Schedule]

    @cached_property
    def served(self) -> Served:
        return served(self.instance, self.point)

    @cached_property
    def firm_mw(self) -> Floats:
        """Metered tenant load, critical IT MW, (B, N)."""
        return _by_bay_and_node(self.instance, self.served, self.served.metered_mw)

    @cached_property
    def tenancy_mw(self) -> Floats:
        """The same by tenancy, (K, N)."""
        return _by_tenancy_and_node(self.instance, self.served)

    @cached_property
    def contracted_mw(self) -> Floats:
        """Contracted tenant load, critical IT MW, (B, N)."""
        return _by_bay_and_node(self.instance, self.served, self.served.contracted_mw)

    def fitted_bay(self, hall: int, node: int) -> int:
        """Bay the hall is fitted as in the node, -1 while it converts."""
        own = np.flatnonzero((self.instance.bays.hall == hall) & (self.point.fitted[:, node] > 0.5))
        return int(own[0]) if len(own) else -1

    def hours(self, site: int, node: int) -> SiteNode:
        """The hours of a site-node: views, made once, since every table asks for them."""
        if (site, node) not in self._hours:
            self._hours[site, node] = site_node(self.instance, site, node)
        return self._hours[site, node]

    @cached_property
    def _hours(self) -> dict[tuple[int, int], SiteNode]:
        return {}


def served(instance: Instance, point: PlanPoint) -> Served:
    """Service rows of the contracts that are placed, split over the bays they stand in."""
    service, offers = instance.service, instance.offers
    placed = point.place[service.contract, :, service.signed] if len(service.contract) else np.zeros((0, 0))
    row, bay = np.nonzero(placed > 0.5)
    contract = service.contract[row]
    share = placed[row, bay] / offers.tranches[contract]
    return Served(
        contract=contract,
        signed=service.signed[row],
        node=service.node[row],
        bay=bay,
        site=instance.bays.site[bay],
        share=share,
        contracted_mw=service.contracted_mw[row] * share,
        metered_mw=service.metered_mw[row] * share,
        rent_usd=service.rent_usd[row] * share,
    )


def tenancy_mw(instance: Instance, point: PlanPoint) -> Floats:
    """Metered load of every tenancy and node, critical IT MW, (K, N)."""
    return _by_tenancy_and_node(instance, served(instance, point))


def capacity(instance: Instance, point: PlanPoint, tenancy_mw: Floats, site: int, node: int) -> Capacity:
    """What the decisions give one site in one node; `tenancy_mw` (K, N) is the metered load of tenants."""
    of_bay, of_segment = instance.bays.site == site, instance.segments.site == site
    of_tenancy = instance.tenancies.site == site
    placement = instance.segments.placement[of_segment]
    return Capacity(
        fitted=point.fitted[of_bay, node],
        firm_mw=tenancy_mw[of_tenancy, node],
        segment_mw=instance.segments.mw_per_unit[of_segment] * point.installed_units[placement, node],
        peak_mw=peak_mw(instance, point, site, node),
    )


def _by_bay_and_node(instance: Instance, placed: Served, amounts: Floats) -> Floats:
    total = np.zeros((len(instance.bays.names), len(instance.tree)))
    np.add.at(total, (placed.bay, placed.node), amounts)
    return total


def _by_tenancy_and_node(instance: Instance, placed: Served) -> Floats:
    tenancies = instance.tenancies
    total = np.zeros((len(tenancies.bay), len(instance.tree)))
    np.add.at(total, (tenancies.of[placed.contract, placed.bay], placed.node), placed.metered_mw)
    return total

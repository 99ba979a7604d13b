"""Tenancies: firm load by bay and by the terms on which it may be left unserved.

Contracts of equal terms that stand in one bay are one tenancy: the hours treat a MW of theirs alike, so they need not
be told apart there. Which of them goes short is settled afterwards, in proportion to their load.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.types import Compatibility, Instance, Offers


@dataclass(frozen=True)
class Tenancies:
    """Every (bay, terms) in which some contract may stand, (K,); bays in order.

    Attributes:
        bay, site: positions. pass_through_share: share of its energy cost at spot that a tenant pays.
        outage_h_per_month, outage_usd_per_mwh: hours of full load in a month that may be curtailed, and their credit.
        of: tenancy of each contract in each bay, -1 where it may not stand, (C, B).
    """

    bay: Ints
    site: Ints
    pass_through_share: Floats
    outage_h_per_month: Floats
    outage_usd_per_mwh: Floats
    of: Ints

    def first(self, site: int) -> int:
        """Position of the first tenancy of a site; those of one site are adjacent."""
        return int(np.argmax(self.site == site)) if len(self.site) else 0


@dataclass(frozen=True)
class SiteTenants:
    """Tenancies of one site in one node; K tenancies, T hours.

    Attributes:
        bay: bay of each among those of the site, (K,).
        pass_through_share: share of its energy cost at spot, overhead included, that a tenant pays, (K,).
        spot_usd_per_mwh: spot price, (T,).
        outage_h: hours of full load over the node that may be curtailed at a credit, (K,); 0: none, or no load there.
        outage_usd_per_mwh: that credit, (K,).
    """

    bay: Ints
    pass_through_share: Floats
    spot_usd_per_mwh: Floats
    outage_h: Floats
    outage_usd_per_mwh: Floats

    def passed_usd_per_mwh(self, overhead: Floats) -> Floats:
        """What a tenant pays for the energy of one MWh of IT load, (K, T); overhead of each bay (B, T)."""
        spot = (1 + overhead[self.bay]) * self.spot_usd_per_mwh
        return np.asarray(self.pass_through_share[:, None] * spot)


def make_tenancies(offers: Offers, compatibility: Compatibility, site_of_bay: Ints) -> Tenancies:
    """Tenancies of the contracts on offer, by bay and then by terms."""
    contract, bay = compatibility.contract, compatibility.bay
    stated = offers.pass_through_share, offers.outage_h_per_month, offers.outage_usd_per_mwh
    keys = np.column_stack([bay, *(term[contract] for term in stated)])
    terms, tenancy = np.unique(keys, axis=0, return_inverse=True)
    of = np.full((len(offers.names), len(site_of_bay)), -1)
    of[contract, bay] = tenancy.ravel()
    at = terms[:, 0].astype(np.int64)
    return Tenancies(at, site_of_bay[at], terms[:, 1], terms[:, 2], terms[:, 3], of)


def site_tenants(instance: Instance, site: int, node: int) -> SiteTenants:
    """Tenancies of one site in one node, bays counted among those of the site.

    The allowance of a node is that of its months; metered load is the mean over them, so that its product with the
    allowance is what the months in service allow.
    """
    tenancies = instance.tenancies
    own = tenancies.site == site
    allowed_h = tenancies.outage_h_per_month * float(instance.tree.months[node]) * instance.tenancies_served[:, node]
    return SiteTenants(
        bay=tenancies.bay[own] - int(np.argmax(instance.bays.site == site)),
        pass_through_share=tenancies.pass_through_share[own],
        spot_usd_per_mwh=instance.hours.spot(site, node),
        outage_h=allowed_h[own],
        outage_usd_per_mwh=tenancies.outage_usd_per_mwh[own],
    )


def one_tenancy_a_bay(bays: int, hours: int) -> SiteTenants:
    """Tenants of every bay that pay nothing through and allow no outage."""
    none = np.zeros(bays)
    return SiteTenants(np.arange(bays), none, np.zeros(hours), none, none)

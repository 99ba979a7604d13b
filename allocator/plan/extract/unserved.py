"""Tenant load not served, contract by contract: tables unserved and curtailed, and its money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.parquet import Columns, take


@dataclass(frozen=True)
class Unserved:
    """Contracts in service at one site in one node; R pairs of contract and bay, T steps.

    Contracts of one tenancy go short in proportion to their load: their terms are the same.

    Attributes:
        contract, bay: positions, (R,).
        shed_mw: critical IT load not served, (R, T). weight_h: hours each step stands for, (T,).
        passed_usd_per_mwh: what the contract would have paid for the energy of one MWh of it, (R, T).
        allowed_mwh: what its terms allow at credit_usd_per_mwh, (R,); 0 where that is no less than owed_usd_per_mwh,
            the price of firm energy.
    """

    contract: Ints
    bay: Ints
    shed_mw: Floats
    weight_h: Floats
    passed_usd_per_mwh: Floats
    allowed_mwh: Floats
    credit_usd_per_mwh: Floats
    owed_usd_per_mwh: float

    @cached_property
    def unserved_mwh(self) -> Floats:
        """Energy not served, (R,)."""
        return np.asarray(self.shed_mw @ self.weight_h)

    @cached_property
    def beyond_mwh(self) -> Floats:
        """What of it is not allowed, (R,)."""
        return np.maximum(self.unserved_mwh - self.allowed_mwh, 0.0)

    @cached_property
    def curtailment_usd(self) -> Floats:
        """Credits within the allowance, (R,)."""
        return np.asarray((self.unserved_mwh - self.beyond_mwh) * self.credit_usd_per_mwh)

    @cached_property
    def sla_usd(self) -> Floats:
        """Credits beyond it, (R,)."""
        return np.asarray(self.beyond_mwh * self.owed_usd_per_mwh)

    @cached_property
    def lost_usd(self) -> Floats:
        """Pass-through lost, (R,)."""
        return np.asarray((self.shed_mw * self.passed_usd_per_mwh) @ self.weight_h)


def unserved(settled: Settled, site: int, node: int) -> Unserved:
    """What the schedule of a site-node leaves unserved of each contract."""
    instance, served = settled.instance, settled.served
    at = np.flatnonzero((served.site == site) & (served.node == node))
    contract, bay, metered_mw = served.contract[at], served.bay[at], served.metered_mw[at]
    tenancy = instance.tenancies.of[contract, bay]
    total = settled.tenancy_mw[tenancy, node]
    share = np.divide(metered_mw, total, out=np.zeros(len(at)), where=total > 0)
    own = tenancy - instance.tenancies.first(site)
    hours = settled.hours(site, node)
    return Unserved(
        contract=contract,
        bay=bay,
        shed_mw=share[:, None] * settled.schedules[site, node].shed_mw[own],
        weight_h=hours.weight_h,
        passed_usd_per_mwh=hours.tenants.passed_usd_per_mwh(hours.overhead)[own],
        allowed_mwh=np.where(hours.outage_allowed, hours.tenants.outage_h, 0.0)[own] * metered_mw,
        credit_usd_per_mwh=hours.tenants.outage_usd_per_mwh[own],
        owed_usd_per_mwh=hours.shed_usd_per_mwh,
    )


def unserved_columns(settled: Settled, site: int, node: int) -> Columns:
    """Columns of table `unserved`."""
    instance, found = settled.instance, unserved(settled, site, node)
    step, row = np.nonzero(found.shed_mw.T > 0)
    bay, contract = found.bay[row], found.contract[row]
    return {
        "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
        "hall": take(instance.halls.names, instance.bays.hall[bay]),
        "fit_out": take(instance.bays.fit_out, bay),
        "contract": take(instance.offers.names, contract),
        "shed_mw": found.shed_mw[row, step],
    }


def curtailed_rows(settled: Settled, site: int, node: int) -> list[dict[str, object]]:
    """Rows of table `curtailed` of one site in one node."""
    instance, found = settled.instance, unserved(settled, site, node)
    return [
        {
            "node": instance.tree.name[node],
            "site": instance.sites.names[site],
            "contract": instance.offers.names[found.contract[row]],
            "hall": instance.halls.names[int(instance.bays.hall[found.bay[row]])],
            "fit_out": instance.bays.fit_out[found.bay[row]],
            "unserved_mwh": found.unserved_mwh[row],
            "allowed_mwh": found.allowed_mwh[row],
            "beyond_mwh": found.beyond_mwh[row],
            "credits_usd": found.curtailment_usd[row] + found.sla_usd[row],
            "pass_through_lost_usd": found.lost_usd[row],
        }
        for row in np.flatnonzero(found.unserved_mwh > 0).tolist()
    ]


def unserved_entries(settled: Settled, site: int, node: int) -> Iterator[Entry]:
    """Credits by bay beyond allowances and by contract within them, and the pass-through lost, by contract."""
    found, instance = unserved(settled, site, node), settled.instance
    for row, (contract, bay) in enumerate(zip(found.contract.tolist(), found.bay.tolist(), strict=True)):
        name = instance.offers.names[contract]
        yield Entry("sla_credits", node, site, instance.bays.names[bay], -float(found.sla_usd[row]))
        yield Entry("curtailment_credits", node, site, name, -float(found.curtailment_usd[row]))
        yield Entry("pass_through_lost", node, site, name, -float(found.lost_usd[row]))

"""Tenant load not served, contract by contract: table unserved, and the pass-through lost with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame
from allocator.plan.schema import HOURLY


@dataclass(frozen=True)
class Unserved:
    """Contracts in service at one site in one node; R pairs of contract and bay, T steps.

    Contracts of one tenancy go short in proportion to their load: their terms are the same.

    Attributes:
        contract, bay: positions, (R,).
        shed_mw: critical IT load not served, (R, T).
        passed_usd_per_mwh: what the contract would have paid for the energy of one MWh of it, (R, T).
    """

    site: int
    node: int
    contract: Ints
    bay: Ints
    shed_mw: Floats
    passed_usd_per_mwh: Floats


def unserved(settled: Settled, site: int, node: int) -> Unserved:
    """What the schedule of a site-node leaves unserved of each contract."""
    instance, served = settled.instance, settled.served
    at = np.flatnonzero((served.site == site) & (served.node == node))
    contract, bay = served.contract[at], served.bay[at]
    tenancy = instance.tenancies.of[contract, bay]
    total = settled.tenancy_mw[tenancy, node]
    share = np.divide(served.metered_mw[at], total, out=np.zeros(len(at)), where=total > 0)
    own = tenancy - instance.tenancies.first(site)
    hours = settled.hours(site, node)
    return Unserved(
        site=site,
        node=node,
        contract=contract,
        bay=bay,
        shed_mw=share[:, None] * settled.schedules[site, node].shed_mw[own],
        passed_usd_per_mwh=hours.tenants.passed_usd_per_mwh(hours.overhead)[own],
    )


def unserved_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Table `unserved`."""
    instance, found = settled.instance, unserved(settled, site, node)
    step, row = np.nonzero(found.shed_mw.T > 0)
    bay, contract = found.bay[row], found.contract[row]
    return frame(
        HOURLY["unserved"],
        {
            "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
            "hall": _take(instance.halls.names, instance.bays.hall[bay]),
            "fit_out": _take(instance.bays.fit_out, bay),
            "contract": _take(instance.offers.names, contract),
            "shed_mw": found.shed_mw[row, step],
        },
    )


def lost_entries(settled: Settled, site: int, node: int) -> Iterator[Entry]:
    """Pass-through of energy not served, by contract."""
    found, weight_h = unserved(settled, site, node), settled.hours(site, node).weight_h
    lost = (found.shed_mw * found.passed_usd_per_mwh) @ weight_h
    for contract, usd in zip(found.contract.tolist(), lost.tolist(), strict=True):
        yield Entry("pass_through_lost", node, site, settled.instance.offers.names[contract], -usd)


def _take(names: tuple[str, ...], positions: Ints) -> pd.Series:
    return pd.Series(np.array(names, dtype=object)[positions], dtype="str")

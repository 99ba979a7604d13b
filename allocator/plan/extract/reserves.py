"""What is sold to ancillary services: the table by node, and its money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


@dataclass(frozen=True)
class Sales:
    """Sums over the hours of one site in one node, (K,) for its K services; all money positive.

    Attributes:
        service: positions. offered_mw_h: gross MW offered times hours. called_mwh: expected energy called.
        capacity_usd: paid for capacity. called_usd: paid for energy called. saved_usd: energy not bought.
        lost_usd: earnings of the machines called.
    """

    site: int
    node: int
    service: tuple[int, ...]
    offered_mw_h: Floats
    called_mwh: Floats
    capacity_usd: Floats
    called_usd: Floats
    saved_usd: Floats
    lost_usd: Floats


def sales(settled: Settled, site: int, node: int) -> Sales | None:
    """What the schedule of one site in one node sells; None where the site has no services."""
    here, offer = settled.hours(site, node), settled.schedules[site, node].offer_mw
    stated = here.reserves
    if stated is None:
        return None
    weighted = offer * here.weight_h
    by_hour, called = weighted.sum(axis=1), stated.deployment_share
    per_gross_mwh = here.segment_value_usd_per_mwh[:, None] / (1.0 + here.overhead[here.segment_bay])
    energy = called * by_hour.sum(axis=1)
    return Sales(
        site=site,
        node=node,
        service=tuple(np.flatnonzero(settled.instance.reserves.site == site).tolist()),
        offered_mw_h=by_hour.sum(axis=1),
        called_mwh=energy,
        capacity_usd=stated.kept_share * (stated.price_usd_per_mw_hour * by_hour).sum(axis=1),
        called_usd=stated.deployment_usd_per_mwh * energy,
        saved_usd=called * (by_hour @ here.paid_usd_per_mwh),
        lost_usd=called * (weighted * per_gross_mwh).sum(axis=(1, 2)),
    )


def reserve_entries(settled: Settled, site: int, node: int) -> Iterator[Entry]:
    """Amounts of the cash flow by service."""
    found = sales(settled, site, node)
    if found is None:
        return
    for k, service in enumerate(found.service):
        name = settled.instance.reserves.names[service]
        yield Entry("reserve_sales", node, site, name, float(found.capacity_usd[k]))
        yield Entry("reserve_called", node, site, name, float(found.called_usd[k]))
        yield Entry("reserve_saved_energy", node, site, name, float(found.saved_usd[k]))
        yield Entry("reserve_lost_earnings", node, site, name, -float(found.lost_usd[k]))


def reserves_table(settled: Settled) -> pd.DataFrame:
    """Table `reserves`."""
    instance = settled.instance
    pairs = [(site, node) for node in range(len(instance.tree)) for site in range(len(instance.sites.names))]
    found = [sold for pair in pairs if (sold := sales(settled, *pair)) is not None]
    return from_rows(TABLES["reserves"], [_row(settled, sold, k) for sold in found for k in range(len(sold.service))])


def _row(settled: Settled, sold: Sales, k: int) -> dict[str, object]:
    instance = settled.instance
    return {
        "node": instance.tree.name[sold.node],
        "site": instance.sites.names[sold.site],
        "service": instance.reserves.names[sold.service[k]],
        "offered_mw_h": sold.offered_mw_h[k],
        "called_mwh": sold.called_mwh[k],
        "capacity_usd": sold.capacity_usd[k],
        "called_usd": sold.called_usd[k],
        "saved_energy_usd": sold.saved_usd[k],
        "lost_earnings_usd": sold.lost_usd[k],
        "margin_usd": sold.capacity_usd[k] + sold.called_usd[k] + sold.saved_usd[k] - sold.lost_usd[k],
    }

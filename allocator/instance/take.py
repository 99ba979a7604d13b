"""Minimum take of hosts: energy of a node that is paid for whether it is drawn or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.hosting import Hosting
from allocator.instance.hosting_share import energy_kept
from allocator.instance.months import average_by_node
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Floats, NodeTree
from allocator.scenario.hosting import HostingAgreement

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class NodeTake:
    """Of one hosted site in one node: gross MWh that are paid for while the agreement is in force, and what a MWh that
    is not drawn costs, USD."""

    take_mwh: float
    untaken_usd_per_mwh: float


def node_take(instance: Instance, site: int, node: int) -> NodeTake | None:
    """None where nothing has to be taken."""
    hosting = instance.hosting
    own = np.flatnonzero(hosting.site == site)
    if not len(own) or hosting.take_mwh[own[0], node] <= 0.0:
        return None
    return NodeTake(float(hosting.take_mwh[own[0], node]), float(hosting.untaken_usd_per_mwh[own[0], node]))


def with_minimum_take(
    hosting: Hosting, agreements: Sequence[HostingAgreement], book: SeriesBook, tree: NodeTree
) -> Hosting:
    """The agreements with what they ask to be taken: a share of contracted power, overhead included, over the hours
    in which the host gives power."""
    share = np.array([0.0 if a.minimum_take is None else a.minimum_take.share for a in agreements])
    overhead = np.array([a.overhead_share for a in agreements])
    contracted_mw = hosting.capacity_mw * (1.0 + overhead)
    price = [
        _untaken_usd_per_mwh(agreement, hosting, g, book, tree) if agreement.minimum_take else np.zeros(len(tree))
        for g, agreement in enumerate(agreements)
    ]
    return replace(
        hosting,
        take_mwh=(share * contracted_mw)[:, None] * (tree.hours - hosting.closed_h),
        untaken_usd_per_mwh=np.array(price).reshape(hosting.in_term.shape),
    )


def _untaken_usd_per_mwh(
    agreement: HostingAgreement, hosting: Hosting, g: int, book: SeriesBook, tree: NodeTree
) -> Floats:
    """As stated, or the average price of the node, fee a MWh and relief included, none of it shared, (N,)."""
    stated = None if agreement.minimum_take is None else agreement.minimum_take.usd_per_mwh
    if stated is not None:
        return average_by_node(book.monthly(stated), book.grid, tree)
    relief = hosting.relief_usd_per_mwh[g] / energy_kept(agreement)
    return np.asarray(hosting.tariff_usd_per_mwh[g] + agreement.management_usd_per_mwh - relief)

"""Coincident peaks: what a MW drawn in each hour adds to a charge that is paid in a later January."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.site_node import SiteNode
    from allocator.instance.types import Instance

NOTHING = np.zeros(0, dtype=np.int64)
NO_PAIRS = np.zeros((0, 2), dtype=np.int64)


@dataclass(frozen=True)
class Coincident:
    """(K,) coincident peaks of all sites, those of a site together, and (E,) what their nodes cause.

    A cause is what one node adds to what one peak charges in one January.

    Attributes:
        names, site: name and site of each peak.
        peak, node, due_month: peak, node and January of each cause, a month counted from the start of the horizon.
        due_usd_per_mw: what a MW drawn in each step of the node adds to it, (T_n,) a cause.
        put_off_share: worth of a dollar due, in dollars of the node: expected discount factor of its payment over the
            node's own, (E,).
        paid: (cause, node) of every node below the cause that holds its January, (R, 2).
        left: (cause, leaf) of every leaf below the cause before whose January the horizon ends, (L, 2).
        late_discount: factor of operations in that January, (E,); only used where something is left.
        opening_usd: owed for the time before the plan, (K,).
        opening_paid, opening_left: (peak, node) and (peak, leaf) of it. opening_discount: factor of its January.
    """

    names: tuple[str, ...]
    site: Ints
    peak: Ints
    node: Ints
    due_month: Ints
    due_usd_per_mw: tuple[Floats, ...]
    put_off_share: Floats
    paid: Ints
    left: Ints
    late_discount: Floats
    opening_usd: Floats
    opening_paid: Ints
    opening_left: Ints
    opening_discount: float

    def pair(self, nodes: int) -> Ints:
        """site * N + node of each cause, (E,)."""
        return np.asarray(self.site[self.peak] * nodes + self.node, dtype=np.int64)

    def at(self, site: int, node: int) -> Ints:
        """Causes of a site in a node, positions."""
        if not len(self.peak):
            return NOTHING
        return np.flatnonzero((self.site[self.peak] == site) & (self.node == node))


NO_COINCIDENT = Coincident(
    names=(),
    site=NOTHING,
    peak=NOTHING,
    node=NOTHING,
    due_month=NOTHING,
    due_usd_per_mw=(),
    put_off_share=np.zeros(0),
    paid=NO_PAIRS,
    left=NO_PAIRS,
    late_discount=np.zeros(0),
    opening_usd=np.zeros(0),
    opening_paid=NO_PAIRS,
    opening_left=NO_PAIRS,
    opening_discount=1.0,
)


@dataclass(frozen=True)
class NodeCoincident:
    """Causes of one site in one node.

    Attributes:
        cause: positions in the instance, (C,).
        due_usd_per_mw: of a MW drawn in each step, whatever the step stands for, (C, T).
        adder_usd_per_mwh: part of the price of energy, what is due later at its worth in the node, (T,).
    """

    cause: Ints
    due_usd_per_mw: Floats
    adder_usd_per_mwh: Floats

    def due_usd(self, grid_mw: Floats) -> Floats:
        """What a draw (T,) adds to each cause, (C,)."""
        return np.asarray(self.due_usd_per_mw @ grid_mw)


def node_coincident(instance: Instance, site: int, node: int) -> NodeCoincident | None:
    """Causes of a site in a node; None where it has none."""
    stated, cause = instance.coincident, instance.coincident.at(site, node)
    if not len(cause):
        return None
    due = np.array([stated.due_usd_per_mw[e] for e in cause.tolist()])
    weight_h = instance.hours.weight_h[instance.hours.steps(site, node)]
    return NodeCoincident(cause, due, stated.put_off_share[cause] @ due / weight_h)


def at_later_worth(node: SiteNode, premium_share: float) -> SiteNode:
    """The same hours where a dollar that falls due later is worth `premium_share` less than its discount says."""
    causes = node.coincident
    if causes is None or premium_share == 0.0:
        return node
    less = premium_share * causes.due_usd_per_mw.sum(axis=0) / node.weight_h
    changed = replace(causes, adder_usd_per_mwh=causes.adder_usd_per_mwh - less)
    return replace(node, price_usd_per_mwh=node.price_usd_per_mwh - less, coincident=changed)

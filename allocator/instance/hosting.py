"""Hosting agreements on their axes: in which nodes each may be in force, what it costs, and how it may end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools, Floats, Ints, NodeTree


@dataclass(frozen=True)
class Hosting:
    """G agreements, each a site with one hall and one bay; money is per node unless a name says otherwise.

    Attributes:
        names: of the agreements, which are also those of their sites and halls.
        site, hall, bay: positions, (G,).
        capacity_mw: contracted power of machines at nameplate, critical IT MW, (G,).
        in_term: True for nodes that lie wholly within the term, renewal included, (G, N).
        begun: True where the agreement is in force already when the horizon starts, (G,).
        notice_months: from notice to the end, (G,).
        may_end: True where it may end with the start of the node before its term is over, (G, N); decision nodes.
        end_fee_usd: what ending it with the start of the node costs, (G, N).
        management_usd: fee of the node while in force, (G, N).
        deposit_usd: held by the host while in force, (G,). pays_deposit: nodes in which it is paid, (G, N).
        removal_usd_per_unit: taking out one machine and bringing it home, (G,).
        tariff_usd_per_mwh: average price of the node before management fee and relief, (G, N).
        relief_usd_per_mwh: fall of the price of every hour of the node by a low hashprice; where the margin is shared,
            our part of it, (G, N).
        revenue_share: of what mining earns there, the host's, (G,).
        closed_h: hours of the node in which the host gives no power, (G, N).
        take_mwh: gross energy of the node that is paid for while in force, drawn or not, (G, N).
        untaken_usd_per_mwh: cost of what of it is not drawn, (G, N).
        tail_usd: what going on beyond the horizon is worth at a leaf, discounted to the start, (G, N); 0 elsewhere.
        tail_deposit_usd: the deposit that comes back beyond the horizon, discounted to the start, likewise.
    """

    names: tuple[str, ...]
    site: Ints
    hall: Ints
    bay: Ints
    capacity_mw: Floats
    in_term: Bools
    begun: Bools
    notice_months: Ints
    may_end: Bools
    end_fee_usd: Floats
    management_usd: Floats
    deposit_usd: Floats
    pays_deposit: Bools
    removal_usd_per_unit: Floats
    tariff_usd_per_mwh: Floats
    relief_usd_per_mwh: Floats
    revenue_share: Floats
    closed_h: Floats
    take_mwh: Floats
    untaken_usd_per_mwh: Floats
    tail_usd: Floats
    tail_deposit_usd: Floats

    def expires(self, tree: NodeTree) -> Bools:
        """True for the first node after the term: what still stands there comes home, (G, N)."""
        return before(self.in_term, self.begun, tree) & ~self.in_term

    def begins(self, tree: NodeTree) -> Bools:
        """True for the first node of a term that begins within the horizon, (G, N)."""
        return self.in_term & ~before(self.in_term, self.begun, tree)

    def endings(self, tree: NodeTree) -> pd.DataFrame:
        """(agreement, made, node): notice given at `made` ends the agreement with the start of `node`.

        `node` is the first one below `made` that takes decisions and starts `notice_months` or more after it.
        """
        tables = {months: _after_notice(tree, months) for months in set(self.notice_months.tolist())}
        parts = [tables[months].assign(agreement=g) for g, months in enumerate(self.notice_months.tolist())]
        pairs = pd.concat([_NONE, *parts], ignore_index=True)
        possible = self.may_end[pairs["agreement"], pairs["node"]]
        return pairs[possible].reset_index(drop=True)

    def relief_of(self, site: int, node: int) -> float:
        """Fall of the price at a site in a node, USD/MWh; 0 where the site is our own."""
        own = np.flatnonzero(self.site == site)
        return float(self.relief_usd_per_mwh[own, node].sum())


_NONE = pd.DataFrame({"agreement": [], "made": [], "node": []}, dtype="int64")


def no_hosting(nodes: int) -> Hosting:
    """No agreement at all, over a tree of so many nodes."""
    numbers, whole = np.zeros(0), np.zeros(0, dtype=np.int64)
    money, mask = np.zeros((0, nodes)), np.zeros((0, nodes), dtype=np.bool_)
    return Hosting(
        names=(),
        site=whole,
        hall=whole,
        bay=whole,
        capacity_mw=numbers,
        in_term=mask,
        begun=np.zeros(0, dtype=np.bool_),
        notice_months=whole,
        may_end=mask,
        end_fee_usd=money,
        management_usd=money,
        deposit_usd=numbers,
        pays_deposit=mask,
        removal_usd_per_unit=numbers,
        tariff_usd_per_mwh=money,
        relief_usd_per_mwh=money,
        revenue_share=numbers,
        closed_h=money,
        take_mwh=money,
        untaken_usd_per_mwh=money,
        tail_usd=money,
        tail_deposit_usd=money,
    )


def before(at_node: Bools, opening: Bools, tree: NodeTree) -> Bools:
    """A mask (K, N) at the parent of each node; `opening` (K,) stands for the parent of a root."""
    moved = at_node[:, tree.parent]
    return np.where(tree.parent < 0, opening[:, None], moved)


def _after_notice(tree: NodeTree, months: int) -> pd.DataFrame:
    """(made, node) among decision nodes: node is the first one, made or below, `months` or more after made."""
    pairs = []
    for node in np.flatnonzero(tree.decision).tolist():
        path = [n for n in tree.path(node) if tree.decision[n]]
        last = path[-2] if len(path) > 1 else None
        for made in path:
            due = tree.first_month[made] + months
            if due <= tree.first_month[node] and (made == node or last is None or due > tree.first_month[last]):
                pairs.append((made, node))
    return pd.DataFrame(pairs, columns=["made", "node"], dtype="int64")

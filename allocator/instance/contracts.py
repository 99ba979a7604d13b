"""What a colocation contract does in each node it serves: load, rent, and what is left beyond the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Service


@dataclass(frozen=True)
class Terms:
    """What a contract says; months count from the start of the horizon, or of service (ramp, term).

    Attributes:
        ramp: share of the contracted load there in each of the first months of service; then all of it.
    """

    critical_it_mw: float
    rent_usd_per_kw_month: float
    term_months: int
    first_service_month: int
    last_service_month: int
    lead_months: int = 0
    escalator_per_year: float = 0.0
    ramp: tuple[float, ...] = ()
    load_factor: float = 1.0
    pass_through_share: float = 0.0
    credit_probability: float = 1.0

    def ramp_by_month(self) -> Floats:
        """Share of the contracted load in each month of service, (term_months,)."""
        known = np.array(self.ramp[: self.term_months], dtype=float)
        return np.concatenate([known, np.ones(self.term_months - len(known))])

    def rent_by_month(self) -> Floats:
        """Rent of each month of service, USD, (term_months,).

        rent_k = rate * 1000 kW/MW * MW * ramp_k * (1 + escalator) ** (k // 12), k months since service began:
        take-or-pay on the contracted kW there, per calendar month whatever its days, escalated on anniversaries.
        """
        years = np.arange(self.term_months) // 12
        base = self.rent_usd_per_kw_month * 1000.0 * self.critical_it_mw
        return np.asarray(base * self.ramp_by_month() * (1.0 + self.escalator_per_year) ** years)


def service_starts(tree: NodeTree, terms: Terms) -> list[tuple[int, int]]:
    """Pairs (signed, first served node): signed at a decision node, served from the first node that starts no
    earlier than signature plus lead, where that start lies in the contract's window.
    """
    ready = tree.ready(terms.lead_months)
    return [
        (int(made), int(node))
        for made, node in zip(ready["made"], ready["node"], strict=True)
        if tree.decision[made] and terms.first_service_month <= tree.first_month[node] <= terms.last_service_month
    ]


def service_table(tree: NodeTree, contracts: Sequence[Terms]) -> Service:
    """Every (contract, signing node, served node), in that order of precedence.

    In a node of which the contract serves months k0..k1-1 (counted from the start of service): the contracted MW
    are reserved in full; metered MW = contracted * load factor * (sum of ramp_k) / (months of the node), so a
    term that ends inside a node meters its share of it; rent = sum of rent_k.
    A contract that cannot start in its window, or whose window holds no decision, has no row.
    """
    parts = [_of_contract(tree, c, terms) for c, terms in enumerate(contracts)]
    rows = np.concatenate([np.zeros((6, 0)), *parts], axis=1)
    contract, signed, node = rows[:3].astype(np.int64)
    return Service(contract, signed, node, contracted_mw=rows[3], metered_mw=rows[4], rent_usd=rows[5])


def _of_contract(tree: NodeTree, contract: int, terms: Terms) -> Floats:
    """(6, K): contract, signed, node, contracted MW, metered MW, rent."""
    ramp = np.concatenate([[0.0], np.cumsum(terms.ramp_by_month())])
    rent = np.concatenate([[0.0], np.cumsum(terms.rent_by_month())])
    below = tree.below()
    parts = [np.zeros((6, 0))]
    for signed, first in service_starts(tree, terms):
        begin = tree.first_month - tree.first_month[first]
        nodes = np.flatnonzero(below[first] & (begin < terms.term_months))
        begin = begin[nodes]
        end = np.minimum(begin + tree.months[nodes], terms.term_months)
        load = terms.critical_it_mw * terms.load_factor * (ramp[end] - ramp[begin]) / tree.months[nodes]
        fixed = np.array([[contract], [signed], [terms.critical_it_mw]]).repeat(len(nodes), axis=1)
        parts.append(np.vstack([fixed[:2], nodes, fixed[2:], load, rent[end] - rent[begin]]))
    return np.concatenate(parts, axis=1)

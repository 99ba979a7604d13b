"""What a colocation contract does in each node it serves: load, rent, and what is left beyond the horizon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.instance.types import Service


@dataclass(frozen=True)
class Terms:
    """What a contract says; months count from the start of the horizon, or of service (ramp, term).

    Attributes:
        ramp: share of the contracted load there in each of the first months of service; then all of it.
        delay: (months, probability) by which service may begin later, averaged over; nothing for sure by default.
        served_months: months of service before the start, of a contract signed before it; None: it is on offer.
        waits: True where the delay of a node applies to the contract.
    """

    critical_it_mw: float
    rent_usd_per_kw_month: float
    term_months: int
    first_service_month: int
    last_service_month: int
    lead_months: int = 0
    served_months: int | None = None
    escalator_per_year: float = 0.0
    ramp: tuple[float, ...] = ()
    load_factor: float = 1.0
    pass_through_share: float = 0.0
    credit_probability: float = 1.0
    delay: tuple[tuple[int, float], ...] = ((0, 1.0),)
    waits: bool = True

    @property
    def age_months(self) -> int:
        """Months of service before the node in which it begins or goes on."""
        return self.served_months or 0

    @property
    def held_months(self) -> int:
        """Months for which capacity is held: the term, and the longest delay it may end with."""
        return self.term_months + max(months for months, _ in self.delay)

    def ramp_by_month(self) -> Floats:
        """Expected share of the contracted load in each month from the start signed for, (held_months,)."""
        return self.delayed(self._ramp())

    def rent_by_month(self) -> Floats:
        """Expected rent of each month from the start signed for, USD, (held_months,).

        rent_k = rate * 1000 kW/MW * MW * ramp_k * (1 + escalator) ** (k // 12), k months since service began:
        take-or-pay on the contracted kW there, per calendar month whatever its days, escalated on anniversaries.
        """
        return self.delayed(self.rent_in_service())

    def rent_in_service(self) -> Floats:
        """Rent of each month of service, USD, (term_months,)."""
        years = np.arange(self.term_months) // 12
        base = self.rent_usd_per_kw_month * 1000.0 * self.critical_it_mw
        return np.asarray(base * self._ramp() * (1.0 + self.escalator_per_year) ** years)

    def _ramp(self) -> Floats:
        """Share of the contracted load in each month of service, (term_months,)."""
        known = np.array(self.ramp[: self.term_months], dtype=float)
        return np.concatenate([known, np.ones(self.term_months - len(known))])

    def delayed(self, monthly: Floats) -> Floats:
        """Expectation over the delays of what comes month by month once service begins, (held_months,)."""
        expected = np.zeros(self.held_months)
        for months, probability in self.delay:
            expected[months : months + len(monthly)] += probability * monthly
        return expected


def service_starts(tree: NodeTree, terms: Terms, delay_months: Ints) -> list[tuple[int, int]]:
    """Pairs (signed, first served node): signed at a decision node, served from the first node on a way that starts no
    earlier than signature, lead and the delay known there, where the start signed for lies in the contract's window.
    A contract signed before the start is signed at every root, whose service begins or goes on as it says, and later
    where a delay may still come to it.

    `delay_months` (N,) is 0 until a delay becomes known; service that has begun goes on.
    """
    ready = tree.ready(terms.lead_months)
    signed = [
        (made, node)
        for made, node in zip(ready["made"].tolist(), ready["node"].tolist(), strict=True)
        if _may_be_signed(tree, terms, made, node)
    ]
    if not terms.waits or not delay_months.any():
        return signed
    children = tree.children()
    return [
        (made, first)
        for made, node in signed
        for first in _begun(tree, children, int(tree.first_month[made]) + terms.lead_months, node, delay_months)
    ]


def _may_be_signed(tree: NodeTree, terms: Terms, made: int, ready: int) -> bool:
    if terms.served_months is not None:
        return bool(tree.parent[made] < 0)
    inside = terms.first_service_month <= tree.first_month[ready] <= terms.last_service_month
    return bool(tree.decision[made] and inside)


def _begun(tree: NodeTree, children: Sequence[Ints], due: int, node: int, delay_months: Ints) -> Iterator[int]:
    """First nodes at or below `node` that begin no earlier than `due` months and the delay known there."""
    if tree.first_month[node] >= due + delay_months[node]:
        yield node
        return
    for child in children[node].tolist():
        yield from _begun(tree, children, due, child, delay_months)


def service_table(tree: NodeTree, contracts: Sequence[Terms], delay_months: Ints) -> Service:
    """Every (contract, signing node, served node), in that order of precedence.

    In a node of which the contract serves months k0..k1-1 (counted from the start of service): the contracted MW
    are reserved in full; metered MW = contracted * load factor * (sum of ramp_k) / (months of the node), so a
    term that ends inside a node meters its share of it; rent = sum of rent_k.
    A contract that cannot start in its window, or whose window holds no decision, has no row.
    """
    below = tree.below()
    parts = [_of_contract(tree, below, c, terms, delay_months) for c, terms in enumerate(contracts)]
    rows = np.concatenate([np.zeros((6, 0)), *parts], axis=1)
    contract, signed, node = rows[:3].astype(np.int64)
    return Service(contract, signed, node, contracted_mw=rows[3], metered_mw=rows[4], rent_usd=rows[5])


def _of_contract(tree: NodeTree, below: Bools, contract: int, terms: Terms, delay_months: Ints) -> Floats:
    """(6, K): contract, signed, node, contracted MW, metered MW, rent."""
    ramp = np.concatenate([[0.0], np.cumsum(terms.ramp_by_month())])
    rent = np.concatenate([[0.0], np.cumsum(terms.rent_by_month())])
    parts = [np.zeros((6, 0))]
    for signed, first in service_starts(tree, terms, delay_months):
        begin = tree.first_month - tree.first_month[first] + terms.age_months
        nodes = np.flatnonzero(below[first] & (begin < terms.held_months))
        begin = begin[nodes]
        end = np.minimum(begin + tree.months[nodes], terms.held_months)
        load = terms.critical_it_mw * terms.load_factor * (ramp[end] - ramp[begin]) / tree.months[nodes]
        fixed = np.array([[contract], [signed], [terms.critical_it_mw]]).repeat(len(nodes), axis=1)
        parts.append(np.vstack([fixed[:2], nodes, fixed[2:], load, rent[end] - rent[begin]]))
    return np.concatenate(parts, axis=1)

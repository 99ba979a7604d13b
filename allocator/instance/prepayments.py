"""What tenants pay ahead: received, earned back against rent, refunded, by contract, signing node and node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.contracts import Terms, service_starts
from allocator.instance.prepayments_state import Prepayments
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.scenario.contracts import Colocation, Prepayment, Signed


def compile_prepayments(
    stated: Sequence[Colocation], contracts: Sequence[Terms], tree: NodeTree, delay_months: Ints
) -> Prepayments:
    """Rows of every contract with a prepayment, wherever it may be signed."""
    rows = [
        (contract, signed, node, *moved)
        for contract, (offer, terms) in enumerate(zip(stated, contracts, strict=True))
        if offer.prepayment is not None
        for signed, firsts in _signings(tree, terms, delay_months).items()
        for node, moved in _moves(tree, _ahead(offer.prepayment, offer.signed, terms), terms, signed, firsts)
    ]
    at = np.array([row[:3] for row in rows], dtype=np.int64).reshape(-1, 3).T
    usd = np.array([row[3:] for row in rows], dtype=np.float64).reshape(-1, 5).T
    opening = [0.0 if offer.signed is None else offer.signed.unearned_usd or 0.0 for offer in stated]
    return Prepayments(at[0], at[1], at[2], usd[0], usd[1], usd[2], usd[3], usd[4], np.array(opening))


def credited_usd(prepayment: Prepayment, terms: Terms) -> tuple[Floats, Floats]:
    """What is credited, and given back, in each month from the start signed for, (held_months,) each.

    By month k of service min(1, (k + 1) / M) of the amount is to be credited, and no more than the rent of the month;
    what is left when the term ends is given back in its last month.
    """
    months = np.arange(1, terms.term_months + 1)
    target = prepayment.amount_usd * np.minimum(1.0, months / prepayment.earned_back_months)
    credited, done = np.zeros(terms.term_months), 0.0
    for month, rent in enumerate(terms.rent_in_service()):
        credited[month] = min(float(rent), float(target[month]) - done)
        done += credited[month]
    given_back = np.zeros(terms.term_months)
    given_back[-1] = prepayment.amount_usd - done
    return terms.delayed(credited), terms.delayed(given_back)


def _signings(tree: NodeTree, terms: Terms, delay_months: Ints) -> dict[int, set[int]]:
    """Signing node -> first nodes served, one a way below it on which service begins."""
    found: dict[int, set[int]] = {}
    for signed, first in service_starts(tree, terms, delay_months):
        found.setdefault(signed, set()).add(first)
    return found


@dataclass(frozen=True)
class _Ahead:
    """A prepayment from the start signed for, or from that of the horizon, of a contract signed before.

    Attributes:
        opening_usd: owed at the start. due_usd: still to be received.
        credited_usd, given_back_usd: sums of the months of service so far, from none on, (held_months + 1,) each.
    """

    stated: Prepayment
    opening_usd: float
    due_usd: float
    credited_usd: Floats
    given_back_usd: Floats


def _ahead(stated: Prepayment, before: Signed | None, terms: Terms) -> _Ahead:
    """What is owed at the start and still received is all that later months credit and give back."""
    credited, given_back = (np.concatenate([[0.0], np.cumsum(usd)]) for usd in credited_usd(stated, terms))
    if before is None:
        return _Ahead(stated, 0.0, stated.amount_usd, credited, given_back)
    opening, done = before.unearned_usd or 0.0, terms.age_months
    left = float(credited[-1] - credited[done] + given_back[-1] - given_back[done])
    share = (opening + before.prepayment_due_usd) / left if left > CENT_USD else 0.0
    return _Ahead(stated, opening, before.prepayment_due_usd, credited * share, given_back * share)


Moved = tuple[float, float, float, float, float]
"""Received, earned, refunded, penalty, and unearned at the end."""


def _moves(tree: NodeTree, ahead: _Ahead, terms: Terms, signed: int, firsts: set[int]) -> Iterator[tuple[int, Moved]]:
    """(node, what moves in it) at and below the signing node, from parents to children."""
    prepayment = ahead.stated
    start = int(tree.first_month[signed])
    due = np.inf if prepayment.refund_after_months is None else terms.lead_months + prepayment.refund_after_months
    owed, begun, gone = np.zeros(len(tree)), np.full(len(tree), -1), np.zeros(len(tree), dtype=bool)
    for node in np.flatnonzero(tree.below()[signed]).tolist():
        parent = int(tree.parent[node]) if node != signed else -1
        begun[node] = node if node in firsts else begun[parent] if parent >= 0 else -1
        was_gone, before = (bool(gone[parent]), float(owed[parent])) if parent >= 0 else (False, ahead.opening_usd)
        begin = int(tree.first_month[node]) - start
        end = begin + int(tree.months[node])
        late = begun[node] < 0 or (begun[node] == node and begin > due)
        gone[node] = was_gone or (begin >= due and late)
        if gone[node]:
            refunded, received, earned = before, 0.0, 0.0
            penalty = prepayment.penalty_share * refunded
        else:
            received = ahead.due_usd * _received_share(prepayment, terms.lead_months, begin, end)
            first = int(tree.first_month[begun[node]]) - start if begun[node] >= 0 else end
            months = np.maximum(0, np.array([begin, end]) - first) + terms.age_months
            before_it, after_it = np.minimum(months, terms.held_months)
            earned = float(ahead.credited_usd[after_it] - ahead.credited_usd[before_it])
            refunded = float(ahead.given_back_usd[after_it] - ahead.given_back_usd[before_it])
            penalty = 0.0
        owed[node] = before + received - earned - refunded
        moved = (received, earned, refunded, penalty, float(owed[node]))
        if any(abs(usd) > CENT_USD for usd in moved):
            yield node, moved


CENT_USD = 0.005
"""Less is what rounding leaves of a prepayment that is earned."""


def _received_share(prepayment: Prepayment, lead_months: int, begin: int, end: int) -> float:
    """Share received in months `begin` to `end` from the start of the signing node."""
    if prepayment.received == "at_signing" or lead_months == 0:
        return float(begin == 0)
    return max(0, min(end, lead_months) - begin) / lead_months

"""PREPAYMENT: what tenants have paid ahead follows from the contracts that are signed."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check
from allocator.verify.facts import scatter
from allocator.verify.lines_prepayments import of_contracts


def moves(case: Case) -> Iterator[Check]:
    """What is received, earned, refunded and paid on top in each node is that of the contracts signed."""
    for column in ("received_usd", "earned_usd", "refunded_usd", "penalty_usd"):
        yield _check(case, column, of_contracts(case, column))


def balance(case: Case) -> Iterator[Check]:
    """What is owed to a tenant opens where the parent closed, and moves by what is received, earned and refunded."""
    moved = _told(case, "received_usd") - _told(case, "earned_usd") - _told(case, "refunded_usd")
    opening = case.instance.prepayments.opening(len(case.instance.offers.names))
    yield _check(case, "unearned_usd", opening[:, None] + case.timeline.along(moved))


RULES: dict[str, PlanRule] = {"PREPAYMENT.moves": moves, "PREPAYMENT.balance": balance}


def _told(case: Case, column: str) -> Floats:
    frame = case.tables["prepayments"]
    at = case.axes.contract_at(frame["contract"]), case.axes.node_at(frame["node"])
    return scatter((len(case.instance.offers.names), len(case.instance.tree)), at, frame[column])


def _check(case: Case, column: str, expected: Floats) -> Check:
    found, axes = _told(case, column), (case.axes.contracts, case.axes.nodes)
    return Check(column, "USD", axes, found, expected, tolerance=tolerances.usd(expected))

"""Lines of the cash flow of what tenants pay ahead, from the contracts that are signed and the instance."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed, by_company


def prepayment_received(case: Case) -> Owed:
    """What tenants pay ahead."""
    return _of(case, of_contracts(case, "received_usd"))


def prepayment_earned(case: Case) -> Owed:
    """What of rent had been paid ahead."""
    return _of(case, -of_contracts(case, "earned_usd"))


def prepayment_refunded(case: Case) -> Owed:
    """What is given back."""
    return _of(case, -of_contracts(case, "refunded_usd"))


def prepayment_penalty(case: Case) -> Owed:
    """What is paid on top where service is late."""
    return _of(case, -of_contracts(case, "penalty_usd"))


def terminal_prepayment(case: Case) -> Owed:
    """What is owed to tenants at each leaf."""
    owed, leaves = of_contracts(case, "unearned_usd"), case.instance.tree.leaves
    left = np.zeros_like(owed)
    left[:, leaves] = -owed[:, leaves]
    return _of(case, left)


PREPAYMENT_LINES: Mapping[str, LineRule] = {
    "prepayment_received": prepayment_received,
    "prepayment_earned": prepayment_earned,
    "prepayment_refunded": prepayment_refunded,
    "prepayment_penalty": prepayment_penalty,
    "terminal_prepayment": terminal_prepayment,
}


def of_contracts(case: Case, column: str) -> Floats:
    """What signed contracts come to in each node, (C, N)."""
    ahead, total = case.instance.prepayments, np.zeros((len(case.instance.offers.names), len(case.instance.tree)))
    signed = case.facts.sign[ahead.contract, ahead.signed]
    np.add.at(total, (ahead.contract, ahead.node), signed * getattr(ahead, column))
    return total


def _of(case: Case, amount_usd: Floats) -> Owed:
    return by_company(case.instance.offers.names, amount_usd)

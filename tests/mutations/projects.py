"""Faults of the PROJECT family, of convertible notes, and of what tenants pay ahead."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.loans_state import Projects
from allocator.plan.schema import PREPAYMENT_LINES, SHARE_LINES
from tests.mutations.money import paid
from tests.mutations.mutation import Mutation, Spoil, cell, judged
from tests.mutations.treasury import also_broken
from tests.verify.built import built


def _lent(**fields: np.ndarray) -> Spoil:
    def change(old: Projects) -> Projects:
        return replace(old, **fields)

    return judged("debt", projects=change)


MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, "2027-04"),
            amount=250.0,
            also=also_broken(line),
            base=built,
        )
        for line in (*SHARE_LINES, *PREPAYMENT_LINES)
    ),
    Mutation(
        "PREPAYMENT.moves",
        "less is earned than is stated",
        cell("prepayments", "earned_usd", 9e4, node="2027-03"),
        {"node": "2027-03", "contract": "tenant"},
        10e3,
        frozenset({"PREPAYMENT.balance"}),
        base=built,
    ),
    Mutation(
        "PREPAYMENT.balance",
        "less is owed than is stated",
        cell("prepayments", "unearned_usd", 4e4, node="2027-04"),
        {"node": "2027-04", "contract": "tenant"},
        10e3,
        base=built,
    ),
    Mutation(
        "LOAN.shares",
        "other shares are stated",
        cell("loans", "shares_usd", 5e5, node="2027-03", loan="notes"),
        {"node": "2027-03", "loan": "notes"},
        20e3,
        base=built,
    ),
    Mutation(
        "PROJECT.cost",
        "more is owed than what is lent on a conversion leaves",
        _lent(owed_usd=np.array([3e5, 6e5, 3.2e5, 3e5])),
        {"node": "2027-03", "loan": "works"},
        80e3,
        base=built,
    ),
    Mutation(
        "PROJECT.draw",
        "money is drawn on what is complete",
        _lent(drawn_usd=np.array([3e5, 0.0, 0.0, 0.0])),
        {"node": "2027-02", "loan": "works"},
        200e3,
        base=built,
    ),
]

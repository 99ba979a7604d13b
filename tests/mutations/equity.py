"""Faults of the EQUITY family, and of the money of new shares."""

from __future__ import annotations

import numpy as np

from allocator.plan.schema import EQUITY_LINES, LINES
from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, cell, judged
from tests.verify.listed import listed

FIRST, LAST = "2027-01", "2027-03"

MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, LAST),
            amount=250.0,
            also=CASH if LINES[line].when == "period" else WORTH,
            base=listed,
        )
        for line in EQUITY_LINES
    ),
    Mutation(
        "EQUITY.issue",
        "shares are sold before they may be",
        judged("equity", may_issue=np.array([False, False, True])),
        {"node": FIRST},
        60e3,
        base=listed,
    ),
    Mutation(
        "EQUITY.issue",
        "buyers are said to hold more",
        cell("equity", "claim_usd", lambda usd: usd + 9.0, node=LAST),
        {"node": LAST},
        9.0,
        base=listed,
    ),
    Mutation(
        "MONEY.terminal_new_owners",
        "what was sold before the start is forgotten",
        judged("equity", opening_claim_usd=5e3),
        {"node": LAST},
        5e3 * 1.04**0.25,
        base=listed,
    ),
    Mutation(
        "EQUITY.year",
        "more shares are sold in a year than may be",
        judged("equity", year=np.array([2027, 2027, 2027])),
        {"node": LAST},
        25e3,
        base=listed,
    ),
    Mutation(
        "EQUITY.total",
        "more shares are sold than may be",
        judged("equity", most_usd_in_all=80e3),
        {"node": LAST},
        10e3,
        base=listed,
    ),
]

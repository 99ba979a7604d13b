"""Faults of the COINCIDENT family, and of when it is paid."""

from __future__ import annotations

from functools import partial

from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, cell
from tests.verify.shared_peaks import charged

FAULT = partial(Mutation, base=charged)
FIRST, SECOND = "2027-01", "2027-02"

MUTATIONS = [
    FAULT(
        "COINCIDENT.due",
        "less is due than the hours cause",
        cell("coincident_peaks", "due_usd", 14000.0, node=FIRST),
        place={"node": FIRST, "site": "site0", "peak": "system"},
        amount=400.0,
    ),
    FAULT(
        "COINCIDENT.due",
        "the draw expected at the peaks is another one",
        cell("coincident_peaks", "expected_mw", 2.0, node=SECOND),
        place={"node": SECOND, "peak": "system"},
        amount=1.0,
    ),
    FAULT(
        "COINCIDENT.due",
        "the hours are said to have given for a dollar put off, with cash to spare",
        cell("coincident_peaks", "later_premium_share", 0.02, node=FIRST),
        amount=0.02,
    ),
    FAULT(
        "MONEY.coincident_put_off", "more is put off", paid("coincident_put_off", 250.0, FIRST), amount=250.0, also=CASH
    ),
    FAULT("MONEY.coincident_paid", "less is paid", paid("coincident_paid", 250.0, FIRST), amount=250.0, also=CASH),
    FAULT(
        "MONEY.terminal_coincident",
        "less is owed at the end",
        paid("terminal_coincident", 90.0, SECOND),
        amount=90.0,
        also=WORTH,
    ),
]

"""Faults of the PEAK and DEMAND families, and of what is billed."""

from __future__ import annotations

from functools import partial

from tests.mutations.money import CASH, paid
from tests.mutations.mutation import Mutation, Spoil, cell
from tests.verify.billed import billed

FAULT = partial(Mutation, base=billed)
FIRST, SECOND = "2027-01", "2027-02"


def _stated(column: str, value: object, node: str, charge: str = "any_hour") -> Spoil:
    return cell("demand_charges", column, value, node=node, charge=charge)


MUTATIONS = [
    FAULT(
        "PEAK.metered",
        "a peak is stated below what the hours draw",
        _stated("metered_mw", 2.5, SECOND),
        place={"node": SECOND, "site": "site0", "charge": "any_hour"},
        amount=0.5,
    ),
    FAULT(
        "DEMAND.billed",
        "less is billed than is metered",
        _stated("billed_mw", 1.0, SECOND, "on_peak"),
        place={"node": SECOND, "charge": "on_peak"},
        amount=1.0,
    ),
    FAULT(
        "DEMAND.billed",
        "the peak set before the plan begins is forgotten",
        _stated("billed_mw", 3.0, FIRST),
        place={"node": FIRST, "charge": "any_hour"},
        amount=2.0,
    ),
    FAULT(
        "DEMAND.billed",
        "something else is said to set it",
        _stated("set_by", "metered", FIRST),
        place={"node": FIRST, "charge": "any_hour"},
    ),
    FAULT(
        "DEMAND.billed",
        "it costs another rate",
        _stated("charge_usd", 80250.0, SECOND),
        place={"node": SECOND, "charge": "any_hour"},
        amount=250.0,
    ),
    FAULT(
        "DEMAND.ratchet",
        "the ratchet is forgotten",
        _stated("billed_mw", 3.0, SECOND),
        place={"node": SECOND, "charge": "any_hour"},
        amount=1.0,
        also=frozenset({"DEMAND.billed"}),
    ),
    FAULT(
        "MONEY.demand_charge", "another amount is stated", paid("demand_charge", 250.0, FIRST), amount=250.0, also=CASH
    ),
]

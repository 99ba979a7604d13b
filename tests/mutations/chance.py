"""Faults of the CHANCE family."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.chance import COMPANY, Chances
from tests.mutations.mutation import Mutation, Spoil, cell, judged
from tests.verify.draft import Draft
from tests.verify.lien import fallen

FIRST, SECOND, LAST = "2027-01", "2027-02", "2027-03"


@cache
def _rare() -> Draft:
    plain = replace(fallen(), untouched=_rare)
    finance = replace(plain.instance.finance, minimum_cash_usd=1e5, shortfall_penalty=1.0)
    limits = Chances(
        loan=np.array([COMPANY, 0]),
        by_month=np.ones(2),
        of_path=np.ones(2),
        most_usd=np.array([np.full(3, 2e6), np.full(3, 4.1e5)]),
    )
    plain.instance = replace(plain.instance, chances=limits, finance=finance)
    return plain


def rare() -> Draft:
    """A fresh draft of the plan in which a lender calls; calls and shortfalls are counted, and certain ones allowed."""
    return deepcopy(_rare())


def _fault(
    rule: str, says: str, spoil: Spoil, amount: float, also: tuple[str, ...] = (), count: int = 1, **place: str
) -> Mutation:
    return Mutation(rule, says, spoil, place, amount, frozenset(also), count, rare)


def _call(column: str, to: object, node: str = SECOND) -> Spoil:
    return cell("events", column, to, event="margin_call", node=node)


MUTATIONS = [
    _fault("CHANCE.event", "another amount is called", _call("amiss_usd", lambda old: old + 50.0), 50.0, node=SECOND),
    _fault("CHANCE.event", "a call is said not to happen", _call("happens", False), 1.0, node=SECOND),
    _fault(
        "CHANCE.event",
        "more is called than may be",
        judged("chances", most_usd=np.array([[2e6] * 3, [4.1e5, 8e4, 4.1e5]])),
        350e3 * 1.008 - 0.7 * 27e3 * 14.3 - 8e4,
        node=SECOND,
    ),
    _fault("CHANCE.on_path", "a call has not happened", _call("happened", False), 1.0, ("CHANCE.stays",), node=SECOND),
    _fault("CHANCE.stays", "a call is forgotten", _call("happened", False, LAST), 1.0, node=LAST),
    _fault(
        "CHANCE.month",
        "another probability is stated",
        cell("chances", "probability", 0.75, event="margin_call", month=SECOND),
        0.25,
        month=SECOND,
    ),
    _fault(
        "CHANCE.month",
        "a call is likelier than it may be in a month",
        judged("chances", by_month=np.array([1.0, 0.9])),
        0.1,
        count=4,
        month=SECOND,
    ),
    _fault(
        "CHANCE.paths",
        "another limit is stated",
        cell("chances", "most_probability", 0.75, event="margin_call", month=""),
        0.25,
        event="margin_call",
    ),
    _fault(
        "CHANCE.paths",
        "a call is likelier than it may be on a path",
        judged("chances", of_path=np.array([1.0, 0.9])),
        0.1,
        count=2,
        event="margin_call",
    ),
]

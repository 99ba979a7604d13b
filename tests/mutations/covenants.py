"""Faults of the COVENANT family."""

from __future__ import annotations

from collections.abc import Callable

from tests.mutations.mutation import Mutation, Spoil, cell, judged, made, put
from tests.verify.pact import pact

FIRST, SECOND, LAST = "2027-01", "2027-02", "2027-03"


def _more(by: float) -> Callable[[float], float]:
    return lambda old: old + by


def _stated(column: str, by: float, covenant: str, node: str = LAST) -> Spoil:
    return cell("covenants", column, _more(by), node=node, covenant=covenant)


def _found(column: str, covenant: str, node: str) -> float:
    """What the good plan states."""
    tests = pact().frames()[0]["covenants"]
    return float(tests.loc[(tests["covenant"] == covenant) & (tests["node"] == node), column].iloc[0])


def _fault(
    rule: str,
    says: str,
    spoil: Spoil,
    amount: float,
    covenant: str,
    node: str = LAST,
    count: int = 1,
    also: tuple[str, ...] = (),
) -> Mutation:
    place = {"covenant": covenant, "node": node}
    return Mutation(f"COVENANT.{rule}", says, spoil, place, amount, frozenset(also), count, pact)


MUTATIONS = [
    _fault(
        "earned",
        "another income is stated",
        _stated("income_usd", 100.0, "cover"),
        100.0,
        "cover",
        also=("COVENANT.income", "COVENANT.coverage"),
    ),
    _fault(
        "earned",
        "less was lost before the start",
        judged("covenants", earlier_income_usd=put(2, 1, to=-4e5)),
        1e5,
        "lever",
        SECOND,
    ),
    _fault(
        "due",
        "an instalment is left out",
        judged("covenants", instalment_limit_usd=put(1, 2, to=3e4)),
        1e4,
        "cover",
    ),
    _fault(
        "income",
        "income carries more than the ratio lets it",
        _stated("carried_usd", 100.0, "cover"),
        100.0,
        "cover",
        also=("COVENANT.coverage",),
    ),
    _fault(
        "loss",
        "a loss carries debt",
        _stated("carried_usd", 50.0, "lever", SECOND),
        50.0,
        "lever",
        SECOND,
        also=("COVENANT.leverage",),
    ),
    _fault(
        "liquidity",
        "cash and Bitcoin fall short",
        made("covenants", limit=put(0, to=5e5)),
        5e5 - _found("carried_usd", "cash", FIRST),
        "cash",
        FIRST,
        2,
    ),
    _fault("liquidity", "another value is stated", _stated("value_times", 3.0, "cash"), 3.0, "cash"),
    _fault(
        "coverage", "debt service is not covered", made("covenants", limit=put(1, to=2.0)), 8_380.0, "cover", SECOND, 2
    ),
    _fault("coverage", "another headroom is stated", _stated("headroom_usd", 7.0, "cover"), 7.0, "cover"),
    _fault(
        "leverage",
        "a hard covenant is broken",
        made("covenants", may_breach=put(2, 1, to=False)),
        _found("claim_usd", "lever", SECOND),
        "lever",
        SECOND,
    ),
    _fault(
        "leverage",
        "a breach is stated that is none",
        _stated("breach_usd", 500.0, "lever"),
        500.0,
        "lever",
        also=("CASH.penalty",),
    ),
    _fault("leverage", "another limit is stated", _stated("limit_times", 0.1, "lever"), 0.1, "lever"),
]

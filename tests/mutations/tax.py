"""Faults of the TAX family, and of its money."""

from __future__ import annotations

from collections.abc import Callable

from allocator.plan.lines import TAX_LINES
from allocator.plan.schema import LINES
from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, Spoil, cell, judged
from tests.verify.levied import levied

FIRST, SECOND, LAST = "2027-01", "2027-02", "2027-03"


def _more(by: float) -> Callable[[float], float]:
    return lambda old: old + by


def _stated(column: str, by: float) -> Spoil:
    return cell("tax", column, _more(by), node=SECOND)


def _fault(
    rule: str, says: str, spoil: Spoil, amount: float, node: str, also: tuple[str, ...] = (), count: int = 1
) -> Mutation:
    return Mutation(f"TAX.{rule}", says, spoil, {"node": node}, amount, frozenset(also), count, levied)


MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, LAST),
            amount=250.0,
            also=CASH if LINES[line].when == "period" else WORTH,
            base=levied,
        )
        for line in TAX_LINES
    ),
    _fault("income", "other income is stated", _stated("income_usd", 90.0), 90.0, SECOND),
    _fault("year", "other income of the year is stated", _stated("year_income_usd", 90.0), 90.0, SECOND),
    _fault(
        "capped",
        "more losses are used than the cap lets",
        judged("tax", loss_cap_share=0.25),
        0.25 * 83_500.0,
        FIRST,
        ("TAX.held",),
        2,
    ),
    _fault("held", "losses are kept back", judged("tax", loss_cap_share=0.75), 60e3 - 0.5 * 83_500.0, FIRST),
    _fault("carried", "other losses are carried", judged("tax", opening_loss_usd=59e3), 1e3, FIRST),
]

"""Faults of the HEDGE family, and of the money of instruments."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from allocator.plan.schema import HEDGE_LINES
from tests.mutations.money import BLOCK_LINES, CASH, paid
from tests.mutations.mutation import Mutation, Spoil, cell, judged
from tests.verify.draft import Draft
from tests.verify.hedged import hedged

ROOT, UP, DOWN = "root", "up", "down"


def _more(by: float) -> Callable[[float], float]:
    return lambda old: old + by


def _stated(column: str, by: float, hedge: str = "ahead", node: str = UP) -> Spoil:
    return cell("hedges", column, _more(by), node=node, hedge=hedge)


def _bought(hedge: int, node: int, lots: float) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.touched = True
        draft.point.hedge_lots[hedge, node] = lots

    return spoil


def _fault(
    rule: str, says: str, spoil: Spoil, amount: float, node: str = UP, count: int = 1, also: tuple[str, ...] = ()
) -> Mutation:
    return Mutation(rule, says, spoil, {"node": node}, amount, frozenset(also), count, hedged)


def _fewer(most: np.ndarray) -> np.ndarray:
    return np.minimum(most, 1)


MUTATIONS = [
    *(
        _fault("BLOCK.used", f"a node states another {column}", cell("power_blocks", column, _more(7.0), node=UP), 7.0)
        for column in ("delivered_mwh", "paid_usd", "used_mwh", "replaced_usd")
    ),
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, UP),
            amount=250.0,
            also=CASH,
            base=hedged,
        )
        for line in (*HEDGE_LINES, *BLOCK_LINES)
    ),
    _fault("HEDGE.balance", "a node begins with another position", _stated("held_units", 5.0), 5.0),
    _fault("HEDGE.offered", "lots are bought where none are on offer", _bought(0, 1, 1.0), 5.0),
    _fault("HEDGE.offered", "part of a lot is bought", _bought(0, 0, 1.5), 0.5, ROOT),
    _fault("HEDGE.offered", "more lots are bought than are on offer", judged("hedges", most_lots=_fewer), 1.0, count=3),
    _fault("HEDGE.stated", "another price of settlement is stated", _stated("settlement_usd", 1.0), 1.0),
    _fault("HEDGE.stated", "another strike is stated", _stated("fixed_usd", 9.0, "collar"), 9.0),
    _fault("HEDGE.stated", "another payoff is stated", _stated("payoff_usd", 50.0), 50.0),
    _fault("HEDGE.stated", "more is said to settle", _stated("settled_units", 2.0, "block"), 2.0),
    _fault(
        "HEDGE.stated",
        "a forward is said to be a put",
        cell("hedges", "kind", "btc_put", node=UP, hedge="ahead"),
        1.0,
    ),
]

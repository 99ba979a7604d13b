"""Faults of the LOAN family, and of the money of debt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from allocator.instance.loans_state import Collateral, Extensions, Loans
from allocator.plan.schema import FINANCING_LINES, LINES, PREPAYMENT_LINES, SHARE_LINES
from tests.mutations.money import CASH, WORTH, paid
from tests.mutations.mutation import Mutation, Spoil, cell, judged, then
from tests.verify.draft import Draft
from tests.verify.lien import BROUGHT_USD, HAD_BTC, LOWEST_USD, SEIZED_BTC, fallen, lien

FIRST, SECOND, LAST = "2027-01", "2027-02", "2027-03"
POSTED = 350e3 * 1.008 / (0.7 * 54e3 * 0.9) - 10.0


def _more(by: float) -> Callable[[float], float]:
    return lambda old: old + by


def _stated(table: str, column: str, by: float, node: str = SECOND) -> Spoil:
    return cell(table, column, _more(by), node=node, loan="line")


def _moved(array: str, *at: int, to: float) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.touched = True
        getattr(draft.point.loans, array)[at] = to

    return spoil


def _loans(**fields: object) -> Spoil:
    def change(old: Loans) -> Loans:
        return replace(old, **fields)

    return judged("debt", loans=change)


def _collateral(**fields: object) -> Spoil:
    def change(old: Collateral) -> Collateral:
        return replace(old, **fields)

    return judged("debt", collateral=change)


def _rights(**fields: object) -> Spoil:
    def change(old: Extensions) -> Extensions:
        return replace(old, **fields)

    return judged("debt", extensions=change)


def _fault(
    rule: str, says: str, spoil: Spoil, amount: float, node: str = SECOND, count: int = 1, also: tuple[str, ...] = ()
) -> Mutation:
    return Mutation(rule, says, spoil, {"node": node}, amount, frozenset(also), count, lien)


def _sale(
    rule: str, says: str, spoil: Spoil, amount: float, node: str = SECOND, count: int = 1, also: tuple[str, ...] = ()
) -> Mutation:
    """A fault of the plan in which the lender sells."""
    return Mutation(rule, says, spoil, {"node": node}, amount, frozenset(also), count, fallen)


def _seized(by: float, node: int = 1) -> Spoil:
    """More or less is sold, and what it brings paid back."""
    lowest = LOWEST_USD if node == 1 else 0.9 * 66e3

    def spoil(draft: Draft) -> None:
        draft.touched = True
        draft.point.loans.seized_btc[0, node] += by
        draft.point.loans.repay_usd[0, node] += 0.95 * lowest * by

    return spoil


MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0, LAST),
            amount=250.0,
            also=CASH if LINES[line].when == "period" else WORTH,
            base=lien,
        )
        for line in FINANCING_LINES
        if line not in (*SHARE_LINES, *PREPAYMENT_LINES)
    ),
    _fault("LOAN.balance", "a node opens with another principal", _stated("loans", "opening_usd", 100.0), 100.0),
    _fault("LOAN.balance", "a node closes with another principal", _stated("loans", "closing_usd", 100.0), 100.0),
    _fault(
        "LOAN.schedule",
        "more is owed than the schedule leaves",
        _loans(limit_usd=np.array([[4e5, 4e5, 4e5], [8e4, 6e4, 3e4]])),
        10e3,
        LAST,
        count=2,
    ),
    _fault("LOAN.early", "a loan is prepaid that may not be", _loans(may_prepay=np.array([False, False])), 100e3, LAST),
    _fault("LOAN.early", "other fees are stated", _stated("loans", "fees_usd", 50.0), 50.0),
    _fault("LOAN.interest", "other interest is stated", _stated("loans", "interest_usd", 50.0), 50.0),
    _fault("LOAN.collateral", "a node closes with other collateral", _stated("collateral", "closing_btc", 0.5), 0.5),
    _fault("LOAN.collateral", "another lowest price is stated", _stated("collateral", "lowest_usd_per_btc", 9.0), 9.0),
    _fault("LOAN.collateral", "another call level is stated", _stated("collateral", "call_ltv_share", 0.05), 0.05),
    _fault(
        "LOAN.call",
        "less is posted than the call asks for",
        _stated("collateral", "posted_btc", -0.1),
        0.1 * 0.7 * 54e3 * 0.9,
        count=3,
    ),
    _fault("LOAN.call", "another loan to value is stated", _stated("collateral", "ltv_before_share", 0.01), 0.01),
    _fault(
        "LOAN.headroom",
        "less headroom is left than asked for",
        _collateral(least_headroom=np.array([0.1])),
        350e3 * 1.008 - 0.6 * 54e3 * 0.9 * 10.0,
    ),
    _fault(
        "BTC.postable",
        "a lender is posted what it does not take",
        _collateral(postable_share=np.array([0.0])),
        POSTED,
    ),
    _fault(
        "BTC.postable",
        "more is posted than is free",
        _collateral(postable_share=np.array([0.04])),
        POSTED / 0.04 - 8.6,
    ),
    _fault(
        "BTC.pledged",
        "more is pledged than is held",
        _moved("pledge_btc", 0, 0, to=9.0),
        0.8,
        count=2,
        also=("BTC.postable",),
    ),
    _fault(
        "LOAN.cured",
        "more is owed than the call level after acting",
        _moved("release_btc", 0, 1, to=1.0),
        350e3 - 0.7 * 54e3 * 9.0,
        also=("LOAN.release", "LOAN.release_ltv"),
    ),
    _fault(
        "LOAN.cured",
        "a breach is stated that is none",
        _stated("collateral", "uncured_usd", 500.0, FIRST),
        500.0,
        FIRST,
        also=("CASH.penalty",),
    ),
    _fault(
        "LOAN.initial_ltv",
        "more is drawn than the initial level",
        then(_moved("draw_usd", 0, 0, to=70e3), _moved("repay_usd", 0, 2, to=120e3)),
        10e3,
        FIRST,
    ),
    _fault(
        "LOAN.draw",
        "money is drawn where none may be",
        _loans(may_draw=np.zeros((2, 3), dtype=bool)),
        50e3,
        FIRST,
    ),
    _fault(
        "LOAN.release_ltv",
        "more is owed than the release level",
        _collateral(release_ltv=np.array([0.4])),
        250e3 - 0.4 * 66e3 * 8.0,
        LAST,
    ),
    _fault(
        "LOAN.release",
        "collateral is released between decisions",
        _moved("release_btc", 0, 1, to=0.1),
        0.1,
        also=("LOAN.release_ltv",),
    ),
    _fault("LOAN.opened", "another upfront fee is stated", _stated("loans", "upfront_fee_usd", 100.0), 100.0),
    _fault(
        "LOAN.extension_fee",
        "another fee for an extension is stated",
        _stated("loans", "extension_fee_usd", 100.0, LAST),
        100.0,
        LAST,
    ),
    _fault(
        "LOAN.extension_fee",
        "a loan is extended where nothing is decided",
        _rights(decided=np.array([[-1, -1, -1]]), extra_usd=np.array([[0.0, 0.0, 0.0]])),
        1.0,
        LAST,
        also=("LOAN.schedule",),
    ),
    _fault(
        "LOAN.extension_ltv",
        "what is extended is not covered",
        _rights(most_ltv=np.array([0.4])),
        250e3 - 0.4 * 66e3 * 8.0,
        LAST,
    ),
    _sale("LOAN.liquidation", "the lender sells too little", _seized(-1.0), 1.0),
    _sale("LOAN.liquidated", "the lender sells too much", _seized(1.0), 1.0),
    _sale("LOAN.seized", "the lender sells below its liquidation level", _seized(0.5, node=2), 0.5, LAST),
    _sale("LOAN.held", "the lender sells what it was not posted", _moved("post_btc", 0, 1, to=0.5), SEIZED_BTC - 10.5),
    _sale("LOAN.exhausted", "the lender does not sell all", _moved("post_btc", 0, 1, to=2.0), 12.0 - SEIZED_BTC),
    _sale(
        "LOAN.proceeds",
        "what the lender's sale brings is kept",
        _moved("repay_usd", 0, 1, to=270e3),
        BROUGHT_USD - 0.008 * 350e3 - 270e3,
    ),
    _sale(
        "LOAN.call",
        "more is called than is owed above the level",
        _stated("collateral", "called_usd", 100.0),
        100.0,
        also=("CASH.penalty",),
    ),
    _sale(
        "LOAN.call",
        "more is posted than a call asks for",
        _stated("collateral", "posted_btc", 90.0 - HAD_BTC),
        90.0 - 350e3 * 1.008 / (0.7 * LOWEST_USD),
        count=3,
        also=("BTC.postable", "LOAN.seized"),
    ),
    _sale(
        "BTC.balance",
        "other sales of lenders are stated",
        cell("treasury", "seized_btc", _more(0.5), node=SECOND),
        0.5,
        count=2,
    ),
]

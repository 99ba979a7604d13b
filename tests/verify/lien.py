"""The plan of `vault`, whose company also owes: a line secured by Bitcoin, and a loan paid back on a schedule."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import fields, replace
from functools import cache

import numpy as np

from allocator.instance.loans_state import Collateral, Debt, Extensions, Loans
from allocator.planning.treasury_point import LoanMoves
from tests.verify.draft import Draft
from tests.verify.vault import vault


def lien_debt() -> Debt:
    """300,000 USD on ten Bitcoin, of a line of 400,000; 100,000 USD paid back by 20,000 a month."""
    return Debt(
        Loans(
            names=("line", "term"),
            kind=("btc_backed", "term"),
            opening_usd=np.array([3e5, 1e5]),
            limit_usd=np.array([[4e5, 4e5, 4e5], [8e4, 6e4, 4e4]]),
            falls_due_usd=np.array([[0.0, 0.0, 0.0], [2e4, 2e4, 2e4]]),
            interest_share=np.array([[0.004, 0.008, 0.008], [0.003, 0.006, 0.006]]),
            interest_to_end_share=np.array([[0.004] * 3, [0.003] * 3]),
            undrawn_share=np.array([[0.001] * 3, [0.0] * 3]),
            may_draw=np.array([[True, False, True], [False] * 3]),
            may_prepay=np.array([True, False]),
            prepayment_fee_share=np.array([0.01, 0.0]),
            upfront_usd=np.array([2e3, 0.0]),
        ),
        Collateral(
            loan=np.array([0]),
            opening_pledged_btc=np.array([10.0]),
            initial_ltv=np.array([0.6]),
            call_ltv=np.array([0.7]),
            liquidation_ltv=np.array([0.8]),
            release_ltv=np.array([0.5]),
            postable_share=np.array([0.5]),
            uncured_penalty=100.0,
            penalty_share=np.array([0.05]),
            call_penalty=np.array([np.inf]),
            stress_share=np.array([0.0, 0.1, 0.1]),
            least_headroom=np.array([0.0]),
        ),
        Extensions(
            loan=np.array([0]),
            extra_usd=np.array([[0.0, 0.0, 1e5]]),
            decided=np.array([[-1, -1, 2]]),
            fee_share=np.array([0.002]),
            most_ltv=np.array([0.6]),
        ),
    )


def lien_moves() -> LoanMoves:
    """50,000 USD are drawn in the first month; in the third the line is extended, 100,000 are paid back early and two
    Bitcoin released."""
    moves = still_loans(2, 3)
    moves.extends[0, 2] = 1.0
    moves.draw_usd[0, 0], moves.repay_usd[0, 2], moves.repay_usd[1, :], moves.release_btc[0, 2] = 5e4, 1e5, 2e4, 2.0
    return moves


def still_loans(loans: int, nodes: int) -> LoanMoves:
    """Nothing moves."""
    return LoanMoves(**{field.name: np.zeros((loans, nodes)) for field in fields(LoanMoves)})


def fallen_debt() -> Debt:
    """The same debt, its calls at a price, and a price that falls by half within the second month, to 27,000 USD."""
    debt = lien_debt()
    terms = replace(debt.collateral, call_penalty=np.array([0.1]), stress_share=np.array([0.0, 0.5, 0.1]))
    return replace(debt, collateral=terms)


LOWEST_USD, POSTED_BTC = 27e3, 4.3
HAD_BTC = 10.0 + POSTED_BTC
DUE_USD = 350e3 * 1.008
SEIZED_BTC = (DUE_USD - 0.8 * LOWEST_USD * HAD_BTC) / (0.15 * LOWEST_USD)
BROUGHT_USD = 0.95 * LOWEST_USD * SEIZED_BTC


def fallen_moves() -> LoanMoves:
    """350,000 USD are due; half of the free Bitcoin is posted, and most of all that the lender has is sold."""
    moves = lien_moves()
    moves.post_btc[0, 1], moves.seized_btc[0, 1], moves.pledge_btc[0, 1] = POSTED_BTC, SEIZED_BTC, POSTED_BTC
    moves.repay_usd[0, 1], moves.repay_usd[0, 2] = BROUGHT_USD, 20e3
    moves.release_btc[0, 2] = 0.0
    return moves


@cache
def _lien() -> Draft:
    plain = replace(vault(), untouched=_lien)
    tree = replace(plain.instance.tree, decision=np.array([True, False, True]))
    plain.instance = replace(plain.instance, tree=tree, debt=lien_debt())
    plain.point = replace(plain.point, loans=lien_moves())
    return plain


def lien() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_lien())


@cache
def _fallen() -> Draft:
    plain = replace(lien(), untouched=_fallen)
    assert plain.instance.treasury is not None
    unbound = replace(plain.instance.treasury, floor_btc=0.0)
    plain.instance = replace(plain.instance, debt=fallen_debt(), treasury=unbound)
    plain.point = replace(plain.point, loans=fallen_moves())
    return plain


def fallen() -> Draft:
    """A fresh draft of a plan in which the lender calls and sells; it verifies as it stands."""
    return deepcopy(_fallen())

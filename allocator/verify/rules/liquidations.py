"""LOAN: what lenders sell where a loan stands above its liquidation level before the company acts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.case import Case
from allocator.verify.check import Check, Sense
from allocator.verify.loan_columns import (
    lowest_usd,
    of_collateral,
    of_loans,
    opening_btc,
    opening_usd,
    proceeds_usd,
    secured_axes,
    tested_usd,
)


@dataclass(frozen=True)
class _Sale:
    """Over (K, N): what the lender has, what brings the loan back to its level, whether it may sell, what it sells."""

    had_btc: Floats
    asked_btc: Floats
    may_sell: Bools
    seized_btc: Floats


def liquidation(case: Case, debt: Debt) -> Iterator[Check]:
    """The lender sells what brings the loan back to its liquidation level, where it has as much."""
    sale = _sale(case, debt)
    enough = sale.may_sell & (sale.asked_btc <= sale.had_btc)
    yield _check(case, debt, sale, np.where(enough, sale.asked_btc, 0.0), "at_least")


def liquidated(case: Case, debt: Debt) -> Iterator[Check]:
    """And no more than that."""
    sale = _sale(case, debt)
    yield _check(case, debt, sale, np.where(sale.asked_btc > 0, sale.asked_btc, np.inf), "at_most")


def seized(case: Case, debt: Debt) -> Iterator[Check]:
    """The lender sells only above its liquidation level, where calls may happen."""
    sale = _sale(case, debt)
    yield _check(case, debt, sale, np.where(sale.may_sell & (sale.asked_btc > 0), np.inf, 0.0), "at_most")


def held(case: Case, debt: Debt) -> Iterator[Check]:
    """The lender sells no more than it holds and is posted."""
    sale = _sale(case, debt)
    yield _check(case, debt, sale, sale.had_btc, "at_most")


def exhausted(case: Case, debt: Debt) -> Iterator[Check]:
    """Where all it has is too little, it sells all."""
    sale = _sale(case, debt)
    short = sale.may_sell & (sale.asked_btc > sale.had_btc)
    yield _check(case, debt, sale, np.where(short, sale.had_btc, 0.0), "at_least")


def proceeds(case: Case, debt: Debt) -> Iterator[Check]:
    """What a lender's sale brings beyond interest pays principal back."""
    repaid = of_loans(case, debt, "repaid_usd")
    least = proceeds_usd(case, debt) - debt.loans.interest_share * opening_usd(case, debt)
    axes, tolerance = (case.axes.loans, case.axes.nodes), tolerances.limit_usd(repaid)
    yield Check("paid back", "USD", axes, repaid, np.maximum(0.0, least), "at_least", tolerance)


LIQUIDATION_RULES = {
    "LOAN.liquidation": liquidation,
    "LOAN.liquidated": liquidated,
    "LOAN.seized": seized,
    "LOAN.held": held,
    "LOAN.exhausted": exhausted,
    "LOAN.proceeds": proceeds,
}


def _sale(case: Case, debt: Debt) -> _Sale:
    terms, lowest = debt.collateral, lowest_usd(case, debt)
    had = opening_btc(case, debt) + of_collateral(case, debt, "posted_btc")
    level = terms.liquidation_ltv[:, None] * lowest
    restores = (1.0 - terms.penalty_share)[:, None] * lowest - level
    need = np.maximum(0.0, tested_usd(case, debt) - level * had)
    asked = np.divide(need, restores, out=np.zeros_like(need), where=restores > 0)
    asked = np.where(asked < tolerances.BTC, 0.0, asked)
    may_sell = terms.may_be_called(case.instance.tree.parent)
    return _Sale(had, asked, may_sell, of_collateral(case, debt, "seized_btc"))


def _check(case: Case, debt: Debt, sale: _Sale, limit: Floats, sense: Sense) -> Check:
    tolerance = tolerances.limit_btc(sale.had_btc)
    return Check("sold by the lender", "BTC", secured_axes(case, debt), sale.seized_btc, limit, sense, tolerance)

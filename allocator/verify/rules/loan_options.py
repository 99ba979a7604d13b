"""LOAN: fees for having a loan, and rights to postpone its maturity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.verify import tolerances
from allocator.verify.case import Case
from allocator.verify.check import Check
from allocator.verify.loan_columns import (
    extended,
    extension_usd,
    of_collateral,
    of_loans,
    owed_usd,
    pledged_btc,
    secured_axes,
    upfront_usd,
)


def opened(case: Case, debt: Debt) -> Iterator[Check]:
    """The fee for having a loan is paid with its first draw."""
    owed, found = upfront_usd(case, debt), of_loans(case, debt, "upfront_fee_usd")
    yield Check("upfront fee", "USD", (case.axes.loans, case.axes.nodes), found, owed, tolerance=tolerances.usd(owed))


def extension_fee(case: Case, debt: Debt) -> Iterator[Check]:
    """A maturity is postponed where that may be decided, for a fee on what is owed then."""
    axes, rights = (case.axes.loans, case.axes.nodes), debt.extensions
    may_be = np.zeros((len(debt.loans.names), len(case.instance.tree)))
    right, node = rights.rights()
    may_be[rights.loan[right], node] = 1.0
    yield Check("extended", "", axes, extended(case, debt), may_be, "at_most")
    owed, found = extension_usd(case, debt), of_loans(case, debt, "extension_fee_usd")
    yield Check("extension fee", "USD", axes, found, owed, tolerance=tolerances.usd(owed))


def extension_ltv(case: Case, debt: Debt) -> Iterator[Check]:
    """What is extended is covered as the right asks."""
    level = np.full(len(debt.loans.names), np.inf)
    level[debt.extensions.loan] = debt.extensions.most_ltv
    own, price = level[debt.collateral.loan], of_collateral(case, debt, "price_usd_per_btc")
    asks = (extended(case, debt)[debt.collateral.loan] > 0) & np.isfinite(own)[:, None]
    worth = np.where(np.isfinite(own), own, 0.0)[:, None] * price * pledged_btc(case, debt)
    owed = owed_usd(case, debt)[debt.collateral.loan]
    most, tolerance = np.where(asks, worth, np.inf), tolerances.limit_usd(owed)
    yield Check("owed when extended", "USD", secured_axes(case, debt), owed, most, "at_most", tolerance)


def shares(case: Case, debt: Debt) -> Iterator[Check]:
    """Notes are settled in shares where these are worth the conversion price; what they are worth is stated."""
    found, repaid = of_loans(case, debt, "shares_usd"), of_loans(case, debt, "repaid_usd")
    owed = np.zeros_like(found)
    if debt.notes is not None:
        priced = debt.notes.share_usd >= debt.notes.conversion_usd[:, None]
        note = debt.notes.conversion_usd[:, None] > 0
        owed = np.where(note & priced, debt.notes.worth_usd(repaid), 0.0)
    yield Check("shares given", "USD", (case.axes.loans, case.axes.nodes), found, owed, tolerance=tolerances.usd(owed))


OPTION_RULES = {
    "LOAN.shares": shares,
    "LOAN.opened": opened,
    "LOAN.extension_fee": extension_fee,
    "LOAN.extension_ltv": extension_ltv,
}

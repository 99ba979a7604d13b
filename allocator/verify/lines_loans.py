"""Lines of the cash flow of debt, each from the moves of table loans and the instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.loan_columns import fees_usd, of_loans, opening_usd, owed_usd, proceeds_usd
from allocator.verify.owed import LineRule, Owed, by_company


def loan_draw(case: Case) -> Owed:
    """Money drawn."""
    return _paid(case, lambda debt: of_loans(case, debt, "drawn_usd"))


def loan_repayment(case: Case) -> Owed:
    """Principal paid back."""
    return _paid(case, lambda debt: -of_loans(case, debt, "repaid_usd"))


def loan_interest(case: Case) -> Owed:
    """Interest on what was owed at the node before."""
    return _paid(case, lambda debt: -debt.loans.interest_share * opening_usd(case, debt))


def loan_fees(case: Case) -> Owed:
    """Fees on what is not drawn and on what is paid back early."""
    return _paid(case, lambda debt: -fees_usd(case, debt))


def terminal_debt(case: Case) -> Owed:
    """What is owed at each leaf, with interest to the end of the horizon."""

    def left(debt: Debt) -> Floats:
        owed, leaves = owed_usd(case, debt) * (1.0 + debt.loans.interest_to_end_share), case.instance.tree.leaves
        out = np.zeros_like(owed)
        out[:, leaves] = -owed[:, leaves]
        return out

    return _paid(case, left)


def btc_seized(case: Case) -> Owed:
    """Bitcoin sold by lenders, at the lowest price less the penalty."""
    return _paid(case, lambda debt: proceeds_usd(case, debt))


def notes_conversion(case: Case) -> Owed:
    """What shares given for notes are worth beyond what was owed."""
    return _paid(case, lambda debt: -_given(debt, -_moved(case, debt)))


def shares_issued(case: Case) -> Owed:
    """What shares given for notes are worth: no cash moves."""
    return _paid(case, lambda debt: _shares(debt, -_moved(case, debt)))


def terminal_conversion(case: Case) -> Owed:
    """What the shares are worth that notes left at each leaf would turn into, beyond what is owed."""

    def left(debt: Debt) -> Floats:
        owed, leaves, out = owed_usd(case, debt), case.instance.tree.leaves, np.zeros(debt.loans.limit_usd.shape)
        if debt.notes is not None:
            out[:, leaves] = -np.maximum(0.0, debt.notes.worth_usd(owed) - owed)[:, leaves]
        return out

    return _paid(case, left)


LOAN_LINES: Mapping[str, LineRule] = {
    "btc_seized": btc_seized,
    "loan_draw": loan_draw,
    "loan_repayment": loan_repayment,
    "loan_interest": loan_interest,
    "loan_fees": loan_fees,
    "terminal_debt": terminal_debt,
    "notes_conversion": notes_conversion,
    "shares_issued": shares_issued,
    "terminal_conversion": terminal_conversion,
}


def _moved(case: Case, debt: Debt) -> Floats:
    return owed_usd(case, debt) - opening_usd(case, debt)


def _shares(debt: Debt, repaid: Floats) -> Floats:
    """Worth of the shares that pay back principal (L, N), where it is paid back in shares."""
    if debt.notes is None:
        return np.zeros_like(repaid)
    return np.where(debt.notes.paid_in_shares, debt.notes.worth_usd(repaid), 0.0)


def _given(debt: Debt, repaid: Floats) -> Floats:
    return np.where(_shares(debt, repaid) > 0, _shares(debt, repaid) - repaid, 0.0)


def _paid(case: Case, amounts: Callable[[Debt], Floats]) -> Owed:
    """Amounts (L, N) by loan; none without debt."""
    debt = case.instance.debt
    if debt is None:
        return by_company([], np.zeros((0, len(case.instance.tree))))
    return by_company(debt.loans.names, amounts(debt))

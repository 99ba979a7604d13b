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


LOAN_LINES: Mapping[str, LineRule] = {
    "btc_seized": btc_seized,
    "loan_draw": loan_draw,
    "loan_repayment": loan_repayment,
    "loan_interest": loan_interest,
    "loan_fees": loan_fees,
    "terminal_debt": terminal_debt,
}


def _paid(case: Case, amounts: Callable[[Debt], Floats]) -> Owed:
    """Amounts (L, N) by loan; none without debt."""
    debt = case.instance.debt
    if debt is None:
        return by_company([], np.zeros((0, len(case.instance.tree))))
    return by_company(debt.loans.names, amounts(debt))

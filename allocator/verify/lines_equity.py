"""Lines of new shares, each from what table equity says that buyers paid."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.by_node import by_node
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed, by_company


def equity_issued(case: Case) -> Owed:
    """What buyers of shares pay."""
    return _of_company(issued_usd(case))


def equity_fees(case: Case) -> Owed:
    """What underwriters keep of it."""
    equity = case.instance.equity
    return _of_company(-(0.0 if equity is None else equity.fee_share) * issued_usd(case))


def terminal_new_owners(case: Case) -> Owed:
    """What buyers hold at each leaf, those of before the start too: worth of their shares when sold or at the start,
    with interest to the end of the horizon."""
    instance, out = case.instance, np.zeros(len(case.instance.tree))
    if instance.equity is not None:
        years = instance.tree.horizon_years - instance.tree.mid_years
        rate = 1.0 + instance.finance.risk_free_per_year
        growth, since_start = rate**years, rate**instance.tree.horizon_years
        held = case.timeline.along(instance.equity.claim_per_usd * growth * issued_usd(case))
        before = instance.equity.opening_claim_usd * since_start
        out[instance.tree.leaves] = -(held[instance.tree.leaves] + before)
    return _of_company(out)


EQUITY_LINES: Mapping[str, LineRule] = {
    "equity_issued": equity_issued,
    "equity_fees": equity_fees,
    "terminal_new_owners": terminal_new_owners,
}


def issued_usd(case: Case) -> Floats:
    """Paid by buyers in each node, (N,); 0 where no shares may be sold."""
    if case.instance.equity is None:
        return np.zeros(len(case.instance.tree))
    return by_node(case, "equity", "issued_usd")


def _of_company(amount_usd: Floats) -> Owed:
    return by_company([""], amount_usd[None, :])

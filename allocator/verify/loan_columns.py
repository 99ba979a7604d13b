"""Columns of tables loans and collateral on the axes of the instance, and balances rolled from their moves."""

from __future__ import annotations

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.check import Axis
from allocator.verify.facts import scatter
from allocator.verify.once import once


@once
def of_loans(case: Case, debt: Debt, column: str) -> Floats:
    """A column of table loans, (L, N)."""
    frame = case.tables["loans"]
    at = case.axes.loan_at(frame["loan"]), case.axes.node_at(frame["node"])
    return scatter((len(debt.loans.names), len(case.instance.tree)), at, frame[column])


@once
def of_collateral(case: Case, debt: Debt, column: str) -> Floats:
    """A column of table collateral, (K, N) over the secured loans."""
    frame = case.tables["collateral"]
    secured = np.full(len(debt.loans.names) + 1, -1, dtype=np.int64)
    secured[debt.collateral.loan] = np.arange(len(debt.collateral.loan))
    at = secured[case.axes.loan_at(frame["loan"])], case.axes.node_at(frame["node"])
    return scatter((len(debt.collateral.loan), len(case.instance.tree)), at, frame[column])


def secured_axes(case: Case, debt: Debt) -> tuple[Axis, Axis]:
    """Secured loans and nodes."""
    return {"loan": [debt.loans.names[int(loan)] for loan in debt.collateral.loan]}, case.axes.nodes


@once
def owed_usd(case: Case, debt: Debt) -> Floats:
    """What is owed at the end of each node, from the opening and what is drawn and paid back, (L, N)."""
    moved = of_loans(case, debt, "drawn_usd") - of_loans(case, debt, "repaid_usd")
    return _rolled(case, debt.loans.opening_usd, moved)


@once
def opening_usd(case: Case, debt: Debt) -> Floats:
    """What each node opens with, (L, N)."""
    return case.timeline.carry(owed_usd(case, debt), debt.loans.opening_usd)


@once
def pledged_btc(case: Case, debt: Debt) -> Floats:
    """What is pledged at the end of each node, from the opening and what is pledged, released and seized, (K, N)."""
    moved = of_collateral(case, debt, "pledged_btc") - of_collateral(case, debt, "released_btc")
    moved = moved - of_collateral(case, debt, "seized_btc")
    return _rolled(case, debt.collateral.opening_pledged_btc, moved)


@once
def opening_btc(case: Case, debt: Debt) -> Floats:
    """What is pledged when each node opens, (K, N)."""
    return case.timeline.carry(pledged_btc(case, debt), debt.collateral.opening_pledged_btc)


@once
def tested_usd(case: Case, debt: Debt) -> Floats:
    """Principal that a node opens with and interest on it, of the secured loans, (K, N)."""
    owed = opening_usd(case, debt) * (1.0 + debt.loans.interest_share)
    return np.asarray(owed[debt.collateral.loan])


@once
def lowest_usd(case: Case, debt: Debt) -> Floats:
    """Lowest price of a Bitcoin in each node, (N,)."""
    price = case.instance.btc_price_usd if len(debt.collateral.loan) else np.zeros(len(case.instance.tree))
    return np.asarray(price * (1.0 - debt.collateral.stress_share))


@once
def proceeds_usd(case: Case, debt: Debt) -> Floats:
    """What lenders' sales of seized collateral bring, (L, N)."""
    out, terms = np.zeros((len(debt.loans.names), len(case.instance.tree))), debt.collateral
    brings = (1.0 - terms.penalty_share)[:, None] * lowest_usd(case, debt)
    out[terms.loan] = of_collateral(case, debt, "seized_btc") * brings
    return out


@once
def fees_usd(case: Case, debt: Debt) -> Floats:
    """All fees, (L, N): on what is not drawn, on what is paid back before it is due, upfront, for an extension."""
    loans, repaid = debt.loans, of_loans(case, debt, "repaid_usd")
    limit = case.timeline.carry(loans.limit_usd, loans.limit_usd[:, 0] + loans.falls_due_usd[:, 0])
    early = np.maximum(0.0, repaid - debt.due_usd(case.instance.tree.parent) - proceeds_usd(case, debt))
    undrawn = loans.undrawn_share * (limit - opening_usd(case, debt))
    other = upfront_usd(case, debt) + extension_usd(case, debt)
    return np.asarray(undrawn + loans.prepayment_fee_share[:, None] * early + other)


@once
def upfront_usd(case: Case, debt: Debt) -> Floats:
    """Fees for having loans, (L, N): where one is first drawn on a way, at a root if something is owed."""
    drawn, parent = of_loans(case, debt, "drawn_usd") > 0, case.instance.tree.parent
    ever, due = np.zeros_like(drawn), np.zeros(drawn.shape)
    for node in range(len(parent)):
        before = ever[:, parent[node]] if parent[node] >= 0 else debt.loans.opening_usd > 0
        ever[:, node] = before | drawn[:, node]
        first = ever[:, node] if parent[node] < 0 else ever[:, node] & ~before
        due[:, node] = np.where(first, debt.loans.upfront_usd, 0.0)
    return due


@once
def extended(case: Case, debt: Debt) -> Floats:
    """1 where a maturity is postponed, (L, N)."""
    return of_loans(case, debt, "extended")


@once
def extension_usd(case: Case, debt: Debt) -> Floats:
    """Fees for postponing maturities, on what is owed then, (L, N)."""
    share = np.zeros(len(debt.loans.names))
    share[debt.extensions.loan] = debt.extensions.fee_share
    return share[:, None] * extended(case, debt) * owed_usd(case, debt)


@once
def limit_usd(case: Case, debt: Debt) -> Floats:
    """Most that may be owed at the end of each node, with the extensions that are used, (L, N)."""
    limit, used, rights = debt.loans.limit_usd.copy(), extended(case, debt), debt.extensions
    for loan, extra, node in zip(rights.loan, rights.extra_usd, rights.decided, strict=True):
        limit[loan] += np.where(node >= 0, extra * used[loan, node], 0.0)
    return limit


def _rolled(case: Case, opening: Floats, moved: Floats) -> Floats:
    """Balances (K, N) node by node: what is paid back to the last cent leaves nothing, not the rounding of a sum."""
    held = np.zeros_like(moved)
    for node, parent in enumerate(case.instance.tree.parent):
        held[:, node] = (held[:, parent] if parent >= 0 else opening) + moved[:, node]
    return held

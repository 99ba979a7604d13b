"""From the loans section to what each node may owe and pays for it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.loans_state import Collateral, Debt, Extensions, Loans
from allocator.instance.months import MonthGrid, Monthly, average_by_node
from allocator.instance.notes import follows, with_notes
from allocator.instance.projects import compile_projects
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.types import Bays
from allocator.scenario.finance import Hard, Priced
from allocator.scenario.loans import (
    BtcBackedLoan,
    ConvertibleNotes,
    EquipmentLoan,
    Extension,
    ProjectLoan,
    TermLoan,
)
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

AnyLoan = BtcBackedLoan | TermLoan | EquipmentLoan | ProjectLoan | ConvertibleNotes

UNCURED_PENALTY = 100.0
"""Price of one USD above the call level after acting, where missing cash has none of its own."""


def compile_debt(
    scenario: Scenario, monthly: Monthly, grid: MonthGrid, tree: NodeTree, bays: Bays, btc_price_usd: Floats | None
) -> Debt | None:
    """All loans of a scenario; None where nothing is owed and nothing can be. `bays` are those of its sites first."""
    if not scenario.loans:
        return None
    start = scenario.horizon.start
    rates = np.array([_rate_per_year(loan, monthly, grid, tree) for loan in scenario.loans])
    stress = 0.0 if scenario.treasury is None else scenario.treasury.stress_share
    posting = 0.0 if scenario.treasury is None else scenario.treasury.posting_hours
    rule = scenario.finance.minimum_cash_rule
    uncured = rule.penalty_per_usd if isinstance(rule, Priced) else UNCURED_PENALTY
    debt = Debt(
        compile_loans(scenario.loans, rates, tree, start),
        compile_collateral(scenario.loans, average_by_node(monthly(stress), grid, tree), posting, uncured),
        compile_extensions(scenario.loans, tree, start),
        compile_projects(scenario, tree, bays, tree.accrual(rates)),
    )
    if not any(isinstance(loan, ConvertibleNotes) for loan in scenario.loans):
        return debt
    shares = [_share_price_usd(loan, monthly, grid, tree, btc_price_usd) for loan in scenario.loans]
    return with_notes(debt, scenario.loans, tree, start, np.array(shares))


def _share_price_usd(
    loan: AnyLoan, monthly: Monthly, grid: MonthGrid, tree: NodeTree, btc_price_usd: Floats | None
) -> Floats:
    """Price of a share at each node, (N,); 0 for loans that are no notes."""
    if not isinstance(loan, ConvertibleNotes):
        return np.zeros(len(tree))
    mean = average_by_node(monthly(loan.share_price_usd), grid, tree)
    return mean if btc_price_usd is None else mean * follows(btc_price_usd, loan.btc_elasticity, tree)


def _rate_per_year(loan: AnyLoan, monthly: Monthly, grid: MonthGrid, tree: NodeTree) -> Floats:
    """Interest by node, (N,): the reference rate or its floor, and the spread."""
    reference = np.maximum(monthly(loan.rate_per_year), loan.rate_floor_per_year)
    return average_by_node(reference, grid, tree) + loan.spread_per_year


def compile_loans(stated: Sequence[AnyLoan], rates: Floats, tree: NodeTree, start: Month) -> Loans:
    """Loans in the order of the file; `rates` (L, N) are annual effective."""
    ends = tree.first_month + tree.months
    limit = np.array([_limit_usd(loan, ends, start) for loan in stated]).reshape(len(stated), len(tree))
    before = np.where(tree.parent >= 0, limit[:, tree.parent], _opening_limit(stated)[:, None])
    secured = np.array([isinstance(loan, BtcBackedLoan) for loan in stated], dtype=bool)
    fees = np.array([loan.commitment_fee_per_year if isinstance(loan, BtcBackedLoan) else 0.0 for loan in stated])
    opening = np.array([_opening_usd(loan) for loan in stated], dtype=float)
    revolves = secured & (_opening_limit(stated) > opening) & tree.decision[:, None]
    builds = np.tile([isinstance(loan, ProjectLoan) for loan in stated], (len(tree), 1))
    return Loans(
        names=tuple(loan.name for loan in stated),
        kind=tuple(loan.kind for loan in stated),
        opening_usd=opening,
        limit_usd=limit,
        falls_due_usd=before - limit,
        interest_share=tree.accrual(rates),
        interest_to_end_share=(1.0 + rates) ** (tree.horizon_years - tree.mid_years) - 1.0,
        undrawn_share=fees[:, None] * np.where(before > 0, tree.years_since_parent, 0.0),
        may_draw=(revolves | builds).T & (limit > 0),
        may_prepay=np.array([_may_prepay(loan) for loan in stated], dtype=bool),
        prepayment_fee_share=np.array([_prepayment_fee(loan) for loan in stated], dtype=float),
        upfront_usd=np.array([loan.upfront_fee_share for loan in stated]) * _opening_limit(stated),
    )


def compile_extensions(stated: Sequence[AnyLoan], tree: NodeTree, start: Month) -> Extensions:
    """Rights to postpone the maturity of loans, in the order of the file."""
    own = [(position, loan) for position, loan in enumerate(stated) if _extension(loan) is not None]
    rights = [right for _, loan in own if (right := _extension(loan)) is not None]
    ends, shape = tree.first_month + tree.months, (len(own), len(tree))
    extra = [_limit_usd(loan, ends, start, postponed=True) - _limit_usd(loan, ends, start) for _, loan in own]
    matures = [_matures(loan, start) for _, loan in own]
    extra_usd = np.array(extra).reshape(shape)
    last = np.array([_last_decision(tree, month) for month in matures]).reshape(shape)
    return Extensions(
        loan=np.array([position for position, _ in own], dtype=np.int64),
        extra_usd=np.where(last >= 0, extra_usd, 0.0),
        decided=np.where(extra_usd > 0, last, -1).astype(np.int64),
        fee_share=np.array([right.fee_share for right in rights], dtype=float),
        most_ltv=np.array([np.inf if right.most_ltv is None else right.most_ltv for right in rights], dtype=float),
    )


def _last_decision(tree: NodeTree, matures: float) -> Ints:
    """On the way to each node, the last decision node no later than the one in which the month ends, (N,); else -1."""
    ends, last = tree.first_month + tree.months, np.full(len(tree), -1, dtype=np.int64)
    for node, parent in enumerate(tree.parent.tolist()):
        open_before = parent < 0 or ends[parent] < matures
        decides = tree.decision[node] and open_before
        last[node] = node if decides else last[parent] if parent >= 0 else -1
    return last


def compile_collateral(
    stated: Sequence[AnyLoan], stress: Floats, posting_hours: float, uncured_penalty: float
) -> Collateral:
    """Loans secured by Bitcoin, in the order of the file; `stress` (N,) is how far the price falls within a node."""
    own = [(position, loan) for position, loan in enumerate(stated) if isinstance(loan, BtcBackedLoan)]

    def column(name: str) -> Floats:
        return np.array([getattr(loan, name) for _, loan in own], dtype=float)

    rules = [loan.call_rule for _, loan in own]
    return Collateral(
        loan=np.array([position for position, _ in own], dtype=np.int64),
        opening_pledged_btc=column("opening_pledged_btc"),
        initial_ltv=column("initial_ltv"),
        call_ltv=column("call_ltv"),
        liquidation_ltv=column("liquidation_ltv"),
        release_ltv=column("release_ltv"),
        penalty_share=column("liquidation_penalty_share"),
        call_penalty=np.array([np.inf if isinstance(rule, Hard) else rule.penalty_per_usd for rule in rules]),
        postable_share=np.where(column("cure_hours") >= posting_hours, column("postable_share"), 0.0),
        uncured_penalty=uncured_penalty,
        stress_share=stress,
        least_headroom=column("least_headroom_share"),
    )


def _opening_limit(stated: Sequence[AnyLoan]) -> Floats:
    """Most that each loan lets the company owe at the start, (L,)."""
    return np.array([_most_usd(loan) for loan in stated], dtype=np.float64)


def _opening_usd(loan: AnyLoan) -> float:
    return 0.0 if isinstance(loan, ProjectLoan) else loan.opening_principal_usd


def _most_usd(loan: AnyLoan) -> float:
    if isinstance(loan, ProjectLoan):
        return loan.limit_usd
    limit = loan.limit_usd if isinstance(loan, BtcBackedLoan) else None
    return loan.opening_principal_usd if limit is None else limit


def _may_prepay(loan: AnyLoan) -> bool:
    return not isinstance(loan, ConvertibleNotes) and (isinstance(loan, ProjectLoan) or loan.may_prepay)


def _prepayment_fee(loan: AnyLoan) -> float:
    return 0.0 if isinstance(loan, ProjectLoan | ConvertibleNotes) else loan.prepayment_fee_share


def _extension(loan: AnyLoan) -> Extension | None:
    return loan.extension if isinstance(loan, BtcBackedLoan | TermLoan) else None


def _matures(loan: AnyLoan, start: Month) -> float:
    """Months from the start of the horizon to the end of the month of maturity; inf: never."""
    return np.inf if loan.maturity is None else loan.maturity.since(start) + 1


def _limit_usd(loan: AnyLoan, ends: Ints, start: Month, postponed: bool = False) -> Floats:
    """Most that is owed when each node ends; `ends` are months from the start of the horizon, (N,).

    `postponed`: as if the right to postpone the maturity were used.
    """
    most, right = _most_usd(loan), _extension(loan)
    matures = _matures(loan, start)
    left = np.full(len(ends), most)
    if isinstance(loan, EquipmentLoan):
        left = most * np.maximum(0.0, 1.0 - ends / matures)
    elif isinstance(loan, TermLoan):
        paid = np.concatenate([[0.0], np.cumsum(loan.repay_usd_by_month)])
        left = most - paid[np.minimum(ends, len(loan.repay_usd_by_month))]
    lasts = matures + right.months if postponed and right is not None else matures
    return np.where(ends >= lasts, 0.0, left)

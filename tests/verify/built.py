"""A plan made by hand whose hall is built with a project loan, that owes convertible notes, and whose tenant pays
ahead."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.loans import compile_collateral
from allocator.instance.loans_state import Debt, Loans, Notes, Projects
from allocator.instance.prepayments_state import Prepayments
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.planning.point import PlanPoint
from allocator.planning.treasury_point import LoanMoves
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, tiny_instance
from tests.plan.factory import still_point
from tests.verify.draft import Draft
from tests.verify.lien import still_loans

NODES = 4


def built_instance() -> Instance:
    """A shell that becomes a hall of 4 MW for 1,000,000 USD over two months, and its tenant; 60 % are lent on it."""
    shell = BaySpec("bare", "empty", 0.0)
    hall = BaySpec("rows", "air_gpu", 4.0, capex_usd=1e6, lead_months=2, downtime_months=0)
    tenant = ContractSpec("tenant", 4.0, ["hall/rows"], rent_usd_per_mw_month=200e3, first_service_month=2)
    plain = tiny_instance(
        nodes=NODES, steps=2, step_hours=360.0, halls=[HallSpec("hall", [shell, hall])], contracts=[tenant],
        operations_per_year=0.1, contracted_per_year=0.08, opening_cash_usd=2e6,
    )  # fmt: skip
    return replace(plain, debt=built_debt(), prepayments=built_prepayments())


def built_prepayments() -> Prepayments:
    """The tenant pays 300,000 USD ahead; of what is not earned half is given back in the last month, with a penalty."""
    return Prepayments(
        contract=np.zeros(2, dtype=np.int64),
        signed=np.full(2, 2),
        node=np.array([2, 3]),
        received_usd=np.array([3e5, 0.0]),
        earned_usd=np.array([1e5, 1e5]),
        refunded_usd=np.array([0.0, 5e4]),
        penalty_usd=np.array([0.0, 5e3]),
        unearned_usd=np.array([2e5, 5e4]),
    )


def built_debt() -> Debt:
    """Works: 1 % of interest a month, paid back over four months. Notes: half turn into shares worth 1.2 times of them
    in the third month, the other half are left at the end, when shares are worth 1.5 times of them."""
    notes = np.array([[4e5, 4e5, 0.0, 0.0], [4e5] * 4])
    loans = Loans(
        names=("works", "notes", "later"),
        kind=("project", "convertible", "convertible"),
        opening_usd=np.array([0.0, 4e5, 4e5]),
        limit_usd=np.concatenate([np.full((1, NODES), 8e5), notes]),
        falls_due_usd=np.array([[0.0] * 4, [0.0, 0.0, 4e5, 0.0], [0.0] * 4]),
        interest_share=np.array([[0.005, 0.01, 0.01, 0.01], [0.0] * 4, [0.0] * 4]),
        interest_to_end_share=np.array([[0.005] * 4, [0.0] * 4, [0.0] * 4]),
        undrawn_share=np.zeros((3, NODES)),
        may_draw=np.array([[True] * 4, [False] * 4, [False] * 4]),
        may_prepay=np.array([True, False, False]),
        prepayment_fee_share=np.zeros(3),
        upfront_usd=np.array([8e3, 0.0, 0.0]),
    )
    projects = Projects(
        loan=np.zeros(NODES, dtype=np.int64),
        bay=np.ones(NODES, dtype=np.int64),
        made=np.zeros(NODES, dtype=np.int64),
        node=np.arange(NODES),
        owed_usd=np.array([3e5, 6e5, 4.5e5, 3e5]),
        drawn_usd=np.array([3e5, 6e5, 0.0, 0.0]),
    )
    share_usd = np.array([[0.0] * 4, [8.0, 9.0, 12.0, 15.0], [8.0, 9.0, 12.0, 15.0]])
    in_shares = np.array([[False] * 4, [False, False, True, False], [False] * 4])
    collateral = compile_collateral([], np.zeros(NODES), 0.0, 100.0)
    return Debt(loans, collateral, projects=projects, notes=Notes(share_usd, np.array([0.0, 10.0, 10.0]), in_shares))


def built_point(instance: Instance) -> PlanPoint:
    """Converted at once, signed when complete."""
    point = still_point(instance)
    point.convert[1, 0] = 1.0
    point.fitted[0], point.fitted[1] = [1, 1, 0, 0], [0, 0, 1, 1]
    point.sign[0, 2], point.place[0, 1, 2] = 1.0, 1.0
    return point


def built_moves() -> LoanMoves:
    """200,000 USD drawn in both months of construction, what falls due paid back."""
    moves = still_loans(3, NODES)
    moves.repay_usd[1, 2] = 4e5
    moves.opens[0, 0] = 1.0
    moves.draw_usd[0, :2], moves.repay_usd[0, 3] = 2e5, 1e5
    return moves


@cache
def _built() -> Draft:
    instance = built_instance()
    settled = settle(instance, built_point(instance)).settled
    return Draft(instance, replace(settled.point, loans=built_moves()), dict(settled.schedules), untouched=_built)


def built() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_built())

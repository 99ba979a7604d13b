"""A plan on a tree that branches: what is decided at the root arrives on both branches, and each branch counts half."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.marginal import no_marginal_values
from allocator.planning.point import PlanPoint
from allocator.verify import VerificationReport, verify_plan
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.plan.factory import still_point
from tests.verify.plans import standing

ROOT, LEFT, RIGHT, LEFT_END, RIGHT_END = range(5)


def _instance() -> Instance:
    """The root branches to two nodes of a month, each followed by one more; a barn may convert within a month."""
    barn = HallSpec(
        "barn",
        [
            BaySpec("air", "air_mining", 5.0),
            BaySpec("hydro", "hydro_mining", 4.0, capex_usd=3e6, lead_months=2, downtime_months=1),
        ],
    )
    model = ModelSpec(
        "wet",
        {"hydro_mining": 0.0},
        [StepSpec(0.5, 90.0)],
        buyable=True,
        price_usd=1e5,
        resale_usd=8e4,
        lead_months=2,
        refund_share=0.5,
    )
    plain = tiny_instance(
        nodes=5, halls=[barn], models=[model], price=40.0, operations_per_year=0.1, mining_tail_usd_per_mw=[5e4]
    )
    first, parent = np.array([0, 1, 1, 2, 2]), np.array([-1, ROOT, ROOT, LEFT, RIGHT])
    tree = replace(
        plain.tree,
        name=("root", "left", "right", "left end", "right end"),
        parent=parent,
        first_month=first,
        probability=np.array([1.0, 0.5, 0.5, 0.5, 0.5]),
        mid_years=(first + 0.5) / 12,
        horizon_years=0.25,
    )
    factors = 1.1**-tree.mid_years
    finance = replace(
        plain.finance, discount_operations=factors, discount_contracted=factors, discount_horizon=1.1**-0.25
    )
    return replace(plain, tree=tree, finance=finance)


def _point(instance: Instance) -> PlanPoint:
    """The barn converts from the root; four machines are ordered there, installed on the left, sold on the right."""
    point = still_point(instance)
    air, hydro = (instance.bays.names.index(name) for name in ("barn/air", "barn/hydro"))
    point.convert[hydro, ROOT] = 1.0
    point.fitted[air, 1:] = 0.0
    point.fitted[hydro, [LEFT_END, RIGHT_END]] = 1.0
    point.buy_units[0, ROOT] = 4.0
    point.delivered_units[0, [LEFT_END, RIGHT_END]] = 4.0
    point.install_units[0, 0, LEFT_END] = 4.0
    point.installed_units[standing(instance, "wet", "barn/hydro"), LEFT_END] = 4.0
    point.sell_units[0, RIGHT_END] = 3.0
    point.stored_units[0, RIGHT_END] = 1.0
    return point


def _verified(instance: Instance, point: PlanPoint) -> VerificationReport:
    settled = settle(instance, point).settled
    return verify_plan(instance, extract_tables(settled, {}, no_marginal_values()), ScheduleTables(settled))


def test_a_branching_plan_passes() -> None:
    instance = _instance()
    report = _verified(instance, _point(instance))
    assert report.passed, "\n".join(map(str, report.violations))


def test_each_branch_counts_by_its_probability() -> None:
    instance = _instance()
    settled = settle(instance, _point(instance)).settled
    flow = extract_tables(settled, {}, no_marginal_values())["cash_flow"]
    sold = flow[flow["line"] == "equipment_sale"]
    worth = 0.5 * 3 * 8e4 * instance.finance.discount_operations[RIGHT_END]
    assert math.fsum(sold["discounted_usd"]) == pytest.approx(worth)


def test_what_is_delivered_on_one_branch_only_is_found() -> None:
    instance = _instance()
    point = _point(instance)
    point.delivered_units[0, RIGHT_END] = point.sell_units[0, RIGHT_END] = point.stored_units[0, RIGHT_END] = 0.0
    report = _verified(instance, point)
    assert [(v.rule, v.place["node"], v.amount) for v in report.violations] == [("FLEET.lead_time", "right end", 4.0)]


def test_a_budget_holds_on_every_path() -> None:
    instance = _instance()
    spent = 3e6 + 4e5
    tight = replace(instance, finance=replace(instance.finance, capex_budget_usd=spent - 100.0))
    report = _verified(tight, _point(tight))
    assert [(v.rule, v.place["node"], round(v.amount)) for v in report.violations] == [
        ("CASH.budget", "left end", 100),
        ("CASH.budget", "right end", 100),
    ]

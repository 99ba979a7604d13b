"""Plans that the product makes of random small instances pass, by either way of solving."""

from __future__ import annotations

import pytest

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.marginal import no_marginal_values
from allocator.planning.build import build_monolithic
from allocator.verify import VerificationReport, verify_plan
from solvers import solve
from solvers.options import SolveOptions
from tests.instance.factory import random_instance
from tests.quick import quick
from tests.reference.cases import at_work, budgeted, chain, selling, tree, with_batteries
from tests.reference.outage_cases import with_outages
from tests.reference.shared_limits import behind_feeders
from tests.reference.treasuries import called


def _verified(instance: Instance) -> VerificationReport:
    planning = build_monolithic(instance)
    found = solve(planning.problem, options=SolveOptions(time_limit_s=20.0))
    settled = settle(instance, planning.point(found.point())).settled
    return verify_plan(instance, extract_tables(settled, {}, no_marginal_values()), ScheduleTables(settled))


@pytest.mark.parametrize("seed", quick(range(6), first=1))
def test_a_solved_plan_passes(seed: int) -> None:
    report = _verified(random_instance(seed))
    assert report.passed, "\n".join(map(str, report.violations))


def test_a_solved_plan_of_quarters_passes() -> None:
    report = _verified(random_instance(3, months=3, nodes=4))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick([0, 1, 5, 7], first=1))
def test_a_solved_plan_behind_feeders_passes(seed: int) -> None:
    report = _verified(behind_feeders(random_instance(40 + seed, sites=2), seed))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick(range(4), first=1))
def test_a_solved_plan_with_energy_budgets_passes(seed: int) -> None:
    report = _verified(budgeted(random_instance(20 + seed), seed + 3))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick(range(4), first=1))
def test_a_solved_plan_with_batteries_passes(seed: int) -> None:
    report = _verified(with_batteries(random_instance(40 + seed, steps=4), seed))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick([3, 4, 10], first=1))
def test_a_solved_plan_of_a_company_that_is_called_passes(seed: int) -> None:
    """Draws, releases, calls, and lenders that sell some or all of the collateral."""
    report = _verified(called((chain, tree)[seed % 2](900 + seed), seed))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick([0, 1], first=1))
def test_a_solved_plan_that_sells_what_its_batteries_leave_passes(seed: int) -> None:
    report = _verified(selling(with_batteries(random_instance(80 + seed, steps=4), seed), seed))
    assert report.passed, "\n".join(map(str, report.violations))


@pytest.mark.parametrize("seed", quick([5, 7], first=1))
def test_a_solved_plan_that_owes_work_and_may_leave_tenants_short_passes(seed: int) -> None:
    report = _verified(at_work(with_outages(with_batteries(random_instance(120 + seed, steps=4), seed), seed), seed))
    assert report.passed, "\n".join(map(str, report.violations))


def test_every_family_has_facts_in_some_solved_plan() -> None:
    """A rule that never looks at anything would pass everything."""
    checked = _verified(behind_feeders(random_instance(1, sites=2, nodes=4), 1)).checked
    elsewhere = {"CASH.penalty", "HALL.under_way"}  # of the head; of what was decided before the start
    silent = {rule for rule, facts in checked.items() if facts == 0} - elsewhere
    assert {rule for rule in silent if rule.startswith(("HALL", "FLEET", "POWER", "COOLING", "HOURS", "CASH"))} == set()

"""The tax of a model is that of its plan, though no row says that a year has a profit or a loss and not both."""

from __future__ import annotations

import pytest

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd, penalty_usd
from allocator.plan.extract.dispatch import ScheduleTables
from allocator.plan.marginal import no_marginal_values
from allocator.verify import verify_plan
from tests.planning.solving import best
from tests.quick import quick
from tests.reference.cases import chain, tree
from tests.reference.hosted_cases import hosted_fleet
from tests.reference.treasuries import indebted, taxed

CASES = [
    *(taxed((chain, tree)[seed % 2](1200 + seed), seed) for seed in range(6)),
    taxed(hosted_fleet(0), 0),
    *(taxed(indebted((chain, tree)[seed % 2](900 + seed), seed), seed) for seed in (1, 3)),
]


@pytest.mark.parametrize("case", quick(range(len(CASES)), first=4))
def test_the_plan_pays_what_the_model_says_and_verifies(case: int) -> None:
    instance: Instance = CASES[case]
    plan = best(instance)
    settled = settle(instance, plan.point).settled
    tables = extract_tables(settled, {}, no_marginal_values())
    worth = objective_usd(tables["cash_flow"]) - penalty_usd(instance, tables)
    assert worth == pytest.approx(plan.usd, rel=1e-6, abs=1.0)
    report = verify_plan(instance, tables, ScheduleTables(settled))
    assert report.passed, "\n".join(map(str, report.violations))

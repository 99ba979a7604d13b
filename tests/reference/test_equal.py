"""The planning model equals the same problem written in plain PuLP loops and solved by CBC."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pytest

from allocator.instance.types import Instance
from allocator.planning import families
from allocator.planning.build import build_monolithic
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Reason, Result
from tests.instance.blocks import with_blocks
from tests.instance.coincident import with_coincident
from tests.instance.demand import with_demand
from tests.instance.hedges import with_hedges
from tests.instance.hosted import with_closed_steps
from tests.planning.cases import golden_instance
from tests.quick import quick
from tests.reference.cases import (
    at_work,
    averse,
    awkward,
    budgeted,
    chain,
    converted_twice,
    crowded,
    far_sighted,
    selling,
    short_of_cash,
    tree,
    with_batteries,
)
from tests.reference.decided_before import decided_before
from tests.reference.hosted_cases import hosted_fleet
from tests.reference.outage_cases import with_outages
from tests.reference.prepaid import paid_ahead
from tests.reference.shared_limits import behind_feeders
from tests.reference.solving import Reference, solve_by_reference
from tests.reference.treasuries import bound, called, holding, indebted, selling_shares, taxed, unlikely

EXACT = SolveOptions(relative_gap=1e-9, feasibility_tolerance=1e-9)
RELATIVE = 1e-6
LEAST_MUSD = 1.0
"""Differences are measured against the objective, or one million where it is smaller: HiGHS's own absolute gap."""

SLOW = 10
"""A chain that takes CBC seconds."""
PARTS = 3
"""Batches are solved in so many parts, the first of them every time."""
BATCHES: dict[str, Callable[[], list[Instance]]] = {
    "chains": lambda: [chain(seed) for seed in range(15) if seed != SLOW],
    "trees": lambda: [tree(seed) for seed in range(14)],
    "awkward chains": lambda: [awkward(chain(100 + seed), seed) for seed in range(14)],
    "awkward trees": lambda: [awkward(tree(200 + seed), seed) for seed in range(14)],
    "energy budgets": lambda: [budgeted((chain, tree)[seed % 2](500 + seed), seed) for seed in range(14)],
    "short of cash": lambda: [short_of_cash((chain, tree)[seed % 2](700 + seed), seed) for seed in range(10)],
    "paid ahead": lambda: [
        paid_ahead(short_of_cash((chain, tree)[seed % 2](700 + seed), seed), seed) for seed in range(6)
    ],
    "worst paths": lambda: [averse(tree(600 + seed), seed) for seed in range(10)],
    "worst children": lambda: [far_sighted(tree(600 + seed), seed) for seed in range(10)],
    "batteries": lambda: [
        *(with_batteries((chain, tree)[seed % 2](700 + seed), seed) for seed in range(10)),
        *(with_batteries(budgeted(chain(720 + seed), seed), seed) for seed in range(3)),
    ],
    "hosted": lambda: [
        *(hosted_fleet(seed) for seed in range(12)),
        *(with_closed_steps(hosted_fleet(seed)) for seed in (12, 13, 14, 15)),
    ],
    "holding Bitcoin": lambda: [holding((chain, tree)[seed % 2](900 + seed), seed) for seed in range(16) if seed != 8],
    "indebted": lambda: [indebted((chain, tree)[seed % 2](900 + seed), seed) for seed in (1, 3, 6, 10, 13)],
    "called": lambda: [called((chain, tree)[seed % 2](900 + seed), seed) for seed in (1, 2, 3, 4, 7, 10)],
    "blocks of power": lambda: [
        *(with_blocks((chain, tree)[seed % 2](600 + seed), 0.5 + seed) for seed in range(6)),
        *(with_blocks(with_batteries(tree(640 + seed), seed), 2.0) for seed in range(2)),
    ],
    "coincident peaks": lambda: [
        *(with_coincident(short_of_cash((chain, tree)[seed % 2](800 + seed), seed), 2e5, 5e4) for seed in range(6)),
        with_coincident(with_demand(tree(640), 9e3), 2e4),
    ],
    "demand charges": lambda: [
        *(with_demand((chain, tree)[seed % 2](600 + seed), 4e3 * (1 + seed)) for seed in range(6)),
        *(with_demand(with_batteries(tree(640 + seed), seed), 9e3) for seed in range(2)),
    ],
    "hedged": lambda: [
        *(with_hedges(averse(tree(600 + seed), seed)) for seed in range(4)),
        *(with_hedges(averse(holding(tree(900 + seed), seed), seed), spread_usd=-2.0) for seed in (1, 3, 5, 7)),
    ],
    "unlikely": lambda: [unlikely(tree(900 + seed), seed) for seed in (0, 1, 2, 3, 5, 6)],
    "selling shares": lambda: [
        selling_shares((chain, tree)[seed % 2](900 + seed), seed) for seed in (1, 2, 3, 4, 6, 7)
    ],
    "taxed": lambda: [
        *(taxed((chain, tree)[seed % 2](1100 + seed), seed) for seed in (0, 1, 2, 3, 4, 7)),
        *(taxed(indebted((chain, tree)[seed % 2](900 + seed), seed), seed) for seed in (1, 6)),
        taxed(hosted_fleet(3), 3),
    ],
    "bound by covenants": lambda: [bound((chain, tree)[seed % 2](900 + seed), seed) for seed in (1, 2, 4, 6, 7, 11)],
    "feeders and plants": lambda: [
        *(behind_feeders((chain, tree)[seed % 2](600 + seed), seed) for seed in range(10)),
        *(behind_feeders(crowded(seed), seed) for seed in range(4)),
    ],
    "reserves": lambda: [
        *(selling((chain, tree)[seed % 2](600 + seed), seed) for seed in range(10)),
        *(selling(with_batteries((chain, tree)[seed % 2](640 + seed), seed), seed) for seed in range(4)),
    ],
    "decided before": lambda: [decided_before((chain, tree)[seed % 2](800 + seed), seed) for seed in range(12)],
    "deferrable work": lambda: [at_work((chain, tree)[seed % 2](1040 + seed), seed) for seed in range(8)],
    "outages": lambda: [
        *(with_outages((chain, tree)[seed % 2](1000 + seed), seed) for seed in range(8)),
        *(with_outages(crowded(10 + seed), seed) for seed in range(6)),
    ],
    "by hand": lambda: [
        golden_instance(),
        *(converted_twice(seed) for seed in range(5)),
        *(crowded(seed) for seed in range(6)),
    ],
}

SAME_ROWS = (
    "HALL.one_fitout", "HALL.downtime", "HALL.delivered", "HALL.once", "CONTRACT.once", "CONTRACT.exclusive",
    "CONTRACT.placed", "HOSTING.term", "BTC.balance", "BTC.volume", "BTC.placed", "CASH.balance", "CASH.minimum",
    "CASH.budget", "RISK.value", "RISK.tail", "NESTED.own", "NESTED.value", "NESTED.below",
    "HEDGE.balance", "CHANCE.event", "CHANCE.month", "CHANCE.on_path", "CHANCE.stays", "CHANCE.paths",
)  # fmt: skip
"""Families whose members are the same in both. The reference has more of the others: it also writes bays that no
conversion can reach, machines that can stand nowhere, loads that never pay, tranches too large for a bay and heat
limits that never bind."""


@dataclass(frozen=True)
class Both:
    """One instance, built and solved both ways."""

    problem: Problem
    result: Result
    reference: Reference

    @property
    def agree(self) -> bool:
        """Same status, and same objective if there is one."""
        if self.result.reason is not Reason.OPTIMAL or self.reference.status != "optimal":
            return (self.result.reason.value, self.reference.status) == ("infeasible", "infeasible")
        return self.result.primal_bound == pytest.approx(
            self.reference.objective_musd, rel=RELATIVE, abs=RELATIVE * LEAST_MUSD
        )


@cache
def both_ways(batch: str, part: int) -> list[Both]:
    """Every third instance of a batch, from the part-th on."""
    instances = BATCHES[batch]()[part::PARTS]
    problems = [build_monolithic(instance).problem for instance in instances]
    results = [HighsSession(problem, EXACT).solve() for problem in problems]
    return [Both(*each) for each in zip(problems, results, solve_by_reference(instances), strict=True)]


each_part = pytest.mark.parametrize("part", quick(range(PARTS), first=1))


@each_part
@pytest.mark.parametrize("batch", BATCHES)
def test_the_objective_is_the_same(batch: str, part: int) -> None:
    wrong = [(n, both.result, both.reference) for n, both in enumerate(both_ways(batch, part)) if not both.agree]
    assert wrong == []


@each_part
@pytest.mark.parametrize("batch", BATCHES)
def test_the_rows_are_the_same_but_for_those_that_say_nothing(batch: str, part: int) -> None:
    for both in both_ways(batch, part):
        for name in families.all_row_labels():
            built, written = members(both.problem, name), both.reference.rows.get(name, set())
            assert built <= written, name
            assert name not in SAME_ROWS or built == written, name


def test_every_family_has_rows_in_some_toy() -> None:
    everything = [both for batch in BATCHES for both in both_ways(batch, 0)]
    for name in families.all_row_labels():
        assert any(members(both.problem, name) for both in everything), name
        assert any(both.reference.rows.get(name) for both in everything), name


def members(problem: Problem, family: str) -> set[tuple[int, ...]]:
    """Index of every row of a family, without the bay of a segment or tenancy: it follows from them."""
    if family not in problem.rows:
        return set()
    index = problem.rows[family].index
    if {"segment", "tenancy"} & set(index.columns):
        index = index.drop(columns="bay", errors="ignore")
    return set(index.itertuples(index=False, name=None))


def test_some_toys_cannot_be_solved_and_most_can() -> None:
    """Otherwise the comparison above would say little."""
    found = [both.reference.status for batch in BATCHES for both in both_ways(batch, 0)]
    assert len(found) >= 60
    assert 3 <= found.count("infeasible") <= len(found) // 2

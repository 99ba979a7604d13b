"""The cheapest repair in USD by hand, what differs from it, and what applying it does."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from allocator.pipeline.errors import InfeasibleError
from allocator.pipeline.later import LATE
from allocator.pipeline.levers import MOVABLE, levers_of
from allocator.pipeline.repairs import priced_repairs
from allocator.pipeline.solve import solve_scenario
from allocator.planning.build import build_monolithic
from allocator.planning.families import all_row_labels
from allocator.scenario.load import load_scenario
from solvers.repair import cheapest_repairs
from tests.scenarios.cases import instance_of, problem_of
from tests.scenarios.test_infeasible import NAMES, UNEXPLAINED, changed, folder_of, refusal


def lines_of(name: str, changes: Mapping[str, Any], home: Path) -> list[str]:
    instance = instance_of(changed(name, changes, home))
    return priced_repairs(instance, build_monolithic(instance).problem)


def assert_begin(lines: list[str], beginnings: list[str]) -> None:
    assert len(lines) == len(beginnings), lines
    for line, beginning in zip(lines, beginnings, strict=True):
        assert line.startswith(beginning), line


DROP = "drop must_accept of contract {} (scenario.yaml: contracts[{}], {} MW), if its start window cannot be wider, ${}"


def test_a_full_hall_is_extended_before_a_tenant_is_dropped(tmp_path: Path) -> None:
    """1 MW at 3.6 million; second pays 4,000 kW x 110 x 12 = 5,280,000, first 5,000 x 120 x 12 = 7,200,000."""
    assert_begin(
        lines_of("full_hall", {}, tmp_path),
        [
            "to restore: raise it_limit_mw of hall hall as gpu_hall by 1 MW (2027-06), $3,600,000 at $3,600,000 each",
            f"or instead: {DROP.format('second', 1, 4, '5,280,000')}",
            f"or instead: {DROP.format('first', 0, 5, '7,200,000')}",
        ],
    )


def test_stated_costs_decide_which_repair_is_cheapest(tmp_path: Path) -> None:
    """Two MW more at 3 million are 6,000,000, more than the penalties of 5,500,000 and 2,000,000."""
    costs = {"site_power_usd_per_mw": 3e6, "dropped_contract_usd": {"first": 2e6, "second": 5.5e6}}
    assert_begin(
        lines_of("interconnect_overbooked", {"repair_costs": costs}, tmp_path),
        [
            f"to restore: {DROP.format('first', 0, 4, '2,000,000')} (the cheapest)",
            f"or instead: {DROP.format('second', 1, 4, '5,500,000')}",
            "or instead: raise power_limit_mw of pecos by 2 MW (2027-06), $6,000,000 at $3,000,000 each MW",
        ],
    )


def test_a_hall_that_is_ready_too_late_is_awaited_before_its_tenant_is_dropped() -> None:
    """Ready in August, two months after June: 2 x 3,000 kW x 150 = 900,000; all of its 24 months are 10,800,000."""
    assert_begin(
        list(refusal("conversion_too_slow", "monolithic")[1]),
        [
            "to restore: widen the start window of contract early_tenant (scenario.yaml: contracts[0], 3 MW), put "
            "last_service off by 2 months, $900,000 (the cheapest)",
            f"or instead: {DROP.format('early_tenant', 0, 3, '10,800,000')}",
        ],
    )


def test_more_cooling_serves_the_hours_too(tmp_path: Path) -> None:
    """South lacks 6 - 0.7 x 5 = 2.5 MW: 7,500,000, and no cash for load that would have to be shed."""
    (south,) = [line for line in lines_of("too_warm_for_tenant", {}, tmp_path) if "hall south" in line]
    assert "2.5 MW" in south
    assert south.endswith("$7,500,000 at $3,000,000 each MW")


def test_alternatives_differ_and_cost_no_less() -> None:
    for name in NAMES:
        instance, problem = instance_of(folder_of(name)), problem_of(folder_of(name))
        found = cheapest_repairs(problem, levers_of(instance, problem), 3, 60.0)
        assert found
        assert all(repair.proven for repair in found)
        assert all(other.total >= one.total - 1e-6 for one, other in pairwise(found)), name
        assert len({frozenset(repair.amounts) for repair in found}) == len(found)


@pytest.mark.parametrize(
    ("name", "place", "before"),
    [
        ("interconnect_overbooked", "sites[0].power_limit_mw", 10.0),
        ("budget_below_conversion", "finance.capex_budget_usd", 3e6),
    ],
)
def test_the_repair_is_enough_and_one_percent_less_is_not(name: str, place: str, before: float, tmp_path: Path) -> None:
    instance, problem = instance_of(folder_of(name)), problem_of(folder_of(name))
    (repair,) = cheapest_repairs(problem, levers_of(instance, problem), 1, 60.0)
    (amount,) = repair.amounts.values()
    by = amount * 1e6 if place.endswith("_usd") else amount
    (tmp_path / "enough").mkdir()
    enough = load_scenario(changed(name, {place: before + by * (1 + 1e-9)}, tmp_path / "enough"))
    assert solve_scenario(enough, request=UNEXPLAINED).meta.verified
    with pytest.raises(InfeasibleError):
        solve_scenario(load_scenario(changed(name, {place: before + 0.99 * by}, tmp_path)), request=UNEXPLAINED)


def test_only_row_families_of_the_model_are_moved() -> None:
    assert set(MOVABLE) - {LATE} <= set(all_row_labels())

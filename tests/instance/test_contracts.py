"""Contracts: when service can begin, what is metered and paid in each node, and what is left at the horizon."""

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance import contracts, terminal_contracts
from allocator.instance.contracts import Terms
from allocator.instance.months import month_grid
from allocator.instance.terminal_contracts import ContractTail
from allocator.instance.tree import NodeTree
from allocator.instance.tree_build import branch_names, chain, tree_on
from allocator.instance.types import Service

TERMS = Terms(
    critical_it_mw=20.0, rent_usd_per_kw_month=150.0, term_months=24, first_service_month=0, last_service_month=99
)


def make(periods: list[int], every: int = 1) -> NodeTree:
    return chain(month_grid("2027-01", sum(periods), "UTC"), periods, every)


def no_delay(tree: NodeTree) -> np.ndarray:
    return np.zeros(len(tree), dtype=np.int64)


def service_starts(tree: NodeTree, terms: Terms) -> list[tuple[int, int]]:
    return contracts.service_starts(tree, terms, no_delay(tree))


def service_table(tree: NodeTree, terms: list[Terms]) -> Service:
    return contracts.service_table(tree, terms, no_delay(tree))


def tail_years(tree: NodeTree, terms: list[Terms], stated: int | None) -> int:
    return terminal_contracts.tail_years(tree, terms, no_delay(tree), stated)


def contract_tail(tree: NodeTree, terms: list[Terms], per_year: float, years: int) -> ContractTail:
    return terminal_contracts.contract_tail(tree, terms, no_delay(tree), per_year, years)


def rows(table: Service) -> list[tuple[int, int, int]]:
    return list(zip(table.contract.tolist(), table.signed.tolist(), table.node.tolist(), strict=True))


def test_rent_is_per_calendar_month_on_contracted_kw() -> None:
    assert TERMS.rent_by_month() == pytest.approx([3.0e6] * 24)


def test_rent_ramps_and_escalates_on_the_anniversary() -> None:
    terms = replace(TERMS, ramp=(0.25, 0.5, 0.75), escalator_per_year=0.03)
    rent = terms.rent_by_month()
    assert rent[:5] == pytest.approx([0.75e6, 1.5e6, 2.25e6, 3e6, 3e6])
    assert rent[11] == pytest.approx(3e6)
    assert rent[12] == pytest.approx(3.09e6)


def test_a_ramp_longer_than_the_term_is_cut() -> None:
    assert replace(TERMS, term_months=2, ramp=(0.1, 0.2, 0.3)).ramp_by_month().tolist() == [0.1, 0.2]


def test_service_begins_at_the_first_node_after_the_lead_and_inside_the_window() -> None:
    terms = replace(TERMS, lead_months=2, first_service_month=3, last_service_month=5)
    assert service_starts(make([1] * 8), terms) == [(1, 3), (2, 4), (3, 5)]


def test_signatures_fall_on_decision_nodes_only() -> None:
    assert service_starts(make([1] * 8, every=3), replace(TERMS, last_service_month=5)) == [(0, 0), (3, 3)]


def test_a_contract_whose_window_holds_no_decision_has_no_service() -> None:
    terms = replace(TERMS, first_service_month=1, last_service_month=2)
    table = service_table(make([1] * 6, every=3), [terms, replace(TERMS, term_months=1)])
    assert rows(table) == [(1, 0, 0), (1, 3, 3)]
    assert table.contract.dtype == np.int64


def test_service_before_the_horizon_or_after_it_does_not_exist() -> None:
    assert service_starts(make([1] * 3), replace(TERMS, last_service_month=-1)) == []
    assert service_starts(make([1] * 3), replace(TERMS, lead_months=3)) == []


def test_a_coarse_node_meters_the_average_ramp_and_earns_the_sum_of_rents() -> None:
    terms = replace(TERMS, ramp=(0.25, 0.5, 0.75), load_factor=0.8, last_service_month=0)
    table = service_table(make([1, 3, 3]), [terms])
    assert rows(table) == [(0, 0, 0), (0, 0, 1), (0, 0, 2)]
    assert table.contracted_mw.tolist() == [20.0, 20.0, 20.0]
    assert table.metered_mw == pytest.approx([20 * 0.8 * 0.25, 20 * 0.8 * (0.5 + 0.75 + 1) / 3, 16.0])
    assert table.rent_usd == pytest.approx([0.75e6, 6.75e6, 9e6])


def test_a_term_that_ends_inside_a_node_reserves_all_of_it_and_meters_its_share() -> None:
    table = service_table(make([1, 3, 3]), [replace(TERMS, term_months=2, last_service_month=0)])
    assert table.contracted_mw.tolist() == [20.0, 20.0]
    assert table.metered_mw == pytest.approx([20.0, 20.0 / 3])
    assert table.rent_usd == pytest.approx([3e6, 3e6])


def test_the_tail_covers_the_longest_contract_that_can_be_signed() -> None:
    tree = make([1] * 12)
    late = replace(TERMS, term_months=25, first_service_month=5, last_service_month=6)  # ends in month 31: 19 left
    unsignable = replace(TERMS, term_months=600, first_service_month=50)
    assert tail_years(tree, [late, unsignable], None) == 2
    assert tail_years(tree, [replace(TERMS, term_months=1)], None) == 0
    assert tail_years(tree, [], None) == 0
    assert tail_years(tree, [late], 7) == 7


def test_rent_beyond_the_horizon_is_discounted_month_by_month_and_weighted_by_credit() -> None:
    terms = replace(TERMS, term_months=14, last_service_month=0, credit_probability=0.9, escalator_per_year=0.1)
    tail = contract_tail(make([1] * 12), [terms], 0.09, years=1)
    by_hand = 0.9 * 3e6 * 1.1 * (1.09 ** -(12.5 / 12) + 1.09 ** -(13.5 / 12))
    assert tail.rent_usd[0, 0] == pytest.approx(by_hand)
    assert tail.rent_usd[0, 1:].tolist() == [0.0] * 11
    assert tail.contracted_mw[0, 0].tolist() == [20.0 * 2 / 12]


def test_metered_hours_beyond_the_horizon_carry_load_factor_and_ramp() -> None:
    terms = replace(TERMS, term_months=3, first_service_month=10, last_service_month=10, load_factor=0.8, ramp=(0, 0.5))
    tail = contract_tail(make([1] * 12), [terms], 0.0, years=1)
    assert tail.metered_hours[0, 10] == pytest.approx(0.8 * 1.0 * 730.5)


def test_a_stated_tail_cuts_contracts_as_it_cuts_mining() -> None:
    terms = replace(TERMS, term_months=60, last_service_month=0)
    tail = contract_tail(make([1] * 12), [terms], 0.0, years=1)
    assert tail.rent_usd[0, 0] == pytest.approx(12 * 3e6)
    assert tail.contracted_mw[0, 0].tolist() == [20.0]
    none = contract_tail(make([1] * 12), [terms], 0.0, years=0)
    assert none.rent_usd[0, 0] == 0.0
    assert none.contracted_mw.shape == (1, 12, 0)


def fork() -> NodeTree:
    """Two months, then two branches of three months each, the first of them with probability 0.25."""
    straight = make([1] * 5)
    period, parent = np.array([0, 1, 2, 2, 3, 3, 4, 4]), np.array([-1, 0, 1, 1, 2, 3, 4, 5])
    probability = np.array([1.0, 1.0, 0.25, 0.75, 0.25, 0.75, 0.25, 0.75])
    return tree_on(straight, period, parent, probability, branch_names(straight, period, parent))


def test_a_delay_averaged_over_spreads_rent_and_load_and_holds_capacity_longer() -> None:
    """One month in four it begins two months late: 0.75 of two months, 0.25 of the two that follow."""
    terms = replace(TERMS, term_months=2, last_service_month=0, delay=((0, 0.75), (2, 0.25)))
    table = service_table(make([1] * 6), [terms])
    assert rows(table) == [(0, 0, 0), (0, 0, 1), (0, 0, 2), (0, 0, 3)]
    assert table.contracted_mw.tolist() == [20.0] * 4
    assert table.metered_mw == pytest.approx([15.0, 15.0, 5.0, 5.0])
    assert table.rent_usd == pytest.approx([2.25e6, 2.25e6, 0.75e6, 0.75e6])


def test_a_delay_known_on_one_branch_moves_service_there() -> None:
    """Signed at once to begin in month 2; on the second branch a month later."""
    tree, delay = fork(), np.array([0, 0, 0, 1, 0, 1, 0, 1])
    terms = replace(TERMS, first_service_month=2, last_service_month=2, lead_months=2)
    assert contracts.service_starts(tree, terms, delay) == [(0, 2), (0, 5)]
    table = contracts.service_table(tree, [terms], delay)
    assert rows(table) == [(0, 0, 2), (0, 0, 4), (0, 0, 6), (0, 0, 5), (0, 0, 7)]
    assert contracts.service_starts(tree, replace(terms, waits=False), delay) == [(0, 2), (0, 3)]


def test_service_that_has_begun_is_not_delayed() -> None:
    delay = np.array([0, 0, 0, 1, 0, 1, 0, 1])
    terms = replace(TERMS, first_service_month=1, last_service_month=1, lead_months=1)
    assert contracts.service_starts(fork(), terms, delay) == [(0, 1)]


def test_the_tail_is_expected_over_the_branches_of_a_delay() -> None:
    """A term of six months begun in month 2 has three left beyond the horizon, begun in month 3 it has four."""
    tree, delay = fork(), np.array([0, 0, 0, 1, 0, 1, 0, 1])
    terms = replace(TERMS, term_months=6, first_service_month=2, last_service_month=2, lead_months=2)
    tail = terminal_contracts.contract_tail(tree, [terms], delay, 0.0, 1)
    assert tail.rent_usd[0, 0] == pytest.approx((0.25 * 3 + 0.75 * 4) * 3e6)
    assert tail.contracted_mw[0, 0] == pytest.approx([20.0 * (0.25 * 3 + 0.75 * 4) / 12])

"""Calendars, windows and openings of covenants, worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.covenants import nodes_tested, opens_in_breach, windows
from allocator.scenario.covenants import DebtServiceCoverage, MinimumLiquidity, NetDebtToEbitda
from allocator.scenario.months import Month
from tests.instance.factory import tiny_instance
from tests.planning.cases import golden_debt, quarterly, two_branches

FIRST = Month(2027, 1)
COVER = DebtServiceCoverage(
    name="cover", kind="dscr", first_month=FIRST, trailing_months=2, least_ratio=2.0,
    earlier_income_usd_by_month=(9e9, 60.0, 40.0), earlier_service_usd_by_month=(0.0, 30.0, 20.0),
)  # fmt: skip
LEVER = NetDebtToEbitda(
    name="lever", kind="net_debt_to_ebitda", first_month=FIRST, trailing_months=2, most_ratio=2.0,
    earlier_income_usd_by_month=(10e3, 5e3), btc_haircut_share=0.5,
)  # fmt: skip
CASH = MinimumLiquidity(name="cash", kind="minimum_liquidity", first_month=FIRST, amount_usd=1e6)


@pytest.mark.parametrize(
    ("first", "every", "months", "tested"),
    [
        (0, 1, 1, [True, True, True, True]),
        (1, 2, 1, [False, True, False, True]),
        (-2, 3, 1, [False, True, False, False]),
        (4, 1, 1, [False, False, False, False]),
        (2, 6, 3, [True, False, True, False]),
        (2, 3, 3, [True, True, True, True]),
    ],
)
def test_a_node_is_tested_where_a_month_of_the_calendar_lies_in_it(
    first: int, every: int, months: int, tested: list[bool]
) -> None:
    chain = tiny_instance(nodes=4)
    tree = chain.tree if months == 1 else quarterly(chain)
    assert nodes_tested(first, every, tree).tolist() == tested


def test_months_run_back_along_the_path_and_count_by_the_share_inside() -> None:
    tree = quarterly(tiny_instance(nodes=3))
    found = windows(np.array([[False, False, True]]), np.array([4]), tree)
    assert found.inside.tolist() == [1, 2]
    assert found.share == pytest.approx([1 / 3, 1.0])
    fork = two_branches(tiny_instance(nodes=3)).tree
    found = windows(np.array([[False, True, True], [True, True, True]]), np.array([2, 0]), fork)
    assert list(zip(found.node, found.inside, strict=True)) == [(1, 0), (1, 1), (2, 0), (2, 2)]


def test_an_opening_is_in_breach_where_its_own_figures_say_so() -> None:
    finance = replace(tiny_instance(nodes=1).finance, opening_cash_usd=1e6)
    assert not opens_in_breach(CASH, finance, None, None)
    assert opens_in_breach(CASH.model_copy(update={"amount_usd": 1e6 + 1.0}), finance, None, None)
    assert not opens_in_breach(COVER, finance, None, None)
    assert opens_in_breach(COVER.model_copy(update={"least_ratio": 2.01}), finance, None, None)
    assert not opens_in_breach(COVER.model_copy(update={"least_ratio": 9.0, "trailing_months": 4}), finance, None, None)
    owing = golden_debt()
    assert not opens_in_breach(LEVER, finance, owing, None)
    poor = replace(finance, opening_cash_usd=119e3)
    assert opens_in_breach(LEVER, poor, owing, None)
    assert not opens_in_breach(LEVER, replace(poor, opening_cash_usd=121e3), owing, None)

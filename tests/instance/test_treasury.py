"""Policies as bounds of each node, factors without a view, and what a treasury cannot be compiled from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.market_state import MarketState, Network
from allocator.instance.treasury import (
    bounds,
    branches,
    btc_discount,
    compile_treasury,
    part_btc,
    scheduled_btc,
    view_remarks,
)
from allocator.instance.tree import NodeTree
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.treasury import FixedSchedule, HoldShare, Optimise, SellProduction, Slippage, Treasury
from tests.instance.factory import tiny_instance
from tests.planning.cases import quarterly, two_branches


def chain() -> NodeTree:
    return tiny_instance(nodes=3).tree


def fork() -> NodeTree:
    return two_branches(tiny_instance(nodes=3)).tree


def market(price: list[float]) -> MarketState:
    values = np.array(price)
    network = Network(values, np.full(len(values), 1e14), np.full(len(values), 5e-4))
    return MarketState(values * 5e-4, 0.0, 0.01, {}, network)


def test_policies_say_what_must_and_may_be_done() -> None:
    tree = chain()
    sell = bounds(SellProduction(kind="sell_production"), tree)
    assert all(not values.any() for values in vars(sell).values())
    hold = bounds(HoldShare(kind="hold_share", share=0.3), tree)
    assert hold.keep_least_share.tolist() == hold.keep_most_share.tolist() == [0.3, 0.3, 0.3]
    assert not hold.sell_most_btc.any()
    listed = bounds(FixedSchedule(kind="fixed_schedule", sell_btc_by_month=(2.0, 5.0), hold_share=0.1), tree)
    assert listed.sell_least_btc.tolist() == listed.sell_most_btc.tolist() == [2.0, 5.0, 0.0]
    assert listed.keep_most_share.tolist() == [0.1, 0.1, 0.1]


def test_trades_are_free_where_the_tree_branches_and_nowhere_else() -> None:
    """On a single path the price to come is known, and so it is at a leaf."""
    assert branches(chain()).tolist() == [False, False, False]
    assert branches(fork()).tolist() == [True, False, False]
    free = bounds(Optimise(kind="optimise", may_buy=True), fork())
    assert free.keep_most_share.tolist() == [1.0, 0.0, 0.0]
    assert free.sell_most_btc.tolist() == free.buy_most_btc.tolist() == [np.inf, 0.0, 0.0]
    assert not free.keep_least_share.any()
    assert not bounds(Optimise(kind="optimise"), fork()).buy_most_btc.any()


def test_a_list_by_month_is_summed_over_the_months_of_a_node() -> None:
    assert scheduled_btc((1.0, 2.0, 4.0, 8.0), quarterly(tiny_instance(nodes=3))).tolist() == [7.0, 8.0, 0.0]


def test_without_a_view_bitcoin_is_worth_today_s_price_whenever_it_is_sold() -> None:
    price = np.array([60e3, 90e3, 30e3])
    assert btc_discount(50e3, price, None, chain()) * price == pytest.approx([50e3] * 3)
    factor = btc_discount(60e3, price, None, fork())
    assert factor[1] == factor[2] == pytest.approx(60e3 / (0.4 * 90e3 + 0.6 * 30e3))
    assert btc_discount(60e3, price, 0.1, chain()) == pytest.approx(1.1 ** -chain().mid_years)


def test_a_stated_view_is_told_with_the_growth_from_which_holding_pays() -> None:
    stated = Treasury(opening_btc=1.0, btc_price_usd=50e3)
    made = compile_treasury(stated, market([60e3, 70e3, 80e3]), 0.1, chain())
    remark = view_remarks(made, market([60e3, 70e3, 80e3]), 0.1, chain())[0]
    growth = (80 / 50) ** (12 / 2.5) - 1
    assert f"grow {100 * growth:.3g} % a year" in remark
    assert "from 10 % on" in remark
    assert view_remarks(made, market([60e3, 70e3, 80e3]), None, chain()) == []


def test_defaults_cost_what_selling_costs() -> None:
    made = compile_treasury(Treasury(opening_btc=1.0), market([60e3, 70e3, 80e3]), None, chain())
    assert made is not None
    assert made.haircut_share == 0.01
    assert made.spot_price_usd == 60e3
    assert not made.coupled.any()


def test_sizes_per_day_become_sizes_of_a_node() -> None:
    parts = (Slippage(btc_per_day=2.0, cost_share=0.1), Slippage(cost_share=0.2))
    assert part_btc(parts, np.array([30.0, 31.0])).tolist() == [[60.0, 62.0], [np.inf, np.inf]]


def test_slippage_fills_the_cheapest_parts_first() -> None:
    made = compile_treasury(
        Treasury(opening_btc=1.0, slippage=(Slippage(btc_per_day=24.0, cost_share=0.1), Slippage(cost_share=0.5))),
        market([60e3, 70e3, 80e3]),
        None,
        chain(),
    )
    assert made is not None
    assert made.part_btc[0].tolist() == [2.0, 2.0, 2.0]
    assert made.slippage_btc(np.array([0.0, 1.5, 4.0])) == pytest.approx([0.0, 0.15, 0.2 + 1.0])
    assert made.coupled.all()


def test_optimise_on_one_path_is_refused() -> None:
    stated = Treasury(opening_btc=1.0, policy=Optimise(kind="optimise"))
    with pytest.raises(ScenarioFaults, match="one path whose prices are known"):
        compile_treasury(stated, market([60e3] * 3), None, chain())
    made = compile_treasury(stated, market([60e3] * 3), None, fork())
    assert made is not None
    assert made.coupled.tolist() == [True, False, False]


def test_a_hashprice_alone_is_no_price_to_hold_bitcoin_at() -> None:
    bare = MarketState(np.full(3, 50.0), 0.0, 0.0, {})
    with pytest.raises(ValueError, match=r"bitcoin\.kind network"):
        compile_treasury(Treasury(opening_btc=1.0), bare, None, chain())


def test_interest_runs_from_the_middle_of_the_parent() -> None:
    tree = replace(chain(), mid_years=np.array([0.5, 1.5, 3.5]))
    assert tree.accrual(0.21) == pytest.approx([0.1, 0.21, 1.21**2 - 1])
    assert tree.accrual(np.array([0.21, 0.0, 0.1])) == pytest.approx([0.1, 0.0, 0.21])

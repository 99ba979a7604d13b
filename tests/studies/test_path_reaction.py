"""A treasury that reacts, by hand: `forced_sale` sells 20 of 100 BTC in April and owes 2,430,000 USD in May."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.types import Instance
from allocator.pipeline.solve import compiled
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.studies.evaluate import Company, Evaluation, evaluate_on
from tests.scenarios.cases import solved
from tests.studies.conftest import FORCED_SALE
from tests.studies.replay import own_paths


@cache
def plan_of() -> tuple[LoadedScenario, Instance, Plan]:
    loaded = load_scenario(FORCED_SALE)
    return loaded, compiled(loaded), solved(FORCED_SALE, "auto").plan


def followed(price_usd: float, company: Company = "reacts", **finance: float) -> Evaluation:
    """The plan where Bitcoin costs that much on the lower path in May, with other figures of the company's cash."""
    loaded, instance, plan = plan_of()
    changed = replace(instance, finance=replace(instance.finance, **finance))
    return evaluate_on(loaded, changed, plan, _paths(price_usd), 1, company)


def _paths(price_usd: float) -> FreshPaths:
    loaded, instance, _ = plan_of()
    paths = own_paths(loaded, instance)
    network = paths.market.network
    assert network is not None
    price = np.where(np.isclose(network.btc_price_usd, 45_000.0), price_usd, network.btc_price_usd)
    return replace(paths, market=replace(paths.market, network=replace(network, btc_price_usd=price)))


def lower(found: Evaluation) -> int:
    """The path on which the price falls."""
    return int(np.argmin(found.npv_usd))


def test_on_the_paths_of_its_own_tree_there_is_nothing_to_react_to() -> None:
    reacts, keeps = followed(45_000.0), followed(45_000.0, "keeps")
    assert reacts.npv_usd == pytest.approx(keeps.npv_usd)
    assert reacts.npv_usd.mean() == pytest.approx(2_370_000.0)
    assert reacts.cash_usd == pytest.approx(keeps.cash_usd, abs=0.01)
    assert reacts.calls is not None
    assert not reacts.calls.unmet.any()
    assert not reacts.sold_beyond_btc.any()


def test_a_call_that_nothing_meets_is_one_and_the_lender_sells_nothing_below_its_level() -> None:
    """At 44,000, within the month 39,600, 80 BTC carry 0.75 x 39,600 x 80 = 2,376,000, and 0.85 of it 2,692,800."""
    found = followed(44_000.0)
    assert found.calls is not None
    assert found.calls.unmet[lower(found), 1]
    assert not found.calls.liquidated.any()
    assert found.npv_usd[lower(found)] == pytest.approx(80 * 44_000.0 - 2_430_000.0)


def test_a_lender_sells_all_where_all_is_too_little() -> None:
    """At 30,000, within the month 27,000: 0.85 x 27,000 x 80 = 1,836,000 are 594,000 too little, a Bitcoin that brings
    25,650 cures 2,700 of it: all 80 are sold for 2,052,000, and 378,000 are left to pay."""
    found = followed(30_000.0)
    assert found.calls is not None
    assert found.calls.liquidated[lower(found), 1]
    assert found.npv_usd[lower(found)] == pytest.approx(-378_000.0)


def test_what_need_not_be_paid_back_is_put_off_for_cash() -> None:
    """All that is sold in April, 1,170,000 USD, would be paid back; half of it stays as cash and is owed in the end."""
    found = followed(60_000.0, minimum_cash_usd=585_000.0)
    assert found.cash_usd == pytest.approx(np.full((2, 2), 585_000.0))
    assert found.npv_usd == pytest.approx([80 * 75_000.0 - 2_430_000.0, 80 * 60_000.0 - 2_430_000.0])
    assert not found.missing_usd.any()


def test_free_bitcoin_is_sold_for_cash() -> None:
    """Without the loan 80 BTC are free: 585,000 USD are 10 of them at 58,500, worth 75,000 and 45,000 in May."""
    loaded, instance, plan = plan_of()
    alone = replace(instance, debt=None, finance=replace(instance.finance, minimum_cash_usd=585_000.0))
    found = evaluate_on(loaded, alone, plan, _paths(45_000.0), 1)
    kept = evaluate_on(loaded, alone, plan, _paths(45_000.0), 1, "keeps")
    assert found.sold_beyond_btc.tolist() == pytest.approx(np.array([[10.0, 0.0], [10.0, 0.0]]))
    assert found.npv_usd - kept.npv_usd == pytest.approx([-165_000.0, 135_000.0])
    assert not found.missing_usd.any()
    assert kept.missing_usd.all()

"""No free lunches in Bitcoin: without a view nothing is gained by timing, and cash earns what waiting costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.treasury import bounds, btc_discount
from allocator.instance.treasury_state import Treasury
from allocator.instance.types import Instance
from allocator.scenario.treasury import FixedSchedule, HoldShare, Optimise, Policy, SellProduction
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.cases import two_branches
from tests.planning.solving import best

PRICE_USD = np.array([60e3, 90e3, 40e3])
FEE = 0.01


def miner(rate: float | None, policy: Policy, *, fork: bool = False, **changes: object) -> Instance:
    """Two MW of machines, 0.6 BTC a month each; 10 BTC are held; `rate` is that of Bitcoin, None: no view."""
    earned = PRICE_USD * (1.0 - FEE) * 4e-4 * 50.0 / 24.0
    machine = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, earned, 50.0)], opening={"barn": 2})
    plain = tiny_instance(
        nodes=3, steps=2, step_hours=360.0, halls=[HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])],
        models=[machine], price=30.0, btc_price_usd=PRICE_USD, operations_per_year=0.12,
    )  # fmt: skip
    made = two_branches(plain) if fork else plain
    held = Treasury(
        opening_btc=10.0,
        floor_btc=0.0,
        spot_price_usd=60e3,
        **vars(bounds(policy, made.tree)),
        purchase_fee_share=0.0,
        sale_limit_btc=np.full(3, np.inf),
        part_btc=np.zeros((0, 3)),
        part_cost_share=np.zeros(0),
        settlement_share=np.zeros(3),
        haircut_share=FEE,
        discount=btc_discount(60e3, PRICE_USD, rate, made.tree),
    )
    market = replace(made.market, sale_fee_share=FEE)
    return replace(made, market=market, treasury=replace(held, **changes))


SELL = SellProduction(kind="sell_production")
OPENING_USD = 10.0 * 60e3 * (1.0 - FEE)


def without(instance: Instance) -> Instance:
    return replace(instance, treasury=None)


def test_holdings_are_worth_what_they_would_bring_today_and_change_nothing_else() -> None:
    instance = miner(None, SELL)
    assert best(instance).usd == pytest.approx(best(without(instance)).usd + OPENING_USD)


@pytest.mark.parametrize(
    "policy",
    [
        HoldShare(kind="hold_share", share=0.7),
        FixedSchedule(kind="fixed_schedule", sell_btc_by_month=(1.0, 4.0, 5.0)),
        FixedSchedule(kind="fixed_schedule", sell_btc_by_month=(0.0, 0.0, 9.0), hold_share=0.2),
    ],
)
def test_without_a_view_every_policy_is_worth_the_same(policy: Policy) -> None:
    """The price doubles and halves along the path; whoever sells when gains nothing by it."""
    assert best(miner(None, policy)).usd == pytest.approx(best(miner(None, SELL)).usd)


def test_without_a_view_free_trades_gain_nothing_on_a_tree() -> None:
    free = miner(None, Optimise(kind="optimise", may_buy=True), fork=True)
    assert best(free).usd == pytest.approx(best(miner(None, SELL, fork=True)).usd)


def test_a_view_is_worth_its_difference_from_the_rate_and_no_more() -> None:
    """At no rate the price expected after the root, 0.4 x 90 + 0.6 x 40 = 60 thousand, is no reason to wait; at -1 % a
    month it is one."""
    flat = miner(0.0, Optimise(kind="optimise"), fork=True)
    assert best(flat).usd == pytest.approx(best(miner(0.0, SELL, fork=True)).usd)
    keen = miner(0.0, Optimise(kind="optimise"), fork=True, discount=np.array([1.0, 1.01, 1.01]))
    sells = miner(0.0, SELL, fork=True, discount=np.array([1.0, 1.01, 1.01]))
    kept = 1.2 * 60e3 * (1.0 - FEE) * 0.01
    assert best(keen).usd - best(sells).usd == pytest.approx(kept)


def test_a_drawn_price_cannot_be_traded_on_before_it_is_seen() -> None:
    """Knowing that the price rises to 90 thousand would be worth keeping everything; the root does not know."""
    cash_short = miner(None, Optimise(kind="optimise"), fork=True)
    plan = best(cash_short)
    assert plan.point.trades is not None
    assert not plan.point.trades.sold_btc[1:].any()
    assert not plan.point.trades.retained_btc[1:].any()


def test_interest_on_cash_is_worth_nothing_but_is_there_to_be_spent() -> None:
    instance = miner(None, SELL)
    earning = replace(instance, finance=replace(instance.finance, risk_free_per_year=0.5))
    assert best(earning).usd == pytest.approx(best(instance).usd)
    short = replace(instance.finance, opening_cash_usd=1e6, minimum_cash_usd=1.06e6)
    idle = replace(instance.segments, value_usd_per_mwh=np.zeros((1, 3)))
    poor = replace(instance, finance=short, segments=idle, treasury=None)
    priced = replace(poor, finance=replace(short, shortfall_penalty=1.0))
    missing = best(priced).usd
    rich = replace(priced, finance=replace(priced.finance, risk_free_per_year=0.5))
    grown = 1e6 * np.array([1.5 ** (0.5 / 12), 1.5 ** (1.5 / 12), 1.5 ** (2.5 / 12)])
    assert missing == pytest.approx(-3 * 6e4)
    assert best(rich).usd == pytest.approx(-np.maximum(0.0, 1.06e6 - grown).sum())


def test_a_thin_market_slows_what_is_mined() -> None:
    """Beyond 0.5 BTC sales bring half the price: 37.50 USD/MWh at 90 thousand, more than 30, and less elsewhere."""
    parted = miner(
        None, SELL, part_btc=np.array([[0.5] * 3, [np.inf] * 3]), part_cost_share=np.array([0.0, 0.5]),
        haircut_share=0.0,
    )  # fmt: skip
    plan = best(replace(parted, market=replace(parted.market, sale_fee_share=0.0)))
    mined = plan.point.trades.mined_btc[0] if plan.point.trades else None
    assert mined == pytest.approx([0.5, 1.2, 0.5])

"""Loan to value at falling prices, prices of a call, and what to sell, worked by hand on a plan made by hand."""

from __future__ import annotations

import pytest

from allocator.plan.ltv import AFTER, FALLS_SHARE, OPENING, cure, ladder
from tests.verify.lien import lien

TABLES = lien().derived()[0]


def test_a_loan_is_told_as_the_plan_opens_and_after_its_first_node() -> None:
    """300,000 USD on ten of twenty Bitcoin at 60,000; then 350,000 on ten of 18.6."""
    today, after = ladder(TABLES)
    assert (today.loan, today.when, after.when) == ("line", OPENING, AFTER)
    assert (today.owed_usd, today.pledged_btc, today.free_btc) == pytest.approx((300e3, 10.0, 10.0))
    assert (after.owed_usd, after.pledged_btc, after.free_btc) == pytest.approx((350e3, 10.0, 8.6))
    assert today.ltv_share == pytest.approx([0.5 / (1.0 - fall) for fall in FALLS_SHARE])
    assert today.call_usd_per_btc == pytest.approx(300e3 / (0.7 * 10.0))
    assert today.posted_call_usd_per_btc == pytest.approx(300e3 / (0.7 * 20.0))
    assert today.liquidation_usd_per_btc == pytest.approx(300e3 / (0.8 * 10.0))


def test_what_to_sell_is_counted_with_all_free_bitcoin_pledged() -> None:
    """Initial level: 0.6 x 60,000 x 20 carries more than is owed; a level of 20 % does not."""
    assert ladder(TABLES)[0].cure.sell_btc == 0.0
    found = ladder(TABLES, 0.2)[0].cure
    net = float(TABLES["treasury"]["net_usd_per_btc"].iloc[0])
    assert found.sell_btc == pytest.approx((300e3 - 0.2 * 60e3 * 20.0) / (net - 0.2 * 60e3))


def test_selling_what_the_formula_says_comes_back_to_the_level() -> None:
    """The sale of `scenarios/hand/forced_sale`, at its lowest price: 20 Bitcoin."""
    owed, btc, price, net, level = 3.6e6, 100.0, 60e3, 58.5e3, 0.50625
    sold = cure(owed, btc, price, net, level).sell_btc
    assert sold == pytest.approx(20.0)
    assert owed - net * sold == pytest.approx(level * price * (btc - sold))


def test_selling_cannot_restore_every_level() -> None:
    hopeless = cure(6e6, 100.0, 60e3, 58.5e3, 0.6)
    assert hopeless.sell_btc is None
    assert "would not pay" in hopeless.note
    assert hopeless.cash_usd == pytest.approx(6e6 - 0.6 * 6e6)
    costly = cure(5.9e6, 100.0, 60e3, 58.5e3, 0.98)
    assert costly.sell_btc is None
    assert "raises loan to value" in costly.note


def test_a_level_that_holds_asks_for_nothing() -> None:
    assert cure(3e6, 100.0, 60e3, 58.5e3, 0.6).sell_btc == 0.0


def test_without_loans_there_is_no_ladder() -> None:
    none = {**TABLES, "collateral": TABLES["collateral"].iloc[:0]}
    assert ladder(none) == ()

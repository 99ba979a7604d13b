"""Thirteen weeks of cash: every dollar of the periods covered on some day, on the day that its terms say."""

from __future__ import annotations

import math
from datetime import date
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.plan.weekly import BEFORE, GROUPS, Terms, Weekly, weekly
from tests.verify.hedged import hedged
from tests.verify.lien import lien

TABLES = lien().derived()[0]
FORKED = hedged().derived()[0]
DAYS = st.integers(0, 60)


def total_usd(found: Weekly) -> float:
    flows = [*found.weeks, found.rest, found.later]
    return found.opening_usd + math.fsum(one.change_usd for one in flows) - found.before_usd


def amount(line: str, node: str, tables: dict[str, pd.DataFrame] = TABLES) -> float:
    flow = tables["cash_flow"]
    return math.fsum(flow.loc[(flow["line"] == line) & (flow["node"] == node), "amount_usd"])


@given(
    st.builds(
        Terms, mining_days=DAYS, gpu_rental_days=DAYS, rent_due=st.sampled_from(["daily", "advance", "arrears"]),
        rent_days=DAYS, power_due=st.sampled_from(["daily", "advance", "arrears"]), power_days=DAYS, capex_days=DAYS,
        debt_day_of_month=st.integers(1, 28), settlement_days=st.integers(0, 28),
        before=st.lists(st.tuples(st.integers(0, 300), st.floats(-1e6, 1e6)), max_size=3).map(tuple),
    ),
    st.sampled_from([0, 1]),
)  # fmt: skip
def test_opening_cash_and_all_flows_are_the_plans_cash(terms: Terms, forked: int) -> None:
    tables = (TABLES, FORKED)[forked]
    found, cash = weekly(tables, terms), tables["cash"].set_index("node")["closing_usd"]
    closing = cash["2027-03"] if not forked else 0.4 * cash["up"] + 0.6 * cash["down"]
    assert found.closing_usd == pytest.approx(closing, abs=0.01)
    assert total_usd(found) == pytest.approx(closing, abs=0.01)


def test_weeks_follow_one_another_from_the_first_day() -> None:
    weeks = weekly(TABLES, Terms()).weeks
    assert len(weeks) == 13  # January to March are 90 days
    assert (weeks[0].first_day, weeks[0].last_day) == (date(2027, 1, 1), date(2027, 1, 7))
    assert (weeks[-1].first_day, weeks[-1].last_day) == (date(2027, 3, 26), date(2027, 3, 31))
    for before, after in pairwise(weeks):
        assert (after.first_day - before.last_day).days == 1
        assert after.closing_usd == pytest.approx(before.closing_usd + after.change_usd, abs=0.01)


def test_without_terms_flows_are_spread_over_their_month() -> None:
    weeks = weekly(TABLES, Terms()).weeks
    mined = (amount("mining_revenue", "2027-01") + amount("btc_retained", "2027-01")) / 31.0
    assert weeks[0].flows_usd["mining"] == pytest.approx(7 * mined)
    assert weeks[0].flows_usd["power"] == pytest.approx(7 * amount("power_cost", "2027-01") / 31.0)
    assert weeks[0].flows_usd["drawn"] == 50e3
    later = (amount("mining_revenue", "2027-02") + amount("btc_retained", "2027-02")) / 28.0
    assert weeks[4].flows_usd["mining"] == pytest.approx(3 * mined + 4 * later)  # 29 January to 4 February


def test_power_in_arrears_is_paid_after_the_month_and_the_last_one_later() -> None:
    found = weekly(TABLES, Terms(power_due="arrears", power_days=15))
    paid = {week.week: week.flows_usd["power"] for week in found.weeks if week.flows_usd["power"]}
    assert paid == pytest.approx({7: amount("power_cost", "2027-01"), 11: amount("power_cost", "2027-02")})
    assert found.later.flows_usd["power"] == pytest.approx(amount("power_cost", "2027-03"))  # 16 April


def test_mining_days_move_receipts_and_debt_is_paid_on_its_day() -> None:
    found = weekly(TABLES, Terms(mining_days=10, debt_day_of_month=5))
    mined = (amount("mining_revenue", "2027-01") + amount("btc_retained", "2027-01")) / 31.0
    assert found.weeks[0].flows_usd["mining"] == 0.0
    assert found.weeks[1].flows_usd["mining"] == pytest.approx(4 * mined)  # from 11 January on
    owed = sum(amount(line, "2027-01") for line in GROUPS["interest and principal"])
    assert found.weeks[0].flows_usd["interest and principal"] == pytest.approx(owed)
    assert found.weeks[5].flows_usd["interest and principal"] < 0.0  # 5 February


def test_sales_that_settle_late_meet_what_the_plan_moves_on() -> None:
    """In the plan a fifth of the month's sales is cash in the next one; on days each sale is, seven days later."""
    sold, moved = amount("btc_sale", "2027-01"), amount("btc_settlement", "2027-01")
    assert moved == pytest.approx(-0.2 * sold)
    found = weekly(TABLES, Terms(settlement_days=7))
    assert found.weeks[0].flows_usd["Bitcoin sold"] == pytest.approx(0.0)
    assert found.weeks[1].flows_usd["Bitcoin sold"] == pytest.approx(7 * sold / 31.0)


def test_items_of_before_the_plan_come_on_top() -> None:
    plain, found = weekly(TABLES, Terms()), weekly(TABLES, Terms(before=((9, 40e3), (20, -10e3), (400, 5.0))))
    assert found.weeks[1].flows_usd[BEFORE] == 40e3
    assert found.weeks[2].closing_usd == pytest.approx(plain.weeks[2].closing_usd + 30e3)
    assert (found.later.flows_usd[BEFORE], found.before_usd) == (5.0, pytest.approx(30_005.0))
    assert total_usd(found) == pytest.approx(plain.closing_usd, abs=0.01)


def test_on_a_tree_the_lowest_future_stands_beside_the_expected_one() -> None:
    found = weekly(FORKED, Terms())
    shared, apart = found.weeks[3], found.weeks[-1]
    assert shared.lowest_usd == pytest.approx(shared.closing_usd)
    cash = FORKED["cash"].set_index("node")["closing_usd"]
    assert apart.lowest_usd == pytest.approx(min(cash["up"], cash["down"]), abs=0.01)
    assert apart.closing_usd == pytest.approx(0.4 * cash["up"] + 0.6 * cash["down"], abs=0.01)
    assert found.lowest == min(found.weeks, key=lambda week: week.lowest_usd)


def test_collateral_moves_on_the_first_day_of_its_period() -> None:
    weeks = weekly(TABLES, Terms()).weeks
    assert {week.week: week.pledged_btc for week in weeks if week.pledged_btc} == {9: -2.0}  # 1 March

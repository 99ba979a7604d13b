"""Positions, months, runway, sources and uses of a plan made by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from allocator.plan.liquidity import GROUPS, months, positions, ratios, runway, sources_and_uses
from allocator.plan.schema import LINES
from tests.verify.lien import lien

TABLES = lien().derived()[0]


def test_every_line_that_moves_cash_stands_in_one_group() -> None:
    grouped = [line for lines in GROUPS.values() for line in lines]
    assert sorted(grouped) == sorted(name for name, line in LINES.items() if line.when == "period")


def test_a_position_is_what_a_node_holds_and_owes() -> None:
    second = positions(TABLES)[1]
    assert (second.held_btc, second.pledged_btc) == pytest.approx((18.2, 10.0))
    assert second.owed_usd == pytest.approx(350e3 + 60e3)
    assert second.ltv_after_share == pytest.approx(350e3 / (54e3 * 10.0))
    assert second.calls == ("line",)  # met by free Bitcoin
    assert positions(TABLES)[2].calls == ()


def test_months_weigh_nodes_by_probability() -> None:
    found = positions(TABLES)
    by_month = months(TABLES["nodes"], found)
    assert [month.call_probability for month in by_month] == [0.0, 1.0, 0.0]
    assert [month.owed_usd for month in by_month] == pytest.approx([p.owed_usd for p in found])
    forked = TABLES["nodes"].assign(start_month=["2027-01", "2027-02", "2027-02"], probability=[1.0, 0.25, 0.75])
    apart = positions({**TABLES, "nodes": forked})
    assert months(forked, apart)[1].call_probability == pytest.approx(0.25)
    assert months(forked, apart)[1].held_btc == pytest.approx(0.25 * apart[1].held_btc + 0.75 * apart[2].held_btc)


def test_runway_is_cash_over_burn() -> None:
    left = runway(TABLES)
    flow = TABLES["cash_flow"]
    spent = flow[flow["line"].isin([line for name in ("operations", "interest and fees") for line in GROUPS[name]])]
    assert left.burn_usd_per_month == pytest.approx(-math.fsum(spent["amount_usd"]) / 3.0)
    assert left.free_btc == pytest.approx(10.0)
    if left.burn_usd_per_month > 0:
        assert left.cash_months == pytest.approx(1e6 / left.burn_usd_per_month)
    else:
        assert left.cash_months is None


def test_sources_less_uses_are_the_change_in_cash() -> None:
    (year,) = sources_and_uses(TABLES)
    cash = TABLES["cash"]
    assert year.change_usd == pytest.approx(cash["closing_usd"].iloc[-1] - cash["opening_usd"].iloc[0])
    assert year.flows_usd["drawn"] == 50e3
    assert year.flows_usd["paid back"] == -160e3


def test_lenders_ask_for_cover_and_net_debt_over_ebitda() -> None:
    found, flows = positions(TABLES), sources_and_uses(TABLES)
    (year,) = ratios(TABLES["nodes"], found, flows)
    loans = TABLES["loans"]
    assert year.debt_cost_usd == pytest.approx(math.fsum(loans["interest_usd"]) + math.fsum(loans["fees_usd"]))
    assert year.net_debt_usd == pytest.approx(250e3 + 40e3 - TABLES["cash"]["closing_usd"].iloc[-1])
    assert year.ebitda_usd > 0
    assert year.interest_cover == pytest.approx(year.ebitda_usd / year.debt_cost_usd)
    assert year.net_debt_over_ebitda == pytest.approx(year.net_debt_usd / (year.ebitda_usd * 12 / 3))
    idle = replace(flows[0], flows_usd={**flows[0].flows_usd, "operations": -1.0, "interest and fees": 0.0})
    (none,) = ratios(TABLES["nodes"], found, [idle])
    assert (none.interest_cover, none.net_debt_over_ebitda) == (None, None)


def test_less_than_a_dollar_is_no_shortfall() -> None:
    found = positions(TABLES)
    for missing, probability in ((0.5, 0.0), (2.0, 1.0)):
        short = [replace(position, shortfall_usd=missing) for position in found]
        assert months(TABLES["nodes"], short)[1].shortfall_probability == probability

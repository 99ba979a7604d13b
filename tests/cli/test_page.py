"""The page of a plan says what a planner asks first, and never more than is known."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from allocator.cli.page import page
from allocator.plan import marginal
from allocator.plan.binding import Binding
from allocator.plan.covenant_lines import CovenantLine
from allocator.plan.reader import read_plan
from allocator.plan.schema import USES
from allocator.plan.summary import SOURCES, Conversion, Summary, Trade, summarise
from allocator.plan.titles import LIMITS, TITLES, UNITS


@pytest.fixture(scope="module")
def summary(solved: Path) -> Summary:
    return summarise(read_plan(solved / "plan"))


@pytest.fixture(autouse=True)
def _wide_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are told whole here; a narrow terminal wraps them."""
    monkeypatch.setenv("COLUMNS", "100")


def with_meta(summary: Summary, **changed: object) -> Summary:
    return dataclasses.replace(summary, meta=dataclasses.replace(summary.meta, **changed))


def test_the_page_tells_value_proof_contracts_uses_and_sources(summary: Summary) -> None:
    text = page(summary)
    assert text.startswith("small: net present value $727,200\n  no plan can exceed $727,200: proven gap ")
    assert "every rule and every dollar verified; $727,200 of it within the horizon" in text
    assert "Conversions: none" in text
    for line in ("lab                  3.0  2027-06       tenants", "2027             3.5            5.0"):
        assert line in text
    assert "big                  4.0  0 of its 4 MW fit" in text
    assert "AI colocation         $684,000" in text
    assert "GAP NOT REACHED" not in text


def test_a_bound_that_is_not_known_is_said_to_be(summary: Summary) -> None:
    text = page(with_meta(summary, bound_usd=None, relative_gap=None, stop_reason="feasible", limit="other"))
    assert "no bound is known: proven gap unknown" in text
    assert "GAP NOT REACHED: the engine proved no more; this is the best plan found" in text


@pytest.mark.parametrize(("limit", "words"), [("time", "stopped at the time limit"), ("interrupt", "interrupted")])
def test_a_gap_that_is_not_reached_comes_with_the_reason(limit: str, words: str, summary: Summary) -> None:
    text = page(with_meta(summary, relative_gap=0.5, stop_reason="feasible", limit=limit))
    assert f"GAP NOT REACHED: {words}; this is the best plan found" in text


def test_an_unverified_plan_says_so_in_capitals(summary: Summary) -> None:
    assert "NOT VERIFIED" in page(with_meta(summary, verified=False))


def test_thinned_hours_come_with_their_error(summary: Summary) -> None:
    hours = dataclasses.replace(
        summary.meta.hours, full=False, full_hours_objective_usd=7e5, error_usd=-3e4, error_share=-0.01
    )
    words = " ".join(page(with_meta(summary, hours=hours)).split())
    assert "the same decisions over every hour: $700,000 (-$30,000, -1 % of the operating margin)" in words


def test_the_first_lines_stay_within_a_narrow_terminal(summary: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    days = "4 weighted days per site and node: the priciest, the hottest, and medoids of the others"
    hours = dataclasses.replace(summary.meta.hours, representation=days)
    trades = tuple(Trade("2027-06", "s21", units, 0, -1.2e6) for units in range(1, 60))
    worst = with_meta(summary, hours=hours, objective_usd=1.214e8, mean_of_worst_usd=-4.4e7, tail_weight=0.25)
    text = page(dataclasses.replace(worst, trades=trades))
    assert "  on average; -$44.00 M on the worst paths, which weigh 25 %: $80.05 M in all\n" in text
    assert "... and 47 more in csv/trades.csv" in text
    assert max(map(len, text.splitlines())) <= 80


def test_conversions_limits_and_remarks_are_told_in_words(summary: Summary) -> None:
    made = Conversion("tenants", "bare", "gpu_hall", "2027-06", "2027-09", 2e6)
    limits = (Binding("site", "site_power", 3e5, "USD/MW-year"), Binding("company", "cash", 0.25, "USD/USD"))
    told = dataclasses.replace(summary, conversions=(made,), binding=limits)
    text = page(with_meta(told, remarks=("three gaps were filled, " * 10,)))
    assert "tenants  bare  gpu_hall  2027-06  2027-09      $2.00 M" in text
    assert "site     power at the meter  $300,000  a MW and year" in text
    assert "company  minimum cash           $0.25  a dollar" in text
    assert "- three gaps were filled" in text
    assert max(map(len, text.splitlines())) <= 100


def test_what_every_branch_does_is_told_once_and_long_lists_end(summary: Summary) -> None:
    made = [Conversion("tenants", "bare", "gpu_hall", "2027-06", f"2027-09/{child}", 2e6) for child in (1, 2)]
    trades = tuple(Trade(f"2027-06/{child}", "miner", 10, 0, -1e5) for child in range(30))
    text = page(dataclasses.replace(summary, conversions=tuple(made), trades=trades))
    assert text.count("gpu_hall  2027-06") == 1
    assert "2027-06  2027-09/1" in text
    assert "... and 18 more in csv/trades.csv" in text


def test_what_an_engine_leaves_of_its_tolerance_is_not_told(summary: Summary) -> None:
    text = page(with_meta(summary, penalty_usd=0.02))
    assert "missing cash" not in text


def test_missing_cash_is_told_with_its_price_apart_from_the_value(summary: Summary) -> None:
    short = dataclasses.replace(summary.tightness, least_cash=(-5340.0, "2027-04"), short_nodes=2)
    text = page(with_meta(dataclasses.replace(summary, tightness=short), penalty_usd=1e6))
    assert "company: cash is missing in 2 nodes, most $5,340 (2027-04)" in text
    assert "after $1.00 M for limits that are broken" in text


def test_covenants_are_told_where_they_come_closest(summary: Summary) -> None:
    liquid = CovenantLine("cash", 4, 0, "2027-04", 1.33, 1.0, 5e5)
    cover = CovenantLine("cover", 2, 1, "2027-06", 1.1, 1.25, -3e4)
    text = page(dataclasses.replace(summary, covenants=(liquid, cover)))
    assert "cash          4       0  2027-04  1.33x  1.00x  $500,000" in text
    assert "cover         2       1  2027-06  1.10x  1.25x  -$30,000" in text
    assert "Covenants" not in page(summary)


def test_machines_ordered_and_sold_are_listed_with_their_cash(summary: Summary) -> None:
    assert "Machines ordered" not in page(summary)
    told = dataclasses.replace(
        summary, trades=(Trade("2027-06", "s21", 400, 0, -1.2e6), Trade("", "s19", 0, 9800, 5e6))
    )
    assert "2027-06  s21        400         -$1.20 M" in page(told)
    assert "         s19             9,800   $5.00 M" in page(told)


def test_every_use_source_and_limit_has_a_title() -> None:
    assert set(USES) | set(SOURCES) <= set(TITLES)
    known = {limit.quantity for limit in (*marginal.HOURLY_LIMITS, marginal.ENERGY_LIMIT, *marginal.TAIL_LIMITS)}
    assert known <= set(LIMITS)
    assert {marginal.MW_YEAR, "USD/MW", "USD/MWh", "USD/MWh-year", "USD/USD"} == set(UNITS)

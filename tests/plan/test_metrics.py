"""Figures of finance, worked by hand on a plan of two years."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest

from allocator.plan.metrics import Metrics, metrics, rate_of_return

NODES = pd.DataFrame(
    {
        "node": ["2027", "2028a", "2028b"],
        "probability": [1.0, 0.25, 0.75],
        "start_month": ["2027-01", "2028-01", "2028-01"],
        "months": [12, 12, 12],
    }
)
"""A year, then one of two others."""


def flow(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    """Lines as (node, line, subject, amount)."""
    frame = pd.DataFrame(rows, columns=["node", "line", "subject", "amount_usd"])
    return frame.assign(when=["horizon" if line.startswith("terminal") else "period" for line in frame["line"]])


TABLES: Mapping[str, pd.DataFrame] = {
    "nodes": NODES,
    "cash_flow": flow(
        ("2027", "mining_revenue", "s21", 50.0),
        ("2027", "power_cost", "mining", -30.0),
        ("2027", "conversion_capex", "hall/gpu", -100.0),
        ("2027", "contract_capex", "tenant", -20.0),
        ("2027", "equipment_sale", "s21", 10.0),
        ("2028a", "colocation_rent", "tenant", 200.0),
        ("2028a", "power_cost", "ai_colocation", -40.0),
        ("2028a", "power_pass_through", "tenant", 20.0),
        ("2028b", "colocation_rent", "tenant", 120.0),
        ("2028b", "power_cost", "ai_colocation", -40.0),
        ("2028b", "sla_credits", "hall/gpu", -4.0),
        ("2028b", "terminal_contract_rent", "tenant", 40.0),
    ),
    "power": pd.DataFrame(
        {
            "node": ["2027", "2028a", "2028b"],
            "site": ["site"] * 3,
            "use": ["mining", "ai_colocation", "ai_colocation"],
            "power_cost_usd": [30.0, 40.0, 40.0],
        }
    ),
    "placements": pd.DataFrame({"contract": ["tenant"], "hall": ["hall"], "critical_it_mw": [2.0]}),
    "halls": pd.DataFrame(
        {
            "node": ["2027", "2028a", "2028b"],
            "site": ["site"] * 3,
            "hall": ["hall"] * 3,
            "contracted_mw": [0.0, 2.0, 2.0],
        }
    ),
    "conversions": pd.DataFrame(
        {"hall": ["hall"], "to_fit_out": ["gpu"], "decided_node": ["2027"], "capex_usd": [100.0]}
    ),
}


@pytest.fixture(scope="module")
def found() -> Metrics:
    return metrics(TABLES)


def test_a_year_is_the_expectation_of_its_nodes(found: Metrics) -> None:
    """Rent 0.25 x 200 + 0.75 x 120 = 140; pass-through 5; power 40; credits 3."""
    first, second = found.years
    assert (first.revenue_usd, first.ebitda_usd, first.capex_usd, first.machine_sales_usd) == (50, 20, 120, 10)
    assert first.free_cash_flow_usd == 20 - 120 + 10
    assert (second.revenue_usd, second.ebitda_usd, second.rent_usd) == (145, 102, 140)
    assert second.noi_usd == 140 + 5 - 40 - 3
    assert second.noi_margin_share == pytest.approx(102 / 140)
    assert first.noi_margin_share is None


def test_payback_is_the_month_in_which_what_was_spent_is_back(found: Metrics) -> None:
    """-90 after a year, +12 after two."""
    assert found.payback_months == 24


def test_what_is_owed_beyond_the_horizon_takes_a_payback_away() -> None:
    """12 is left after two years, and 75 owed then."""
    owing = flow(("2028b", "terminal_contract_rent", "tenant", -100.0))
    cash = pd.concat([TABLES["cash_flow"].iloc[:-1], owing], ignore_index=True)
    found = metrics({**TABLES, "cash_flow": cash})
    assert found.payback_months is None
    assert found.payback_note.startswith("after 24 months, but")


def test_the_rate_of_return_counts_what_lies_beyond_the_horizon(found: Metrics) -> None:
    """-90 in the middle of the first year, 102 in the middle of the second, 30 at the end of it."""
    rate = found.irr_per_year
    assert rate is not None
    assert -90 + 102 / (1 + rate) + 30 / (1 + rate) ** 1.5 == pytest.approx(0.0, abs=1e-6)


def test_yield_on_cost_is_a_year_of_the_hall_over_its_conversion_and_signing(found: Metrics) -> None:
    """Rent and pass-through 145, less power 40, on 100 + 20; credits are not known by hall."""
    (line,) = found.yields
    assert line.yield_share == pytest.approx((145 - 40) / 120)
    assert found.yield_on_all_capex_share == line.yield_share


@pytest.mark.parametrize(
    ("usd", "years", "rate"),
    [([-100.0, 110.0], [0.0, 1.0], 0.10), ([-100.0, 121.0], [0.5, 2.5], 0.10), ([-100.0, 50.0], [0.0, 1.0], -0.5)],
)
def test_known_rates_of_return(usd: list[float], years: list[float], rate: float) -> None:
    assert rate_of_return(usd, years)[0] == pytest.approx(rate)


@pytest.mark.parametrize(
    ("usd", "why"),
    [
        ([10.0, 20.0], "no money is laid out before it comes in"),
        ([20.0, -10.0], "no money is laid out before it comes in"),
        ([-10.0, -1.0], "nothing comes back"),
        ([50.0, -200.0, 190.0], "not defined: income comes before the outlays"),
    ],
)
def test_why_there_is_no_rate_of_return(usd: list[float], why: str) -> None:
    assert rate_of_return(usd, [float(k) for k in range(len(usd))]) == (None, why)


def test_a_plan_that_never_spends_first_has_no_payback() -> None:
    earning = {**TABLES, "cash_flow": flow(("2027", "mining_revenue", "s21", 50.0))}
    assert metrics(earning).payback_months is None
    assert metrics(earning).payback_note == "no money is laid out before it comes in"

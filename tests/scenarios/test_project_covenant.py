"""A project loan's own coverage: its service, and the income of the site that it pays for."""

from __future__ import annotations

import pytest

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import parse_setting, with_settings
from tests.scenarios.cases import SCENARIOS, TIGHT_GAP

OWN = "{name: own, kind: dscr, sites: [site], loans: [works], first_month: 2027-06, trailing_months: 1, least_ratio: 5}"


def test_less_is_drawn_where_the_project_would_not_cover_its_instalment() -> None:
    """The tenant pays 500,000 USD in June: at five times that covers an instalment of 100,000, so that 220,000 are owed
    at the end of May in place of 240,000, of which June leaves 120,000. The bridge makes up for it: r is paid back of
    it in April with 96,160 = r + 0.0404 (500,000 - r) over both months."""
    loaded = with_settings(load_scenario(SCENARIOS / "hand" / "project_loan"), [parse_setting(f"covenants=[{OWN}]")])
    tables = solve_scenario(loaded, request=SolveRequest(relative_gap=TIGHT_GAP)).plan.tables
    loans = tables["loans"].set_index(["loan", "node"])
    assert loans.loc[("works", "2027-05"), "closing_usd"] == pytest.approx(220e3)
    assert loans.loc[("works", "2027-06"), "repaid_usd"] == pytest.approx(100e3)
    assert loans.loc[("bridge", "2027-04"), "repaid_usd"] == pytest.approx((96_160 - 0.0404 * 500e3) / (1 - 0.0404))
    (test,) = tables["covenants"].to_dict("records")
    assert (test["income_usd"], test["claim_usd"]) == pytest.approx((500e3, 100e3))

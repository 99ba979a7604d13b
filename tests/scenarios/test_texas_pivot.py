"""The bundled 100 MW case: a verified plan within its gap, whose story its README tells."""

from __future__ import annotations

from functools import lru_cache

import pytest

from allocator.cli.report_folder import report_of
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.reports.web.page import html_page
from allocator.scenario.load import load_scenario
from tests.reports.browser import Browser
from tests.reports.page_checks import sound
from tests.scenarios.cases import SCENARIOS, read_yaml

FOLDER = SCENARIOS / "texas_pivot"
EXPECTED = read_yaml(FOLDER / "expected.yaml")


@lru_cache(maxsize=1)
def outcome() -> Outcome:
    return solve_scenario(load_scenario(FOLDER), request=SolveRequest(relative_gap=1e-3))


def test_the_plan_is_verified_within_a_thousandth() -> None:
    meta = outcome().meta
    assert outcome().exit_code is ExitCode.WITHIN_GAP
    assert meta.verified
    low, high = EXPECTED["objective_usd"]
    assert low <= meta.objective_usd <= high
    assert meta.bound_usd is not None
    assert meta.bound_usd >= EXPECTED["bound_at_least_usd"]


def test_offers_are_accepted_and_refused_for_different_reasons() -> None:
    contracts = outcome().plan.tables["contracts"]
    assert set(contracts.loc[contracts["accepted"], "contract"]) == set(EXPECTED["accepted"])
    assert set(contracts.loc[~contracts["accepted"], "contract"]) == set(EXPECTED["refused"])
    for contract, words in EXPECTED["reasons"].items():
        assert words in contracts.loc[contracts["contract"] == contract, "reason"].iloc[0]


def test_the_weakest_fleet_makes_room_first() -> None:
    conversions = outcome().plan.tables["conversions"].set_index("hall")
    assert dict(conversions["to_fit_out"]) == EXPECTED["conversions"]
    assert str(conversions.loc["barn_a", "decided_node"]) < str(conversions.loc["hydro_c", "decided_node"])


def test_no_tenant_is_let_down_for_a_price_spike() -> None:
    assert "sla_credits" not in set(outcome().plan.tables["cash_flow"]["line"])


def test_its_page_is_sound_in_a_browser(browser: Browser) -> None:
    sound(browser, html_page(report_of(outcome().plan, load_scenario(FOLDER))))


@pytest.mark.parametrize("name", ["edge_inference", "hyperscale_backstopped", "131,888,745", "university_cluster"])
def test_the_readme_speaks_of_the_plan(name: str) -> None:
    assert name in (FOLDER / "README.md").read_text(encoding="utf-8")

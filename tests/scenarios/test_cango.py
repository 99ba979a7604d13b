"""The reference case: its file holds what was known on the last day of 2025, and its plan sells before it is called."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from allocator.cli.report_folder import report_of
from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.reports.web.page import html_page
from allocator.scenario.load import load_scenario
from tests.reports.browser import Browser
from tests.reports.page_checks import sound
from tests.scenarios.cases import SCENARIOS, read_yaml

FOLDER = SCENARIOS / "cango_2026"


@pytest.fixture(scope="module")
def instance() -> Instance:
    return compile_instance(load_scenario(FOLDER))


def test_the_fleet_is_the_published_one(instance: Instance) -> None:
    """50 EH/s deployed, of which 43.36 ran in December 2025."""
    fleet = load_scenario(FOLDER).scenario.fleets
    assert sum(own.units for own in fleet) * 140e-6 == pytest.approx(50.0, rel=1e-3)
    [machine] = load_scenario(FOLDER).scenario.equipment.values()
    assert machine.uptime_share == pytest.approx(43.36 / 50.0, rel=1e-3)


def test_a_month_of_all_machines_mines_what_december_did(instance: Instance) -> None:
    """569 BTC in 31 days at 43.36 EH/s: January has as many days."""
    segments, placements = instance.segments, instance.placements
    machines = placements.opening_units[segments.placement]
    mw = segments.mw_per_unit * machines
    mined = instance.mined_btc_per_mwh[:, 0] @ mw * instance.tree.hours[0]
    assert mined == pytest.approx(569.0, rel=0.015)


def test_debt_stands_at_three_quarters_of_its_collateral(instance: Instance) -> None:
    assert instance.debt is not None
    assert instance.market.btc_price_usd is not None
    assert float(np.sum(instance.debt.loans.opening_usd)) == pytest.approx(557.6e6)
    assert 457.6e6 / (7000 * instance.market.btc_price_usd[0]) == pytest.approx(0.746, abs=0.01)


def test_the_page_of_a_smaller_case_is_sound_in_a_browser(tmp_path: Path, browser: Browser) -> None:
    """Three futures, quarters and a year, two of the hosts: a company with hosts, a loan on Bitcoin and a tree."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "cango"))
    document = read_yaml(folder / "scenario.yaml")
    document["uncertainty"]["branching"] = [{"month": 1, "children": 3}]
    document["horizon"]["periods"] = [{"months": 1, "count": 3}, {"months": 3, "count": 3}, {"months": 12, "count": 1}]
    document["risk"]["tail_level"] = 0.7
    kept = {"yard", "pad", *(one["name"] for one in document["hosting"][:2])}
    document["hosting"] = [one for one in document["hosting"] if one["name"] in kept]
    document["fleets"] = [one for one in document["fleets"] if one["hall"] in kept]
    (folder / "scenario.yaml").write_text(json.dumps(document, default=str), encoding="utf-8")
    loaded = load_scenario(folder)
    outcome = solve_scenario(loaded, request=SolveRequest(relative_gap=0.05, hours="3"))
    sound(browser, html_page(report_of(outcome.plan, loaded)))


@pytest.mark.slow
def test_the_plan_sells_most_of_it_in_the_first_quarter(browser: Browser) -> None:
    loaded = load_scenario(FOLDER)
    outcome = solve_scenario(loaded, request=SolveRequest(relative_gap=5e-3))
    assert outcome.meta.verified
    sound(browser, html_page(report_of(outcome.plan, loaded)))
    treasury = outcome.plan.tables["treasury"].set_index("node")
    assert treasury.loc["2026-01", "sold_btc"] > 5000

"""The reference case: its file holds what was known on the last day of 2025, and its plan sells before it is called."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from tests.scenarios.cases import SCENARIOS

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


@pytest.mark.slow
def test_the_plan_sells_most_of_it_in_the_first_quarter() -> None:
    outcome = solve_scenario(load_scenario(FOLDER), request=SolveRequest(relative_gap=5e-3))
    assert outcome.meta.verified
    treasury = outcome.plan.tables["treasury"].set_index("node")
    assert treasury.loc["2026-01", "sold_btc"] > 5000

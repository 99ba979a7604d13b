"""One site over one real year at full hours: ERCOT hub West 2023, Midland weather, hashprice of 2023."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.scenario.load import LoadedScenario, load_scenario
from benchmarks.site_year import GAP, write_site_year

SITE = "midland"


@pytest.fixture(scope="module")
def loaded(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> LoadedScenario:
    return load_scenario(write_site_year(shared_data, tmp_path_factory.mktemp("site_year")))


@pytest.fixture(scope="module")
def instance(loaded: LoadedScenario) -> Instance:
    return compile_instance(loaded)


@lru_cache(maxsize=1)
def _solved(folder: Path) -> Outcome:
    request = SolveRequest(method="decomposed", relative_gap=GAP, time_limit_s=120.0)
    return solve_scenario(load_scenario(folder), request=request)


@pytest.fixture(scope="module")
def outcome(loaded: LoadedScenario) -> Outcome:
    return _solved(loaded.folder)


def test_every_hour_of_the_year_stands_for_itself(instance: Instance) -> None:
    hours = instance.hours
    assert hours.full
    assert len(hours.utc) == 8760
    assert np.all(hours.weight_h == 1.0)
    assert hours.spot_usd_per_mwh.mean() == pytest.approx(49.446, abs=0.001)
    assert hours.spot_usd_per_mwh.max() == pytest.approx(5257.575)
    assert instance.remarks == ()


def test_the_plan_is_verified_within_a_thousandth(outcome: Outcome) -> None:
    assert outcome.meta.verified
    assert outcome.meta.relative_gap is not None
    assert outcome.meta.relative_gap <= GAP


def test_the_conversion_waits_for_its_tenants(outcome: Outcome) -> None:
    """Both offers stand in the one hall that can be converted, from the quarter in which it is ready."""
    tables = outcome.plan.tables
    ready = tables["conversions"]["ready_node"].iloc[0]
    accepted = tables["contracts"].query("accepted")
    assert len(tables["conversions"]) == 1
    assert len(accepted) == 2
    assert (accepted["signed_node"] >= ready).all()


def test_machines_stop_when_power_is_dear(outcome: Outcome) -> None:
    """No hour above what the best machine earns is mined, and mined power costs less than the average hour."""
    dearest, mined, paid = 0.0, 0.0, 0.0
    for node in outcome.plan.tables["nodes"]["node"]:
        frames = outcome.plan.dispatch[SITE, node]
        load = frames["segments"].groupby("utc")["load_mw"].sum()
        price = frames["hours"].set_index("utc")["price_usd_per_mwh"]
        hourly = load.reindex(price.index, fill_value=0.0)
        dearest = max(dearest, float(price[hourly > 0].max()))
        mined += float(hourly.sum())
        paid += float((hourly * price).sum())
    assert dearest < 230.0
    assert paid / mined < 35.0


def test_grid_draw_stays_within_the_interconnect(outcome: Outcome) -> None:
    draws = [
        outcome.plan.dispatch[SITE, node]["hours"]["grid_mw"].max() for node in outcome.plan.tables["nodes"]["node"]
    ]
    assert max(draws) <= 100.0 + 1e-4

"""A battery through real months: ERCOT hub West 2023. What it earns equals dynamic programming over its levels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.dispatch.interface import Capacity
from allocator.dispatch.linear import LinearDispatch
from allocator.instance.battery import Battery, NodeBattery
from allocator.instance.compile import compile_instance
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.types import Instance
from allocator.scenario.load import load_scenario
from benchmarks.site_year import write_site_year

LEVEL_MWH, LEVELS, OPENING = 10.0, 5, 2
LOSSLESS = Battery(
    charge_mw=LEVEL_MWH,
    discharge_mw=LEVEL_MWH,
    energy_mwh=LEVEL_MWH * (LEVELS - 1),
    charge_efficiency=1.0,
    discharge_efficiency=1.0,
    opening_mwh=LEVEL_MWH * OPENING,
    wear_usd_per_mwh=10.0,
    kept_share_per_h=1.0,
    capture_share=1.0,
)
"""Four hours; an hour moves it by one level, and without losses some optimal schedule keeps to whole levels."""


@pytest.fixture(scope="module")
def instance(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return compile_instance(load_scenario(write_site_year(shared_data, tmp_path_factory.mktemp("site_year"))))


def with_battery(here: SiteNode, battery: Battery) -> SiteNode:
    return replace(here, battery=NodeBattery(battery, np.ones(here.hours), np.arange(here.hours) == 0))


def tenants(here: SiteNode) -> Capacity:
    """20 MW in the first bay let to tenants and no machines: more than the battery can give, in every hour."""
    bay = here.tenants.bay[0]
    served = np.arange(here.tenancies) == 0
    return Capacity((np.arange(here.bays) == bay) * 1.0, served * 20.0, np.zeros(here.segments))


def best_by_levels(price_usd_per_mwh: np.ndarray) -> float:
    """Most that moving between whole levels earns from the opening level back to it, USD."""
    worth = np.where(np.arange(LEVELS) == OPENING, 0.0, -np.inf)
    for price in price_usd_per_mwh:
        taken = np.append(-np.inf, worth[:-1] - LEVEL_MWH * price)
        given = LEVEL_MWH * (price - LOSSLESS.wear_usd_per_mwh) if price >= 0 else -np.inf
        worth = np.maximum.reduce([worth, taken, np.append(worth[1:] + given, -np.inf)])
    return float(worth[OPENING])


@pytest.mark.parametrize("month", [2, 7])
def test_it_earns_what_dynamic_programming_finds(instance: Instance, month: int) -> None:
    """March has the most hours of a negative price, August the highest prices."""
    here = site_node(instance, 0, month)
    capacity = tenants(here)
    alone = LinearDispatch(here).solve(capacity).value_usd
    value = LinearDispatch(with_battery(here, LOSSLESS)).solve(capacity).value_usd
    assert value - alone == pytest.approx(best_by_levels(here.price_usd_per_mwh), rel=1e-7)


def test_beside_tenants_alone_a_capture_share_counts_that_share_of_it(instance: Instance) -> None:
    here = site_node(instance, 0, 7)
    capacity = tenants(here)
    alone, whole, partly = (
        LinearDispatch(site).solve(capacity).value_usd
        for site in (here, *(with_battery(here, replace(LOSSLESS, capture_share=f)) for f in (1.0, 0.75)))
    )
    assert whole > alone
    assert partly - alone == pytest.approx(0.75 * (whole - alone), rel=1e-7)

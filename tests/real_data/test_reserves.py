"""Load offered to ancillary services through real months: ERCOT 2023, day-ahead capacity prices beside hub West."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.dispatch.interface import Capacity
from allocator.dispatch.linear import LinearDispatch
from allocator.instance.compile import compile_instance
from allocator.instance.reserves import NodeReserves
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.types import Instance
from allocator.scenario.load import load_scenario
from benchmarks.site_year import write_site_year

SERVICES = ("rrs_usd_per_mw_h", "nspin_usd_per_mw_h", "ecrs_usd_per_mw_h")
LOAD_MW = 5.0
"""Less than the first hall and its cooling take in any hour."""


@pytest.fixture(scope="module")
def instance(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Instance:
    return compile_instance(load_scenario(write_site_year(shared_data, tmp_path_factory.mktemp("site_year"))))


@pytest.fixture(scope="module")
def prices(shared_data: Path) -> pd.DataFrame:
    """Capacity prices by hour, UTC; 0 where a service was not bought yet."""
    read = pd.read_csv(shared_data / "ercot_hourly_2021_2024.csv.gz", usecols=["hour_start_utc", *SERVICES])
    hours = pd.DatetimeIndex(read.pop("hour_start_utc")).tz_localize(None)
    return read.set_index(hours).fillna(0.0)


def selling(instance: Instance, prices: pd.DataFrame, month: int) -> SiteNode:
    """A month in which every service takes all of one MW of load that runs, and calls none of it."""
    here = site_node(instance, 0, month)
    utc = pd.DatetimeIndex(instance.hours.utc[instance.hours.steps(0, month)])
    paid, count = prices.loc[utc, list(SERVICES)].to_numpy().T, len(SERVICES)
    every = np.ones((count, here.segments), dtype=bool)
    zero, one = np.zeros(count), np.ones(count)
    open_hours = np.ones((count, here.hours), dtype=bool)
    return replace(here, reserves=NodeReserves(paid, open_hours, every, np.full(count, np.inf), one, zero, zero, one))


def one_model(here: SiteNode, load_mw: float) -> Capacity:
    """Machines of the first segment alone, in their hall."""
    bay = here.segment_bay[0]
    segments = load_mw * (np.arange(here.segments) == 0)
    return Capacity((np.arange(here.bays) == bay) * 1.0, np.zeros(here.tenancies), segments)


@pytest.mark.parametrize("month", [2, 7])
def test_it_earns_what_every_hour_by_itself_pays(instance: Instance, prices: pd.DataFrame, month: int) -> None:
    """Without limits each hour runs where rent and the best offer pay for its energy: a sum that needs no solver."""
    here = selling(instance, prices, month)
    dispatch = LinearDispatch(here)
    found = dispatch.solve(one_model(here, LOAD_MW))
    standing = dispatch.solve(one_model(here, 0.0)).value_usd
    gross = 1.0 + here.overhead[here.segment_bay[0]]
    assert here.reserves is not None
    best = np.maximum(here.reserves.price_usd_per_mw_hour.max(axis=0), 0.0)
    margin = here.segment_value_usd_per_mwh[0] + gross * (best - here.price_usd_per_mwh)
    expected = LOAD_MW * float(here.weight_h @ np.maximum(margin, 0.0))
    assert found.value_usd - standing == pytest.approx(expected, rel=1e-9)


def test_some_hours_run_for_the_offer_alone(instance: Instance, prices: pd.DataFrame) -> None:
    """August 2023: energy and reserves were dear together."""
    here = selling(instance, prices, 7)
    capacity = one_model(here, LOAD_MW)
    offered = LinearDispatch(here).solve(capacity).schedule.load_mw[0]
    alone = LinearDispatch(replace(here, reserves=None)).solve(capacity).schedule.load_mw[0]
    assert ((offered > 1.0) & (alone < 1e-6)).sum() >= 10
    assert (offered >= alone - 1e-6).all()

"""The hour store: sites of different size, coarse nodes, and the sample year beyond the horizon."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.instance.hours import pass_through, periods_of, step_lengths_h
from allocator.instance.last_year import HOURS_PER_YEAR, last_year
from allocator.instance.months import month_grid
from allocator.instance.site_node import site_node
from allocator.instance.tree_build import chain
from tests.instance.factory import tiny_instance
from tests.instance.scenario_files import compiled, document


def test_nodes_share_out_every_hour_of_the_horizon() -> None:
    grid = month_grid("2027-01", 6, "America/Chicago")
    periods = periods_of(chain(grid, [1, 2, 3], 1), grid)
    assert [hours.start for hours in periods.hours] == [0, 744, 744 + 672 + 743]
    assert periods.hours[-1].stop == len(grid.hour_starts) == grid.hours.sum()
    assert periods.of_node.tolist() == [0, 1, 2]


def test_nodes_of_the_same_months_share_a_period() -> None:
    grid = month_grid("2027-01", 4, "UTC")
    straight = chain(grid, [1, 1, 1, 1], 1)
    tree = replace(straight, parent=np.array([-1, 0, 0, 1]), first_month=np.array([0, 1, 1, 2]))
    periods = periods_of(tree, grid)
    assert periods.of_node.tolist() == [0, 1, 1, 2]
    assert len(periods.hours) == 3


def test_nodes_that_share_hours_keep_their_own_spot() -> None:
    """Two nodes run through the same two steps; the second pays half the spot, and the whole adder of 5."""
    plain = tiny_instance(nodes=2, steps=2, price=[[[45.0, 85.0], [0.0, 0.0]]], spot=[[[40.0, 80.0], [0.0, 0.0]]])
    store = replace(plain.hours, period=np.array([0, 0]), spot_factor=np.array([[1.0, 0.5]]))
    instance = replace(plain, hours=store)
    assert site_node(instance, 0, 0).price_usd_per_mwh.tolist() == [45.0, 85.0]
    assert site_node(instance, 0, 1).price_usd_per_mwh.tolist() == [25.0, 45.0]
    assert store.spot(0, 1).tolist() == [20.0, 40.0]
    assert np.shares_memory(site_node(instance, 0, 0).overhead, site_node(instance, 0, 1).overhead)
    assert store.labels.tolist() == [0, 2, 4]
    assert [found.tolist() for found in store.pair_of(np.array([1, 2, 3]))] == [[0, 0, 0], [0, 1, 1]]
    assert pass_through(store).usd_per_mw.tolist() == [[120.0, 60.0]]


def test_a_zone_half_an_hour_off_begins_its_hours_at_half_past() -> None:
    grid = month_grid("2027-01", 1, "Asia/Kolkata")
    assert str(grid.hour_starts[0]) == "2026-12-31T18:30:00"
    assert len(grid.hour_starts) == 744


def test_steps_are_as_long_as_their_stamps_say() -> None:
    quarters = np.datetime64("2027-01-01T06", "s") + np.arange(5) * np.timedelta64(15, "m")
    assert step_lengths_h(quarters).tolist() == [0.25] * 5
    assert step_lengths_h(quarters[:1]).tolist() == [1.0]


def test_every_hour_follows_the_one_before_within_a_node(tmp_path: Path) -> None:
    store = compiled(tmp_path).hours
    assert np.flatnonzero(store.opens).tolist() == store.offset[:-1].tolist()


def test_each_site_keeps_its_own_bays_and_prices(tmp_path: Path) -> None:
    changed = document()
    second = document()["sites"][0]
    second["name"], second["price"]["scale"], second["halls"] = "east", 2.0, second["halls"][:1]
    second["halls"][0]["name"] = "east barn"
    changed["sites"].append(second)
    instance = compiled(tmp_path, changed)
    west, east = site_node(instance, 0, 1), site_node(instance, 1, 1)
    assert (west.bays, east.bays) == (3, 2)
    assert (west.price_usd_per_mwh[0], east.price_usd_per_mwh[0]) == pytest.approx((60.0, 105.0))
    assert east.segment_bay.tolist() == [0, 0, 1]
    assert instance.bays.site.tolist() == [0, 0, 0, 1, 1]
    assert instance.pass_through.usd_per_mw[4] == pytest.approx(instance.pass_through.usd_per_mw[1] * 2 / 1.1)


def test_the_sample_year_holds_the_nodes_that_overlap_the_last_twelve_months(tmp_path: Path) -> None:
    instance = compiled(tmp_path)
    year = last_year(instance.tree, instance.hours, 0)
    assert len(year.weight_h) == 743 + 720 + 744
    assert year.weight_h.sum() == pytest.approx(HOURS_PER_YEAR)
    assert year.average(year.spot_usd_per_mwh)[1] == pytest.approx(1.2 * (33 * 743 + 55 * 1464) / 2207)
    assert year.overhead[1:] == pytest.approx([0.2, 0.0])


def test_the_sample_year_leaves_earlier_nodes_out() -> None:
    price = np.arange(16.0)[None, :, None]
    instance = tiny_instance(nodes=16, steps=1, price=price)
    year = last_year(instance.tree, instance.hours, 0)
    assert year.cost_usd_per_mwh[0].tolist() == list(range(4, 16))
    assert year.average(year.cost_usd_per_mwh) == pytest.approx([9.5])

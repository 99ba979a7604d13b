"""What a window takes of an instance and of what a plan decided."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.scenario.load import load_scenario
from allocator.week.interface import at_prices, expected, planned_prices
from allocator.week.structure import Window, opening_structure
from tests.cli import small

FIRST = np.datetime64("2027-06-30T18:00", "s")
NODES = ("2027-06", "2027-07")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Two months, so that a window may begin in one and end in the other."""
    series = ["day,price_usd_per_mwh,ambient_c"]
    series += [f"2027-{6 + day // 30:02d}-{1 + day % 30:02d},{day},25" for day in range(61) if day < 60]
    folder = tmp_path_factory.mktemp("two") / "scenario"
    terms = [("equipment.s21.restart_minutes", 15), ("equipment.s21.least_off_hours", 2)]
    document = small.changed(("horizon.months", 2), ("sites.0.price.adder_usd_per_mwh", 3), *terms)
    small.write(folder, document, "\n".join([*series, "2027-07-31,60,25"]) + "\n")
    return compile_instance(load_scenario(str(folder)))


def test_a_window_may_end_in_another_node_than_it_begins_in(instance: Instance) -> None:
    found = opening_structure(instance, "site", NODES, Window(FIRST, hours=24))
    assert [part.node for part in found.parts] == list(NODES)
    assert [at.stop - at.start for at in found.slices] == [6, 18]
    assert list(found.utc) == list(FIRST + np.arange(24) * np.timedelta64(1, "h"))
    assert list(found.price_usd_per_mwh) == [29 + 3] * 6 + [30 + 3] * 18


def test_machines_stand_with_their_terms(instance: Instance) -> None:
    found = opening_structure(instance, "site", NODES, Window(FIRST, hours=2))
    assert [tier.model for tier in found.tiers] == ["s21"]
    assert found.restarts.restart_h.tolist() == [0.25]
    assert found.restarts.least_off_h.tolist() == [2.0]
    assert found.capacity_mw[0, 0] == pytest.approx(1000 * 3.5e-3)
    assert any("restart" in remark for remark in instance.remarks)


def test_hours_may_be_split_and_hold_the_same_in_all(instance: Instance) -> None:
    hours = opening_structure(instance, "site", NODES, Window(FIRST, hours=24))
    quarters = opening_structure(instance, "site", NODES, Window(FIRST, hours=24, splits=4))
    assert quarters.step_h == 0.25
    assert quarters.utc[1] - quarters.utc[0] == np.timedelta64(15, "m")
    assert quarters.hours == 96
    for whole, split in zip(hours.parts, quarters.parts, strict=True):
        assert split.here.weight_h.sum() == pytest.approx(whole.here.weight_h.sum())
        assert split.here.price_usd_per_mwh[::4].tolist() == whole.here.price_usd_per_mwh.tolist()


def test_other_prices_keep_what_the_meter_costs_on_top(instance: Instance) -> None:
    found = opening_structure(instance, "site", NODES, Window(FIRST, hours=3))
    assert planned_prices(found).spot_usd_per_mwh.tolist() == [29.0] * 3
    moved = at_prices(found, expected(found.utc, np.array([10.0, -5.0, 900.0])))
    assert moved.price_usd_per_mwh.tolist() == [13.0, -2.0, 903.0]
    with pytest.raises(ValueError, match="do not stand at"):
        at_prices(found, expected(found.utc[:2], np.zeros(2)))


def test_a_window_outside_the_nodes_is_refused(instance: Instance) -> None:
    with pytest.raises(ValueError, match="no hour"):
        opening_structure(instance, "site", ("2027-06",), Window(np.datetime64("2028-01-01T00:00", "s")))

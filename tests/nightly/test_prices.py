"""What a night expects of prices: the scenario's, those of the weeks before, and what is published for tomorrow."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance.compile import compile_instance
from allocator.nightly.prices import Expected, expected_prices
from allocator.scenario.load import load_scenario
from allocator.week.structure import Window, opening_structure
from tests.cli import small

AHEAD = (
    ("sites.0.day_ahead", {"series": "ahead"}),
    ("series.ahead", {**small.SERIES, "file": "ahead.csv", "column": "usd_per_mwh", "unit": "USD/MWh"}),
)


def expect(home: Path, day: int, hour: int = 2, *changes: tuple[str, Any]) -> Expected:
    """Prices of a June that rise by a dollar a day, and are sold ahead at half of that, on a day of it."""
    document = small.changed(*AHEAD, *changes)
    series = ["day,price_usd_per_mwh,ambient_c", *(f"2027-06-{day:02d},{day},25" for day in range(1, 31))]
    folder = small.write(home / "scenario", document, "\n".join(series) + "\n")
    sold = ["day,usd_per_mwh", *(f"2027-06-{day:02d},{day / 2}" for day in range(1, 31))]
    (folder / "ahead.csv").write_text("\n".join(sold) + "\n")
    loaded = load_scenario(str(folder))
    first = np.datetime64(f"2027-06-{day:02d}T{hour:02d}:00", "s")
    structure = opening_structure(compile_instance(loaded), "site", ["2027-06"], Window(first, 72))
    return expected_prices(loaded, structure, datetime(2027, 6, day, hour, tzinfo=UTC))


def test_prices_are_those_of_the_scenario_and_tomorrow_is_known_once_it_is_published(tmp_path: Path) -> None:
    found = expect(tmp_path, 10)
    assert found.prices.spot_usd_per_mwh[[0, 22, 71]].tolist() == [10.0, 11.0, 13.0]
    assert found.prices.day_ahead_usd_per_mwh[[0, 21, 22, 71]].tolist() == [5.0, 5.0, 11.0, 13.0]
    later = expect(tmp_path / "later", 10, 14)
    assert later.prices.day_ahead_usd_per_mwh[[9, 10, 33, 34]].tolist() == [5.0, 5.5, 5.5, 12.0]


def test_bids_for_a_day_close_on_the_day_before(tmp_path: Path) -> None:
    found = expect(tmp_path, 10)
    assert found.bids_close[[0, 22]].astype(str).tolist() == ["2027-06-09T10:00:00", "2027-06-10T10:00:00"]


def test_recent_prices_are_asked_for_and_need_two_weeks(tmp_path: Path) -> None:
    recent = ("operations", {"expected_prices": "recent"})
    few = expect(tmp_path / "few", 10, 2, recent)
    assert few.prices.spot_usd_per_mwh[71] == 13.0
    assert few.remarks == ("site: 218 h of prices are recorded up to now, so those of the plan are expected",)
    found = expect(tmp_path / "enough", 20, 2, recent)
    assert found.remarks == ()
    # Published tomorrow's price of 10 USD, and what real prices were over those: at most half as much again.
    assert found.prices.spot_usd_per_mwh[10] != 20.0
    assert found.spread.sd_usd_per_mwh > 0.0


def test_a_host_whose_price_follows_the_market_is_expected_to_follow_it(tmp_path: Path) -> None:
    """Twice the market, of which three quarters are ours to bear; at one price a month nothing moves."""
    host = {"name": "ridge", "cooling": "air", "capacity_mw": 1, "first_month": "2027-06", "last_month": "2027-06"}
    indexed = {"kind": "indexed", "series": "price", "scale": 2}
    shared = {**host, "price": indexed, "profit_share": {"share": 0.25}}
    fixed = {**host, "name": "flat", "price": {"kind": "all_in", "usd_per_mwh": 60}}
    document = small.changed(("hosting", [shared, fixed]), ("operations", {"expected_prices": "recent"}))
    prices = [f"2027-06-{day:02d},{day + 7 * (day % 3)},25" for day in range(1, 31)]
    folder = small.write(
        tmp_path / "scenario", document, "\n".join(["day,price_usd_per_mwh,ambient_c", *prices]) + "\n"
    )
    loaded = load_scenario(str(folder))
    instance, window = compile_instance(loaded), Window(np.datetime64("2027-06-20T02:00:00", "s"), 72)
    at = datetime(2027, 6, 20, 2, tzinfo=UTC)
    own, found = (
        expected_prices(loaded, opening_structure(instance, name, ["2027-06"], window), at)
        for name in ("site", "ridge")
    )
    flat = opening_structure(instance, "flat", ["2027-06"], window)
    assert expected_prices(loaded, flat, at).prices.spot_usd_per_mwh.tolist() == [60.0] * 72
    assert found.prices.spot_usd_per_mwh == pytest.approx(1.5 * own.prices.spot_usd_per_mwh)
    assert found.spread.sd_usd_per_mwh == pytest.approx(1.5 * own.spread.sd_usd_per_mwh)
    assert own.spread.sd_usd_per_mwh > 0.0


def test_a_spread_may_be_stated(tmp_path: Path) -> None:
    stated = ("operations", {"spread_usd_per_mwh": 12, "spread_persistence_share": 0.4})
    found = expect(tmp_path, 10, 2, stated).spread
    assert (found.sd_usd_per_mwh, found.persistence) == (12.0, 0.4)


@pytest.mark.parametrize("asked", [{"spread_persistence_share": 1.0}, {"step_minutes": 30}, {"most_moved": 3}])
def test_what_cannot_be_is_refused(tmp_path: Path, asked: dict[str, Any]) -> None:
    with pytest.raises(Exception, match=next(iter(asked))):
        expect(tmp_path, 10, 2, ("operations", asked))

"""Series are read once for the variants of a scenario, and again where their bytes or their reading differ."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance import series_book
from allocator.instance.compile import compile_instance
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import Setting, with_settings
from tests.instance.scenario_files import hours, write


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Columns that were really read, in order."""
    seen: list[str] = []

    def read(path: Path, spec: Any, *rest: Any) -> Any:
        seen.append(spec.column)
        return whole(path, spec, *rest)

    whole = series_book.read_series
    monkeypatch.setattr(series_book, "read_series", read)
    monkeypatch.setattr(series_book, "_LAST_READ", {})
    return seen


def spot(folder: Path, *settings: Setting) -> np.ndarray[Any, Any]:
    instance = compile_instance(with_settings(load_scenario(folder), settings))
    return np.asarray(instance.hours.spot_usd_per_mwh)


def test_another_price_reads_nothing_again(tmp_path: Path, reads: list[str]) -> None:
    first = spot(write(tmp_path))
    again = spot(tmp_path, Setting("bitcoin.usd_per_ph_day", 60.0))
    assert sorted(reads) == ["ambient", "price"]
    np.testing.assert_array_equal(first, again)


def test_other_bytes_or_another_reading_are_read(tmp_path: Path, reads: list[str]) -> None:
    table = hours()
    first = spot(write(tmp_path))
    table["price"] += 1.0
    assert spot(write(tmp_path, table=table)).max() == pytest.approx(first.max() + 1.1)  # its scale is 1.1
    spot(tmp_path, Setting("series.spot.range", [-100, 400]))
    assert sorted(reads) == ["ambient", "ambient", "price", "price", "price"]

"""Pictures of a sweep: which there are, and that equal tables give equal files."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.reports import heatmap
from allocator.reports.bars import Swing
from allocator.reports.canvas import PicturesMissingError, save, styled
from allocator.reports.sweep import Sweep, correlations, maps, swings

matplotlib = pytest.importorskip("matplotlib", reason="needs the extra reports")


def swept(x: list[float], y: list[float]) -> Sweep:
    """Value x + y; a tenant from 2 on; no plan in the corner of both lowest values."""
    rows = [
        {
            "input.a": a,
            "input.b": b,
            "npv_usd": np.nan if (a, b) == (x[0], y[0]) else (a + b) * 1e6,
            "ai_share_last_year": float(a >= 2),
            "contracts": "tenant" if a >= 2 else "",
            "conversions": f"hall to racks 2027-0{int(b) % 9 + 1}" if a >= 2 else "",
        }
        for a, b in product(x, y)
    ]
    labels = {"a": "a (times as stated)", "b": "$b_1^2$ \\frac"}
    return Sweep(
        scenario="<small>",
        table=pd.DataFrame(rows),
        names={"a": "input.a", "b": "input.b"},
        labels=labels,
        stands={"a": 1.0, "b": None},
        base={"npv_usd": 2e6},
    )


def files(sweep: Sweep, folder: Path) -> Mapping[str, bytes]:
    with styled():
        made = maps(sweep)
        return {path.name: path.read_bytes() for name, one in made.items() for path in save(one, folder, name)}


def test_a_grid_has_a_map_of_value_and_of_decision_the_same_each_time(tmp_path: Path) -> None:
    grid = swept([1, 2, 3], [1, 2])
    first, again = files(grid, tmp_path / "one"), files(grid, tmp_path / "two")
    assert first == again
    assert set(first) == {f"map_{name}.{kind}" for name in ("npv_usd", "ai_share_last_year") for kind in ("svg", "png")}


def test_one_input_gives_a_curve_and_none_nothing(tmp_path: Path) -> None:
    assert set(files(swept([1, 2, 3], [1]), tmp_path)) == {"curve.svg", "curve.png"}
    assert files(swept([1], [1]), tmp_path) == {}


def test_lines_are_drawn_where_halls_or_tenants_differ_and_not_for_another_month(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[heatmap.Heatmap] = []
    monkeypatch.setattr(heatmap, "draw", seen.append)
    maps(swept([1, 2, 3], [1, 2]))
    plans = np.array(seen[0].plans)
    assert (plans[1] == plans[1, 0]).tolist() == [True, False, False]
    assert (plans[:, 2] == plans[0, 2]).all()
    np.testing.assert_array_equal(seen[0].cells, [[np.nan, 3e6, 4e6], [3e6, 4e6, 5e6]])
    assert seen[0].stands is None
    maps(replace(swept([1, 2], [1, 2]), stands={"a": 1.0, "b": 1.5}))
    assert seen[2].stands == (1.0, 1.5)


def test_other_inputs_are_held_where_the_scenario_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[heatmap.Heatmap] = []
    monkeypatch.setattr(heatmap, "draw", seen.append)
    table = pd.concat([swept([1, 2, 3], [1, 2]).table.assign(**{"input.c": c}) for c in (1.0, 7.0)])
    table["npv_usd"] *= table["input.c"]
    grid = swept([1, 2, 3], [1, 2])
    names, labels = {**grid.names, "c": "input.c"}, {**grid.labels, "c": "c"}
    maps(replace(grid, table=table, names=names, labels=labels, stands={"c": 6.0}))
    assert seen[0].cells[1, 2] == 35e6
    assert "c 7" in seen[0].subtitle


def test_a_tornado_needs_a_base_and_tells_ends_without_a_plan(tmp_path: Path) -> None:
    found = [Swing("a", "1", "3", None, 3e6), Swing("b", "1", "2", 4e6, 1e6)]
    with styled():
        (picture,) = swings(swept([1], [1]), found).values()
        save(picture, tmp_path, "tornado")
    texts = [text.get_text() for axes in picture.axes for text in axes.texts]
    assert texts == ["at 1: no plan", "at 3: 3.00", "at 2: 1.00", "at 1: 4.00"]
    assert swings(replace(swept([1], [1]), base={}), found) == {}


def test_a_sample_is_a_cloud_with_its_ranks(tmp_path: Path) -> None:
    with styled():
        made = correlations(swept([1, 2, 3], [1, 2]), {"npv_usd": [0.5, -0.2]})
        assert all(path.stat().st_size for name, one in made.items() for path in save(one, tmp_path, name))
    assert set(made) == {"ranks", "points"}


def test_without_the_library_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(PicturesMissingError, match="reports"), styled():
        pass

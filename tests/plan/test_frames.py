"""A frame that does not agree with the registry is refused with the place of the fault."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from allocator.plan.frames import FrameError, conform, frame
from allocator.plan.schema import TABLES

TRADES = TABLES["trades"]


def good() -> dict[str, list[object]]:
    return {
        "node": ["2027-01", "2027-02"],
        "model": ["s21", "s21"],
        "bought_units": [1.0, 2.0],
        "delivered_units": [0, 0],
        "sold_units": [0, 0],
        "price_usd_per_unit": [10, 10],
        "resale_usd_per_unit": [5.5, 5.5],
    }


def test_columns_come_out_in_the_order_and_types_of_the_registry() -> None:
    made = frame(TRADES, dict(reversed(good().items())))
    assert list(made.columns) == list(TRADES.columns)
    assert made["bought_units"].dtype == np.int64
    assert made["price_usd_per_unit"].dtype == np.float64


def _change(name: str, row: int, value: object) -> Callable[[], dict[str, list[object]]]:
    def changed() -> dict[str, list[object]]:
        columns = good()
        columns[name][row] = value
        return columns

    return changed


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        (_change("price_usd_per_unit", 1, float("nan")), "price_usd_per_unit, row 1: no value"),
        (_change("price_usd_per_unit", 1, float("inf")), "price_usd_per_unit, row 1: inf is not finite"),
        (_change("bought_units", 0, 0.5), "bought_units, row 0: not an integer"),
        (_change("model", 1, None), "model, row 1: no value"),
        (_change("node", 1, "2027-01"), "row 1: key {'node': '2027-01', 'model': 's21'} stands there twice"),
        (lambda: {**good(), "sold_units": ["a", "b"]}, "sold_units: str cells, expected integer"),
        (lambda: {**good(), "colour": ["a", "b"]}, r"unknown \['colour'\]"),
        (lambda: {name: cells for name, cells in good().items() if name != "node"}, r"columns missing \['node'\]"),
    ],
)
def test_a_wrong_frame_is_refused_with_its_place(columns: Callable[[], dict[str, list[object]]], words: str) -> None:
    with pytest.raises(FrameError, match=f"table trades.*{words}"):
        frame(TRADES, columns())


def test_an_empty_frame_still_has_its_types() -> None:
    made = frame(TRADES, {name: [] for name in TRADES.columns})
    assert {name: str(dtype) for name, dtype in made.dtypes.items()} == TRADES.dtypes


def test_the_index_of_a_frame_is_fresh() -> None:
    raw = pd.DataFrame(good()).iloc[::-1]
    assert list(conform(TRADES, raw).index) == [0, 1]

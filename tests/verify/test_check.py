"""Checks turn numbers out of tolerance into violations with a place, an amount and a sentence."""

from __future__ import annotations

import math

import numpy as np
import pytest

from allocator.verify.check import Check, Sense, texts

HALLS = {"hall": ["barn", "yard"]}
HOURS = {"utc": ["00:00", "01:00", "02:00"]}


@pytest.mark.parametrize(
    ("sense", "found", "amount"),
    [("equal", 4.0, 1.0), ("equal", 6.0, 1.0), ("at_most", 6.0, 1.0), ("at_least", 4.0, 1.0)],
)
def test_a_number_on_the_wrong_side_is_a_violation(sense: Sense, found: float, amount: float) -> None:
    [violation] = Check("load", "MW", (HALLS,), np.array([5.0, found]), 5.0, sense, 1e-6).violations("POWER.hall")
    assert (violation.place, violation.amount, violation.unit) == ({"hall": "yard"}, amount, "MW")
    assert f"load: {found:g} MW" in violation.message


@pytest.mark.parametrize(("sense", "found"), [("at_most", 4.0), ("at_least", 6.0), ("equal", 5.0 + 1e-7)])
def test_a_number_on_the_right_side_is_none(sense: Sense, found: float) -> None:
    assert not Check("load", "MW", (HALLS,), np.array([5.0, found]), 5.0, sense, 1e-6).violations("POWER.hall")


@pytest.mark.parametrize("sense", ["equal", "at_most", "at_least"])
@pytest.mark.parametrize("side", ["found", "expected"])
def test_what_is_no_number_never_agrees(sense: Sense, side: str) -> None:
    sides = {"found": np.array([1.0, 1.0]), "expected": np.array([1.0, 1.0])}
    sides[side][1] = math.nan
    [violation] = Check("load", "MW", (HALLS,), sense=sense, tolerance=math.inf, **sides).violations("POWER.hall")
    assert violation.place == {"hall": "yard"}
    assert math.isnan(violation.amount)


def test_no_limit_is_never_overrun() -> None:
    assert not Check("heat", "MW", (HALLS,), 1e9, np.inf, "at_most", np.inf).violations("COOLING.air")


def test_the_worst_hour_stands_for_all() -> None:
    found = np.array([[1.0, 3.0, 2.0], [0.0, 0.0, 0.0]])
    [violation] = Check("load", "MW", (HALLS, HOURS), found, 0.5, "at_most", worst_of="hours").violations("POWER.hall")
    assert violation.place == {"hall": "barn", "utc": "01:00"}
    assert violation.amount == 2.5
    assert "3 hours" in violation.message


def test_an_hour_without_a_number_is_the_worst() -> None:
    found = np.array([[9.0, math.nan, 2.0], [0.0, 0.0, 0.0]])
    [violation] = Check("load", "MW", (HALLS, HOURS), found, 0.5, "at_most", worst_of="hours").violations("POWER.hall")
    assert violation.place["utc"] == "01:00"


def test_texts_agree_or_not() -> None:
    check = Check("fit-out", "", (HALLS,), texts(["air", "air"]), texts(["air", "gpu"]))
    [violation] = check.violations("HALL.record")
    assert (violation.place, violation.amount) == ({"hall": "yard"}, 1.0)
    assert "'air', expected 'gpu'" in violation.message


def test_a_single_number_has_no_place() -> None:
    [violation] = Check("objective_usd", "USD", (), 2.0, 1.0).violations("MONEY.objective")
    assert violation.place == {}

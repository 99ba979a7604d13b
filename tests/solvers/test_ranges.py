"""The range report gives sizes by family and warns, naming the family, where they invite trouble."""

from __future__ import annotations

import numpy as np
import pandas as pd

from solvers import Model, Problem
from solvers.ranges import Range, coefficient_ranges
from tests.solvers.small import random_problem


def scaled(coefficient: float, side: float = 10.0, cost: float = 1.0) -> Problem:
    index = pd.DataFrame({"hall": ["a", "b"]})
    model = Model("m", "max")
    x = model.variables("x", index, upper=5.0).expr
    model.rows("HALL.slots", x * np.array([1.0, coefficient]), upper=side)
    model.rows("HALL.once", x.total(), lower=-1.0, upper=4.0)
    model.objective(x * cost)
    return model.build()


def test_ranges_are_the_smallest_and_largest_sizes_without_zeros_and_infinities() -> None:
    found = coefficient_ranges(scaled(-40.0, cost=3.0))
    assert found.coefficients == {"HALL.slots": Range(1.0, 40.0), "HALL.once": Range(1.0, 1.0)}
    assert found.matrix.ratio == 40.0
    assert found.costs == {"x": Range(3.0, 3.0)}
    assert found.bounds == Range(5.0, 5.0)
    assert found.sides_by_family == {"HALL.slots": Range(10.0, 10.0), "HALL.once": Range(4.0, 4.0)}
    assert found.warnings == ()


def test_ordinary_problems_raise_no_warning() -> None:
    assert coefficient_ranges(random_problem(1)).warnings == ()


def test_each_danger_is_named_with_its_family() -> None:
    def warning(problem: Problem) -> str:
        return " ".join(coefficient_ranges(problem).warnings)

    assert "rows HALL.slots hold a coefficient 1e+08" in warning(scaled(1e8))
    assert "rows HALL.slots hold a coefficient 1e-08" in warning(scaled(1e-8))
    assert "rows HALL.slots have a side of 1e+12" in warning(scaled(1.0, side=1e12))
    assert "columns x cost up to 1e+10" in warning(scaled(1.0, cost=1e10))
    assert "matrix coefficients span" in warning(scaled(1e10))


def test_an_empty_problem_has_empty_ranges() -> None:
    found = coefficient_ranges(Model("m", "min").build())
    assert found.matrix == Range(0.0, 0.0)
    assert found.matrix.ratio == 1.0

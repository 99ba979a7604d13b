"""Which points a sweep solves."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.pipeline.errors import BadInputError
from allocator.studies.sweep.axes import Axis, axis, parsed
from allocator.studies.sweep.design import design

TWO = parsed(["a=0:1:3", "b=10,30"])


def test_a_range_has_both_its_ends_and_a_list_is_put_in_order() -> None:
    assert axis("a=0.5:2:4") == Axis("a", 0.5, 2.0, (0.5, 1.0, 1.5, 2.0))
    assert axis("x[0].y=3,1,2") == Axis("x[0].y", 1.0, 3.0, (1.0, 2.0, 3.0))
    assert axis("a=1e6:2e6") == Axis("a", 1e6, 2e6, ())


@pytest.mark.parametrize("text", ["a", "a=", "=1", "a=1:2:1", "a=2:1:3", "a=1:2:3:4", "a=1:nan", "a=x", "a=1:2:2.5"])
def test_what_is_no_axis_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="--vary"):
        axis(text)


def test_an_input_stands_once() -> None:
    with pytest.raises(BadInputError, match="twice"):
        parsed(["a=1,2", "a=3,4"])


def test_a_grid_is_every_combination_the_last_axis_fastest() -> None:
    assert design(TWO, "grid", 0).values.tolist() == [[0, 10], [0, 30], [0.5, 10], [0.5, 30], [1, 10], [1, 30]]


def test_one_by_one_leaves_everything_else_as_it_stands() -> None:
    nan = np.nan
    expected = [[0, nan], [0.5, nan], [1, nan], [nan, 10], [nan, 30]]
    np.testing.assert_array_equal(design(TWO, "one_by_one", 0).values, expected)


def test_a_latin_hypercube_has_one_point_in_every_slice_of_every_axis() -> None:
    values = design(TWO, "lhs:20", 3).values
    slices = np.floor((values - [0, 10]) / np.array([1, 20]) * 20).astype(int)
    assert all(sorted(column) == list(range(20)) for column in slices.T.tolist())
    np.testing.assert_array_equal(values, design(TWO, "lhs:20", 3).values)
    assert not np.array_equal(values, design(TWO, "lhs:20", 4).values)


def test_the_arrays_of_sobol_differ_from_the_first_in_one_column() -> None:
    first, second, *mixed = np.split(design(TWO, "sobol:8", 0).values, 4)
    for k, array in enumerate(mixed):
        np.testing.assert_array_equal(array[:, k], second[:, k])
        np.testing.assert_array_equal(array[:, 1 - k], first[:, 1 - k])


@pytest.mark.parametrize("sample", ["mc:5", "lhs", "lhs:0", "sobol:6", "grid:3", "lhs:200000"])
def test_a_sample_that_is_none_is_refused(sample: str) -> None:
    with pytest.raises(BadInputError):
        design(TWO, sample, 0)


def test_a_grid_needs_values() -> None:
    with pytest.raises(BadInputError, match="without a count"):
        design(parsed(["a=1:2"]), "grid", 0)

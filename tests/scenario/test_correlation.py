"""Which correlations can be."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.scenario.correlation import correlation_matrix, is_possible, nearest_possible


def test_three_series_cannot_all_oppose_each_other() -> None:
    pairs = {("a", "b"): -0.9, ("a", "c"): -0.9, ("b", "c"): -0.9}
    matrix = correlation_matrix(["a", "b", "c"], pairs)
    assert not is_possible(matrix)
    made = nearest_possible(matrix)
    assert is_possible(made)
    assert made[0, 1] == pytest.approx(-0.5)


def test_a_possible_matrix_is_left_as_it_is() -> None:
    matrix = correlation_matrix(["a", "b"], {("b", "a"): 0.3})
    assert is_possible(matrix)
    assert nearest_possible(matrix) == pytest.approx(matrix)
    assert matrix.tolist() == [[1.0, 0.3], [0.3, 1.0]]


def test_full_correlation_is_possible() -> None:
    assert is_possible(np.ones((3, 3)))

"""Sensitivities of functions whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import sobol_indices

from allocator.instance.tree import Floats
from allocator.studies.sweep.axes import parsed
from allocator.studies.sweep.design import Design, design
from allocator.studies.sweep.sensitivity import rank_correlations, swings, variance_shares

AXES = parsed(["a=0:1", "b=0:2", "c=-1:1"])


def additive(drawn: Design) -> Floats:
    """Variances 9/12, 4/12 and 0 of a, b and c."""
    a, b, _ = drawn.values.T
    return np.asarray(3 * a + b)


def test_an_additive_function_has_the_shares_of_its_terms() -> None:
    drawn = design(AXES, "sobol:256", 0)
    found = variance_shares(drawn, additive(drawn))
    assert found is not None
    for shares in (found.first, found.total):
        np.testing.assert_allclose(shares.value, [9 / 13, 4 / 13, 0], atol=0.03)
        assert (shares.low <= shares.value).all()
        assert (shares.value <= shares.high).all()


def test_shares_are_those_of_scipy() -> None:
    drawn = design(AXES, "sobol:64", 1)
    a, b, c = drawn.values.T
    figure = a * b + np.sin(5 * c) * a
    first, second, *mixed = np.split(figure, 5)
    arrays = {"f_A": first[None], "f_B": second[None], "f_AB": np.array(mixed)[:, None]}
    expected = sobol_indices(func=arrays, n=64)
    found = variance_shares(drawn, figure)
    assert found is not None
    np.testing.assert_allclose(found.first.value, np.ravel(expected.first_order), rtol=1e-9)
    np.testing.assert_allclose(found.total.value, np.ravel(expected.total_order), rtol=1e-9)


def test_there_are_none_where_a_point_has_no_plan_or_nothing_varies() -> None:
    drawn = design(AXES, "sobol:8", 0)
    figure = additive(drawn)
    figure[3] = np.nan
    assert variance_shares(drawn, figure) is None
    assert variance_shares(drawn, np.ones(len(figure))) is None


def test_ranks_follow_a_function_that_only_rises() -> None:
    drawn = design(AXES, "lhs:60", 0)
    a, _, _ = drawn.values.T
    figure = np.exp(9 * a)
    figure[5] = np.nan
    found = rank_correlations(drawn, figure)
    assert found is not None
    assert found[0] == pytest.approx(1.0)
    assert np.abs(found[1:]).max() < 0.2
    assert rank_correlations(drawn, np.full(60, np.nan)) is None


def test_swings_are_ranked_by_how_far_they_reach() -> None:
    drawn = design(parsed(["a=0,1,2", "b=5,6"]), "one_by_one", 0)
    wide, narrow = swings(drawn, np.array([9.0, 10.0, 12.0, np.nan, 30.0]), 10.0)
    assert (wide.name, wide.at_low, wide.at_high) == ("b", None, 30.0)
    assert (narrow.name, narrow.at_low, narrow.at_high) == ("a", 9.0, 12.0)

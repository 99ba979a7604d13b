"""The dual feasible functions behind the inequalities keep what they promise."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.decomposition.inequalities import ORDERS, dual_feasible

UNITS = 60
"""Sizes are whole shares of this, so that many sums fill the limit exactly."""
orders = st.sampled_from(ORDERS)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(1, UNITS), min_size=1, max_size=12), orders)
def test_what_fits_a_limit_fits_it_after_the_function(units: list[int], order: int) -> None:
    kept = [u for u, total in zip(units, np.cumsum(units), strict=True) if total <= UNITS]
    assert dual_feasible(np.array(kept) / UNITS, order).sum() <= 1.0 + 1e-9


@settings(max_examples=100, deadline=None)
@given(st.floats(0.0, 3.0), orders)
def test_values_are_shares(size: float, order: int) -> None:
    assert 0.0 <= dual_feasible(np.array([size]), order)[0] <= 1.0


def test_more_than_half_counts_as_whole_and_half_as_half() -> None:
    assert dual_feasible(np.array([0.4, 0.5, 0.51, 1.7]), 1).tolist() == [0.0, 0.5, 1.0, 1.0]

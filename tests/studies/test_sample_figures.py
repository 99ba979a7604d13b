"""Intervals and means of the worst against figures worked out elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from allocator.studies.sample_figures import mean, mean_of_worst, share, worst


@pytest.mark.parametrize(("hits", "count"), [(0, 10), (1, 30), (5, 10), (10, 10), (37, 10_000)])
def test_a_share_has_the_interval_of_wilson(hits: int, count: int) -> None:
    found, known = share(hits, count), binomtest(hits, count).proportion_ci(0.95, "wilson")
    assert (found.value, found.low, found.high) == pytest.approx((hits / count, known.low, known.high), abs=1e-12)


def test_the_worst_share_counts_the_last_path_in_part() -> None:
    """A quarter of four unequal paths: all of the worst (0.1) and 0.15 of the next."""
    values, weight = np.array([10.0, -5.0, 3.0, 0.0]), np.array([0.3, 0.1, 0.2, 0.4])
    assert mean_of_worst(values, weight, 0.75) == pytest.approx((0.1 * -5.0 + 0.15 * 0.0) / 0.25)
    assert mean_of_worst(values, weight, 1e-12) == pytest.approx(weight @ values)


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    """Standard normal draws: mean 0, mean of the worst tenth -1.755."""
    rng, tries = np.random.default_rng(3), 400
    samples = rng.standard_normal((tries, 500))
    of_mean = np.mean([mean(one).low <= 0.0 <= mean(one).high for one in samples])
    of_worst = np.mean([worst(one, 0.9).low <= -1.75498 <= worst(one, 0.9).high for one in samples])
    assert of_mean == pytest.approx(0.95, abs=0.04)
    assert of_worst == pytest.approx(0.95, abs=0.05)

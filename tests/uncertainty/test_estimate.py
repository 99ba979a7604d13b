"""Estimates find the parameters that made a series, within their own stated errors."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.uncertainty.estimate import DAYS_PER_MONTH, Estimate, fit_diffusion, fit_response, fit_reverting
from allocator.uncertainty.processes import kept_share

DEVIATIONS = 3.0


def near(found: Estimate, truth: float, bias: float = 0.0) -> bool:
    """Within three standard errors, and what is known of the bias."""
    return abs(found.value - truth) <= DEVIATIONS * found.error + bias


def near_half_life(found: Estimate, truth: float, bias: float = 0.0) -> bool:
    """The same of the speed of return, whose estimate is about normal where that of a half-life is skewed."""
    return abs(1.0 / found.value - 1.0 / truth) <= DEVIATIONS * found.error / found.value**2 + bias


def diffusion(days: int, volatility: float, jumps_per_year: float, mean: float, spread: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    change = rng.normal(0.0, volatility / np.sqrt(365.25), days)
    arrived = rng.random(days) < jumps_per_year / 365.25
    return 5e4 * np.exp(np.cumsum(change + arrived * rng.normal(mean, spread, days)))


@pytest.mark.parametrize("seed", range(3))
def test_volatility_and_jumps_of_a_made_price_are_found(seed: int) -> None:
    found = fit_diffusion(diffusion(2500, 0.6, 4.0, -0.25, 0.05, seed), 1.0)
    assert near(found.volatility_per_year, 0.6)
    assert near(found.jumps_per_year, 4.0)
    assert found.mean_log == pytest.approx(-0.25, abs=0.05)
    assert found.volatility_log == pytest.approx(0.05, abs=0.05)


def test_a_price_without_jumps_has_next_to_none() -> None:
    found = fit_diffusion(diffusion(2500, 0.6, 0.0, 0.0, 0.0, 1), 1.0)
    assert near(found.volatility_per_year, 0.6)
    assert found.jumps_per_year.value < 0.5


def test_weekly_observations_say_the_same_of_volatility() -> None:
    daily = diffusion(3500, 0.5, 0.0, 0.0, 0.0, 2)
    assert near(fit_diffusion(daily[::7], 7.0).volatility_per_year, 0.5)


@pytest.mark.parametrize("seed", range(3))
def test_half_life_volatility_and_trend_of_a_made_rate_are_found(seed: int) -> None:
    """Weekly for twelve years, half-life of four months, falling 20 % a year."""
    rng, kept = np.random.default_rng(seed), kept_share(4.0) ** (7.0 / DAYS_PER_MONTH)
    months = DAYS_PER_MONTH / 7.0
    weekly = 0.4 / np.sqrt(12.0) * np.sqrt((1.0 - kept**2) / (1.0 - kept ** (2.0 * months)))
    rest = np.zeros(630)
    for week in range(1, len(rest)):
        rest[week] = kept * rest[week - 1] + weekly * rng.standard_normal()
    values = 2.5 * np.exp(rest) * 0.8 ** (np.arange(len(rest)) * 7.0 / 365.25)
    found = fit_reverting(values, 7.0)
    assert near_half_life(found.half_life_months, 4.0)
    assert near(found.volatility_per_year, 0.4)
    assert found.growth_per_year.value == pytest.approx(-0.2, abs=0.05)


@pytest.mark.parametrize("seed", range(3))
def test_the_answer_of_a_made_difficulty_is_found(seed: int) -> None:
    """Thirty years of months: elasticity 0.7, half-life of five months, own shocks of 10 % a year."""
    rng, kept, months = np.random.default_rng(seed), kept_share(5.0), 360
    paid = np.cumsum(rng.normal(0.0, 0.5 / np.sqrt(12.0), months))
    gap = np.zeros(months)
    for month in range(1, months):
        shock = 0.1 / np.sqrt(12.0) * rng.standard_normal()
        gap[month] = gap[month - 1] + (1.0 - kept) * (0.7 * paid[month - 1] - gap[month - 1]) + shock
    difficulty = 1e14 * np.exp(gap + 0.2 * np.arange(months) / 12.0)
    found = fit_response(difficulty, 3e5 * np.exp(paid))
    assert near(found.elasticity, 0.7)
    assert near_half_life(found.half_life_months, 5.0, bias=0.02)
    assert near(found.volatility_per_year, 0.1)


def test_series_too_short_for_a_law_are_refused() -> None:
    short = np.linspace(1.0, 2.0, 12)
    for fit in (
        lambda: fit_diffusion(short, 1.0),
        lambda: fit_reverting(short, 7.0),
        lambda: fit_response(short, short),
    ):
        with pytest.raises(ValueError, match="too few"):
            fit()

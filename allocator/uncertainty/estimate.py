"""Parameters of processes from evenly spaced observations of a series, each with the error it is known to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.uncertainty.types import Bools, Floats

DAYS_PER_YEAR = 365.25
DAYS_PER_MONTH = DAYS_PER_YEAR / 12.0
JUMP_DEVIATIONS = 4.0
"""A change farther from zero than this many standard deviations of the diffusion is a jump."""
ROUNDS = 50
LONGEST_HALF_LIFE_MONTHS = 1200.0


@dataclass(frozen=True)
class Estimate:
    """A figure and its standard error; nan where there is none."""

    value: float
    error: float = float("nan")


@dataclass(frozen=True)
class DiffusionFit:
    """volatility_per_year of the diffusion alone; jumps: count a year, mean and deviation of their logarithm."""

    volatility_per_year: Estimate
    jumps_per_year: Estimate
    mean_log: float
    volatility_log: float
    growth_per_year: Estimate


@dataclass(frozen=True)
class RevertingFit:
    """A logarithm that returns to a straight line."""

    half_life_months: Estimate
    volatility_per_year: Estimate
    growth_per_year: Estimate
    shocks: Floats


@dataclass(frozen=True)
class ResponseFit:
    """Difficulty that follows what mining is paid."""

    elasticity: Estimate
    half_life_months: Estimate
    volatility_per_year: Estimate
    shocks: Floats


def fit_diffusion(values: Floats, step_days: float) -> DiffusionFit:
    """Volatility and jumps of a price observed every `step_days`, (K,).

    Changes of the logarithm beyond JUMP_DEVIATIONS standard deviations are jumps, the others diffusion (threshold
    estimation: Mancini, 2009); the threshold starts at the bipower variation, which jumps hardly touch (Barndorff-
    Nielsen and Shephard, 2004), and is found again from the diffusion until nothing changes.

    Raises:
        ValueError: fewer than 20 changes.
    """
    change = np.diff(np.log(values))
    if len(change) < 20:
        raise ValueError(f"{len(change)} changes are too few for a volatility; at least 20 are needed")
    years, per_year = len(change) * step_days / DAYS_PER_YEAR, DAYS_PER_YEAR / step_days
    jump = _jumps(change)
    calm = change[~jump]
    volatility = float(calm.std(ddof=1) * np.sqrt(per_year))
    size = change[jump]
    return DiffusionFit(
        volatility_per_year=Estimate(volatility, volatility / np.sqrt(2.0 * len(calm))),
        jumps_per_year=Estimate(len(size) / years, np.sqrt(len(size)) / years),
        mean_log=float(size.mean()) if len(size) else 0.0,
        volatility_log=float(size.std(ddof=1)) if len(size) > 1 else 0.0,
        growth_per_year=_growth(change, years),
    )


def _jumps(change: Floats) -> Bools:
    deviation = float(np.sqrt(np.pi / 2.0 * np.mean(np.abs(change[1:] * change[:-1]))))
    jump = np.abs(change) > JUMP_DEVIATIONS * deviation
    for _ in range(ROUNDS):
        again = np.abs(change) > JUMP_DEVIATIONS * change[~jump].std(ddof=1)
        if (again == jump).all():
            break
        jump = again
    return np.asarray(jump)


def _growth(change: Floats, years: float) -> Estimate:
    total, error = float(change.sum()), float(change.std(ddof=1) * np.sqrt(len(change)))
    growth = float(np.expm1(total / years))
    return Estimate(growth, (1.0 + growth) * error / years)


def fit_reverting(values: Floats, step_days: float) -> RevertingFit:
    """Trend, half-life and shocks of a series that returns to a growing path, observed every `step_days`, (K,).

    The logarithm is regressed on time, and what is left on itself one step before. Least squares puts the
    coefficient too low by about 2 (1 + 2 a) / K in a detrended series of K values (Kendall, 1954), which is put back.

    Raises:
        ValueError: fewer than 20 values.
    """
    if len(values) < 20:
        raise ValueError(f"{len(values)} values are too few for a half-life; at least 20 are needed")
    years = np.arange(len(values)) * step_days / DAYS_PER_YEAR
    slope, level = np.polyfit(years, np.log(values), 1)
    rest = np.log(values) - level - slope * years
    before, after = rest[:-1], rest[1:]
    kept = float(before @ after / (before @ before))
    shocks = after - kept * before
    kept = min(kept + 2.0 * (1.0 + 2.0 * kept) / len(values), _most_kept(step_days))
    error = float(np.sqrt(shocks.var(ddof=2) / (before @ before)))
    spread = float(shocks.std(ddof=2))
    return RevertingFit(
        half_life_months=_half_life(kept, error, step_days),
        volatility_per_year=_monthly(spread, kept, step_days, len(shocks)),
        growth_per_year=Estimate(float(np.expm1(slope))),
        shocks=shocks,
    )


def _most_kept(step_days: float) -> float:
    return float(2.0 ** (-step_days / DAYS_PER_MONTH / LONGEST_HALF_LIFE_MONTHS))


def _half_life(kept: float, error: float, step_days: float) -> Estimate:
    """Half-life in months of a share kept a step; its error by the delta method. The truth may lie farther above than
    below: it is the share whose estimate is about normal.
    """
    kept = float(np.clip(kept, 1e-6, _most_kept(step_days)))
    months = step_days / DAYS_PER_MONTH
    value = -np.log(2.0) * months / np.log(kept)
    return Estimate(float(value), float(np.log(2.0) * months / (kept * np.log(kept) ** 2) * error))


def _monthly(spread: float, kept: float, step_days: float, count: int) -> Estimate:
    """Volatility a year of the monthly shock of a process whose shock a step has the stated spread."""
    steps = DAYS_PER_MONTH / step_days
    gain = (1.0 - kept ** (2.0 * steps)) / (1.0 - kept**2) if 0.0 <= kept < 1.0 else 1.0
    value = float(spread * np.sqrt(12.0 * gain))
    return Estimate(value, value / np.sqrt(2.0 * count))


def fit_response(difficulty: Floats, paid: Floats) -> ResponseFit:
    """How difficulty follows what a block pays in dollars, both observed every month, (K,).

    The change of the logarithm of difficulty is regressed on a constant, time, and both logarithms of the month before:
    partial adjustment with an elasticity and a trend of its own (technology).

    Raises:
        ValueError: fewer than 24 months, or difficulty that does not return to any level.
    """
    if len(difficulty) < 24:
        raise ValueError(f"{len(difficulty)} months are too few for a response; at least 24 are needed")
    y, x = np.log(difficulty), np.log(paid)
    columns = np.stack([np.ones(len(y) - 1), np.arange(len(y) - 1) / 12.0, x[:-1], y[:-1]], axis=1)
    change = np.diff(y)
    found, *_ = np.linalg.lstsq(columns, change, rcond=None)
    shocks = change - columns @ found
    variance = shocks @ shocks / (len(change) - columns.shape[1])
    covariance = variance * np.linalg.inv(columns.T @ columns)
    adjusts = -float(found[3])
    if not 0.0 < adjusts < 1.0:
        raise ValueError(
            f"difficulty closes {100 * adjusts:.1f} % of its gap a month; a share between 0 and 100 is needed"
        )
    elasticity = float(found[2]) / adjusts
    gradient = np.array([0.0, 0.0, 1.0 / adjusts, elasticity / adjusts])
    spread = float(np.sqrt(variance))
    return ResponseFit(
        elasticity=Estimate(elasticity, float(np.sqrt(gradient @ covariance @ gradient))),
        half_life_months=_half_life(1.0 - adjusts, float(np.sqrt(covariance[3, 3])), DAYS_PER_MONTH),
        volatility_per_year=Estimate(spread * np.sqrt(12.0), spread * np.sqrt(6.0 / len(change))),
        shocks=shocks,
    )

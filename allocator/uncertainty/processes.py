"""Market processes, each a law of monthly changes of a logarithm around the path that the scenario states.

A series stands at stated path * factor. The factor is exp(state) over its mean, so that its expectation is one and
the stated path is the expected one. Months are steps; volatilities are those of a monthly change times sqrt(12).
"""

from __future__ import annotations

from dataclasses import dataclass

from allocator.uncertainty.types import Floats

MONTHS_PER_YEAR = 12.0


@dataclass(frozen=True)
class Jumps:
    """Sudden moves: Poisson arrivals, normal sizes of the logarithm (Merton, 1976).

    Attributes:
        per_year: mean count of jumps a year. mean_log, volatility_log: of the logarithm of price after over before.
    """

    per_year: float
    mean_log: float
    volatility_log: float


@dataclass(frozen=True)
class JumpDiffusion:
    """Geometric Brownian motion, with jumps or without: changes of different months are independent."""

    volatility_per_year: float
    jumps: Jumps | None = None


@dataclass(frozen=True)
class Historical:
    """Monthly changes drawn from history in blocks of consecutive months (circular block bootstrap, Politis and
    Romano, 1992), which keeps the dependence inside a block. Series drawn this way share the months of their blocks.

    Attributes:
        log_changes: of consecutive months, (K,). block_months: months in a block; the blocks begin where a stage does.
    """

    log_changes: Floats
    block_months: int


@dataclass(frozen=True)
class PriceResponse:
    """Network difficulty, which follows the price of Bitcoin with a lag.

    With x and y the logarithms of price and difficulty over their stated paths, in month k

        y[k+1] = y[k] + (1 - 2^(-1/half_life)) * (elasticity * x[k] - y[k]) + own shock.

    Partial adjustment (Nerlove, 1958): miners enter and leave as price moves what they earn, and machines take months
    to arrive (Prat and Walter, 2021, forecast computing power from the exchange rate by such entry). An elasticity of
    one brings hashprice back to its stated path; symmetric up and down, which flatters falls, where machines stay.
    """

    elasticity: float
    half_life_months: float
    volatility_per_year: float


@dataclass(frozen=True)
class Reverting:
    """A logarithm that returns to its stated path (first-order autoregression; Schwartz, 1997, model 1).

    x[k+1] = 2^(-1/half_life) * x[k] + shock. The trend is that of the stated path.
    """

    half_life_months: float
    volatility_per_year: float


Process = JumpDiffusion | Historical | PriceResponse | Reverting


def kept_share(half_life_months: float) -> float:
    """Share of a deviation that is left after a month."""
    return float(2.0 ** (-1.0 / half_life_months))

"""Laws by which uncertain series may move around the path that the scenario states for them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import GrowthPerYear, Name, Number, Record
from allocator.scenario.unions import branch, by_key, by_kind

Volatility = Annotated[float, Field(strict=True, ge=0.0, le=5.0)]
"""Standard deviation of the logarithm over a year."""

HalfLife = Annotated[float, Field(strict=True, gt=0.0, le=1200.0)]
"""Months after which half of a deviation is left."""

Treatment = Literal["branched", "averaged"]


class _Process(Record):
    """What every process says."""

    treatment: Treatment
    """branched: the tree branches on it. averaged: its own shocks are left out, so it follows its mean, given what the
    branched series do; then risk, cash and loans do not feel it, and the plan says so."""


class Jumps(Record):
    """Sudden moves beside the diffusion."""

    jumps_per_year: Annotated[float, Field(strict=True, ge=0.0, le=100.0)]
    """Mean count of jumps a year."""
    mean_log: Annotated[Number, Field(ge=-2.0, le=2.0)]
    """Mean of the logarithm of price after over price before a jump; -0.15 is a fall by 14 %, a plain number."""
    volatility_log: Annotated[Number, Field(ge=0.0, le=2.0)]
    """Standard deviation of that logarithm, a plain number."""


class JumpDiffusion(_Process):
    """Geometric Brownian motion, with jumps or without."""

    kind: Literal["jump_diffusion"]
    """Independent changes from month to month."""
    volatility_per_year: Volatility
    """Standard deviation of the logarithm over a year, jumps apart, share."""
    jumps: Jumps | None = None
    """Sudden moves; null: none."""


class Historical(_Process):
    """Changes of past months, drawn in blocks of consecutive ones; series drawn so share the months of their blocks."""

    kind: Literal["historical"]
    """Block bootstrap."""
    monthly_log_changes: Annotated[tuple[Annotated[Number, Field(ge=-3.0, le=3.0)], ...], Field(min_length=6)]
    """Logarithm of each month's value over the month before, in calendar order; `allocator calibrate` makes them from a
    series. Their mean does not matter: the expected path is the stated one."""
    block_months: Annotated[int, Field(strict=True, ge=1, le=24)]
    """Months drawn together; the same for all series drawn so."""


ChangeLaw = Annotated[
    Annotated[JumpDiffusion, branch("jump_diffusion")] | Annotated[Historical, branch("historical")],
    by_kind("jump_diffusion", "historical"),
]
"""kind: jump_diffusion, or kind: historical."""


class OwnView(Record):
    """A view of one's own on the growth of the price."""

    growth_per_year: GrowthPerYear
    """Annual effective growth of the expected price from today's, share."""


ExpectedPrice = Annotated[
    Annotated[Literal["no_view", "stated"], branch("text")] | Annotated[OwnView, branch("growth_per_year")],
    by_key("text", "growth_per_year"),
]
"""no_view, stated, or {growth_per_year: g}."""


class BtcPrice(Record):
    """The price of Bitcoin: its expectation, and the law of its changes."""

    expected: ExpectedPrice = "no_view"
    """no_view: from `bitcoin.btc_price_usd`, today's price and a plain number, the expected price grows at
    `discount.btc_per_year` (nothing where that is not stated), so that waiting gains nothing. stated: it follows
    `bitcoin.btc_price_usd` as written. Any view but no_view is printed with the growth at which it breaks even."""
    changes: ChangeLaw
    """How the price moves around its expectation."""


class Difficulty(_Process):
    """Network difficulty follows the price with a lag: y' = y + (1 - 2^(-1/half_life)) * (elasticity * x - y) + shock,
    with y and x the logarithms of difficulty and price over their expected paths, month by month."""

    elasticity: Annotated[float, Field(strict=True, ge=0.0, le=2.0)]
    """Growth of difficulty in the long run over that of the price, a plain number: 1 brings hashprice back, 0 leaves it
    to the price."""
    half_life_months: HalfLife
    """Months until half of the answer is there."""
    volatility_per_year: Volatility
    """Standard deviation of its own monthly shock times the square root of 12, share per year."""


class Reverting(_Process):
    """A logarithm that falls back to the stated path, which holds the trend: x' = 2^(-1/half_life) * x + shock."""

    half_life_months: HalfLife
    """Months after which half of a deviation is left."""
    volatility_per_year: Volatility
    """Standard deviation of a monthly shock times the square root of 12, share per year."""


class RevertingLaw(Reverting):
    """The same as one of several kinds."""

    kind: Literal["reverting"]
    """Falls back to the stated path."""


HashpriceLaw = Annotated[
    Annotated[JumpDiffusion, branch("jump_diffusion")]
    | Annotated[Historical, branch("historical")]
    | Annotated[RevertingLaw, branch("reverting")],
    by_kind("jump_diffusion", "historical", "reverting"),
]
"""kind: jump_diffusion, historical or reverting."""


class PowerScale(Reverting):
    """The level of spot power prices of some sites: a factor on every hour of a node; adders are not scaled."""

    sites: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Sites whose spot moves so; a site stands in one entry at most."""


class Delay(Record):
    """One outcome of a delay."""

    months: Annotated[int, Field(strict=True, ge=0, le=120)]
    """Months by which service begins later."""
    probability: Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
    """Probability of this outcome, share."""


class DeliveryDelay(_Process):
    """Service of contracts may begin later than signed for; the term then ends later too."""

    outcomes: Annotated[tuple[Delay, ...], Field(min_length=1, max_length=12)]
    """What may happen; probabilities sum to 1."""
    contracts: tuple[Name, ...] | None = None
    """Contracts concerned; null: all."""
    known_month: Annotated[int, Field(strict=True, ge=1, le=600)] | None = None
    """branched only: months from the start until the outcome becomes known, to every contract that has not begun;
    the start of a node."""

"""Covenants: what lenders, or the company itself, ask of liquidity, income and debt at stated months."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.finance import Hard
from allocator.scenario.months import Month
from allocator.scenario.record import Name, NonNegative, Number, Positive, PositiveCount, Record, Share
from allocator.scenario.unions import branch, by_kind


class PricedBreach(Record):
    """A breach may happen: it is reported, and steers the plan by its price, which is no part of the plan's value."""

    kind: Literal["priced"]
    """Breaches have a price."""
    penalty_per_usd: Annotated[float, Field(strict=True, gt=0.0, le=1e4)] = 0.1
    """Price of one USD short at one test, USD per USD, expected and not discounted."""


CovenantRule = Annotated[
    Annotated[Hard, branch("hard")] | Annotated[PricedBreach, branch("priced")], by_kind("hard", "priced")
]
"""kind: hard, or kind: priced."""


class _Covenant(Record):
    """What every covenant has."""

    name: Name
    """Unique among covenants."""
    first_month: Month
    """Month at whose end it is tested first, YYYY-MM."""
    every_months: PositiveCount = 3
    """Months from one test to the next, months. A node in which several would fall is tested once, at its end."""
    rule: CovenantRule = Hard(kind="hard")
    """Whether a breach is out of the question or has a price. Where the scenario opens in breach, a hard covenant is
    priced until it can be cured: at the first node, or as long as its months reach back before the start."""


class MinimumLiquidity(_Covenant):
    """Cash, and free Bitcoin at a haircut, are no less than an amount."""

    kind: Literal["minimum_liquidity"]
    """Least liquidity."""
    amount_usd: Positive
    """Least liquidity, USD."""
    btc_haircut_share: Share | None = None
    """Share of the price that free Bitcoin counts less; null: Bitcoin does not count."""


class _Trailing(_Covenant):
    """What covenants on income of the last months have."""

    trailing_months: Annotated[int, Field(strict=True, ge=1, le=60)] = 12
    """Months that count, up to the end of the test's node, months."""
    sites: tuple[str, ...] | None = None
    """Sites whose income counts (their NOI), names of sites and hosting agreements; null: all of them (EBITDA)."""
    earlier_income_usd_by_month: Annotated[tuple[Number, ...], Field(max_length=60)] = ()
    """Income of the months before the horizon, USD, the last one just before it; as far as tests reach back. With all
    trailing months stated, the opening is tested too."""


class DebtServiceCoverage(_Trailing):
    """Income of the last months over the debt service of the same months is no less than a ratio."""

    kind: Literal["dscr"]
    """Debt service coverage ratio."""
    least_ratio: Positive
    """Least income over debt service, times."""
    loans: tuple[str, ...] | None = None
    """Loans whose interest and instalments count, names; null: all of them. What falls due at the maturity of a loan
    that is not paid back in parts is no instalment."""
    earlier_service_usd_by_month: Annotated[tuple[NonNegative, ...], Field(max_length=60)] = ()
    """Debt service of the months before the horizon, USD, the last one just before it."""


class NetDebtToEbitda(_Trailing):
    """Debt less cash is no more than a multiple of a year of income; net cash always keeps it."""

    kind: Literal["net_debt_to_ebitda"]
    """Leverage."""
    most_ratio: Positive
    """Most net debt over income of the last months, scaled to twelve, times."""
    btc_haircut_share: Share | None = None
    """Share of the price that free Bitcoin counts less; null: Bitcoin is not deducted from debt."""


Covenant = Annotated[
    Annotated[MinimumLiquidity, branch("minimum_liquidity")]
    | Annotated[DebtServiceCoverage, branch("dscr")]
    | Annotated[NetDebtToEbitda, branch("net_debt_to_ebitda")],
    by_kind("minimum_liquidity", "dscr", "net_debt_to_ebitda"),
]
"""kind: minimum_liquidity, dscr or net_debt_to_ebitda."""

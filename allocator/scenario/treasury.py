"""Bitcoin on the balance sheet: what is held, what may be done with it, and what trading it costs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import Flag, NonNegative, Positive, Record, Share
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import UncertainValue


class SellProduction(Record):
    """All production is sold as it is mined; holdings stay as they are."""

    kind: Literal["sell_production"]
    """Production is sold, holdings are kept."""


class HoldShare(Record):
    """A fixed share of production is kept, the rest is sold as it is mined; nothing is sold from holdings."""

    kind: Literal["hold_share"]
    """A share of production is kept."""
    share: Share
    """Share of each node's production that is kept, share."""


class FixedSchedule(Record):
    """Stated amounts are sold from holdings in stated months, and a fixed share of production is kept."""

    kind: Literal["fixed_schedule"]
    """Sales follow a list."""
    sell_btc_by_month: Annotated[tuple[NonNegative, ...], Field(min_length=1, max_length=600)]
    """BTC sold from holdings in each month from the first month of the horizon; nothing after the last one listed."""
    hold_share: Share = 0.0
    """Share of each node's production that is kept, share."""


class Optimise(Record):
    """The plan decides, where it cannot know the price to come: at nodes of the tree that branch."""

    kind: Literal["optimise"]
    """What is kept, sold and bought is decided."""
    may_buy: Flag = False
    """Whether Bitcoin may be bought."""


Policy = Annotated[
    Annotated[SellProduction, branch("sell_production")]
    | Annotated[HoldShare, branch("hold_share")]
    | Annotated[FixedSchedule, branch("fixed_schedule")]
    | Annotated[Optimise, branch("optimise")],
    by_kind("sell_production", "hold_share", "fixed_schedule", "optimise"),
]
"""kind: sell_production, hold_share, fixed_schedule or optimise."""


class Slippage(Record):
    """What the market gives way under one part of a day's sales."""

    btc_per_day: Positive | None = None
    """Size of this part of a day's sales, BTC per day; null: all that is left, for the last part only."""
    cost_share: Share
    """Share of the price lost on this part, share; no less than on the part before."""


class Treasury(Record):
    """Bitcoin held at the start and the rules for it. Needs `bitcoin.kind: network`, which states a price."""

    opening_btc: NonNegative
    """Bitcoin held free at the start, BTC."""
    btc_price_usd: Positive | None = None
    """Price of one Bitcoin today, USD; null: that of the first node."""
    policy: Policy = SellProduction(kind="sell_production")
    """Who decides what is kept and what is sold."""
    floor_btc: NonNegative = 0.0
    """Holdings never fall below this at the end of a node, BTC."""
    purchase_fee_share: Share = 0.0
    """Share of the price paid on top when Bitcoin is bought; selling costs `bitcoin.sale_fee_share`."""
    slippage: Annotated[tuple[Slippage, ...], Field(max_length=10)] = ()
    """What the market gives way as more is sold in a day, production included; first parts first."""
    sale_limit_btc_per_day: Positive | None = None
    """Most that is sold in a day, production included, BTC per day; null: no limit."""
    settlement_days: Annotated[float, Field(strict=True, ge=0.0, le=28.0)] = 0.0
    """Days until the proceeds of a sale from holdings are cash."""
    stress_share: UncertainValue = 0.0
    """How far the price falls below its average within a month, share of it: loans are tested at the lowest price."""
    posting_hours: NonNegative = 0.0
    """Hours until free Bitcoin is with a lender that calls for margin, hours."""
    terminal_haircut_share: Share | None = None
    """Share of the price that holdings are worth less at the end of the horizon; null: what selling them costs."""

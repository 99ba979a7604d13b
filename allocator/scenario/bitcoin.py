"""Where the revenue of mining comes from: a hashprice path, or the Bitcoin network behind it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import Positive, Record, Share
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import UncertainValue


class _Fees(Record):
    """What every source of mining revenue shares."""

    pool_fee_share: Share
    """Share of gross earnings kept by the pool."""
    sale_fee_share: Share
    """Share of proceeds lost when Bitcoin is sold."""
    halving_dates: Annotated[tuple[date, ...], Field(max_length=20)] = (date(2028, 4, 20), date(2032, 4, 20))
    """Dates at which the block subsidy halves, also beyond the horizon; the later ones are estimates."""


class Hashprice(_Fees):
    """A gross hashprice path. Halvings inside the horizon must already be in the path."""

    kind: Literal["hashprice"]
    """Hashprice is stated."""
    usd_per_ph_day: UncertainValue
    """Gross hashprice, USD per PH/s and day, before pool and sale fees."""


class Network(_Fees):
    """Hashprice follows from price, difficulty, subsidy and fees."""

    kind: Literal["network"]
    """Hashprice is computed from the network."""
    btc_price_usd: UncertainValue
    """Price of one Bitcoin, USD."""
    difficulty: UncertainValue
    """Network difficulty, a plain number (1.48e14, not 148 T)."""
    fee_share_of_subsidy: Share
    """Transaction fees of a block as a share of its subsidy."""
    subsidy_btc_per_block: Positive = 3.125
    """Block subsidy before the first of `halving_dates`, BTC. It halves at each date that has passed."""


Bitcoin = Annotated[
    Annotated[Hashprice, branch("hashprice")] | Annotated[Network, branch("network")],
    by_kind("hashprice", "network"),
]
"""kind: hashprice, or kind: network."""

"""Financial instruments against hashprice, the price of Bitcoin and the price of power, held already or on offer."""

from __future__ import annotations

from typing import Annotated, Literal

from allocator.scenario.months import Month
from allocator.scenario.power_blocks import Days, Hour
from allocator.scenario.record import Count, Name, NonNegative, Number, Positive, Record
from allocator.scenario.unions import branch, by_kind


class _Hedge(Record):
    """What every instrument has. It settles in cash, on the price of each node (an average over its period)."""

    name: Name
    """Unique among hedges."""
    most_lots: Count = 0
    """Most lots that may be bought along one path, count; 0: it is held, not on offer. It may be bought at nodes that
    take decisions and branch, and settles in later nodes only."""
    offered_from: Month | None = None
    """First month in which it may be bought, YYYY-MM; null: the first of the horizon."""
    offered_until: Month | None = None
    """Last month in which it may be bought, YYYY-MM; null: as long as something is left to settle."""


class HashpriceForward(_Hedge):
    """Hashprice sold ahead: fixed price less the gross hashprice of each node, for every PH/s and day of its months."""

    kind: Literal["hashprice_forward"]
    """A forward sale of hashprice."""
    fixed_usd_per_ph_day: Positive
    """Fixed hashprice, USD per PH/s and day."""
    first_month: Month
    """First calendar month that is settled, YYYY-MM."""
    last_month: Month
    """Last calendar month that is settled, YYYY-MM."""
    opening_ph_per_s: NonNegative = 0.0
    """Sold ahead already, PH/s."""
    lot_ph_per_s: Positive = 1.0
    """Size of a lot, PH/s."""
    premium_usd_per_ph_per_s: Number | None = 0.0
    """Paid when it is bought, USD per PH/s; null: what it is worth under the scenario's own probabilities."""
    spread_usd_per_ph_per_s: NonNegative = 0.0
    """Paid on top of that, USD per PH/s."""


class _BtcOption(_Hedge):
    """An option on Bitcoin, settled in its month on the price of the node."""

    put_strike_usd: Positive
    """Below it the difference is received, USD per BTC."""
    expiry_month: Month
    """Calendar month in whose node it settles, YYYY-MM."""
    opening_btc: NonNegative = 0.0
    """Held already, BTC."""
    lot_btc: Positive = 1.0
    """Size of a lot, BTC."""
    premium_usd_per_btc: Number | None = None
    """Paid when it is bought, USD per BTC; null: what it is worth under the scenario's own probabilities."""
    spread_usd_per_btc: NonNegative = 0.0
    """Paid on top of that, USD per BTC."""


class BtcPut(_BtcOption):
    """A put on Bitcoin: what the price of the node is below the strike is received."""

    kind: Literal["btc_put"]
    """A put."""


class BtcCollar(_BtcOption):
    """A put bought and a call sold: what the price is below the one strike is received, above the other one paid."""

    kind: Literal["btc_collar"]
    """A collar."""
    call_strike_usd: Positive
    """Above it the difference is paid, USD per BTC; no less than `put_strike_usd`."""


class PowerSwap(_Hedge):
    """A block of power at a fixed price, resold at the site's spot: spot less fixed price, hour by hour."""

    kind: Literal["power_swap"]
    """A fixed-price block with resale."""
    site: Name
    """Site at whose spot it is resold."""
    fixed_usd_per_mwh: Number
    """Fixed price, USD per MWh, against the site's spot: scale * series, without the adder."""
    first_month: Month
    """First calendar month of delivery, YYYY-MM."""
    last_month: Month
    """Last calendar month of delivery, YYYY-MM."""
    days: Days = "all"
    """Days of delivery in the scenario's time zone."""
    from_hour: Hour = 0
    """When delivery begins, hours after midnight in the scenario's time zone."""
    to_hour: Hour = 24
    """When it ends, hours after midnight; below `from_hour` it runs over midnight."""
    opening_mw: NonNegative = 0.0
    """Bought already, MW."""
    lot_mw: Positive = 1.0
    """Size of a lot, MW."""
    premium_usd_per_mw: Number | None = 0.0
    """Paid when it is bought, USD per MW; null: what it is worth under the scenario's own probabilities."""
    spread_usd_per_mw: NonNegative = 0.0
    """Paid on top of that, USD per MW."""


Hedge = Annotated[
    Annotated[HashpriceForward, branch("hashprice_forward")]
    | Annotated[BtcPut, branch("btc_put")]
    | Annotated[BtcCollar, branch("btc_collar")]
    | Annotated[PowerSwap, branch("power_swap")],
    by_kind("hashprice_forward", "btc_put", "btc_collar", "power_swap"),
]
"""kind: hashprice_forward, btc_put, btc_collar or power_swap."""

AnyHedge = HashpriceForward | BtcPut | BtcCollar | PowerSwap

"""Financial instruments on their axes: what settles at each node, what it pays, and what buying it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints

SWAP = "power_swap"
FORWARD = "hashprice_forward"
UNIT = {FORWARD: "PH/s", "btc_put": "BTC", "btc_collar": "BTC", SWAP: "MW"}
"""What a position is counted in, by kind."""


@dataclass(frozen=True)
class Hedges:
    """I instruments. A position counts in PH/s, BTC or MW (`UNIT`); money is USD per one of these.

    Attributes:
        names, kind: of each. site: at whose spot a swap settles, -1 for the others, (I,).
        fixed_usd: fixed price, or strike of the put, (I,). call_strike_usd: inf where no call is sold, (I,).
        in_block: hours of delivery among the steps of a swap's site, (T_s,) each; empty for the others.
        settled: what one unit settles at the node: days, BTC, or MWh, (I, N).
        price_usd: what it settles on: hashprice, price of Bitcoin, or mean spot over the hours of delivery, (I, N).
        opening, lot: units held at the start, and in a lot, (I,). most_lots: that may be bought along a path, (I,).
        offered: nodes at which it may be bought, (I, N).
        premium_usd: what a unit bought at the node costs, spread included, (I, N); 0 where it is not on offer.
        worth_usd: expected payoff of a unit below the node, discounted to it at the risk-free rate, (I, N).
    """

    names: tuple[str, ...]
    kind: tuple[str, ...]
    site: Ints
    fixed_usd: Floats
    call_strike_usd: Floats
    in_block: tuple[Bools, ...]
    settled: Floats
    price_usd: Floats
    opening: Floats
    lot: Floats
    most_lots: Ints
    offered: Bools
    premium_usd: Floats
    worth_usd: Floats

    @property
    def payoff_usd(self) -> Floats:
        """What a unit held when the node begins brings there, (I, N)."""
        parts = [
            self.settled[i] * gain_usd(kind, self.price_usd[i], self.fixed_usd[i], self.call_strike_usd[i])
            for i, kind in enumerate(self.kind)
        ]
        return np.array(parts).reshape(self.settled.shape)


def gain_usd(kind: str, price_usd: Floats, fixed_usd: float, call_strike_usd: float) -> Floats:
    """What one day, Bitcoin or MWh brings at a price, same shape; negative where it costs.

    A forward sale: fixed - price. A swap: price - fixed. A put: max(0, strike - price), less max(0, price - call
    strike) in a collar.
    """
    if kind == SWAP:
        return price_usd - fixed_usd
    if kind == FORWARD:
        return fixed_usd - price_usd
    return np.maximum(0.0, fixed_usd - price_usd) - np.maximum(0.0, price_usd - call_strike_usd)


def no_hedges(nodes: int) -> Hedges:
    """None at all, over a tree of so many nodes."""
    numbers, whole, table = np.zeros(0), np.zeros(0, dtype=np.int64), np.zeros((0, nodes))
    return Hedges(
        names=(),
        kind=(),
        site=whole,
        fixed_usd=numbers,
        call_strike_usd=numbers,
        in_block=(),
        settled=table,
        price_usd=table,
        opening=numbers,
        lot=numbers,
        most_lots=whole,
        offered=table.astype(np.bool_),
        premium_usd=table,
        worth_usd=table,
    )

"""Bitcoin of the company at each node: what it opens with, and the bounds that its policy sets to every trade."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.instance.tree import Bools, Floats


@dataclass(frozen=True)
class Treasury:
    """Holdings and their rules; K parts of a node's sales, each dearer to place than the one before.

    Attributes:
        opening_btc: held at the start. floor_btc: least holdings at the end of every node.
        spot_price_usd: price of one Bitcoin today.
        keep_least_share, keep_most_share: share of production that must, and may, be kept, (N,).
        sell_least_btc, sell_most_btc: what must, and may, be sold from holdings, (N,).
        buy_most_btc: what may be bought, (N,). purchase_fee_share: of the price, on top.
        sale_limit_btc: most that is sold in the node, production included, (N,); inf: no limit.
        part_btc: size of each part of the node's sales, production included, (K, N). part_cost_share: share of the
            price lost on each, (K,), never falling.
        settlement_share: share of the proceeds of sales from holdings that is cash only in the next node, (N,).
        haircut_share: what holdings are worth less at the end of the horizon, share of the price.
        discount: factor of every flow of Bitcoin at each node, (N,).
    """

    opening_btc: float
    floor_btc: float
    spot_price_usd: float
    keep_least_share: Floats
    keep_most_share: Floats
    sell_least_btc: Floats
    sell_most_btc: Floats
    buy_most_btc: Floats
    purchase_fee_share: float
    sale_limit_btc: Floats
    part_btc: Floats
    part_cost_share: Floats
    settlement_share: Floats
    haircut_share: float
    discount: Floats

    def slippage_btc(self, market_btc: Floats) -> Floats:
        """What is lost when that much is sold in each node, BTC at the node's price, (N,); cheapest parts are first."""
        filled = np.zeros_like(market_btc)
        lost = np.zeros_like(market_btc)
        for size, cost in zip(self.part_btc, self.part_cost_share, strict=True):
            placed = np.clip(market_btc - filled, 0.0, size)
            lost, filled = lost + cost * placed, filled + placed
        return lost

    @cached_property
    def coupled(self) -> Bools:
        """Nodes whose production may be worth more or less than its price: it is kept, or fills a limit, (N,)."""
        limited = np.isfinite(self.sale_limit_btc) | (len(self.part_cost_share) > 0)
        return np.asarray((self.keep_most_share > 0) | limited)

"""Market states of the calendar periods brought to the nodes of a tree: mixed by weights, or moved by factors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.instance.market_state import MarketState, Network, Rental
from allocator.instance.tree import Floats, Ints


def mixed(markets: Sequence[MarketState], weight: Floats, period: Ints) -> MarketState:
    """Weighted mean of some markets, each by period, at every node; weight (markets, N), columns sum to one.

    Bitcoin of a PH/s and day is hashprice over price, so that production is worth at its price what it earns.
    """

    def mean(paths: Sequence[Floats]) -> Floats:
        return np.asarray(np.einsum("kn,kn->n", weight, np.stack(paths)[:, period]))

    first, networks = markets[0], [market.network for market in markets if market.network is not None]
    hashprice = mean([market.hashprice_usd_per_ph_day for market in markets])
    rentals = {
        name: Rental(mean([market.rentals[name].usd_per_gpu_hour for market in markets]), rental.sold_share)
        for name, rental in first.rentals.items()
    }
    network = None
    if networks:
        price = mean([one.btc_price_usd for one in networks])
        network = Network(price, mean([one.difficulty for one in networks]), hashprice / price)
    return MarketState(hashprice, first.pool_fee_share, first.sale_fee_share, rentals, network)


def moved(market: MarketState, factor: Mapping[str, Floats], fee_share_of_subsidy: float) -> MarketState:
    """A market by node times factors by series, (N,) each; series that are not named stay as they are.

    Hashprice moves with its own factor and with the fees: what a block pays is subsidy * (1 + fee share). Difficulty
    is what price and hashprice leave for it.
    """
    one = np.ones(len(market.hashprice_usd_per_ph_day))
    of_price, of_hashprice = factor.get("btc_price", one), factor.get("hashprice", one)
    fees = (1.0 + fee_share_of_subsidy * factor.get("fee_share", one)) / (1.0 + fee_share_of_subsidy)
    hashprice = market.hashprice_usd_per_ph_day * of_hashprice * fees
    network = market.network
    if network is not None:
        price, difficulty = network.btc_price_usd * of_price, network.difficulty * of_price / of_hashprice
        network = Network(price, difficulty, hashprice / price)
    rentals = {
        name: Rental(rental.usd_per_gpu_hour * factor.get(f"gpu_rental.{name}", one), rental.sold_share)
        for name, rental in market.rentals.items()
    }
    return MarketState(hashprice, market.pool_fee_share, market.sale_fee_share, rentals, network)

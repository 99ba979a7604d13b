"""What the market pays at each node: the part of the instance that treasury, mining and rental read prices from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from allocator.instance.tree import Floats


@dataclass(frozen=True)
class Rental:
    """A GPU rental market: rate by node, USD per GPU and hour, (N,), and the share of hours that find a buyer."""

    usd_per_gpu_hour: Floats
    sold_share: float


@dataclass(frozen=True)
class Network:
    """The Bitcoin network at each node, (N,).

    Attributes:
        btc_price_usd: average over the node, weighted by what a steady machine mines, so that
            btc_per_ph_day * btc_price_usd is the hashprice, also where a node spans several months.
        difficulty: hour-weighted average.
        btc_per_ph_day: BTC that one PH/s earns in a day, subsidy and fees, before pool fee, hour-weighted average.
    """

    btc_price_usd: Floats
    difficulty: Floats
    btc_per_ph_day: Floats


@dataclass(frozen=True)
class MarketState:
    """Prices by node.

    Attributes:
        hashprice_usd_per_ph_day: gross hashprice, (N,).
        pool_fee_share: share of gross earnings kept by the pool. sale_fee_share: share of proceeds lost on selling BTC.
        rentals: GPU rental markets by name.
        network: what lies behind the hashprice; None where the scenario states a hashprice alone, and then there is no
            price at which Bitcoin could be held, pledged or sold.
    """

    hashprice_usd_per_ph_day: Floats
    pool_fee_share: float
    sale_fee_share: float
    rentals: Mapping[str, Rental]
    network: Network | None = None

    @property
    def mining_net_share(self) -> float:
        """(1 - pool fee) * (1 - sale fee): share of the gross hashprice earned when all production is sold at once."""
        return (1.0 - self.pool_fee_share) * (1.0 - self.sale_fee_share)

    @property
    def btc_price_usd(self) -> Floats | None:
        """Price of one Bitcoin, (N,); None without a network."""
        return None if self.network is None else self.network.btc_price_usd

    @property
    def btc_per_ph_day(self) -> Floats | None:
        """BTC of one PH/s and day before pool fee, (N,); None without a network."""
        return None if self.network is None else self.network.btc_per_ph_day

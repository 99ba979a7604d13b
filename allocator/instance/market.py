"""What the market pays: hashprice from price, difficulty, fees and subsidy; earnings of a MWh of IT load."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.market_state import MarketState, Rental
from allocator.instance.market_state import Network as NetworkState
from allocator.instance.months import MonthGrid, Monthly, average_by_node
from allocator.instance.tree import Floats, NodeTree
from allocator.scenario.bitcoin import Hashprice, Network
from allocator.scenario.equipment import RentalMarket
from allocator.uncertainty.mining import btc_per_ph_day, dated_factor


def mining_usd_per_mwh(hashprice_usd_per_ph_day: ArrayLike, net_share: float, ph_per_mw: ArrayLike) -> Floats:
    """Earnings per MWh of IT load: hashprice * net share * (PH/s per MW) / 24 h.

    The same as hashprice * net share / (0.024 * J/TH), since 1 MW holds 1000 / (J/TH) PH/s.
    `net_share` = (1 - pool fee) * (1 - sale fee).
    """
    return np.asarray(np.asarray(hashprice_usd_per_ph_day, float) * net_share * np.asarray(ph_per_mw, float) / 24.0)


def gpu_draw_kw(power_kw: float, sold_share: float, idle_share: float) -> float:
    """Average draw of a rented-out system: power * (sold + (1 - sold) * idle); the unsold part idles."""
    return power_kw * (sold_share + (1.0 - sold_share) * idle_share)


def rental_usd_per_mwh(usd_per_gpu_hour: ArrayLike, gpus: float, sold_share: float, draw_kw: float) -> Floats:
    """Earnings per MWh of IT load: rate * GPUs * sold share / average draw."""
    return np.asarray(np.asarray(usd_per_gpu_hour, float) * gpus * sold_share * 1000.0 / draw_kw)


def compile_market(
    bitcoin: Hashprice | Network, rentals: Mapping[str, RentalMarket], monthly: Monthly, grid: MonthGrid, tree: NodeTree
) -> MarketState:
    """Monthly figures averaged over each node's months, weighted by their hours."""
    return MarketState(
        hashprice_usd_per_ph_day=average_by_node(hashprice_by_month(bitcoin, monthly, grid), grid, tree),
        pool_fee_share=bitcoin.pool_fee_share,
        sale_fee_share=bitcoin.sale_fee_share,
        rentals={
            name: Rental(average_by_node(monthly(market.usd_per_gpu_hour), grid, tree), market.sold_share)
            for name, market in rentals.items()
        },
        network=_network(bitcoin, monthly, grid, tree) if isinstance(bitcoin, Network) else None,
    )


def _network(bitcoin: Network, monthly: Monthly, grid: MonthGrid, tree: NodeTree) -> NetworkState:
    btc = average_by_node(btc_by_month(bitcoin, monthly, grid), grid, tree)
    return NetworkState(
        btc_price_usd=average_by_node(hashprice_by_month(bitcoin, monthly, grid), grid, tree) / btc,
        difficulty=average_by_node(monthly(bitcoin.difficulty), grid, tree),
        btc_per_ph_day=btc,
    )


def hashprice_by_month(bitcoin: Hashprice | Network, monthly: Monthly, grid: MonthGrid) -> Floats:
    """Gross hashprice of each month, USD per PH and day, (M,): as stated, or BTC per PH and day times price."""
    if isinstance(bitcoin, Hashprice):
        return monthly(bitcoin.usd_per_ph_day)
    return btc_by_month(bitcoin, monthly, grid) * monthly(bitcoin.btc_price_usd)


def btc_by_month(bitcoin: Network, monthly: Monthly, grid: MonthGrid) -> Floats:
    """BTC of one PH/s and day in each month, (M,).

    The subsidy halves on each halving date; a month with one in it is split by days.
    """
    subsidy = bitcoin.subsidy_btc_per_block * dated_factor(grid.month, bitcoin.halving_dates, 0.5)
    return btc_per_ph_day(subsidy, bitcoin.fee_share_of_subsidy * subsidy, monthly(bitcoin.difficulty))

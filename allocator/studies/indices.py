"""Market prices that lines of the cash flow move with, by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from allocator.instance.tree import Floats
from allocator.plan.schema import LINES
from allocator.studies.compared import Compared

Index = Callable[[Compared, str, str], Floats | None]
"""(plan, site, subject) -> price at each node, (N,); None where the plan knows none."""


def hashprice(one: Compared, site: str, subject: str) -> Floats | None:
    """What a PH/s earns in a day, USD, fees deducted."""
    return np.asarray(one.instance.market.hashprice_usd_per_ph_day * one.instance.market.mining_net_share)


def bitcoin(one: Compared, site: str, subject: str) -> Floats | None:
    """Price of one Bitcoin, USD."""
    return one.instance.market.btc_price_usd


def rental(one: Compared, site: str, subject: str) -> Floats | None:
    """Mean rate of the rental markets, USD per GPU and hour."""
    rates = [market.usd_per_gpu_hour for market in one.instance.market.rentals.values()]
    return np.mean(rates, axis=0) if rates else None


def mining_beyond(one: Compared, site: str, subject: str) -> Floats | None:
    """Value of a MW of mining in the bay `subject` over all years beyond the horizon, USD."""
    bays = one.instance.bays.names
    if subject not in bays:
        return None
    return np.asarray(one.instance.terminal.mining_usd_per_mw[bays.index(subject)].sum(axis=0))


def meter_price(one: Compared, site: str, subject: str) -> Floats | None:
    """Mean price of a MWh at the meter of a site, USD."""
    return _mean_by_node(one, site, one.instance.hours.price)


def spot_price(one: Compared, site: str, subject: str) -> Floats | None:
    """Mean spot price of a site, USD/MWh."""
    return _mean_by_node(one, site, one.instance.hours.spot)


def _mean_by_node(one: Compared, site: str, prices: Callable[[int, int], Floats]) -> Floats | None:
    instance = one.instance
    if site not in instance.sites.names:
        return None
    position = instance.sites.names.index(site)
    weights = [instance.hours.weight_h[instance.hours.steps(position, node)] for node in range(len(instance.tree))]
    return np.array([np.average(prices(position, node), weights=weight) for node, weight in enumerate(weights)])


POWERED = ("power_cost", "power_pass_through", "pass_through_lost")
"""Lines that move with the price of power."""

INDICES: Mapping[str, Index] = MappingProxyType(
    {
        "mining_revenue": hashprice,
        "terminal_mining": mining_beyond,
        "gpu_rental_revenue": rental,
        **{name: bitcoin for name, line in LINES.items() if line.discount == "btc"},
        "power_cost": meter_price,
        "power_pass_through": spot_price,
        "pass_through_lost": spot_price,
    }
)
"""Index of each line that has one."""

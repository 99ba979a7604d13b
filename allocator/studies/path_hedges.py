"""Instruments on fresh paths: positions as the plan has them, settled at the market of the path."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.hedges import FORWARD, SWAP, Hedges, gain_usd
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import positions
from allocator.studies.path_money import Ledger


def enter_hedges(instance: Instance, table: pd.DataFrame, paths: FreshPaths, node_of: Ints, ledger: Ledger) -> None:
    """Settlements of what table `hedges` says is held when each node begins; premiums are as planned."""
    hedges = instance.hedges
    if not hedges.names:
        return
    held, factor = np.zeros(hedges.settled.shape), instance.discount_financing
    at = positions(hedges.names, table["hedge"]), positions(instance.tree.name, table["node"])
    held[at] = table["held_units"].to_numpy(float)
    for period, node in enumerate(node_of.T):
        for i, kind in enumerate(hedges.kind):
            price = _price_usd(hedges, i, instance, paths, period, node)
            gain = gain_usd(kind, price, float(hedges.fixed_usd[i]), float(hedges.call_strike_usd[i]))
            ledger.flow(period, held[i, node] * hedges.settled[i, node] * gain, factor[node])


def _price_usd(hedges: Hedges, i: int, instance: Instance, paths: FreshPaths, period: int, node: Ints) -> Floats:
    """What the instrument settles on at each path, (K,): spot moves with the level of power of the path."""
    kind, market = hedges.kind[i], paths.market
    if kind == FORWARD:
        return market.hashprice_usd_per_ph_day[:, period]
    if kind == SWAP:
        site = int(hedges.site[i])
        level = paths.spot_factor[site, :, period] / instance.hours.spot_factor[site, node]
        return np.asarray(hedges.price_usd[i, node] * level)
    assert market.btc_price_usd is not None
    return market.btc_price_usd[:, period]

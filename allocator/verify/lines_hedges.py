"""Lines of the cash flow of instruments, each from what table hedges says was bought, the market and the terms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.hedges import SWAP
from allocator.instance.tree import Bools, Floats
from allocator.verify.case import Case
from allocator.verify.facts import scatter
from allocator.verify.once import once
from allocator.verify.owed import LineRule, Owed, by_company


def hedge_premium(case: Case) -> Owed:
    """Premium of what is bought at the node."""
    return by_company(case.instance.hedges.names, -case.instance.hedges.premium_usd * bought_units(case))


def hedge_settlement(case: Case) -> Owed:
    """Forward sales and options held when the node begins, at the node's market."""
    return _of_kind(case, np.array([kind != SWAP for kind in case.instance.hedges.kind], dtype=bool))


def block_settlement(case: Case) -> Owed:
    """Blocks of power held when the node begins, resold at the spot of each hour of delivery."""
    return _of_kind(case, np.array([kind == SWAP for kind in case.instance.hedges.kind], dtype=bool))


HEDGE_LINES: Mapping[str, LineRule] = {
    "hedge_premium": hedge_premium,
    "hedge_settlement": hedge_settlement,
    "block_settlement": block_settlement,
}


@once
def bought_units(case: Case) -> Floats:
    """Units bought in each node, as table hedges says, (I, N)."""
    frame = case.tables["hedges"]
    at = case.axes.hedge_at(frame["hedge"]), case.axes.node_at(frame["node"])
    return scatter(case.instance.hedges.settled.shape, at, frame["bought_units"])


@once
def held_units(case: Case) -> Floats:
    """Units held when each node begins: the opening and what was bought on the way, (I, N)."""
    bought = bought_units(case)
    before = case.timeline.along(bought) - bought
    return np.asarray(case.instance.hedges.opening[:, None] + before)


@once
def payoff_usd(case: Case) -> Floats:
    """What a unit held when the node begins brings, by its terms and the node's own market, (I, N)."""
    hedges = case.instance.hedges
    paid = [_payoff(case, i, kind) for i, kind in enumerate(hedges.kind)]
    return np.array(paid).reshape(hedges.settled.shape)


def settlement_usd(case: Case) -> Floats:
    """Price that each instrument settles on: the node's hashprice, price of Bitcoin, or mean spot in its hours."""
    instance, hedges = case.instance, case.instance.hedges
    price = np.zeros(hedges.settled.shape)
    for i, kind in enumerate(hedges.kind):
        if kind == SWAP:
            energy, spent = _delivered(case, i)
            price[i] = np.divide(spent, energy, out=np.zeros_like(spent), where=energy > 0)
        else:
            price[i] = instance.market.hashprice_usd_per_ph_day if kind == FORWARD else instance.btc_price_usd
    return price


FORWARD = "hashprice_forward"


def _payoff(case: Case, i: int, kind: str) -> Floats:
    hedges, fixed = case.instance.hedges, float(case.instance.hedges.fixed_usd[i])
    if kind == SWAP:
        energy, spent = _delivered(case, i)
        return np.asarray(spent - fixed * energy)
    if kind == FORWARD:
        return np.asarray(hedges.settled[i] * (fixed - case.instance.market.hashprice_usd_per_ph_day))
    price, call = case.instance.btc_price_usd, float(hedges.call_strike_usd[i])
    below = np.where(price < fixed, fixed - price, 0.0)
    above = np.where(price > call, price - call, 0.0)
    return np.asarray(hedges.settled[i] * (below - above))


def _delivered(case: Case, i: int) -> tuple[Floats, Floats]:
    """MWh that one MW of a block delivers in each node, and what they cost at spot, hour by hour, (N,) each."""
    hours, site, nodes = case.instance.hours, int(case.instance.hedges.site[i]), len(case.instance.tree)
    energy, spent = np.zeros(nodes), np.zeros(nodes)
    for node in range(nodes):
        inside = case.instance.hedges.in_block[i][hours.own_steps(site, node)]
        weight = hours.weight_h[hours.steps(site, node)][inside]
        energy[node], spent[node] = weight.sum(), (weight * hours.spot(site, node)[inside]).sum()
    return energy, spent


def _of_kind(case: Case, own: Bools) -> Owed:
    hedges, sites = case.instance.hedges, case.instance.sites.names
    chosen = np.flatnonzero(own).tolist()
    site = [sites[int(hedges.site[i])] if hedges.site[i] >= 0 else "" for i in chosen]
    amounts = payoff_usd(case) * held_units(case)
    return Owed(site, [hedges.names[i] for i in chosen], amounts[chosen].reshape(len(chosen), len(case.instance.tree)))

"""BTC: production, what is kept, sold and bought of it, and what holdings are worth at the end."""

from __future__ import annotations

import pulp

from tests.reference.draft import FAR_BEYOND, Draft
from tests.reference.hours import called_mw


def columns(d: Draft) -> None:
    """Trades of every node within their bounds, production of every site; nothing without a treasury."""
    treasury = d.given.treasury
    if treasury is None:
        return
    everywhere = [(n,) for n in d.nodes]
    d.add("btc", everywhere)
    d.add("mined", [(s, n) for s in range(len(d.given.sites.names)) for n in d.nodes])
    d.add("retained", everywhere)
    d.add("placed", [(k, n) for k in range(len(treasury.part_cost_share)) for n in d.nodes])
    for family, least, most in (
        ("sold", treasury.sell_least_btc, treasury.sell_most_btc),
        ("bought", [0.0] * len(everywhere), treasury.buy_most_btc),
    ):
        for (n,), column in d.add(family, everywhere).items():
            column.bounds(least[n], most[n] if most[n] < FAR_BEYOND else None)
    for (k, n), column in d.columns["placed"].items():
        if treasury.part_btc[k][n] < FAR_BEYOND:
            column.bounds(0.0, treasury.part_btc[k][n])


def mined(d: Draft) -> None:
    """BTC.mined[s,n]: mined = sum over hours and segments of weight * PH/s a MW * BTC per PH/s and hour * load kept."""
    if d.given.treasury is None:
        return
    network, segments, hours = d.given.market.network, d.given.segments, d.given.hours
    made = {member: [] for member in d.columns["mined"]}
    for hour in d.hours:
        per_ph_h = network.btc_per_ph_day[hour.node] / 24 * (1 - d.given.market.pool_fee_share)
        for j, at in enumerate(segments.site):
            if at == hour.site:
                btc = hours.weight_h[hour.stored] * segments.hash_ph_per_mw[j] * per_ph_h
                made[hour.site, hour.node].append(btc * (d.columns["load_mw"][j, hour.at] - called_mw(d, j, hour)))
    for member, column in d.columns["mined"].items():
        d.row("BTC.mined", member, column == pulp.lpSum(made[member]))


def _production(d: Draft, node: int) -> pulp.LpAffineExpression:
    return pulp.lpSum(column for (_, n), column in d.columns["mined"].items() if n == node)


def balance(d: Draft) -> None:
    """BTC.balance[n]: holdings = the parent's + retained + bought - sold - seized; BTC.floor[n]: at least the floor."""
    if d.given.treasury is None:
        return
    held = d.columns["btc"]
    for n in d.nodes:
        before = d.parent(n)
        was = held[(before,)] if before is not None else d.given.treasury.opening_btc
        moved = d.columns["retained"][(n,)] + d.columns["bought"][(n,)] - d.columns["sold"][(n,)]
        moved -= pulp.lpSum(sold for (_, at), sold in d.columns.get("seized", {}).items() if at == n)
        d.row("BTC.balance", (n,), held[(n,)] == was + moved)
        d.row("BTC.floor", (n,), held[(n,)] >= d.given.treasury.floor_btc)


def policy(d: Draft) -> None:
    """BTC.retained, BTC.kept [n]: least share * production <= retained <= most share * production."""
    treasury = d.given.treasury
    for n in d.nodes if treasury is not None else ():
        retained, production = d.columns["retained"][(n,)], _production(d, n)
        d.row("BTC.retained", (n,), retained <= treasury.keep_most_share[n] * production)
        d.row("BTC.kept", (n,), retained >= treasury.keep_least_share[n] * production)


def market(d: Draft) -> None:
    """BTC.volume[n]: what is sold <= limit; BTC.placed[n]: parts = what is sold."""
    treasury = d.given.treasury
    for n in d.nodes if treasury is not None else ():
        sold = _production(d, n) - d.columns["retained"][(n,)] + d.columns["sold"][(n,)]
        if treasury.sale_limit_btc[n] < FAR_BEYOND:
            d.row("BTC.volume", (n,), sold <= treasury.sale_limit_btc[n])
        parts = [d.columns["placed"][k, n] for k in range(len(treasury.part_cost_share))]
        if parts:
            d.row("BTC.placed", (n,), pulp.lpSum(parts) == sold)


def money(d: Draft) -> None:
    """Every trade at the price of its node, in the class of Bitcoin; proceeds of sales partly a node later."""
    treasury = d.given.treasury
    if treasury is None:
        return
    price, net = d.given.market.network.btc_price_usd, 1 - d.given.market.sale_fee_share
    for n in d.nodes:
        sold = d.columns["sold"][(n,)]
        d.earn(n, treasury.discount, price[n] * net * (sold - d.columns["retained"][(n,)]))
        d.earn(n, treasury.discount, -price[n] * (1 + treasury.purchase_fee_share) * d.columns["bought"][(n,)])
        for k, share in enumerate(treasury.part_cost_share):
            d.earn(n, treasury.discount, -price[n] * share * d.columns["placed"][k, n])
        d.cash_usd[n].append(-treasury.settlement_share[n] * price[n] * net * sold)
        before = d.parent(n)
        if before is not None:
            late = treasury.settlement_share[before] * price[before] * net
            d.cash_usd[n].append(late * d.columns["sold"][(before,)])
    for leaf in d.paths:
        worth = treasury.discount[leaf] * (1 - treasury.haircut_share) * price[leaf]
        d.at_horizon(leaf, worth * d.columns["btc"][(leaf,)])

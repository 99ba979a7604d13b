"""HEDGE: lots of instruments bought and kept, what they pay, and what they cost."""

from __future__ import annotations

from tests.reference.draft import Draft


def columns(d: Draft) -> None:
    """Lots bought and lots held of everything that may be bought."""
    hedges = d.given.hedges
    on_offer = [i for i in range(len(hedges.names)) if hedges.most_lots[i] > 0]
    d.add("hedge_lots", [(i, n) for i in on_offer for n in d.nodes])
    d.add("buy_hedge_lots", [(i, n) for i in on_offer for n in d.nodes if hedges.offered[i][n]], whole=True)
    for family in ("hedge_lots", "buy_hedge_lots"):
        for (i, _), column in d.columns[family].items():
            column.upBound = hedges.most_lots[i]


def balance(d: Draft) -> None:
    """HEDGE.balance[i,n]: lots = the parent's + bought."""
    for i, n in d.columns["hedge_lots"]:
        bought = d.columns["buy_hedge_lots"].get((i, n), 0.0)
        d.row("HEDGE.balance", (i, n), d.columns["hedge_lots"][i, n] == _before(d, i, n) + bought)


def money(d: Draft) -> None:
    """Payoff of what the node begins with, premium of what it buys, at the risk-free rate."""
    hedges, tree = d.given.hedges, d.given.tree
    factor = [(1 + d.given.finance.risk_free_per_year) ** -years for years in tree.mid_years]
    for i in range(len(hedges.names)):
        for n in d.nodes:
            held = hedges.opening[i] + hedges.lot[i] * _before(d, i, n)
            flow = hedges.settled[i][n] * _gain(d, i, n) * held
            bought = d.columns["buy_hedge_lots"].get((i, n), 0.0)
            d.earn(n, factor, flow - hedges.premium_usd[i][n] * hedges.lot[i] * bought)


def _gain(d: Draft, i: int, node: int) -> float:
    hedges = d.given.hedges
    price, fixed = hedges.price_usd[i][node], hedges.fixed_usd[i]
    if hedges.kind[i] == "power_swap":
        return price - fixed
    if hedges.kind[i] == "hashprice_forward":
        return fixed - price
    return max(0.0, fixed - price) - max(0.0, price - hedges.call_strike_usd[i])


def _before(d: Draft, i: int, node: int) -> object:
    parent = d.parent(node)
    return d.columns["hedge_lots"][i, parent] if parent is not None and (i, node) in d.columns["hedge_lots"] else 0.0

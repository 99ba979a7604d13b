"""BTC: production, what is kept, bought and sold of it, and holdings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, Sense, rows
from allocator.verify.lines_treasury import market_btc, slippage_btc
from allocator.verify.loan_columns import of_collateral


def mined(case: Case) -> Iterator[Check]:
    """Production stated is that of the hours; a premium is stated only where a Bitcoin may be worth one."""
    frame, treasury = case.tables["production"], case.instance.treasury
    cell = case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"])
    at, expected = rows(frame, "site", "node"), case.energy.mined_btc[cell]
    stated = frame["mined_btc"].to_numpy()
    yield Check("production", "BTC", at, stated, expected, tolerance=tolerances.btc(expected))
    counted = np.zeros(len(case.instance.tree), dtype=bool) if treasury is None else treasury.coupled
    if len(frame):
        price = case.instance.btc_price_usd[cell[1]]
        stated = frame["price_usd_per_btc"].to_numpy()
        yield Check("price", "USD/BTC", at, stated, price, tolerance=tolerances.factor(price))
    premium = frame["premium_usd_per_btc"].to_numpy()
    yield Check("premium", "USD/BTC", at, premium, np.where(counted[cell[1]], premium, 0.0))
    if treasury is not None:
        total = case.energy.mined_btc.sum(axis=0)
        yield _stated(case, "production of all sites", "mined_btc", total)


def balance(case: Case) -> Iterator[Check]:
    """Holdings open where the parent node closed, move by what is kept, bought, sold and seized, and close there."""
    treasury, debt = case.instance.treasury, case.instance.debt
    if treasury is None:
        return
    seized = np.zeros(len(case.instance.tree)) if debt is None else of_collateral(case, debt, "seized_btc").sum(axis=0)
    yield _stated(case, "seized by all lenders", "seized_btc", seized)
    closing = by_node(case, "treasury", "closing_btc")
    before = case.timeline.carry(closing, treasury.opening_btc)
    yield _stated(case, "opening holdings", "opening_btc", before)
    moved = sum(sign * by_node(case, "treasury", name) for name, sign in MOVES.items())
    yield _stated(case, "closing holdings", "closing_btc", by_node(case, "treasury", "opening_btc") + moved)
    price, net = case.instance.btc_price_usd, 1.0 - case.instance.market.sale_fee_share
    axes, tolerance = (case.axes.nodes,), tolerances.factor(price)
    for says, column, expected in (("price", "price_usd_per_btc", price), ("proceeds", "net_usd_per_btc", price * net)):
        stated = by_node(case, "treasury", column)
        yield Check(says, "USD/BTC", axes, stated, expected, tolerance=tolerance)


def floor(case: Case) -> Iterator[Check]:
    """Holdings rolled from the opening never fall below the floor, nor below nothing."""
    treasury = case.instance.treasury
    if treasury is None:
        return
    moved = sum(sign * by_node(case, "treasury", name) for name, sign in MOVES.items())
    held = treasury.opening_btc + case.timeline.along(np.asarray(moved))
    yield _within(case, "holdings at the end of the node", held, treasury.floor_btc, "at_least")


def retained(case: Case) -> Iterator[Check]:
    """No more is kept than is mined and may be kept, and nothing negative."""
    treasury = case.instance.treasury
    if treasury is None:
        return
    kept, made = by_node(case, "treasury", "retained_btc"), case.energy.mined_btc.sum(axis=0)
    yield _within(case, "kept of the production", kept, treasury.keep_most_share * made, "at_most")
    yield _within(case, "kept of the production", kept, 0.0, "at_least")


def kept(case: Case) -> Iterator[Check]:
    """No less is kept than the policy asks for."""
    treasury = case.instance.treasury
    if treasury is None:
        return
    found, made = by_node(case, "treasury", "retained_btc"), case.energy.mined_btc.sum(axis=0)
    yield _within(case, "kept of the production", found, treasury.keep_least_share * made, "at_least")


def trades(case: Case) -> Iterator[Check]:
    """What is sold from holdings and bought lies between what the policy asks for and allows at the node."""
    treasury = case.instance.treasury
    if treasury is None:
        return
    sold, bought = by_node(case, "treasury", "sold_btc"), by_node(case, "treasury", "bought_btc")
    yield _within(case, "sold from holdings", sold, treasury.sell_most_btc, "at_most")
    yield _within(case, "sold from holdings", sold, treasury.sell_least_btc, "at_least")
    yield _within(case, "bought", bought, treasury.buy_most_btc, "at_most")
    yield _within(case, "bought", bought, 0.0, "at_least")


def volume(case: Case) -> Iterator[Check]:
    """What is sold in a node, production included, is stated and stays within what the market takes."""
    treasury = case.instance.treasury
    if treasury is None:
        return
    sold = market_btc(case)
    yield _stated(case, "sold in the node", "market_btc", sold)
    yield _within(case, "sold in the node", sold, treasury.sale_limit_btc, "at_most")


def placed(case: Case) -> Iterator[Check]:
    """Slippage stated is that of the node's sales, the cheapest parts filled first."""
    if case.instance.treasury is None:
        return
    lost, stated = case.instance.btc_price_usd * slippage_btc(case), by_node(case, "treasury", "slippage_usd")
    yield Check("slippage", "USD", (case.axes.nodes,), stated, lost, tolerance=tolerances.usd(lost))


MOVES = {"retained_btc": 1.0, "bought_btc": 1.0, "sold_btc": -1.0, "seized_btc": -1.0}
"""Columns of table treasury that move holdings, and their sign."""

RULES: dict[str, PlanRule] = {
    "BTC.mined": mined,
    "BTC.balance": balance,
    "BTC.floor": floor,
    "BTC.retained": retained,
    "BTC.kept": kept,
    "BTC.trades": trades,
    "BTC.volume": volume,
    "BTC.placed": placed,
}


def _stated(case: Case, says: str, column: str, expected: Floats) -> Check:
    """A column of table treasury beside what it must say."""
    found = by_node(case, "treasury", column)
    return Check(says, "BTC", (case.axes.nodes,), found, expected, tolerance=tolerances.btc(expected))


def _within(case: Case, says: str, found: Floats, limit: Floats | float, sense: Sense) -> Check:
    """A sum of Bitcoin beside a limit that a solver kept within its tolerance."""
    return Check(says, "BTC", (case.axes.nodes,), found, limit, sense, tolerances.limit_btc(found))

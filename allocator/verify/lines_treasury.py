"""Lines of the treasury: trades of Bitcoin as its table states them, and interest on cash."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.by_node import by_node
from allocator.verify.case import Case
from allocator.verify.owed import LineRule, Owed, by_company


def btc_retained(case: Case) -> Owed:
    """Production kept, at its price less the sale fee."""
    return _of_company(-_net_price(case) * _btc(case, "retained_btc"))


def btc_sale(case: Case) -> Owed:
    """Bitcoin sold from holdings, at its price less the sale fee."""
    return _of_company(_net_price(case) * _btc(case, "sold_btc"))


def btc_purchase(case: Case) -> Owed:
    """Bitcoin bought, at its price and the fee on top."""
    treasury = case.instance.treasury
    fee = 0.0 if treasury is None else treasury.purchase_fee_share
    return _of_company(-(1.0 + fee) * _price(case) * _btc(case, "bought_btc"))


def btc_slippage(case: Case) -> Owed:
    """What the market gives way under all that is sold in the node."""
    return _of_company(-_price(case) * slippage_btc(case))


def btc_settlement(case: Case) -> Owed:
    """The share of a sale's proceeds that is cash only in the next node leaves this one and arrives there."""
    treasury = case.instance.treasury
    share = np.zeros(len(case.instance.tree)) if treasury is None else treasury.settlement_share
    late = share * _net_price(case) * _btc(case, "sold_btc")
    return _of_company(case.timeline.carry(late, 0.0) - late)


def cash_interest(case: Case) -> Owed:
    """Interest on the cash that the node opens with, from the middle of the node before to its own; at a root from
    where it was settled before the start."""
    tree, finance = case.instance.tree, case.instance.finance
    before = case.timeline.carry(tree.mid_years, -tree.unsettled_years)
    growth = (1.0 + finance.risk_free_per_year) ** (tree.mid_years - before) - 1.0
    earning = growth != 0.0
    return _of_company(np.where(earning, growth * by_node(case, "cash", "opening_usd"), 0.0))


def terminal_btc(case: Case) -> Owed:
    """Bitcoin held at each leaf, at its price less the haircut."""
    treasury, held = case.instance.treasury, np.zeros(len(case.instance.tree))
    if treasury is not None:
        leaves = case.instance.tree.leaves
        worth = _btc(case, "closing_btc") * _price(case) * (1.0 - treasury.haircut_share)
        held[leaves] = worth[leaves]
    return _of_company(held)


TREASURY_LINES: Mapping[str, LineRule] = {
    "btc_retained": btc_retained,
    "btc_sale": btc_sale,
    "btc_purchase": btc_purchase,
    "btc_slippage": btc_slippage,
    "btc_settlement": btc_settlement,
    "cash_interest": cash_interest,
    "terminal_btc": terminal_btc,
}


def slippage_btc(case: Case) -> Floats:
    """What is lost on each node's sales, the cheapest parts filled first, BTC at the node's price, (N,)."""
    treasury, sold = case.instance.treasury, market_btc(case)
    lost, before = np.zeros(len(sold)), np.zeros(len(sold))
    if treasury is not None:
        for size, cost in zip(treasury.part_btc, treasury.part_cost_share, strict=True):
            lost += cost * np.clip(sold - before, 0.0, size)
            before = before + size
    return lost


def market_btc(case: Case) -> Floats:
    """What is sold in each node, production as the hours mine it, (N,)."""
    mined = case.energy.mined_btc.sum(axis=0)
    return np.asarray(mined - _btc(case, "retained_btc") + _btc(case, "sold_btc"))


def _btc(case: Case, column: str) -> Floats:
    """A column of table treasury, (N,); 0 without a treasury."""
    if case.instance.treasury is None:
        return np.zeros(len(case.instance.tree))
    return by_node(case, "treasury", column)


def _price(case: Case) -> Floats:
    price = case.instance.market.btc_price_usd
    return np.zeros(len(case.instance.tree)) if price is None else price


def _net_price(case: Case) -> Floats:
    return np.asarray(_price(case) * (1.0 - case.instance.market.sale_fee_share))


def _of_company(amount_usd: Floats) -> Owed:
    return by_company([""], amount_usd[None, :])

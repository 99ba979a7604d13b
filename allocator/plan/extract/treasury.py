"""Tables production and treasury, and the money of Bitcoin."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.dispatch.reserve_value import kept_running_mw
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import TABLES
from allocator.planning.treasury_point import BtcTrades


def production_table(settled: Settled) -> pd.DataFrame:
    """Table `production`."""
    instance, trades = settled.instance, settled.point.trades
    if instance.market.btc_price_usd is None:
        return from_rows(TABLES["production"], [])
    mined = mined_btc(settled)
    rows = [
        {
            "node": instance.tree.name[node],
            "site": name,
            "mined_btc": mined[site, node],
            "price_usd_per_btc": instance.btc_price_usd[node],
            "premium_usd_per_btc": 0.0 if trades is None else trades.premium_usd_per_btc[site, node],
        }
        for node in range(len(instance.tree))
        for site, name in enumerate(instance.sites.names)
    ]
    return from_rows(TABLES["production"], rows)


def treasury_table(settled: Settled) -> pd.DataFrame:
    """Table `treasury`: trades as decided, holdings rolled along the tree."""
    instance, treasury, trades = settled.instance, settled.instance.treasury, settled.point.trades
    if treasury is None or trades is None:
        return from_rows(TABLES["treasury"], [])
    mined = mined_btc(settled).sum(axis=0)
    opening, closing = holdings_btc(instance, treasury, trades, seized_btc(settled))
    market = market_btc(mined, trades)
    return frame(
        TABLES["treasury"],
        {
            "node": list(instance.tree.name),
            "price_usd_per_btc": instance.btc_price_usd,
            "net_usd_per_btc": instance.btc_price_usd * (1.0 - instance.market.sale_fee_share),
            "opening_btc": opening,
            "mined_btc": mined,
            "retained_btc": trades.retained_btc,
            "bought_btc": trades.bought_btc,
            "sold_btc": trades.sold_btc,
            "seized_btc": seized_btc(settled),
            "closing_btc": closing,
            "market_btc": market,
            "slippage_usd": treasury.slippage_btc(market) * instance.btc_price_usd,
        },
    )


def mined_btc(settled: Settled) -> Floats:
    """Production of every site and node, from the schedules, (S, N)."""
    instance, per_mwh = settled.instance, settled.instance.mined_btc_per_mwh
    mined = np.zeros((len(instance.sites.names), len(instance.tree)))
    for (site, node), schedule in settled.schedules.items():
        own = instance.segments.site == site
        here = settled.hours(site, node)
        running = kept_running_mw(here, schedule.load_mw, schedule.offer_mw)
        mined[site, node] = per_mwh[own, node] @ (running @ here.weight_h)
    return mined


def seized_btc(settled: Settled) -> Floats:
    """Sold by lenders in every node, (N,)."""
    loans = settled.point.loans
    return np.zeros(len(settled.instance.tree)) if loans is None else np.asarray(loans.seized_btc.sum(axis=0))


def holdings_btc(instance: Instance, treasury: Treasury, trades: BtcTrades, seized: Floats) -> tuple[Floats, Floats]:
    """Holdings at the start and the end of every node, (N,) each; `seized` by lenders, (N,)."""
    moved = trades.retained_btc + trades.bought_btc - trades.sold_btc - seized
    opening, closing = np.zeros(len(moved)), np.zeros(len(moved))
    for node, parent in enumerate(instance.tree.parent):
        opening[node] = closing[parent] if parent >= 0 else treasury.opening_btc
        closing[node] = opening[node] + moved[node]
    return opening, closing


def market_btc(mined: Floats, trades: BtcTrades) -> Floats:
    """What the market takes in every node, (N,)."""
    return np.asarray(mined - trades.retained_btc + trades.sold_btc)


def treasury_entries(settled: Settled) -> Iterator[Entry]:
    """Money of Bitcoin at every node, and of what is held at the end."""
    instance, treasury, trades = settled.instance, settled.instance.treasury, settled.point.trades
    if treasury is None or trades is None:
        return
    price, net = instance.btc_price_usd, 1.0 - instance.market.sale_fee_share
    proceeds = trades.sold_btc * price * net
    late = proceeds * treasury.settlement_share
    before = np.where(instance.tree.parent >= 0, late[instance.tree.parent], 0.0)
    lost = treasury.slippage_btc(market_btc(mined_btc(settled).sum(axis=0), trades)) * price
    for line, amounts in (
        ("btc_retained", -trades.retained_btc * price * net),
        ("btc_sale", proceeds),
        ("btc_purchase", -trades.bought_btc * price * (1.0 + treasury.purchase_fee_share)),
        ("btc_slippage", -lost),
        ("btc_settlement", before - late),
    ):
        for node, amount in enumerate(amounts.tolist()):
            yield Entry(line, node, COMPANY, "", amount)
    held = holdings_btc(instance, treasury, trades, seized_btc(settled))[1] * price * (1.0 - treasury.haircut_share)
    for leaf in instance.tree.leaves.tolist():
        yield Entry("terminal_btc", leaf, COMPANY, "", float(held[leaf]))

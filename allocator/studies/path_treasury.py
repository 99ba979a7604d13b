"""Bitcoin on fresh paths: the share of production a node keeps and the amounts it trades, at the prices of the path."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.studies.path_loans import Owed
from allocator.studies.path_money import Ledger


@dataclass(frozen=True)
class Trades:
    """What every node of a plan does, (N,) each.

    Attributes:
        kept_share: of production. sold_btc, bought_btc: from and for holdings. pledged_btc: in all, at its end.
        seized_btc: sold by lenders; brought_btc: what that brings, as BTC at the lowest price of the node.
    """

    kept_share: Floats
    sold_btc: Floats
    bought_btc: Floats
    pledged_btc: Floats
    seized_btc: Floats
    brought_btc: Floats


def trades(table: pd.DataFrame, due: Owed | None) -> Trades:
    """Trades in table `treasury`, whose rows are the nodes in order, and what lenders hold and sell."""
    lenders = np.zeros((3, len(table)))
    if due is not None:
        lenders = np.stack([one.sum(axis=0) for one in (due.closing_btc, due.seized_btc, due.brought_btc)])
    mined, kept = table["mined_btc"].to_numpy(float), table["retained_btc"].to_numpy(float)
    share = np.divide(kept, mined, out=np.zeros_like(kept), where=mined > 0)
    return Trades(share, table["sold_btc"].to_numpy(float), table["bought_btc"].to_numpy(float), *lenders)


def trade(
    instance: Instance, done: Trades, paths: FreshPaths, node_of: Ints, mined_btc: Floats, ledger: Ledger
) -> Floats:
    """Enter every flow of Bitcoin in the ledger; holdings at the end of every period, (K, P).

    A path sells what its node sells, but no more than it holds above the floor and collateral; mined_btc (K, P).
    """
    treasury, price = instance.treasury, paths.market.btc_price_usd
    assert treasury is not None
    assert price is not None
    held, late = np.full(len(paths), treasury.opening_btc), np.zeros(len(paths))
    holdings = np.empty_like(mined_btc)
    net, debt = 1.0 - paths.market.sale_fee_share, instance.debt
    stress = np.zeros(len(instance.tree)) if debt is None else debt.collateral.stress_share
    for period in range(mined_btc.shape[1]):
        node, usd = node_of[:, period], price[:, period]
        kept, bought = done.kept_share[node] * mined_btc[:, period], done.bought_btc[node]
        taken = np.minimum(held, done.seized_btc[node])
        held = held - taken
        free = held + kept + bought - np.maximum(treasury.floor_btc, done.pledged_btc[node])
        sold = np.minimum(np.maximum(free, 0.0), done.sold_btc[node])
        held = held + kept + bought - sold
        lost = slippage_btc(treasury, node, mined_btc[:, period] - kept + sold)
        flow = (sold - kept) * net * usd - bought * (1.0 + treasury.purchase_fee_share) * usd - lost * usd
        flow += _brought_btc(done, node, taken) * usd * (1.0 - stress[node])
        ledger.flow(period, flow, treasury.discount[node])
        now_late = sold * net * usd * treasury.settlement_share[node]
        ledger.flow(period, late - now_late, 0.0)
        late, holdings[:, period] = now_late, held
    ledger.left(held * price[:, -1] * (1.0 - treasury.haircut_share), treasury.discount[node_of[:, -1]])
    return holdings


def _brought_btc(done: Trades, node: Ints, taken_btc: Floats) -> Floats:
    """What lenders' sales bring, as BTC at the lowest price of the period, (K,)."""
    seized = done.seized_btc[node]
    return np.where(seized > 0, done.brought_btc[node] * taken_btc / np.where(seized > 0, seized, 1.0), 0.0)


def slippage_btc(treasury: Treasury, node: Ints, volume_btc: Floats) -> Floats:
    """What the market gives way under the volume of each path, (K,); cheapest parts first."""
    lost, filled = np.zeros_like(volume_btc), np.zeros_like(volume_btc)
    for size, cost in zip(treasury.part_btc, treasury.part_cost_share, strict=True):
        placed = np.clip(volume_btc - filled, 0.0, size[node])
        lost, filled = lost + cost * placed, filled + placed
    return lost

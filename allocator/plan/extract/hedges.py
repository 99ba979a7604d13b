"""Table hedges, and the money of instruments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.instance.hedges import SWAP, UNIT
from allocator.instance.tree import Floats
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import TABLES


def hedges_table(settled: Settled) -> pd.DataFrame:
    """Table `hedges`: purchases as decided, positions rolled along the tree."""
    hedges, nodes = settled.instance.hedges, settled.instance.tree.name
    if not hedges.names:
        return from_rows(TABLES["hedges"], [])
    count, (held, bought) = len(nodes), positions(settled)
    call = np.where(np.isfinite(hedges.call_strike_usd), hedges.call_strike_usd, 0.0)
    columns = {
        "held_units": held,
        "bought_units": bought,
        "premium_usd_per_unit": hedges.premium_usd,
        "premium_usd": hedges.premium_usd * bought,
        "settled_units": hedges.settled * held,
        "settlement_usd": hedges.price_usd,
        "fixed_usd": np.tile(hedges.fixed_usd[:, None], count),
        "call_usd": np.tile(call[:, None], count),
        "payoff_usd": hedges.payoff_usd * held,
    }
    return frame(
        TABLES["hedges"],
        {
            "node": [node for node in nodes for _ in hedges.names],
            "hedge": [*hedges.names] * count,
            "kind": [*hedges.kind] * count,
            "unit": [UNIT[kind] for kind in hedges.kind] * count,
            **{name: values.T.ravel() for name, values in columns.items()},
        },
    )


def hedge_entries(settled: Settled) -> Iterator[Entry]:
    """Premiums and settlements of every instrument; a swap settles at its site."""
    hedges = settled.instance.hedges
    if not hedges.names:
        return
    held, bought = positions(settled)
    premium, payoff = hedges.premium_usd * bought, hedges.payoff_usd * held
    for i, node in np.argwhere(premium).tolist():
        yield Entry("hedge_premium", node, COMPANY, hedges.names[i], -float(premium[i, node]))
    for i, node in np.argwhere(payoff).tolist():
        line = "block_settlement" if hedges.kind[i] == SWAP else "hedge_settlement"
        yield Entry(line, node, int(hedges.site[i]), hedges.names[i], float(payoff[i, node]))


def positions(settled: Settled) -> tuple[Floats, Floats]:
    """Units held when each node begins, and bought in it, (I, N) each."""
    hedges, lots, tree = settled.instance.hedges, settled.point.hedge_lots, settled.instance.tree
    bought = np.zeros(hedges.settled.shape) if lots is None else lots * hedges.lot[:, None]
    opens, closes = np.zeros_like(bought), np.zeros_like(bought)
    for node, parent in enumerate(tree.parent):
        opens[:, node] = closes[:, parent] if parent >= 0 else hedges.opening
        closes[:, node] = opens[:, node] + bought[:, node]
    return opens, bought

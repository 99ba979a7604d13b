"""HOSTING.take: energy at a host that is paid for whether it is drawn or not.

Purpose
    A host may ask that a share of the contracted power is taken or paid for. So a machine that stands still spares less
    than its energy, and one may run at a loss where not taking would cost more.

Sets
    t hours of a hosted site in a node; b its bay; only where something has to be taken.

Parameters
    w[t]   | hours a step stands for | h
    M[s,n] | energy to be taken in the node while the agreement is in force, gross | MWh
    u[s,n] | cost of what is not taken | USD/MWh

Variables
    untaken_mwh[s,n] | energy paid for and not drawn | MWh | 0 .. 2 M[s,n] | dispatch

Constraints
    HOSTING.take[s,n] | untaken_mwh[s,n] >= M[s,n] fitted[b,n] - sum_t w[t] G[s,t]
        | What is drawn counts, whenever it is; G is the left side of POWER.site. | issue 4
    adds to margin_usd[s,n] | - u[s,n] untaken_mwh[s,n]
        | Take or pay. | issue 4
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.ledger import HourLedger
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats, Ints
from solvers.model import Expr, Model


@dataclass(frozen=True)
class TakeHours:
    """Site-nodes with something to be taken, (K,).

    Attributes:
        pair: their positions. take_mwh, untaken_usd_per_mwh: terms. bay_row: row of the bay in the table of fitted.
    """

    pair: Ints
    take_mwh: Floats
    untaken_usd_per_mwh: Floats
    bay_row: Ints


def take_hours(nodes: Sequence[SiteNode], bay_rows: Sequence[Ints]) -> TakeHours:
    """The table; `bay_rows` of each site-node, whose one bay is hosted, -1 where it cannot be in force."""
    each = [
        (k, here.take, int(rows[0]))
        for k, (here, rows) in enumerate(zip(nodes, bay_rows, strict=True))
        if here.take is not None and rows[0] >= 0
    ]
    return TakeHours(
        pair=np.array([k for k, _, _ in each], dtype=np.int64),
        take_mwh=np.array([take.take_mwh for _, take, _ in each]),
        untaken_usd_per_mwh=np.array([take.untaken_usd_per_mwh for _, take, _ in each]),
        bay_row=np.array([row for *_, row in each], dtype=np.int64),
    )


def add(model: Model, takes: TakeHours, pairs: pd.DataFrame, fitted: Expr, energy: Expr, ledger: HourLedger) -> None:
    """Columns, rows and cost of what is not taken; `energy` drawn of every pair, MWh."""
    if not len(takes.pair):
        return
    index = pairs.iloc[takes.pair].reset_index(drop=True)
    # Twice what is possible: a bound that could be reached would take its price from the row.
    untaken = model.variables("untaken_mwh", index, upper=2.0 * takes.take_mwh).expr
    asked = fitted.pick(takes.bay_row, index) * takes.take_mwh
    model.rows("HOSTING.take", untaken + energy.pick(takes.pair, index) - asked >= 0.0)
    ledger.margin_usd -= (untaken * takes.untaken_usd_per_mwh).sum_by(pairs, empty="zero")


def untaken_mwh(here: SiteNode, take_mwh: float, grid_mw: Floats) -> float:
    """Energy paid for and not drawn, of what has to be taken."""
    return max(0.0, take_mwh - float(here.weight_h @ grid_mw))


def spared_usd_per_mwh(here: SiteNode) -> float:
    """What a gross MWh that is drawn may spare besides its earnings."""
    return 0.0 if here.take is None else here.take.untaken_usd_per_mwh

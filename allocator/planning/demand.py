"""DEMAND: what tariffs bill on the highest draw of each month.

Purpose
    The peak of each demand charge is decided node by node, with what a node knows when it begins; the hours keep it
    (PEAK). A ratchet bills no less than a share of what was billed in the months before. In a node of several months
    each month is billed the peak of the node. What a ratchet would bill beyond the horizon is not accrued.

Sets
    n nodes; s sites; k demand charges, each of one site, in nodes with a month in which it is billed.

Parameters
    P[s]   | limit of the site at the meter, gross | MW
    c[k,n] | rate times the months of the node that are billed | USD/MW
    O[k,n] | billed at least for what was metered or billed before the plan begins | MW
    r[k]   | share of earlier billed peaks that a ratchet bills at least | share
    D[n]   | factor of operations | share

Variables
    peak_mw[k,n]   | highest draw in the hours that count, gross | MW | 0 .. P[s] | every node
    billed_mw[k,n] | peak that is billed | MW | >= O[k,n] | every node

Constraints
    DEMAND.billed[k,n] | billed_mw[k,n] >= peak_mw[k,n]
        | What is metered is billed at least. | design 5
    DEMAND.ratchet[k,m,n] | billed_mw[k,n] >= r[k] billed_mw[k,m]
        | For every earlier node m on the path that the ratchet of n looks back to. | design 5
    adds to cash_usd[n] | - sum_k c[k,n] billed_mw[k,n]
        | Class of operations, D[n]; part of what operations earn. | design 5
"""

from __future__ import annotations

import numpy as np

from allocator.planning.axes import frame, with_axes
from allocator.planning.context import Context


def add(context: Context) -> None:
    """Columns of the peaks, and what is billed on them; `peak_mw` is published."""
    instance, table = context.instance, context.axes.charge_node
    demand, charge, node = instance.demand, table["charge"].to_numpy(), table["node"].to_numpy()
    site = demand.site[charge]
    most, least = instance.sites.power_limit_mw[site], demand.least_mw[charge, node]
    peak = context.model.variables("peak_mw", table, upper=most).expr
    billed = context.model.variables("billed_mw", table, lower=least, upper=np.maximum(most, least)).expr
    context.model.rows("DEMAND.billed", peak - billed <= 0.0)
    reach = frame(charge=demand.reach[:, 0], earlier=demand.reach[:, 1], node=demand.reach[:, 2])
    now = billed.take(reach, on=["charge", "node"])
    before = billed.take(reach, on={"charge": "charge", "earlier": "node"})
    context.model.rows("DEMAND.ratchet", before * demand.ratchet_share[demand.reach[:, 0]] - now <= 0.0)
    context.ledgers.peak_mw.add(peak)
    owed = with_axes(billed * demand.usd_per_mw[charge, node], site=site)
    context.operate(-owed, instance.finance.discount_operations)

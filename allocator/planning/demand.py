"""DEMAND: what tariffs bill on the highest draw of each month.

Purpose
    The peak of each demand charge is decided node by node, with what a node knows when it begins; the hours keep it
    (PEAK). In a node of several months each month is billed the peak of the node.

Sets
    n nodes; s sites; k demand charges, each of one site, in nodes with a month in which it is billed.

Parameters
    P[s]   | limit of the site at the meter, gross | MW
    c[k,n] | rate times the months of the node that are billed | USD/MW
    O[k]   | peak set already in the first month, at roots; 0 elsewhere | MW
    D[n]   | factor of operations | share

Variables
    peak_mw[k,n]   | highest draw in the hours that count, gross | MW | 0 .. P[s] | every node
    billed_mw[k,n] | peak that is billed | MW | O[k] .. P[s] | every node

Constraints
    DEMAND.billed[k,n] | billed_mw[k,n] >= peak_mw[k,n]
        | What is metered is billed at least. | design 5
    adds to cash_usd[n] | - sum_k c[k,n] billed_mw[k,n]
        | Class of operations, D[n]; part of what operations earn. | design 5
"""

from __future__ import annotations

import numpy as np

from allocator.planning.axes import with_axes
from allocator.planning.context import Context


def add(context: Context) -> None:
    """Columns of the peaks, and what is billed on them; `peak_mw` is published."""
    instance, table = context.instance, context.axes.charge_node
    demand, charge, node = instance.demand, table["charge"].to_numpy(), table["node"].to_numpy()
    site = demand.site[charge]
    most, is_root = instance.sites.power_limit_mw[site], instance.tree.parent[node] < 0
    opening = np.where(is_root, demand.opening_mw[charge], 0.0)
    peak = context.model.variables("peak_mw", table, upper=most).expr
    billed = context.model.variables("billed_mw", table, lower=opening, upper=most).expr
    context.model.rows("DEMAND.billed", peak - billed <= 0.0)
    context.ledgers.peak_mw.add(peak)
    owed = with_axes(billed * demand.usd_per_mw[charge, node], site=site)
    context.operate(-owed, instance.finance.discount_operations)

"""TERMINAL: what halls and sites are worth beyond the horizon.

Purpose
    Every use is valued over the same years beyond the horizon: contracts to their term (CONTRACT), and mining in the
    halls that end fitted for it, within the power that the contracts leave.

Sets
    leaf nodes; y tail years; s sites; b bays fitted for mining, where a year of mining is worth something.

Parameters
    V[b,y,leaf] | value of one IT MW of mining in the year as the leaf expects it, capital deducted, discounted | USD/MW
    L[b]   | electrical limit when fitted | MW
    P[s]   | limit of the site at the meter, or its energy budget spread over the year if that is less, gross | MW
    o[b]   | overhead of the tail | share
    H[s]   | fixed opex beyond the horizon, discounted | USD

Variables
    tail_mw[b,y,leaf] | mining load beyond the horizon | MW | >= 0 | leaves

Constraints
    TERMINAL.hall[b,y,leaf] | tail_mw[b,y,leaf] <= L[b] fitted[b,leaf]
        | Mining goes on only where the hall ends fitted for it. | design 5
    TERMINAL.site[s,y,leaf] | sum_{b in s} (1 + o[b]) tail_mw[b,y,leaf] + tail_gross_mw[s,y,leaf] <= P[s]
        | Mining and contracts still in term share the site. | design 5
    adds to npv_usd[leaf] | sum_{b,y} V[b,y,leaf] tail_mw[b,y,leaf] - sum_s H[s]
        | Value beyond the horizon. | design 5
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.planning.axes import frame, with_axes
from allocator.planning.context import Context
from solvers.model import Expr


def add(context: Context) -> None:
    """Mining beyond the horizon; closes the tail ledger."""
    instance, model = context.instance, context.model
    tail = model.variables("tail_mw", _mining(context)).expr
    bay, year, leaf = (tail.index[axis].to_numpy() for axis in ("bay", "year", "leaf"))
    fitted = context.ledgers.fitted.total.take(tail.index, on={"bay": "bay", "leaf": "node"})
    model.rows("TERMINAL.hall", tail - fitted * instance.bays.it_limit_mw[bay] <= 0.0)
    _site(context, tail)
    context.worth(with_axes(tail * instance.terminal.mining_usd_per_mw[bay, year, leaf], node=leaf))
    ends = frame(node=instance.tree.leaves)
    context.worth(Expr.of(np.full(len(ends), -instance.terminal.fixed_opex_usd.sum()), ends))


def _mining(context: Context) -> pd.DataFrame:
    """(bay, year, leaf) where mining goes on at a value."""
    instance, bay_node = context.instance, context.axes.bay_node
    ends = bay_node[np.isin(bay_node["node"], instance.tree.leaves)].rename(columns={"node": "leaf"})
    table = ends.merge(pd.DataFrame({"year": np.arange(instance.terminal.years)}), how="cross")
    is_mining = np.array([kind.endswith("_mining") for kind in instance.bays.kind])[table["bay"]]
    pays = instance.terminal.mining_usd_per_mw[table["bay"], table["year"], table["leaf"]] > 0
    return table.loc[is_mining & pays, ["bay", "year", "leaf"]].reset_index(drop=True)


def _site(context: Context, tail: Expr) -> None:
    instance, bay = context.instance, tail.index["bay"].to_numpy()
    gross = with_axes(tail * (1 + instance.terminal.overhead[bay]), site=instance.bays.site[bay])
    context.ledgers.tail_gross_mw.add(gross.sum_by(context.axes.tail, empty="zero"))
    used = context.ledgers.tail_gross_mw.total
    drawn = used.keep(used.has_terms)
    context.model.rows("TERMINAL.site", drawn, upper=instance.tail_limit_mw[drawn.index["site"]])

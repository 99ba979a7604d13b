"""TERMINAL: what halls and sites are worth beyond the horizon.

Purpose
    Every use is valued over the same years beyond the horizon: contracts to their term (CONTRACT), and mining in the
    halls that end fitted for it, within the power and cooling that the contracts leave.

Sets
    leaf nodes; y tail years; s sites; g feeders; k plants; b bays. tail_mw stands only where the bay is fitted for
    mining and a year of mining is worth something.

Parameters
    V[b,y,leaf] | value of one IT MW of mining in the year as the leaf expects it, capital deducted, discounted | USD/MW
    L[b]   | electrical limit when fitted | MW
    P[s]   | limit of the site at the meter, or its energy budget spread over the year if that is less, gross | MW
    R[g]   | limit of a feeder, gross | MW
    H[k]   | heat a plant rejects, mean of the last twelve months | MW
    o[b]   | overhead of the tail | share
    m[k,b], h[k,b] | share of the heat of mining, of tenants, that goes to the plant | share
    H[s]   | fixed opex beyond the horizon, discounted | USD

Variables
    tail_mw[b,y,leaf] | mining load beyond the horizon | MW | >= 0 | leaves

Constraints
    TERMINAL.hall[b,y,leaf] | tail_mw[b,y,leaf] <= L[b] fitted[b,leaf]
        | Mining goes on only where the hall ends fitted for it. | design 5
    TERMINAL.site[s,y,leaf] | sum_{b in s} (1 + o[b]) (tail_mw[b,y,leaf] + tail_firm_mw[b,y,leaf]) <= P[s]
        | Mining and contracts still in term share the site; the latter's load is added by CONTRACT. | design 5
    TERMINAL.feeder[g,y,leaf] | sum_{b in g} (1 + o[b]) (tail_mw[b,y,leaf] + tail_firm_mw[b,y,leaf]) <= R[g]
        | They share the feeders. | design 5
    TERMINAL.plant[k,y,leaf] | sum_{b in k} (m[k,b] tail_mw[b,y,leaf] + h[k,b] tail_firm_mw[b,y,leaf]) <= H[k]
        | They share the plants. | design 5
    adds to npv_usd[leaf] | sum_{b,y} V[b,y,leaf] tail_mw[b,y,leaf] - sum_s H[s]
        | Value beyond the horizon. | design 5
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.instance.shared_limits import mining_heat_share, tenant_heat_share
from allocator.instance.tree import Floats
from allocator.planning.axes import by_group, frame, with_axes
from allocator.planning.context import Context
from solvers.model import Expr


def add(context: Context) -> None:
    """Mining beyond the horizon; closes the tail ledger."""
    instance, model = context.instance, context.model
    tail = model.variables("tail_mw", _mining(context)).expr
    bay, year, leaf = (tail.index[axis].to_numpy() for axis in ("bay", "year", "leaf"))
    fitted = context.ledgers.fitted.total.take(tail.index, on={"bay": "bay", "leaf": "node"})
    model.rows("TERMINAL.hall", tail - fitted * instance.bays.it_limit_mw[bay] <= 0.0)
    mining, firm = tail.sum_by(context.axes.tail_bay, empty="zero"), context.ledgers.tail_firm_mw.total
    _power(context, mining + firm)
    _cooling(context, mining, firm)
    context.beyond(with_axes(tail * instance.terminal.mining_usd_per_mw[bay, year, leaf], node=leaf))
    ends = frame(node=instance.tree.leaves)
    context.beyond(Expr.of(np.full(len(ends), -instance.terminal.fixed_opex_usd.sum()), ends))


def _mining(context: Context) -> pd.DataFrame:
    """(bay, year, leaf) where mining goes on at a value."""
    instance, table = context.instance, context.axes.tail_bay
    is_mining = np.array([kind.endswith("_mining") for kind in instance.bays.kind], dtype=bool)[table["bay"]]
    pays = instance.terminal.mining_usd_per_mw[table["bay"], table["year"], table["leaf"]] > 0
    return table[is_mining & pays].reset_index(drop=True)


def _power(context: Context, load: Expr) -> None:
    """What sites and feeders carry."""
    instance, feeders = context.instance, context.instance.feeders
    gross = load * (1 + instance.terminal.overhead[load.index["bay"]])
    of_site = instance.bays.site == np.arange(len(instance.sites.names))[:, None]
    behind = feeders.holds(len(instance.bays.names))
    _within(context, "TERMINAL.site", by_group(gross, "site", of_site.astype(float)), instance.tail_limit_mw)
    _within(context, "TERMINAL.feeder", by_group(gross, "feeder", behind.astype(float)), feeders.limit_mw)


def _cooling(context: Context, mining: Expr, firm: Expr) -> None:
    """What plants reject."""
    instance = context.instance
    served = by_group(mining + firm, "plant", instance.plants.holds(len(instance.bays.names)).astype(float)).index

    def heat(load: Expr, share: Floats) -> Expr:
        return by_group(load, "plant", share).take(served, on=list(served.columns), absent="zero")

    rejected = heat(mining, mining_heat_share(instance)) + heat(firm, tenant_heat_share(instance))
    _within(context, "TERMINAL.plant", rejected, instance.plants.tail_limit_mw)


def _within(context: Context, family: str, used: Expr, limit_mw: Floats) -> None:
    """Rows of what is used by anyone; `limit_mw` is by the first axis."""
    rows = used.keep(used.has_terms)
    context.model.rows(family, rows, upper=limit_mw[rows.index.iloc[:, 0]])

"""CONTRACT.allowance: outage that tenants allow at a credit.

Purpose
    A contract may let the provider leave some hours of its full load unserved in a month for a credit, often low, that
    the site's price of firm energy replaces beyond them. So the hours compete for the allowance.

Sets
    t hours of a site in a node; i tenancies of the site, only those whose allowance can run out: H[i,n] is less than
    the hours of the node, and a[i] < q[s]. An allowance that covers every hour needs no row: a[i] is then the price.

Parameters
    w[t]   | hours a step stands for | h
    H[i,n] | hours of full load that may be curtailed in the node | h
    a[i]   | credit within the allowance; q[i] of DISPATCH for these tenancies | USD/MWh
    q[s]   | price of firm energy not served beyond what contracts allow | USD/MWh
    L[b]   | electrical limit of the bay of i, which firm_mw[i,n] keeps by CONTRACT.fits_hall | MW

Variables
    beyond_mwh[i,n] | energy not served beyond the allowance | MWh | 0 .. L[b] sum_t w[t] | dispatch

Constraints
    CONTRACT.allowance[i,n] | sum_t w[t] shed_mw[i,t] - beyond_mwh[i,n] <= H[i,n] firm_mw[i,n]
        | What is not served is within the allowance or beyond it. | design 10
    adds to margin_usd[s,n] | - sum_i (q[s] - a[i]) beyond_mwh[i,n]
        | Beyond the allowance the site's price stands in for the credit. | design 10
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.dispatch.hours import Hours
from allocator.dispatch.ledger import HourLedger
from allocator.instance.tree import Ints
from solvers.model import Expr, Model


def add(model: Model, hours: Hours, firm_mw: Expr, shed: Expr, ledger: HourLedger) -> None:
    """Add columns, rows and cost of allowances; `firm_mw` over the table of tenancies, `shed` over tenancy-hours."""
    firm = hours.firm
    at = np.flatnonzero(firm.runs_out)
    index = firm.index.iloc[at].reset_index(drop=True)
    if not len(index):
        return
    beyond = model.variables("beyond_mwh", index, upper=firm.most_mwh[at]).expr
    allowed = firm_mw.pick(firm.tenancy_row[at], index) * firm.outage_h[at]
    model.rows("CONTRACT.allowance", _energy(hours, shed).keep(firm.runs_out) - beyond - allowed <= 0.0)
    owed = (beyond * firm.beyond_usd_per_mwh[at]).pick(np.arange(len(at)), _pairs_of(hours, firm.pair[at]))
    ledger.margin_usd -= owed.sum_by(hours.pairs, empty="zero")


def _pairs_of(hours: Hours, pair: Ints) -> pd.DataFrame:
    return hours.pairs.iloc[pair].reset_index(drop=True)


def _energy(hours: Hours, shed: Expr) -> Expr:
    """Energy not served of every tenancy and node."""
    steps, firm = hours.firm_hours, hours.firm
    node = hours.pairs["node"].to_numpy()[steps.pair]
    energy = (shed * steps.weight_h).pick(np.arange(len(steps.pair)), steps.index.assign(node=node))
    return energy.sum_by(firm.index)

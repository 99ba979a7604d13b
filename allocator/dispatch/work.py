"""WORK: deferrable work, done by machines that run, in hours that suit.

Purpose
    Work is owed for a period and may be done in any of its hours. Machines that do it run, draw power and give off heat
    as they do for rent, but earn the rate of the work instead of their rent; what is left undone is owed a penalty.

Sets
    d work of the site; t hours of a site in a node; j in d: segments whose machines may do it, of loads worth running
    where it pays more than their rent.

Parameters
    w[t]   | hours a step stands for | h
    W[d,n] | work of the node | MWh
    M[d]   | most that works on it in an hour; WORK.most stands only where it is finite | MW
    r[d], q[d] | rate for what is done, penalty for what is not | USD/MWh
    v[j,n] | earnings of a segment before power, of DISPATCH | USD/MWh

Variables
    work_mw[d,j,t] | load of a segment that does the work | MW | 0 .. 2 min(M[d], L[b]) | dispatch

Constraints
    WORK.running[j,t] | sum_d work_mw[d,j,t] <= load_mw[j,t]
        | What works runs, on one thing at a time. | design 4
    WORK.most[d,t] | sum_j work_mw[d,j,t] <= M[d]
        | What the work lets run at once. | design 4
    WORK.volume[d,n] | sum_t w[t] sum_j work_mw[d,j,t] <= W[d,n]
        | No more is done than there is. | design 4
    adds to margin_usd[s,n] | sum_t w[t] sum_d sum_j (r[d] + q[d] - v[j,n]) work_mw[d,j,t]
        | Rate and penalty spared, less the rent that the same load would have earned. | design 4
    adds to cash_usd[n], operations class | - sum_d q[d] W[d,n]
        | The penalty of doing nothing, a constant that no operation changes. | design 4
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.dispatch.ledger import HourLedger
from allocator.dispatch.work_hours import WorkHours
from allocator.instance.tree import Ints
from solvers.model import Expr, Model


def add(model: Model, hours: WorkHours, pairs: pd.DataFrame, ledger: HourLedger) -> None:
    """Add columns and rows of all work and its worth to the margin; nothing where nothing is owed."""
    if not len(hours.index):
        return
    # Twice what is possible: a bound that could be reached would take its price from the rows.
    work = model.variables("work_mw", hours.index, upper=2.0 * hours.possible_mw).expr
    loads, first = np.unique(hours.load_row, return_index=True)
    index = _rows(hours.index[["segment", "bay", "hour"]], first)
    model.rows("WORK.running", work.sum_by(index) - ledger.load_mw.pick(loads, index) <= 0.0)
    _most(model, hours, work)
    volume = (work * hours.weight_h).pick(np.arange(len(work)), _rows(hours.volumes, hours.volume_row))
    owed, first = np.unique(hours.volume_row, return_index=True)
    model.rows("WORK.volume", volume.sum_by(_rows(hours.volumes, owed)), upper=hours.work_mwh[owed])
    gain = (work * hours.usd_per_mw).pick(np.arange(len(work)), _rows(pairs, hours.pair))
    ledger.margin_usd += gain.sum_by(pairs, empty="zero")


def _most(model: Model, hours: WorkHours, work: Expr) -> None:
    limited = np.isfinite(hours.most_mw)
    rows = hours.index.loc[limited, ["job", "hour"]]
    first = ~rows.duplicated().to_numpy()
    index = rows[first].reset_index(drop=True)
    model.rows("WORK.most", work.keep(limited).sum_by(index, ["job", "hour"]), upper=hours.most_mw[limited][first])


def _rows(table: pd.DataFrame, positions: Ints) -> pd.DataFrame:
    return table.iloc[positions].reset_index(drop=True)

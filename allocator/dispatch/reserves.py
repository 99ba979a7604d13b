"""RESERVE: running load that can be interrupted, offered to ancillary services.

Purpose
    A service pays for each MW that runs and would stop when called. Offers are gross, at the meter. What is called
    earns nothing and draws nothing: its expectation is part of the worth of an offer, so limits and budgets of the
    site count what is scheduled.

Sets
    k services of the site; j in k: segments that qualify; t hours in which the service pays at least its minimum and
    the offer pays by itself. RESERVE.most stands only where the limit lies below h[k] P[s], RESERVE.fed_by_grid only
    where a battery may give.

Parameters
    u[k,t] | price of capacity, deductions for performance and capture made | USD per MW and hour
    d[k]   | expected share of the MW offered that is called | share
    e[k]   | payment for energy called, on top of its price | USD/MWh
    h[k]   | MW offered per gross MW that runs behind the offer | share
    R[k]   | most offered to the service in an hour | MW
    o, p, v, w | as in DISPATCH: overhead, price of energy, earnings of a segment, hours of a step | -
    b[j,n] | Bitcoin mined per IT MWh, where it counts | BTC/MWh

Variables
    offer_mw[k,j,t] | load of a segment offered to a service, gross | MW | 0 .. 2 h[k] P[s] | dispatch

Constraints
    RESERVE.running[j,t] | sum_k offer_mw[k,j,t] / h[k] <= (1 + o[b,t]) load_mw[j,t]
        | What is offered runs, and no running MW stands behind two offers. | design 4
    RESERVE.most[k,t] | sum_j offer_mw[k,j,t] <= R[k]
        | What the service takes. | design 4
    RESERVE.fed_by_grid[t] | sum_k sum_j offer_mw[k,j,t] <= fed_by_grid_mw[t]
        | Stopping a load that the battery feeds takes nothing off the grid: fed_by_grid_mw[t] is the gross load of the
          site, less what the battery gives. | design 4
    adds to margin_usd[s,n]
        | sum_t w[t] sum_k sum_j (u[k,t] + d[k] (e[k] + p[t] - v[j,n] / (1 + o[b,t]))) offer_mw[k,j,t]
        | Capacity paid; of what is called, payment and energy saved less earnings lost. | design 4
    adds to mined_btc[s,n] | - sum_t w[t] sum_k sum_j d[k] b[j,n] / (1 + o[b,t]) offer_mw[k,j,t]
        | Machines called do not mine. | design 5
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.dispatch.ledger import HourLedger
from allocator.dispatch.reserve_hours import OfferHours
from allocator.instance.tree import Ints
from solvers.model import Expr, Model, Variables


def add(model: Model, offers: OfferHours, pairs: pd.DataFrame, ledger: HourLedger) -> Variables | None:
    """Add columns and rows of all offers and their worth to the margin; nothing where nothing can be offered."""
    if not len(offers.index):
        return None
    # Twice what is possible: a bound that could be reached would take its price from the rows.
    offer = model.variables("offer_mw", offers.index, upper=2.0 * offers.possible_mw)
    _running(model, offers, offer.expr, ledger.load_mw)
    _most(model, offers, offer.expr)
    _fed_by_grid(model, offers, offer.expr, ledger.fed_by_grid_mw)
    ledger.margin_usd += _by_pair(offer.expr * offers.usd_per_mw, offers, pairs)
    ledger.mined_btc -= _by_pair(offer.expr * offers.lost_btc_per_mw, offers, pairs)
    return offer


def _running(model: Model, offers: OfferHours, offer: Expr, load: Expr) -> None:
    loads, first = np.unique(offers.load_row, return_index=True)
    index = _rows(offers.index[["segment", "bay", "hour"]], first)
    behind = (offer * (1.0 / offers.share)).sum_by(index)
    model.rows("RESERVE.running", behind - load.pick(loads, index) * offers.gross[first] <= 0.0)


def _most(model: Model, offers: OfferHours, offer: Expr) -> None:
    limited = np.isfinite(offers.most_mw)
    rows = offers.index.loc[limited, ["service", "hour"]]
    first = ~rows.duplicated().to_numpy()
    index = rows[first].reset_index(drop=True)
    total = offer.keep(limited).sum_by(index, ["service", "hour"])
    model.rows("RESERVE.most", total, upper=offers.most_mw[limited][first])


def _fed_by_grid(model: Model, offers: OfferHours, offer: Expr, fed_by_grid: Expr) -> None:
    hours = offers.index.loc[offers.stored, ["hour"]].drop_duplicates(ignore_index=True)
    total = offer.keep(offers.stored).sum_by(hours, ["hour"])
    model.rows("RESERVE.fed_by_grid", total - fed_by_grid.take(hours, on=["hour"]) <= 0.0)


def _by_pair(offer: Expr, offers: OfferHours, pairs: pd.DataFrame) -> Expr:
    return offer.pick(np.arange(len(offer)), _rows(pairs, offers.pair)).sum_by(pairs, empty="zero")


def _rows(table: pd.DataFrame, positions: Ints) -> pd.DataFrame:
    return table.iloc[positions].reset_index(drop=True)

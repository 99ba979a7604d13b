"""BATTERY: energy carried from hour to hour behind the meter of a site.

Purpose
    A battery takes energy where it is cheap or the site has room, and gives it to the site's own loads where it is
    dear or where the limit at the meter would keep them from running. Nothing is exported.

Sets
    t steps of a site in a node, in runs: the whole node where every hour stands for itself, one representative day
    elsewhere. t-1 is the step before in the run; the first step of a run follows the opening level, and the last one
    ends at it, so that no energy comes from nowhere and days that stand for many can be repeated.

Parameters
    h[t]         | length of the step, not the hours it stands for | h
    w[t]         | hours the step stands for | h
    p[t]         | price of grid energy, adders included | USD/MWh
    C[s]         | most the battery takes at the meter | MW
    D[s]         | most it gives at the meter | MW
    B[s]         | most it stores | MWh
    b[s]         | level at which every run begins and ends | MWh
    ec[s], ed[s] | efficiency of charging, of discharging | share
    r[s]         | what an hour of standing leaves of what is stored | share
    k[s]         | wear | USD per MWh given
    f[s]         | capture share: what a real schedule earns of what foresight of the node earns | share
    X[s,t]       | draw of everything but the battery, gross | MW

Variables
    charge_mw[t]       | taken at the meter | MW | 0 .. C | dispatch
    discharge_mw[t]    | given at the meter; only where p[t] >= 0 | MW | 0 .. D | dispatch
    stored_mwh[t]      | stored at the end of the step; b at the end of a run | MWh | 0 .. B | dispatch
    foresight_usd[s,n] | what of A only foresight earns; only where f < 1 | USD | >= 0 | dispatch

Constraints
    BATTERY.balance[t] | stored_mwh[t] = r^h[t] stored_mwh[t-1] + h[t] (ec charge_mw[t] - discharge_mw[t] / ed)
        | What is stored is what was there, less losses, and what came and went. | design 10
    BATTERY.behind_meter[t] | discharge_mw[t] <= X[s,t]
        | It serves the site's own loads. Together with D = 0 where p < 0 this leaves nothing to gain from charging and
          discharging at once: less of both leaves the store as it is and draws less from the grid, and where an empty
          store is wanted (a negative price to come), less charging alone empties it faster. | design 10
    BATTERY.foresight[s,n] | (1 - f) A <= foresight_usd[s,n]
        | With A = sum_t w[t] ((p[t] - k) discharge_mw[t] - p[t] charge_mw[t]), what trading hours earns: f A is counted
          where A > 0, all of A where it is a cost. min(A, f A) is concave in the schedule, so cuts stay valid.
          | design 3
    adds to drawn_mw[t] | charge_mw[t] - discharge_mw[t]
        | The site's limit at the meter and its energy budget count what it takes and gives. | design 4
    adds to fed_by_grid_mw[t] | - discharge_mw[t]
        | Load that the battery feeds is not sold to ancillary services. | design 4
    adds to margin_usd[s,n] | A - foresight_usd[s,n]
        | Energy saved less energy taken, wear, and what only foresight earns. | design 4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.battery_hours import BatteryHours
from allocator.dispatch.ledger import HourLedger
from solvers.model import Expr, Model


@dataclass(frozen=True)
class _Flows:
    """Columns of the batteries, each over the table of their steps."""

    charge: Expr
    discharge: Expr
    stored: Expr


def add(model: Model, steps: BatteryHours, pairs: pd.DataFrame, ledger: HourLedger) -> None:
    """Add columns, rows, draw and worth of all batteries; nothing where there is none.

    `pairs` has the axes (site, node); `ledger` holds the draw of everything else.
    """
    index = steps.index
    if not len(index):
        return
    flows = _Flows(
        charge=model.variables("charge_mw", index, upper=steps.charge_mw).expr,
        discharge=model.variables("discharge_mw", index, upper=steps.discharge_mw).expr,
        stored=model.variables("stored_mwh", index, lower=steps.floor_mwh, upper=steps.ceiling_mwh).expr,
    )
    _balance(model, steps, flows)
    _behind_meter(model, steps, flows, ledger.drawn_mw)
    ledger.drawn_mw += (flows.charge - flows.discharge).sum_by(ledger.drawn_mw.index, empty="zero")
    ledger.fed_by_grid_mw -= flows.discharge.sum_by(ledger.drawn_mw.index, empty="zero")
    ledger.margin_usd += _earned(model, steps, pairs, flows)


def _balance(model: Model, steps: BatteryHours, flows: _Flows) -> None:
    before = flows.stored.pick(steps.before, flows.stored.index, absent="zero") * steps.kept_share
    change = flows.charge * steps.in_mwh - flows.discharge * steps.out_mwh
    model.rows("BATTERY.balance", flows.stored - before - change == steps.opened_mwh)


def _behind_meter(model: Model, steps: BatteryHours, flows: _Flows, drawn: Expr) -> None:
    own = drawn.take(flows.discharge.index, on=["hour"]).keep(steps.discharge_mw > 0)
    model.rows("BATTERY.behind_meter", flows.discharge.keep(steps.discharge_mw > 0) - own <= 0.0)


def _earned(model: Model, steps: BatteryHours, pairs: pd.DataFrame, flows: _Flows) -> Expr:
    """What trading hours earns in each site-node, less what only foresight earns."""
    at = pairs.iloc[steps.pair].reset_index(drop=True)
    hourly = flows.discharge * steps.given_usd - flows.charge * steps.taken_usd
    traded = hourly.pick(np.arange(len(at)), at).sum_by(pairs, empty="zero")
    lost_share = np.zeros(len(pairs))
    lost_share[steps.pair] = 1.0 - steps.capture_share
    partly = lost_share > 0
    most = np.bincount(steps.pair, np.maximum(steps.given_usd, 0.0) * steps.discharge_mw, len(pairs))
    most += np.bincount(steps.pair, np.maximum(-steps.taken_usd, 0.0) * steps.charge_mw, len(pairs))
    lost = model.variables("foresight_usd", pairs[partly].reset_index(drop=True), upper=(lost_share * most)[partly])
    model.rows("BATTERY.foresight", traded.keep(partly) * lost_share[partly] - lost.expr <= 0.0)
    return traded - lost.expr.sum_by(pairs, empty="zero")

"""DISPATCH: the hours of every site in every node.

Purpose
    What runs in each hour, given what planning has fitted, installed and promised. The whole model embeds these rows
    for all site-nodes at once; `LinearDispatch` solves them for one site-node at a fixed capacity.

Sets
    t hours of a site in a node; b bays of the site; i in b: tenancies of the bay, contracts there of equal terms;
    j in b: segments of the bay, only where and when v > p (1 + o), or where Bitcoin they mine may be worth more than
    its price.
    COOLING rows stand only where the limit lies below what the hall limit lets through, else POWER.hall implies them.

Parameters
    w[t]        | hours a step stands for | h
    p[t]        | price of grid energy, adders included | USD/MWh
    v[j,n]      | earnings of a segment before power | USD/MWh
    q[i]        | price of firm energy not served, or the credit of an outage that contracts allow | USD/MWh
    r[i]        | share of its energy cost at spot that a tenancy pays | share
    spot[t]     | spot price | USD/MWh
    o[b,t]      | overhead, PUE - 1 | share
    z[b]        | no-load draw of a fitted bay, gross | MW
    L[b]        | electrical limit when fitted | MW
    A[b,t]      | air-heat limit when fitted | MW
    W[b,t]      | liquid-heat limit when fitted | MW
    P[s]        | limit of the site at the meter, gross | MW
    E[s,n]      | energy budget of the site, gross; inf: none, or more than P lets through | MWh
    a[j], a[b]  | air-heat share of a segment, of tenants | share
    l[j], l[b]  | liquid-heat share of a segment, of tenants | share
    K[j,n]      | what the segment can draw: MW per unit x units installed | MW

Variables
    load_mw[j,t] | critical IT load of a segment | MW | >= 0 | dispatch
    shed_mw[i,t] | firm tenant load not served | MW | >= 0 | dispatch

Constraints
    FLEET.available[j,t] | load_mw[j,t] <= K[j,n]
        | A segment draws no more than its installed machines can. | design 4
    CONTRACT.shed[i,t] | shed_mw[i,t] <= firm_mw[i,n]
        | Only promised load can be shed. | design 4
    POWER.hall[b,t] | sum_{j in b} load_mw[j,t] + served_mw[b,t] <= L[b] fitted[b,n]
        | The hall's electrical limit; served_mw[b,t] is the sum over i in b of firm_mw[i,n] - shed_mw[i,t].
        | design 4
    COOLING.air[b,t] | sum_{j in b} a[j] load_mw[j,t] + a[b] served_mw[b,t] <= A[b,t] fitted[b,n]
        | Heat the air loop can reject at this hour's ambient. | design 4
    COOLING.liquid[b,t] | sum_{j in b} l[j] load_mw[j,t] + l[b] served_mw[b,t] <= W[b,t] fitted[b,n]
        | Heat the liquid loop can reject at this hour's ambient. | design 4
    POWER.site[s,t]
        | sum_b (1 + o[b,t]) (sum_{j in b} load_mw[j,t] + served_mw[b,t]) + sum_b z[b] fitted[b,n] <= P[s]
        | The site's limit at the meter. | design 4
    POWER.energy[s,n] | sum_t w[t] G[s,t] <= E[s,n]
        | The site's energy budget; G is the left side of POWER.site. Hours compete for it, so its price nu is added
          to p in every hour. | design 4
    adds to margin_usd[s,n] | sum_t w[t] (sum_j v[j,n] load_mw[j,t] - p[t] G[s,t]
        - sum_i (q[i] + r[i] (1 + o[b,t]) spot[t]) shed_mw[i,t])
        | Value of operation; G is the left side of POWER.site. What is not served also loses its pass-through, which
          CONTRACT counts on the whole metered load. | design 4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch import battery, blocks, coincident, feeders, outage, peaks, plants, reserves, take, work
from allocator.dispatch.hours import Hours
from allocator.dispatch.ledger import HourLedger
from allocator.instance.tree import Bools, Floats, Ints
from solvers.model import Expr, Model, Variables


@dataclass(frozen=True)
class Supply:
    """Capacity as expressions: fitted over a table of bays, firm_mw over one of tenancies, segment_mw of segments,
    peak_mw of demand charges.

    `Hours` names the rows of these tables that each site-node uses.
    """

    fitted: Expr
    firm_mw: Expr
    segment_mw: Expr
    peak_mw: Expr


@dataclass(frozen=True)
class HourColumns:
    """Columns of the loads and of tenants' shed; margin, and Bitcoin mined where it counts, over (site, node); what
    the draw causes to be due later, over (cause)."""

    load: Variables
    shed: Variables
    margin_usd: Expr
    mined_btc: Expr
    due_usd: Expr


def add_hours(model: Model, hours: Hours, supply: Supply) -> HourColumns:
    """Add the hourly columns and rows of all site-nodes; the margin is returned, it is no objective yet."""
    bays, loads, firms = hours.bays, hours.loads, hours.firm_hours
    load = model.variables("load_mw", loads.index)
    shed = model.variables("shed_mw", firms.index)
    firm = supply.firm_mw.pick(firms.tenancy_row, firms.index)
    model.rows("FLEET.available", load.expr - supply.segment_mw.pick(loads.segment_row, loads.index) <= 0.0)
    model.rows("CONTRACT.shed", shed.expr - firm <= 0.0)

    served = (firm - shed.expr).sum_by(bays.index, empty="zero")
    fitted = supply.fitted.pick(bays.bay_row, bays.index)
    it_mw = load.expr.sum_by(bays.index, empty="zero") + served
    air = (load.expr * loads.air_share).sum_by(bays.index, empty="zero") + served * bays.firm_air_share
    liquid = (load.expr * loads.liquid_share).sum_by(bays.index, empty="zero") + served * bays.firm_liquid_share
    model.rows("POWER.hall", it_mw - fitted * bays.it_limit_mw <= 0.0)
    _limit(model, "COOLING.air", air, fitted, bays.air_limit_mw, bays.air_binds)
    _limit(model, "COOLING.liquid", liquid, fitted, bays.liquid_limit_mw, bays.liquid_binds)
    drawn, margin = _drawn(hours, supply.fitted, it_mw), _margin(hours, supply, load.expr, shed.expr)
    ledger = HourLedger(load.expr, it_mw, air, liquid, drawn, drawn, margin, _mined(hours, load.expr))
    feeders.add(model, hours, supply.fitted, ledger.it_mw)
    plants.add(model, hours, ledger.air_mw, ledger.liquid_mw)
    outage.add(model, hours, supply.firm_mw, shed.expr, ledger)
    battery.add(model, hours.batteries, hours.pairs, ledger)
    reserves.add(model, hours.offers, hours.pairs, ledger)
    work.add(model, hours.work, hours.pairs, ledger)
    blocks.add(model, hours.blocks, hours.steps.index, hours.pairs, ledger)
    energy = _drawn_mwh(hours, ledger.drawn_mw)
    take.add(model, hours.takes, hours.pairs, supply.fitted, energy, ledger)
    _site(model, hours, ledger.drawn_mw)
    peaks.add(model, hours.peaks, supply.peak_mw, ledger)
    _energy(model, hours, energy)
    return HourColumns(load, shed, ledger.margin_usd, ledger.mined_btc, coincident.due(hours.causes, ledger.drawn_mw))


def _limit(model: Model, name: str, heat: Expr, fitted: Expr, limit_mw: Floats, binds: Bools) -> None:
    model.rows(name, heat.keep(binds) - fitted.keep(binds) * limit_mw[binds] <= 0.0)


def _drawn(hours: Hours, fitted: Expr, it_mw: Expr) -> Expr:
    """Gross draw of each step."""
    steps, standing = hours.steps, hours.standing
    gross = (it_mw * (1 + hours.bays.overhead)).sum_by(steps.index, ["hour"], empty="zero")
    no_load = _by_pair(fitted.pick(standing.bay_row, _pairs_of(hours, standing.pair)) * standing.no_load_mw, hours)
    return gross + no_load.pick(steps.pair, steps.index)


def _site(model: Model, hours: Hours, drawn: Expr) -> None:
    used = drawn.has_terms
    model.rows("POWER.site", drawn.keep(used), upper=hours.steps.site_limit_mw[used])


def _drawn_mwh(hours: Hours, drawn: Expr) -> Expr:
    """Energy drawn by every site-node whose sum counts; 0 for the others."""
    steps, counts = hours.steps, np.isfinite(hours.energy_budget_mwh)
    counts[hours.takes.pair] = True
    at = np.flatnonzero(counts[steps.pair])
    return _by_pair(drawn.pick(at, _pairs_of(hours, steps.pair[at])) * steps.weight_h[at], hours)


def _energy(model: Model, hours: Hours, energy: Expr) -> None:
    used = np.isfinite(hours.energy_budget_mwh) & energy.has_terms
    model.rows("POWER.energy", energy.keep(used), upper=hours.energy_budget_mwh[used])


def _margin(hours: Hours, supply: Supply, load: Expr, shed: Expr) -> Expr:
    firms, standing = hours.firm_hours, hours.standing
    parts = [
        (load * hours.loads.margin_usd_per_mw, hours.loads.pair),
        (shed * firms.shed_usd_per_mw, firms.pair),
    ]
    hourly = [_by_pair(part.pick(np.arange(len(part)), _pairs_of(hours, pair)), hours) for part, pair in parts]
    served = supply.firm_mw.pick(hours.firm.tenancy_row, _pairs_of(hours, hours.firm.pair))
    no_load = supply.fitted.pick(standing.bay_row, _pairs_of(hours, standing.pair)) * standing.no_load_usd
    energy = _by_pair(served * hours.firm.energy_usd_per_mw, hours) + _by_pair(no_load, hours)
    return hourly[0] + hourly[1] - energy


def _mined(hours: Hours, load: Expr) -> Expr:
    mined = load * hours.loads.mined_btc_per_mw
    return _by_pair(mined.pick(np.arange(len(mined)), _pairs_of(hours, hours.loads.pair)), hours)


def _pairs_of(hours: Hours, pair: Ints) -> pd.DataFrame:
    return hours.pairs.iloc[pair].reset_index(drop=True)


def _by_pair(expr: Expr, hours: Hours) -> Expr:
    return expr.sum_by(hours.pairs, empty="zero")

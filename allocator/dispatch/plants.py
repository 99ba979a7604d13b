"""COOLING.plant: heat that several halls reject through one plant.

Purpose
    Chillers, dry coolers and towers often serve several halls, and reject less the warmer it is.

Sets
    t hours of a site in a node; k plants of the site; b in k: bays of the halls it serves. Rows stand only where these
    bays, one of each hall fitted, could reject more heat than the plant takes.

Parameters
    H[k,t]     | heat the plant rejects at this hour's ambient | MW
    h[j], h[b] | share of the heat of a segment, of tenants, that goes to the plant's loop | share

Variables
    load_mw[j,t] | critical IT load of a segment, of DISPATCH | MW | >= 0 | dispatch
    shed_mw[i,t] | firm tenant load not served, of DISPATCH | MW | >= 0 | dispatch

Constraints
    COOLING.plant[k,t] | sum_{b in k} ( sum_{j in b} h[j] load_mw[j,t] + h[b] served_mw[b,t] ) <= H[k,t]
        | What the plant rejects; the limits of each hall's own loops stand beside it. served_mw as in DISPATCH.
        | design 4
"""

from __future__ import annotations

from allocator.dispatch.hours import Hours
from solvers.model import Expr, Model


def add(model: Model, hours: Hours, air_mw: Expr, liquid_mw: Expr) -> None:
    """Rows of every plant, from the heat of every bay in use, (bay, hour)."""
    table, air = hours.plants.rows, hours.plants.air
    heat = table.total(air_mw, air) + table.total(liquid_mw, ~air)
    used = heat.has_terms
    model.rows("COOLING.plant", heat.keep(used), upper=table.limit_mw[used])

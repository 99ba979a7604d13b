"""POWER.feeder: what the halls behind a transformer, busway or feeder draw together.

Purpose
    Between the meter and the halls power runs through equipment that several halls share.

Sets
    t hours of a site in a node; g feeders of the site; b in g: bays of the halls behind it. Rows stand only where the
    halls, one bay of each fitted, could draw more than the feeder carries.

Parameters
    R[g]   | limit of the feeder, gross | MW
    o[b,t] | overhead, PUE - 1 | share
    z[b]   | no-load draw of a fitted bay, gross | MW

Variables
    load_mw[j,t] | critical IT load of a segment, of DISPATCH | MW | >= 0 | dispatch
    shed_mw[i,t] | firm tenant load not served, of DISPATCH | MW | >= 0 | dispatch

Constraints
    POWER.feeder[g,t]
        | sum_{b in g} (1 + o[b,t]) (sum_{j in b} load_mw[j,t] + served_mw[b,t])
          + sum_{b in g} z[b] fitted[b,n] <= R[g]
        | The feeder's limit; tenants are shed where nothing else can give way. served_mw as in DISPATCH. | design 4
"""

from __future__ import annotations

from allocator.dispatch.hours import Hours
from solvers.model import Expr, Model


def add(model: Model, hours: Hours, fitted: Expr, it_mw: Expr) -> None:
    """Rows of every feeder, from the load of every bay in use, (bay, hour)."""
    table = hours.feeders
    drawn = table.total(it_mw * (1 + hours.bays.overhead)) + table.standing(fitted)
    used = drawn.has_terms
    model.rows("POWER.feeder", drawn.keep(used), upper=table.limit_mw[used])

"""PROMISE: what tenants may be promised in halls that share power or cooling.

Purpose
    A promise is kept in every hour of the term. The halls behind one feeder, or on one plant, carry what is promised in
    all of them together, in the hour in which they can carry least.

Sets
    n nodes; b bays; g feeders; k plants; b in g, b in k: bays of the halls behind the feeder, on the plant. Rows stand
    only where a tenant may stand behind the feeder or on the plant.

Parameters
    R[g]   | limit of the feeder, gross | MW
    H[k,n] | heat of its loop that the plant may promise: the least at the temperatures at which cooling is promised
        | MW
    o[b,n] | largest overhead at the same temperatures | share
    z[b]   | no-load draw when fitted, gross | MW
    h[k,b] | share of the heat of tenants that goes to the plant's loop | share

Variables
    place[c,b,m] | tranches that will stand in the bay, of CONTRACT | tranches | integer >= 0 | decision nodes
    fitted[b,n] | share of the bay fitted, of HALL | share | 0 .. 1 | every node

Constraints
    CONTRACT.fits_feeder[g,n] | sum_{b in g} ( (1 + o[b,n]) contracted_mw[b,n] + z[b] fitted[b,n] ) <= R[g]
        | Contracted load with its overhead, and what the fit-outs draw by themselves, within the feeder;
          contracted_mw[b,n] is added by CONTRACT. | design 4, 5
    CONTRACT.fits_plant[k,n] | sum_{b in k} h[k,b] contracted_mw[b,n] <= H[k,n]
        | Contracted heat within what the plant rejects. | design 4, 5
"""

from __future__ import annotations

from allocator.instance.shared_limits import tenant_heat_share
from allocator.planning.axes import by_group
from allocator.planning.context import Context


def add(context: Context) -> None:
    """Close the ledger of promises."""
    _feeders(context)
    _plants(context)


def _feeders(context: Context) -> None:
    bays, feeders = context.instance.bays, context.instance.feeders
    inside = feeders.holds(len(bays.names)).astype(float)
    promised, fitted = context.ledgers.contracted_mw.total, context.ledgers.fitted.total
    bay, node = (promised.index[axis].to_numpy() for axis in ("bay", "node"))
    claim = by_group(promised * (1.0 + bays.firm_overhead[bay, node]), "feeder", inside)
    own = by_group(fitted * bays.no_load_mw[fitted.index["bay"]], "feeder", inside)
    claimed = claim.has_terms
    drawn = (claim + own).keep(claimed)
    context.model.rows("CONTRACT.fits_feeder", drawn, upper=feeders.limit_mw[drawn.index["feeder"]])


def _plants(context: Context) -> None:
    heat = by_group(context.ledgers.contracted_mw.total, "plant", tenant_heat_share(context.instance))
    promised = heat.keep(heat.has_terms)
    plant, node = (promised.index[axis].to_numpy() for axis in ("plant", "node"))
    limit_mw = context.instance.plants.firm_limit_mw[plant, node]
    context.model.rows("CONTRACT.fits_plant", promised, upper=limit_mw)

"""POWER: what tenants reserve on the interconnect, and the firm load they draw.

Purpose
    Signed contracts claim gross MW of the site, and put metered load into bays that the hours must serve or shed.

Sets
    n nodes; s sites; i tenancies: contracts of equal terms in one bay.

Parameters
    P[s] | limit of the site at the meter, gross | MW

Variables
    firm_mw[i,n] | metered tenant load, critical IT | MW | >= 0 | every node

Constraints
    POWER.reserved[s,n] | reserved_mw[s,n] <= P[s]
        | The gross claim of all contracts, redundancy and margin included; added by CONTRACT. | design 2
    POWER.firm[i,n] | firm_mw[i,n] = metered_mw[i,n]
        | One column a tenancy and node for what the tranches there draw; added by CONTRACT. | design 5
"""

from __future__ import annotations

from allocator.planning.context import Context


def add(context: Context) -> None:
    """Close the reserved and metered ledgers; `firm_mw` is published."""
    model, ledgers = context.model, context.ledgers
    reserved = ledgers.reserved_mw.total
    claimed = reserved.keep(reserved.has_terms)
    model.rows("POWER.reserved", claimed, upper=context.instance.sites.power_limit_mw[claimed.index["site"]])
    metered = ledgers.metered_mw.total
    drawn = metered.keep(metered.has_terms)
    firm = model.variables("firm_mw", drawn.index).expr
    model.rows("POWER.firm", firm - drawn == 0.0)
    ledgers.firm_mw.add(firm.take(context.axes.tenancy_node, on=["tenancy", "node"], absent="zero"))

"""What is offered to ancillary services before prices are known: all that may run, whatever is planned to.

A service pays what is awarded and runs; what is awarded and does not run is not paid. So an offer costs nothing that
is made at the service's least price, and its hour may turn out to pay what running loses: the schedule's own offers
(`RESERVE.running`) are only those of loads that earn at expected prices. The service that is expected to pay best comes
first, with the tiers that bear most, within what each takes and what the meter lets through:

    left[j] = gross draw of the tier, as far as the meter's limit leaves room beside tiers that bear more
    offered[k] = sum_j min(h[k] left[j], what the service still takes), taken off left[j] over h[k]
"""

from __future__ import annotations

import numpy as np

from allocator.dispatch.peaks import limit_mw
from allocator.instance.reserves import NodeReserves
from allocator.instance.tree import Floats
from allocator.week.interface import Part
from allocator.week.standing import Standing

FAR_MW = 1e6
"""More than any site runs."""


def standing_offers(site: Standing) -> Floats | None:
    """Offers to each service in every step, gross MW, (K, T); None where there are none."""
    structure = site.structure
    if structure.parts[0].here.reserves is None:
        return None
    found = [
        _of_part(part, site.available_mw[:, at], structure.strike_usd_per_mwh[:, at])
        for part, at in zip(structure.parts, structure.slices, strict=True)
    ]
    return np.concatenate(found, axis=1)


def _of_part(part: Part, available_mw: Floats, bears: Floats) -> Floats:
    here, terms = part.here, part.here.reserves
    assert terms is not None
    gross = (1.0 + here.overhead[here.segment_bay]) * available_mw
    firm = ((1.0 + here.overhead[here.tenants.bay]) * part.capacity.firm_mw[:, None]).sum(axis=0)
    room = np.maximum(limit_mw(here, part.capacity)[0] - firm - float(here.no_load_mw @ part.capacity.fitted), 0.0)
    order = np.argsort(-bears, axis=0, kind="stable")
    sorted_gross = np.take_along_axis(gross, order, axis=0)
    fits = np.clip(room - (np.cumsum(sorted_gross, axis=0) - sorted_gross), 0.0, sorted_gross)
    within = np.empty_like(gross)
    np.put_along_axis(within, order, fits, axis=0)
    wanted = np.where(terms.open, np.minimum(terms.most_mw[:, None], FAR_MW), 0.0)
    return np.asarray(stand_behind(terms, wanted, within, bears).sum(axis=1))


def stand_behind(terms: NodeReserves, awarded_mw: Floats, gross_mw: Floats, bears: Floats) -> Floats:
    """What of awards (K, T) stands behind tiers that run, gross (J, T), in the order of what they bear, (K, J, T)."""
    found, left = np.zeros((len(awarded_mw), *gross_mw.shape)), gross_mw.copy()
    steps = np.arange(gross_mw.shape[1])
    by_price = np.argsort(-terms.kept_share[:, None] * terms.price_usd_per_mw_hour, axis=0, kind="stable")
    by_strike = np.argsort(-bears, axis=0, kind="stable")
    for service in by_price:
        wanted, share = awarded_mw[service, steps], terms.qualifying_share[service]
        for tier in by_strike:
            part = np.minimum(wanted, terms.qualifies[service, tier] * share * left[tier, steps])
            found[service, tier, steps] += part
            left[tier, steps] -= part / share
            wanted = wanted - part
    return found

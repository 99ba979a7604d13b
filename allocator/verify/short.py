"""What contracts went short of, and what they are owed for it: by contract, bay and node, (C, B, N)."""

from __future__ import annotations

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify.case import Case
from allocator.verify.facts import contract_load_mw


def allowed_mwh(case: Case) -> Floats:
    """What the terms allow: hours of full load a month, over the months of the node in service.

    Nothing where the credit is no less than the site's price of firm energy, which then is the better one.
    """
    instance, offers, months = case.instance, case.instance.offers, case.instance.tree.months
    load = np.stack([contract_load_mw(instance, case.facts.place, node) for node in range(len(months))], axis=2)
    load = np.maximum(load, 0.0)  # fewer tranches than none are another rule's finding
    low = offers.outage_usd_per_mwh[:, None] < _owed_usd_per_mwh(case)
    return np.asarray(np.where(low, offers.outage_h_per_month[:, None], 0.0)[:, :, None] * load * months)


def beyond_mwh(case: Case) -> Floats:
    """What was not served beyond that."""
    return np.maximum(case.energy.unserved_mwh - allowed_mwh(case), 0.0)


def curtailment_usd(case: Case) -> Floats:
    """Credits within the allowance."""
    within = case.energy.unserved_mwh - beyond_mwh(case)
    return np.asarray(within * case.instance.offers.outage_usd_per_mwh[:, None, None])


def sla_usd(case: Case) -> Floats:
    """Credits beyond it."""
    return np.asarray(beyond_mwh(case) * _owed_usd_per_mwh(case)[:, None])


def _owed_usd_per_mwh(case: Case) -> Floats:
    """Price of firm energy at the site of each bay, (B,)."""
    return np.asarray(case.instance.hours.shed_usd_per_mwh[case.instance.bays.site])

"""Toys whose tenants allow outages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.types import Instance


def with_outages(instance: Instance, seed: int) -> Instance:
    """Allowances of some of a node's hours, of all of them or of none, at credits below and above what is owed else.

    Firm energy is cheap enough to be left out in dear hours; some tenants pay their power, some a part of it.
    """
    rng = np.random.default_rng(seed)
    offers, contracts = instance.offers, len(instance.offers.names)
    month_h = float(instance.tree.hours.max() / instance.tree.months.max())
    changed = replace(
        offers,
        pass_through_share=rng.choice([0.0, 0.0, 0.5, 1.0], contracts),
        outage_h_per_month=month_h * rng.choice([0.0, 0.1, 0.4, 0.7, 3.0], contracts),
        outage_usd_per_mwh=rng.choice([5.0, 30.0, 60.0, 400.0], contracts),
    )
    owed = rng.choice([60.0, 150.0, 1000.0], len(instance.sites.names))
    return replace(instance, offers=changed, hours=replace(instance.hours, shed_usd_per_mwh=owed))

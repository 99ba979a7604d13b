"""What an outage allowance of tenants comes to: energy beyond it, and the most that it can ever spare."""

from __future__ import annotations

import numpy as np

from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats


def beyond_mwh(site_node: SiteNode, firm_mw: Floats, shed_mw: Floats) -> Floats | None:
    """Energy of each tenancy not served beyond its allowance, (K,), where one can run out; shed is (K, T)."""
    if not site_node.outage_runs_out.any():
        return None
    over = shed_mw @ site_node.weight_h - site_node.tenants.outage_h * firm_mw
    return np.where(site_node.outage_runs_out, np.maximum(over, 0.0), 0.0)


def most_spared_usd_per_mw(site_node: SiteNode, gain_usd_per_mw: Floats) -> Floats:
    """Most that curtailing one MW of each tenancy spares over the node, (K,).

    `gain_usd_per_mw` (K, T) is what it spares in each hour while the allowance lasts, hour weight included. The hours
    that spare most an MWh take the allowance, the others pay what is owed beyond it: a fractional knapsack.
    """
    spared = np.maximum(gain_usd_per_mw, 0.0).sum(axis=1)
    for k in np.flatnonzero(site_node.outage_runs_out):
        spared[k] = _spared(site_node, gain_usd_per_mw[k], int(k))
    return np.asarray(spared)


def _spared(site_node: SiteNode, gain_usd_per_mw: Floats, k: int) -> float:
    rate = gain_usd_per_mw / site_node.weight_h
    order = np.argsort(-rate, kind="stable")
    rate, weight = rate[order], site_node.weight_h[order]
    within = np.clip(site_node.tenants.outage_h[k] - (np.cumsum(weight) - weight), 0.0, weight)
    beyond = np.maximum(rate - site_node.beyond_usd_per_mwh[k], 0.0)
    return float(within @ np.maximum(rate, 0.0) + (weight - within) @ beyond)

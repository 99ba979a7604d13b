"""What offers to ancillary services earn; the formulas stand in `reserves`."""

from __future__ import annotations

import numpy as np

from allocator.dispatch.work_value import most_gained_usd_per_mwh
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats


def offer_usd_per_mw(here: SiteNode) -> Floats:
    """Net earnings of one gross MW of each segment offered to each service for one hour, (K, J, T).

    The coefficient of offer_mw in the margin, without the hour's weight; 0 where nothing may be offered. K is 0 for a
    site without services.
    """
    stated = here.reserves
    if stated is None:
        return np.zeros((0, here.segments, here.hours))
    called = stated.deployment_share[:, None, None]
    per_gross_mwh = here.segment_value_usd_per_mwh[:, None] / (1.0 + here.overhead[here.segment_bay])
    saved = stated.deployment_usd_per_mwh[:, None, None] + here.paid_usd_per_mwh - per_gross_mwh
    capacity = stated.kept_share[:, None] * stated.price_usd_per_mw_hour
    offered = stated.open[:, None, :] & stated.qualifies[:, :, None]
    net: Floats = np.where(offered, capacity[:, None, :] + called * saved, 0.0)
    return net


def offer_btc_per_mw(here: SiteNode) -> Floats:
    """Bitcoin not mined by one gross MW of each offer in an hour, (K, J, T); 0 where it need not be counted."""
    stated = here.reserves
    if stated is None:
        return np.zeros((0, here.segments, here.hours))
    per_gross_mwh = here.btc_per_mwh[:, None] / (1.0 + here.overhead[here.segment_bay])
    offered = stated.open[:, None, :] & stated.qualifies[:, :, None]
    return np.asarray(np.where(offered, stated.deployment_share[:, None, None] * per_gross_mwh, 0.0))


def earned_usd_per_mwh(here: SiteNode, most_usd_per_mw: Floats | None = None) -> Floats:
    """Earnings before power of one IT MW of each segment, offered to whom pays it best and at the best work, (J, T).

    Without a limit on what a service takes, a running MW earns what it does by itself and the best offer's worth:
    v[j] + (1 + o[b,t]) max_k h[k] max(0, net[k,j,t]). `most_usd_per_mw` (K, T), prices of such limits, is deducted.
    """
    by_itself = np.repeat((here.segment_value_usd_per_mwh + most_gained_usd_per_mwh(here))[:, None], here.hours, axis=1)
    stated = here.reserves
    if stated is None:
        return by_itself
    net = offer_usd_per_mw(here)
    if most_usd_per_mw is not None:
        net -= most_usd_per_mw[:, None, :]
    best = (stated.qualifying_share[:, None, None] * net).max(axis=0, initial=0.0)
    return np.asarray(by_itself + (1.0 + here.overhead[here.segment_bay]) * best)


def takes_all(here: SiteNode) -> bool:
    """Whether every service takes all that can ever run behind it, so that no load stands in the way of another."""
    stated = here.reserves
    if stated is None:
        return True
    halls = np.zeros((stated.services, here.bays), dtype=bool)
    service, segment = np.nonzero(stated.qualifies)
    halls[service, here.segment_bay[segment]] = True
    runs = np.minimum(here.site_limit_mw, halls @ ((1.0 + here.overhead) * here.it_limit_mw[:, None]))
    return bool((stated.most_mw[:, None] >= stated.qualifying_share[:, None] * runs).all())


def best_offers(here: SiteNode, load_mw: Floats) -> Floats:
    """All running load (J, T) offered to the service that pays it best, where one pays, (K, J, T)."""
    offer, stated = no_offers(here), here.reserves
    if stated is None or not stated.services:
        return offer
    worth = stated.qualifying_share[:, None, None] * offer_usd_per_mw(here)
    best = worth.argmax(axis=0)
    segment, hour = np.nonzero((worth.max(axis=0) > 0.0) & (load_mw > 0.0))
    service = best[segment, hour]
    gross = (1.0 + here.overhead[here.segment_bay[segment], hour]) * load_mw[segment, hour]
    offer[service, segment, hour] = stated.qualifying_share[service] * gross
    return offer


def no_offers(here: SiteNode) -> Floats:
    """Zeros, (K, J, T)."""
    return np.zeros((0 if here.reserves is None else here.reserves.services, here.segments, here.hours))


def offers_usd(here: SiteNode, offer_mw: Floats) -> float:
    """Net earnings of offers (K, J, T), USD; 0 where nothing is offered."""
    if here.reserves is None:
        return 0.0
    return float((offer_usd_per_mw(here) * offer_mw).sum(axis=(0, 1)) @ here.weight_h)


def kept_running_mw(here: SiteNode, load_mw: Floats, offer_mw: Floats) -> Floats:
    """Load of each segment less what is expected to be called of it, IT MW, (J, T)."""
    if here.reserves is None:
        return load_mw
    called = (here.reserves.deployment_share[:, None, None] * offer_mw).sum(axis=0)
    return np.asarray(load_mw - called / (1.0 + here.overhead[here.segment_bay]))


def within_running(here: SiteNode, load_mw: Floats, offer_mw: Floats, fed_by_grid_mw: Floats) -> Floats:
    """Offers (K, J, T) cut back to what runs behind them, what each service takes and what the grid feeds, which a
    solver keeps within its tolerance only. `load_mw` is (J, T), `fed_by_grid_mw` (T,)."""
    stated = here.reserves
    if stated is None:
        return offer_mw
    offer = np.maximum(offer_mw, 0.0)
    behind = (offer / stated.qualifying_share[:, None, None]).sum(axis=0)
    offer = offer * shrink(behind, (1.0 + here.overhead[here.segment_bay]) * load_mw)
    offer = offer * shrink(offer.sum(axis=1), stated.most_mw[:, None])[:, None, :]
    return offer * shrink(offer.sum(axis=(0, 1)), fed_by_grid_mw)


def shrink(used: Floats, limit: Floats) -> Floats:
    """Factor, at most 1, that brings what is used within its limit."""
    factor: Floats = np.minimum(1.0, limit / np.where(used > 0.0, used, 1.0))
    return np.where(used > 0.0, factor, 1.0)

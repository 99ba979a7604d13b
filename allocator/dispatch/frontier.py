"""The best operation of a site-node that mines a stated amount of Bitcoin, found by pricing Bitcoin.

Where production may be kept, or fills a limit, a mined Bitcoin is worth more or less than its price; call the
difference the premium k. With V_k(c) = max (margin + k mined) at capacity c, every operation keeps

    margin + k mined <= V_k(c)        for every k,

and the largest margin W(c, m) of operations that mine m is the least of V_k(c) - k m over all k. V_k is the value of
the same hours with k added to the worth of a Bitcoin, so any dispatch gives it, and its cut bounds V_k at every c.

The search keeps two operations, one that mines less than m and one that mines more, and tries the premium at which
both are worth the same. Either an operation better than both is found there, and takes the place of one, or there is
none: then every mixture of the two is best at that premium, and the mixture that mines m is the answer, since the
hours are convex. It ends, since each step finds another corner of a polygon (Eisner and Severance, 1976).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.interface import Capacity, Cut, Schedule, SiteNodeDispatch
from allocator.dispatch.reserve_value import earned_usd_per_mwh, kept_running_mw
from allocator.dispatch.schedule import mixture, schedule_value
from allocator.instance.site_node import SiteNode

STEPS = 200
"""More corners than a search has ever to look at; each step halves what is left, or better."""
SAME = 1e-8
"""Relative difference below which an amount is the one that is mined anyway: an engine's tolerance costs no premium."""
BETTER = 1e-11
"""Gain, relative to the sums it is a difference of, below which no better operation was found."""


@dataclass(frozen=True)
class Mined:
    """The best operation that mines an amount.

    Attributes:
        margin_usd: of the operation, Bitcoin at its price. mined_btc: as asked for, or the nearest that can be.
        premium_usd_per_btc: what one more Bitcoin costs in margin.
        cut: bounds margin + premium * mined, at every capacity.
    """

    margin_usd: float
    mined_btc: float
    premium_usd_per_btc: float
    schedule: Schedule
    cut: Cut


def mine(dispatch: SiteNodeDispatch, node: SiteNode, capacity: Capacity, mined_btc: float) -> Mined:
    """The operation of largest margin that mines `mined_btc`; the nearest amount where it cannot be mined."""
    here = _at(dispatch, node, capacity, 0.0)
    if abs(here.mined_btc - mined_btc) <= SAME * abs(mined_btc):
        return here
    most = largest_premium(node)
    far = _at(dispatch, node, capacity, most if mined_btc > here.mined_btc else -most)
    few, many = (here, far) if mined_btc > here.mined_btc else (far, here)
    if not few.mined_btc < mined_btc < many.mined_btc:
        return far
    for _ in range(STEPS):
        premium = (few.margin_usd - many.margin_usd) / (many.mined_btc - few.mined_btc)
        found = _at(dispatch, node, capacity, premium)
        gained = _worth(found, premium) - _worth(few, premium)
        between = few.mined_btc < found.mined_btc < many.mined_btc
        if not between or gained <= BETTER * max(1.0, abs(few.margin_usd), abs(premium * many.mined_btc)):
            return _mixed(node, few, many, mined_btc, found)
        few, many = (found, many) if found.mined_btc <= mined_btc else (few, found)
    return _mixed(node, few, many, mined_btc, found)


def largest_premium(node: SiteNode) -> float:
    """A premium beyond which the schedule no longer changes: every machine that can mine does, or none."""
    mines = node.btc_per_mwh > 0
    if not mines.any():
        return 0.0
    cost = float(np.abs(node.price_usd_per_mwh).max() * (1.0 + node.overhead.max()))
    passed = float(np.abs(node.tenants.passed_usd_per_mwh(node.overhead)).max(initial=0.0))
    worth = float(np.abs(earned_usd_per_mwh(node)).max()) + node.shed_usd_per_mwh + passed
    called = 0.0 if node.reserves is None else float(node.reserves.deployment_share.max())
    return 4.0 * (cost + worth) / (float(node.btc_per_mwh[mines].min()) * (1.0 - called))


def mined(node: SiteNode, schedule: Schedule) -> float:
    """Bitcoin that a schedule mines, less what machines called are expected not to."""
    running = kept_running_mw(node, schedule.load_mw, schedule.offer_mw)
    return float(node.btc_per_mwh @ (running @ node.weight_h))


def _at(dispatch: SiteNodeDispatch, node: SiteNode, capacity: Capacity, premium: float) -> Mined:
    """The best operation at a premium."""
    value = dispatch.at_premium(premium).solve(capacity)
    btc = mined(node, value.schedule)
    return Mined(value.value_usd - premium * btc, btc, premium, value.schedule, value.cut)


def _worth(found: Mined, premium: float) -> float:
    return found.margin_usd + premium * found.mined_btc


def _mixed(node: SiteNode, few: Mined, many: Mined, mined_btc: float, priced: Mined) -> Mined:
    """The mixture of two operations that mines an amount; premium and cut are those of `priced`."""
    share = (mined_btc - few.mined_btc) / (many.mined_btc - few.mined_btc)
    schedule = mixture(few.schedule, many.schedule, share)
    return replace(priced, margin_usd=schedule_value(node, schedule), mined_btc=mined_btc, schedule=schedule)

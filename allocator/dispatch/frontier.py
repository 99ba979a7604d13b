"""The best operation of a site-node that mines a stated amount of Bitcoin, or causes a stated charge, found by a price.

Where production may be kept, or fills a limit, a mined Bitcoin is worth more or less than its price; call the
difference the premium k. With V_k(c) = max (margin + k mined) at capacity c, every operation keeps

    margin + k mined <= V_k(c)        for every k,

and the largest margin W(c, m) of operations that mine m is the least of V_k(c) - k m over all k. V_k is the value of
the same hours with k added to the worth of a Bitcoin, so any dispatch gives it, and its cut bounds V_k at every c. The
same holds of what the draw of the hours causes to be due later (coincident peaks): there k is what a dollar due is
worth less than its discount says, since cash is short today, or more, since it is short then.

The search keeps two operations, one of less than the amount and one of more, and tries the premium at which
both are worth the same. Either an operation better than both is found there, and takes the place of one, or there is
none: then every mixture of the two is best at that premium, and the mixture of the amount is the answer, since the
hours are convex. It ends, since each step finds another corner of a polygon (Eisner and Severance, 1976).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_dispatch
from allocator.dispatch.interface import Capacity, Cut, Schedule, SiteNodeDispatch
from allocator.dispatch.reserve_value import earned_usd_per_mwh, kept_running_mw
from allocator.dispatch.schedule import mixture, schedule_value
from allocator.instance.coincident import at_later_worth
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools

STEPS = 200
"""More corners than a search has ever to look at; each step halves what is left, or better."""
SAME = 1e-8
"""Relative difference below which an amount is reached anyway: an engine's tolerance costs no premium."""
BETTER = 1e-11
"""Gain, relative to the sums it is a difference of, below which no better operation was found."""


@dataclass(frozen=True)
class Reached:
    """The best operation of an amount: of Bitcoin mined, or of USD that are due later.

    Attributes:
        margin_usd: of the operation, without the premium. amount: as asked for, or the nearest that can be.
        premium: what one more costs in margin, USD.
        cut: bounds margin + premium * amount, at every capacity.
    """

    margin_usd: float
    amount: float
    premium: float
    schedule: Schedule
    cut: Cut


At = Callable[[float], Reached]
"""The best operation at a premium."""


def mine(dispatch: SiteNodeDispatch, node: SiteNode, capacity: Capacity, mined_btc: float) -> Reached:
    """The operation of largest margin that mines `mined_btc`; the nearest amount where it cannot be mined."""

    def at(premium: float) -> Reached:
        value = dispatch.at_premium(premium).solve(capacity)
        btc = mined(node, value.schedule)
        return Reached(value.value_usd - premium * btc, btc, premium, value.schedule, value.cut)

    most = largest_premium(node)
    return _reach(at, node, mined_btc, (-most, most))


def cause(node: SiteNode, tenant_bay: Bools, capacity: Capacity, due_usd: float) -> Reached:
    """The operation of largest margin whose draw causes `due_usd` at coincident peaks; the nearest where none does.

    `tenant_bay` as of `choose_dispatch`.
    """

    def at(premium: float) -> Reached:
        value = choose_dispatch(at_later_worth(node, premium), tenant_bay).dispatch.solve(capacity)
        usd = caused(node, value.schedule)
        return Reached(value.value_usd - premium * usd, usd, premium, value.schedule, value.cut)

    return _reach(at, node, due_usd, _later_premiums(node))


def mined(node: SiteNode, schedule: Schedule) -> float:
    """Bitcoin that a schedule mines, less what machines called are expected not to."""
    running = kept_running_mw(node, schedule.load_mw, schedule.offer_mw)
    return float(node.btc_per_mwh @ (running @ node.weight_h))


def caused(node: SiteNode, schedule: Schedule) -> float:
    """What a schedule causes to be due later, USD."""
    return 0.0 if node.coincident is None else float(node.coincident.due_usd(schedule.grid_mw).sum())


def largest_premium(node: SiteNode) -> float:
    """A premium beyond which the schedule no longer changes: every machine that can mine does, or none."""
    mines = node.btc_per_mwh > 0
    if not mines.any():
        return 0.0
    called = 0.0 if node.reserves is None else float(node.reserves.deployment_share.max())
    return _largest_usd_per_mwh(node) / (float(node.btc_per_mwh[mines].min()) * (1.0 - called))


def _largest_usd_per_mwh(node: SiteNode) -> float:
    """More than any MWh of load can be worth or cost."""
    cost = float(np.abs(node.price_usd_per_mwh).max() * (1.0 + node.overhead.max()))
    passed = float(np.abs(node.tenants.passed_usd_per_mwh(node.overhead)).max(initial=0.0))
    worth = float(np.abs(earned_usd_per_mwh(node)).max(initial=0.0)) + node.shed_usd_per_mwh + passed
    return 4.0 * (cost + worth)


def _later_premiums(node: SiteNode) -> tuple[float, float]:
    """Premiums between which schedules change: from none that draws at a peak to one that never pays the charge."""
    if node.coincident is None:
        return 0.0, 0.0
    per_mwh = node.coincident.due_usd_per_mw.sum(axis=0) / node.weight_h
    counts = per_mwh > 0
    never = float((node.coincident.adder_usd_per_mwh[counts] / per_mwh[counts]).min())
    return -_largest_usd_per_mwh(node) / float(per_mwh[counts].min()), never


def _reach(at: At, node: SiteNode, asked: float, premiums: tuple[float, float]) -> Reached:
    """The operation of an amount, between the least and the largest premium."""
    here = at(0.0)
    if abs(here.amount - asked) <= SAME * abs(asked):
        return here
    far = at(premiums[1] if asked > here.amount else premiums[0])
    few, many = (here, far) if asked > here.amount else (far, here)
    if not few.amount < asked < many.amount:
        return far
    for _ in range(STEPS):
        premium = (few.margin_usd - many.margin_usd) / (many.amount - few.amount)
        found = at(premium)
        gained = _worth(found, premium) - _worth(few, premium)
        between = few.amount < found.amount < many.amount
        if not between or gained <= BETTER * max(1.0, abs(few.margin_usd), abs(premium * many.amount)):
            return _mixed(node, few, many, asked, found)
        few, many = (found, many) if found.amount <= asked else (few, found)
    return _mixed(node, few, many, asked, found)


def _worth(found: Reached, premium: float) -> float:
    return found.margin_usd + premium * found.amount


def _mixed(node: SiteNode, few: Reached, many: Reached, asked: float, priced: Reached) -> Reached:
    """The mixture of two operations that has an amount; premium and cut are those of `priced`."""
    share = (asked - few.amount) / (many.amount - few.amount)
    schedule = mixture(few.schedule, many.schedule, share)
    return replace(priced, margin_usd=schedule_value(node, schedule), amount=asked, schedule=schedule)

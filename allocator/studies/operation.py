"""What the decided machines and tenants of a site earn in a node, as a function of its market.

The hours of a site-node are dispatched at several markets, a Bitcoin being worth what it was to the plan. A schedule
keeps every limit whatever prices are, and what it earns is linear in hashprice, rental rates and the level of power; so
the best of the schedules is an operation that can be run, and worth no more than dispatching the hours again at each
market. `loss` measures how much less.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.choose import choose_dispatch, choose_for, tenant_bays
from allocator.dispatch.frontier import cause, mine
from allocator.dispatch.interface import Capacity, Schedule, SiteNode
from allocator.dispatch.reserve_value import kept_running_mw
from allocator.dispatch.schedule import schedule_value
from allocator.instance.at_market import at_market
from allocator.instance.coincident import at_later_worth
from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.jobs import penalties_usd
from allocator.instance.machine import Resolved
from allocator.instance.market_state import MarketState, Rental
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import Carried
from allocator.uncertainty.reduce import cells

CENTRES = 12
"""Markets among those of the paths at a node at which its hours are dispatched, besides its own and the two ends."""
MEASURED_NODES = 200
SAME = 1e-9
"""Relative gain below which another schedule is no better."""
SAMPLE = 4000


@dataclass(frozen=True)
class Operation:
    """K schedules of every site and node; D figures of the market: hashprice, rental rates, level of the site's spot.

    Attributes:
        usd: what a schedule earns: constant, then one coefficient a figure, (S, N, K, 1 + D).
        ph_days: hashing of each schedule, PH/s times days, (S, N, K).
        premium_usd_per_btc: what a mined Bitcoin is worth to the hours beyond its price, (S, N).
        own_usd: what the plan's own schedule earns at the node's own market, (S, N).
    """

    usd: Floats
    ph_days: Floats
    premium_usd_per_btc: Floats
    own_usd: Floats

    def best(self, site: int, node: int, figures: Floats, btc_per_ph_day: Floats) -> tuple[Floats, Floats]:
        """What the best schedule earns at some markets (R, D), and how much it hashes, (R,) each.

        The plan's own schedule is kept where no other is better; btc_per_ph_day (R,), pool fee deducted.
        """
        ph_days = self.ph_days[site, node]
        earned = self.usd[site, node, :, 0] + figures @ self.usd[site, node, :, 1:].T
        worth = earned + self.premium_usd_per_btc[site, node] * btc_per_ph_day[:, None] * ph_days
        best = np.argmax(worth, axis=1)
        row = np.arange(len(best))
        best = np.where(worth[row, best] > worth[:, 0] + SAME * np.abs(worth[:, 0]), best, 0)
        return earned[row, best], ph_days[best]


def mined_per_ph_day(market: MarketState) -> Floats:
    """BTC of one PH/s and day, pool fee deducted, in the shape of the market; 0 where no network is stated."""
    per_ph_day = market.btc_per_ph_day
    if per_ph_day is None:
        return np.zeros_like(market.hashprice_usd_per_ph_day)
    return np.asarray(per_ph_day * (1.0 - market.pool_fee_share))


def own_figures(instance: Instance) -> Floats:
    """Figures of the market at every node, by site, (S, N, D)."""
    market = instance.market
    company = [market.hashprice_usd_per_ph_day, *(r.usd_per_gpu_hour for r in market.rentals.values())]
    return np.stack([np.stack([*company, level], axis=-1) for level in instance.hours.spot_factor])


def path_figures(paths: FreshPaths) -> Floats:
    """The same of every path and period, (S, K, P, D)."""
    market = paths.market
    company = [market.hashprice_usd_per_ph_day, *(r.usd_per_gpu_hour for r in market.rentals.values())]
    return np.stack([np.stack([*company, level], axis=-1) for level in paths.spot_factor])


def operate(held: Carried, machines: Mapping[str, Resolved], node_of: Ints, figures: Floats) -> Operation:
    """Dispatch every site-node at its own market and at markets of the paths that stand there.

    Args:
        node_of: node of every path in every period, (K, P). figures: of the paths, (S, K, P, D).
    """
    instance = held.instance
    own = own_figures(instance)
    markets = np.stack([own, *_probes(own, node_of, figures)])
    probes = [instance, *(_at(instance, machines, probe) for probe in markets[1:])]
    moved = [_moved(instance, machines, figure) for figure in range(figures.shape[-1])]
    sites, nodes, many = len(instance.sites.names), len(instance.tree), len(probes)
    usd, ph_days = np.zeros((sites, nodes, many, 1 + figures.shape[-1])), np.zeros((sites, nodes, many))
    for site, node in np.ndindex(sites, nodes):
        here, others = site_node(instance, site, node), [site_node(other, site, node) for other in moved]
        capacity = held.capacity(site, node)
        first = _first_alike(markets[:, site, node])
        for k, probe in enumerate(probes):
            if first[k] < k:
                usd[site, node, k], ph_days[site, node, k] = usd[site, node, first[k]], ph_days[site, node, first[k]]
                continue
            schedule = _schedule(held, probe, site, node, capacity)
            usd[site, node, k] = _linear(here, others, own[site, node], schedule)
            ph_days[site, node, k] = _ph_days(instance, here, site, schedule)
    usd[..., 0] -= penalties_usd(instance)[:, :, None]
    earned = usd[:, :, 0, 0] + (usd[:, :, 0, 1:] * own).sum(axis=2)
    return Operation(usd, ph_days, held.premium_usd_per_btc, earned)


def _schedule(held: Carried, probe: Instance, site: int, node: int, capacity: Capacity) -> Schedule:
    """Best hours at the market of a probe; the plan's own at its own market."""
    later = float(held.later_premium[site, node])
    if later != 0.0:
        return _put_off(held, probe, site, node, capacity, later)
    dispatch, premium = choose_for(probe, site, node).dispatch, float(held.premium_usd_per_btc[site, node])
    if premium == 0.0:
        return dispatch.solve(capacity).schedule
    if probe is held.instance:
        return mine(dispatch, site_node(probe, site, node), capacity, float(held.mined_btc[site, node])).schedule
    return dispatch.at_premium(premium).solve(capacity).schedule


def _put_off(held: Carried, probe: Instance, site: int, node: int, capacity: Capacity, premium: float) -> Schedule:
    """The same where a dollar put off was worth more or less than its discount says."""
    hours, tenants = site_node(probe, site, node), tenant_bays(probe, site)
    if probe is held.instance:
        return cause(hours, tenants, capacity, float(held.due_usd[site, node])).schedule
    return choose_dispatch(at_later_worth(hours, premium), tenants).dispatch.solve(capacity).schedule


def loss(
    held: Carried, machines: Mapping[str, Resolved], operation: Operation, node_of: Ints, figures: Floats, seed: int
) -> tuple[float, int]:
    """Share of the operating margin that dispatching again would add, at one drawn path a node; nodes looked at."""
    instance, rng = held.instance, np.random.default_rng([seed, 2])
    visited = np.unique(node_of)
    drawn = visited if len(visited) <= MEASURED_NODES else rng.choice(visited, MEASURED_NODES, replace=False)
    at = own_figures(instance)
    for node in drawn.tolist():
        path, period = np.nonzero(node_of == node)
        k = rng.integers(len(path))
        at[:, node] = figures[:, path[k], period[k]]
    again, (lost, whole) = _at(instance, machines, at), (0.0, 0.0)
    per_ph_day, owed = mined_per_ph_day(instance.market), penalties_usd(instance)
    for site in range(len(instance.sites.names)):
        for node in drawn.tolist():
            premium, mined = held.premium_usd_per_btc[site, node], per_ph_day[node]
            dispatch = choose_for(again, site, node).dispatch.at_premium(float(premium))
            exact = dispatch.solve(held.capacity(site, node)).value_usd - float(owed[site, node])
            earned, ph_days = operation.best(site, node, at[site, node][None], mined[None])
            lost += exact - float(earned[0] + premium * mined * ph_days[0])
            whole += abs(exact)
    return max(0.0, lost) / max(1.0, whole), len(drawn)


def _first_alike(markets: Floats) -> list[int]:
    """For each of some markets (K, D) the first that is the same: its hours need no second dispatch."""
    _, first, of = np.unique(markets, axis=0, return_index=True, return_inverse=True)
    return [int(position) for position in first[of.ravel()]]


def _probes(own: Floats, node_of: Ints, figures: Floats) -> list[Floats]:
    """Markets at which hours are dispatched, by site and node: centres of those of its paths, and its ends."""
    probes = [own.copy() for _ in range(CENTRES + 2)]
    for node in np.unique(node_of).tolist():
        at = np.nonzero(node_of == node)
        for k, market in enumerate(_spread_over(figures[:, at[0][:SAMPLE], at[1][:SAMPLE]])):
            probes[k][:, node] = market
    return probes


def _spread_over(markets: Floats) -> list[Floats]:
    """Up to CENTRES + 2 of some markets (S, R, D): centres of cells, and those of lowest and highest hashprice."""
    logs = np.log(np.maximum(np.concatenate(list(markets), axis=-1), np.finfo(float).tiny))
    cell = cells(logs - logs.mean(axis=0), min(CENTRES, len(logs)))
    centres = [markets[:, cell == c].mean(axis=1) for c in np.unique(cell)]
    ends = np.argmin(markets[0, :, 0]), np.argmax(markets[0, :, 0])
    return [*centres, *(markets[:, end] for end in ends)]


def _at(instance: Instance, machines: Mapping[str, Resolved], figures: Floats) -> Instance:
    """The instance with figures (S, N, D); those of the company are the same at every site."""
    market = instance.market
    rentals = {
        name: Rental(figures[0, :, 1 + k], rental.sold_share) for k, (name, rental) in enumerate(market.rentals.items())
    }
    made = replace(market, hashprice_usd_per_ph_day=figures[0, :, 0], rentals=rentals)
    return at_market(instance, machines, made, figures[:, :, -1])


def _moved(instance: Instance, machines: Mapping[str, Resolved], figure: int) -> Instance:
    """The instance with one figure of the market twice what it is."""
    figures = own_figures(instance)
    figures[:, :, figure] *= 2.0
    return _at(instance, machines, figures)


def _linear(here: SiteNode, moved: Sequence[SiteNode], own: Floats, schedule: Schedule) -> Floats:
    """Constant and coefficients of what a schedule earns: its worth at its market, and with each figure doubled."""
    worth = schedule_value(here, schedule)
    gain = np.array([schedule_value(other, schedule) for other in moved]) - worth
    coefficient = np.where(own > 0, gain / np.where(own > 0, own, 1.0), 0.0)
    return np.concatenate([[worth - coefficient @ own], coefficient])


def _ph_days(instance: Instance, here: SiteNode, site: int, schedule: Schedule) -> float:
    running = kept_running_mw(here, schedule.load_mw, schedule.offer_mw) @ here.weight_h
    return float(instance.segments.hash_ph_per_mw[instance.segments.site == site] @ running) / 24.0

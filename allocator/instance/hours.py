"""The hours of every site and node: every hour, or weighted representative days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from allocator.instance.halls import BayOption
from allocator.instance.held import held
from allocator.instance.hour_store import HourStore
from allocator.instance.months import MonthGrid
from allocator.instance.pass_through import PassThrough
from allocator.instance.tree import Bools, Floats, Ints, NodeTree


@dataclass(frozen=True)
class Chosen:
    """Steps kept of a node, (K,) each.

    Attributes:
        positions: among the hours of the horizon. weight_h: hours each stands for.
        opens: True where the step before it was not kept or belongs to another representative day.
        step_of_hour: step that stands for each hour of the node where hours are drawn together, (T_n,); None elsewhere.
    """

    positions: Ints
    weight_h: Floats
    opens: Bools
    step_of_hour: Ints | None = None


Choose: TypeAlias = "Callable[[SiteHours, Ints], Chosen]"
"""From a site and the positions of a node's hours in the horizon (T_n,) to the steps kept; weights sum to T_n."""


@dataclass(frozen=True)
class SiteHours:
    """One site over every hour of the horizon, (T,): spot, what a MWh costs, and ambient temperature.

    `choose`: the site's own way of choosing steps, where it is not the one of the scenario.
    `is_open`: hours in which it is given power at all, (T,); None: always.
    `reserve_usd_per_mw_hour`: what each of its K ancillary services pays for capacity, (K, T); None: it has none.
    """

    spot_usd_per_mwh: Floats
    price_usd_per_mwh: Floats
    ambient_c: Floats
    shed_usd_per_mwh: float
    choose: Choose | None = None
    is_open: Bools | None = None
    reserve_usd_per_mw_hour: Floats | None = None

    def open_at(self, positions: Ints) -> Floats:
        """1 where power is given, 0 where none is, same shape."""
        return np.ones(len(positions)) if self.is_open is None else self.is_open[positions].astype(float)


@dataclass(frozen=True)
class Representation:
    """How the hours of a node stand in the model.

    Attributes:
        choose: None: every hour stands for itself.
        words: for the plan.
    """

    choose: Choose | None
    words: str


EVERY_HOUR = Representation(None, "every hour")


@dataclass(frozen=True)
class Periods:
    """Calendar periods of a tree; nodes that begin and end in the same months share one.

    Attributes:
        hours: where the hours of each period lie among the hours of the horizon, P of them in calendar order.
        of_node: period of each node, (N,).
    """

    hours: tuple[slice, ...]
    of_node: Ints


def periods_of(tree: NodeTree, grid: MonthGrid) -> Periods:
    """The periods of a tree on a grid of months."""
    ends = np.stack([tree.first_month, tree.first_month + tree.months], axis=1)
    distinct, of_node = np.unique(ends, axis=0, return_inverse=True)
    bounds = grid.hours_from_start
    hours = tuple(slice(int(bounds[first]), int(bounds[last])) for first, last in distinct)
    return Periods(hours, np.asarray(of_node.ravel(), dtype=np.int64))


def hour_store(
    utc: NDArray[np.datetime64],
    periods: Periods,
    sites: Sequence[SiteHours],
    bays: Sequence[BayOption],
    representation: Representation,
    spot_factor: Floats,
) -> HourStore:
    """Steps of every (site, period), with overhead and heat limits at the ambient temperature of each step.

    Args:
        utc: start of every hour of the horizon, (T,).
        bays: bays of all sites, those of a site together.
        spot_factor: spot of each site at each node over that of its period, (S, N).
    """
    chosen = [[_choose(site, period, representation) for period in periods.hours] for site in sites]
    positions = [np.concatenate([kept.positions for kept in of_site]) for of_site in chosen]
    every = [kept for of_site in chosen for kept in of_site]
    counts = [len(kept.positions) for kept in every]
    step_h = step_lengths_h(utc)
    ambient = [site.ambient_c[at] for site, at in zip(sites, positions, strict=True)]

    def by_bay(figure: Callable[[BayOption, Floats], Floats]) -> tuple[Floats, ...]:
        return tuple(held(np.array([figure(bay, c) for bay in bays if bay.site == s])) for s, c in enumerate(ambient))

    return HourStore(
        offset=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        period=periods.of_node,
        utc=np.concatenate([utc[at] for at in positions]),
        weight_h=np.concatenate([kept.weight_h for kept in every]),
        step_h=np.concatenate([step_h[at] for at in positions]),
        opens=np.concatenate([kept.opens for kept in every]),
        spot_usd_per_mwh=np.concatenate([s.spot_usd_per_mwh[at] for s, at in zip(sites, positions, strict=True)]),
        price_usd_per_mwh=np.concatenate([s.price_usd_per_mwh[at] for s, at in zip(sites, positions, strict=True)]),
        spot_factor=spot_factor,
        ambient_c=np.concatenate(ambient),
        overhead=by_bay(lambda bay, c: bay.overhead(c)),
        air_limit_mw=by_bay(lambda bay, c: bay.air_limit_mw(c)),
        liquid_limit_mw=by_bay(lambda bay, c: bay.liquid_limit_mw(c)),
        full=representation.choose is None,
        open_steps=_open_steps(sites, positions),
        shed_usd_per_mwh=np.array([site.shed_usd_per_mwh for site in sites]),
        representation=representation.words,
        reserve_usd_per_mw_hour=tuple(_reserve_prices(s, at) for s, at in zip(sites, positions, strict=True)),
        drawn_together={k: kept.step_of_hour for k, kept in enumerate(every) if kept.step_of_hour is not None},
    )


def _open_steps(sites: Sequence[SiteHours], positions: Sequence[Ints]) -> Floats | None:
    """Whether power is given in each step, (T,); None where it always is."""
    if all(site.is_open is None for site in sites):
        return None
    return np.concatenate([site.open_at(at) for site, at in zip(sites, positions, strict=True)])


def _reserve_prices(site: SiteHours, at: Ints) -> Floats:
    prices = site.reserve_usd_per_mw_hour
    return np.zeros((0, len(at))) if prices is None else prices[:, at]


def _choose(site: SiteHours, period: slice, representation: Representation) -> Chosen:
    every = np.arange(period.start, period.stop)
    choose = site.choose or representation.choose
    if choose is None:
        return Chosen(every, np.ones(len(every)), np.arange(len(every)) == 0)
    return choose(site, every)


def step_lengths_h(utc: NDArray[np.datetime64]) -> Floats:
    """Hours from each step (T,) to the next; the last is as long as the one before it, a single one lasts an hour."""
    if len(utc) < 2:
        return np.ones(len(utc))
    gaps = np.diff(utc) / np.timedelta64(1, "h")
    return np.append(gaps, gaps[-1])


def pass_through(hours: HourStore) -> PassThrough:
    """Energy cost at spot of one metered IT MW, (B, N): factor_sn * sum_t w_t * spot_t * (1 + overhead_bt)."""
    cost = hours.weight_h * hours.spot_usd_per_mwh
    parts = []
    for site, overhead in enumerate(hours.overhead):
        bounds = hours.offset[site * hours.periods : (site + 1) * hours.periods + 1]
        own = (1.0 + overhead) * cost[bounds[0] : bounds[-1]]
        by_period = np.add.reduceat(own, bounds[:-1] - bounds[0], axis=1)
        parts.append(by_period[:, hours.period] * hours.spot_factor[site])
    return PassThrough(np.concatenate(parts))

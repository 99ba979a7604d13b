"""Compiled merit order over the hours of one site-node, under one nested family of limits of any depth.

An item is a segment or the firm load of a tenancy; serving firm load earns its shed price and, per gross MWh, its share
of spot. Items of a bay share its overhead and its limit, bays share groups (feeders and whatever else limits gross
draw), groups share larger groups, and all share the site limit. With gross draw x_i and margin m_i per gross MWh, an
hour is

    max sum_i m_i x_i,    0 <= x_i <= K_i,    sum_{i in S} x_i <= L(S) for every limit S,

where any two limits are disjoint or one holds the other. Filling in order of margin, each item as far as the limits
around it let it, is optimal (Edmonds' greedy for polymatroids, 1970).

Prices. Asking outward from the bay, a limit narrows an item when it has less room than the item still wants after the
limits inside it. Let m(S) be the margin of the first item that S narrowed, 0 if it never did. With P the next larger
limit around S, the cumulative price Y and the price y are

    Y(S) = max(m(S), Y(P)),    y(S) = Y(S) - Y(P) = max(0, m(S) - Y(P)),    Y = 0 around the site.

With u_i = max(0, m_i - Y(bay of i)) they are feasible in the dual, as the prices of the limits around i sum to
Y(bay of i). With the filling they satisfy complementary slackness, so both are optimal, one joint vector for all:
- u_i > 0: m_i > m(S) for all S around i. None narrowed i, the first item S narrowed having no lesser margin: x_i = K_i.
- x_i > 0: m_i >= Y(bay of i). Else m(S) > m_i for some S around i: the item that S narrowed was narrowed last by S or
  by a limit around S, which had no room from then on and holds i, whose turn came later: x_i = 0.
- y(S) > 0: S has no room left. It narrowed an item j with m_j = m(S); had a limit R around S narrowed j further, then
  Y(P) >= m(R) >= m_j = m(S) and y(S) = 0.
Where the site narrows an item the hour ends: all later items earn no more than Y of the site, and get nothing.

Where an item earns more in some hours than in others (machines whose running load is offered to ancillary services that
take all of it), `extra` says how much; without such hours it is None, and what speaks of it is not compiled.

The order moves little, with overheads and with what tenants pay through, so it is carried from hour to hour and
repaired by insertion. A site without groups has code of its own: `groups` is then None, and what speaks of groups is
not compiled.

Arrays: T hours, B bays, I items, G groups. `limit` and `overhead` are (B, T), `earn`, `passed` (share of spot) and
`cap` are (I,), `extra` is (I, T), USD per IT MWh on top of `earn`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, ParamSpec, TypeVar

import numpy as np
from numba import njit

from allocator.instance.tree import Floats, Ints

P = ParamSpec("P")
T = TypeVar("T")


class Groups(NamedTuple):
    """Nested limits on the gross draw of several bays, the smaller before the larger.

    Attributes:
        limit: gross MW, (G, T). standing: what of it is taken before anything runs, (G,).
        above: smallest group around each bay, (B,). up: next larger group, (G,). -1: only the site is larger.
        space: working room, what the limit still lets through, (G,).
        narrowed: working room, margin of the first item narrowed, then the cumulative price, (G,).
    """

    limit: Floats
    standing: Floats
    above: Ints
    up: Ints
    space: Floats
    narrowed: Floats


def _compiled(function: Callable[P, T]) -> Callable[P, T]:
    """The function compiled; its code is kept on disk for the next process where that is possible."""
    try:
        kernel = njit(cache=True, nogil=True, error_model="numpy")(function)
    except RuntimeError:  # neither the package's folder nor the user's may be written to
        kernel = njit(nogil=True, error_model="numpy")(function)

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return kernel(*args, **kwargs)
        except OSError:  # the disk is full: the code is compiled, only keeping it failed
            return kernel(*args, **kwargs)

    return run


@njit(nogil=True, error_model="numpy", inline="always")
def _rank(
    order: Ints, rank: Floats, earn: Floats, extra: Floats | None, t: int, passed: Floats, spot: float, bay: Ints,
    inverse: Floats,
) -> None:  # fmt: skip
    """Sort items by earnings per gross MWh, best first, starting from last hour's order."""
    for i in range(earn.shape[0]):
        earned = earn[i]
        if extra is not None:
            earned += extra[i, t]
        rank[i] = earned * inverse[bay[i]] + passed[i] * spot
    for k in range(1, order.shape[0]):
        item = order[k]
        value = rank[item]
        j = k - 1
        while j >= 0 and rank[order[j]] < value:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item


@njit(nogil=True, error_model="numpy")
def _narrow(groups: Groups, bay: int, drawn: float, margin: float) -> float:
    """What the groups around a bay let through of a draw, gross MW."""
    g = groups.above[bay]
    while g >= 0:
        if groups.space[g] < drawn:
            drawn = groups.space[g]
            if groups.narrowed[g] == 0.0:
                groups.narrowed[g] = margin
        g = groups.up[g]
    return drawn


@njit(nogil=True, error_model="numpy")
def _take(groups: Groups, bay: int, drawn: float) -> None:
    g = groups.above[bay]
    while g >= 0:
        groups.space[g] = max(0.0, groups.space[g] - drawn)
        g = groups.up[g]


@njit(nogil=True, error_model="numpy", inline="always")
def _fill(
    order: Ints, rank: Floats, bay: Ints, gross: Floats, inverse: Floats, cap: Floats, groups: Groups | None,
    room: Floats, site: float, price: float, load: Floats, narrowed: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Serve items in order; returns the price of the site limit, USD per gross MWh, and what the items earn, USD/h.

    `room` (B,) in IT MW is used up, `load` (I,) is filled, `narrowed` (B,) receives the margin per gross MWh of the
    first item that the bay's limit narrowed (0 where none).
    """
    for i in range(load.shape[0]):
        load[i] = 0.0
    earned = 0.0
    for k in range(order.shape[0]):
        item = order[k]
        margin = rank[item] - price
        if margin <= 0.0:
            break
        b = bay[item]
        served = cap[item]
        if room[b] < served:
            served = room[b]
            if narrowed[b] == 0.0:
                narrowed[b] = margin
        drawn = served * gross[b]
        if groups is not None:
            let = _narrow(groups, b, drawn, margin)
            if let < drawn:
                served, drawn = let * inverse[b], let
        if site < drawn:
            load[item] = site * inverse[b]
            return margin, earned + margin * site
        if groups is not None:
            _take(groups, b, drawn)
        load[item] = served
        room[b] -= served
        site -= drawn
        earned += margin * drawn
    return 0.0, earned


@njit(nogil=True, error_model="numpy", inline="always")
def _standing(no_load: Floats, fitted: Floats) -> float:
    """Gross MW the fitted bays draw whatever they run."""
    total = 0.0
    for b in range(fitted.shape[0]):
        total += no_load[b] * fitted[b]
    return total


@njit(nogil=True, error_model="numpy", inline="always")
def _open(
    overhead: Floats, limit: Floats, fitted: Floats, groups: Groups | None, t: int, gross: Floats, inverse: Floats,
    room: Floats, narrowed: Floats,
) -> None:  # fmt: skip
    """Set `gross`, `inverse`, `room`, `narrowed` (B,) and the groups to an hour in which nothing is served yet."""
    for b in range(fitted.shape[0]):
        gross[b] = 1.0 + overhead[b, t]
        inverse[b] = 1.0 / gross[b]
        room[b] = limit[b, t] * fitted[b]
        narrowed[b] = 0.0
    if groups is not None:
        for g in range(groups.up.shape[0]):
            groups.space[g] = groups.limit[g, t] - groups.standing[g]
            groups.narrowed[g] = 0.0


@njit(nogil=True, error_model="numpy", inline="always")
def _accumulate(groups: Groups | None, scarcity: float, narrowed: Floats, around: Floats) -> None:
    """Turn first margins into cumulative prices; `around` (B,) receives that of the next larger limit of each bay."""
    if groups is not None:
        for g in range(groups.up.shape[0] - 1, -1, -1):
            larger = groups.up[g]
            groups.narrowed[g] = max(groups.narrowed[g], scarcity if larger < 0 else groups.narrowed[larger])
    for b in range(narrowed.shape[0]):
        around[b] = scarcity
        if groups is not None and groups.above[b] >= 0:
            around[b] = groups.narrowed[groups.above[b]]
        narrowed[b] = max(narrowed[b], around[b])


@njit(nogil=True, error_model="numpy")
def _group_price(groups: Groups, g: int, scarcity: float) -> float:
    """Price of one group, from cumulative ones, USD per gross MWh."""
    larger = groups.up[g]
    return float(groups.narrowed[g] - (scarcity if larger < 0 else groups.narrowed[larger]))


@_compiled
def price_hours(
    weight: Floats, price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats,
    groups: Groups | None, bay: Ints, earn: Floats, extra: Floats | None, passed: Floats, spot: Floats, cap: Floats,
    fitted: Floats, item_slope: Floats, fitted_slope: Floats, group_price: Floats, site_price: Floats | None,
) -> tuple[float, float]:  # fmt: skip
    """Value of the hours and one joint dual-feasible vector, already summed into slopes.

    Fills `item_slope` (I,), `fitted_slope` (B,), `group_price` (G,), USD per MW more of each group's limit, and where
    asked for `site_price` (T,), USD per MW more of the site's limit in each hour, weights included; returns
    (value, intercept) in USD, where the cost of not serving firm load is still missing from both, and what stands in
    the groups before anything runs from `fitted_slope`.
    """
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, inverse, room = np.empty(bays), np.empty(bays), np.empty(bays)
    narrowed, around = np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    value, intercept = 0.0, 0.0
    for t in range(weight.shape[0]):
        _open(overhead, limit, fitted, groups, t, gross, inverse, room, narrowed)
        _rank(order, rank, earn, extra, t, passed, spot[t], bay, inverse)
        site = site_limit[t] - standing
        scarcity, earned = _fill(
            order, rank, bay, gross, inverse, cap, groups, room, site, price[t], load, narrowed
        )  # fmt: skip
        _accumulate(groups, scarcity, narrowed, around)
        w, cost = weight[t], price[t] + scarcity
        for b in range(bays):
            fitted_slope[b] += w * ((narrowed[b] - around[b]) * gross[b] * limit[b, t] - cost * no_load[b])
        if groups is not None:
            for g in range(groups.up.shape[0]):
                worth = w * _group_price(groups, g, scarcity)
                group_price[g] += worth
                intercept += worth * groups.limit[g, t]
        for k in range(items):
            i = order[k]
            margin = rank[i] - price[t]
            if margin <= scarcity:
                break
            b = bay[i]
            if margin > narrowed[b]:
                item_slope[i] += w * (margin - narrowed[b]) * gross[b]
        value += w * (earned - price[t] * standing)
        intercept += w * scarcity * site_limit[t]
        if site_price is not None:
            site_price[t] = w * scarcity
    return value, intercept


@_compiled
def schedule_hours(
    price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats, groups: Groups | None,
    bay: Ints, earn: Floats, extra: Floats | None, passed: Floats, spot: Floats, cap: Floats, fitted: Floats,
    schedule: Floats,
) -> None:  # fmt: skip
    """Fill `schedule` (I, T) with the critical IT MW of each item in each hour."""
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, inverse, room, narrowed = np.empty(bays), np.empty(bays), np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    for t in range(price.shape[0]):
        _open(overhead, limit, fitted, groups, t, gross, inverse, room, narrowed)
        _rank(order, rank, earn, extra, t, passed, spot[t], bay, inverse)
        site = site_limit[t] - standing
        _fill(order, rank, bay, gross, inverse, cap, groups, room, site, price[t], load, narrowed)
        for i in range(items):
            schedule[i, t] = load[i]


@_compiled
def price_limits(
    weight: Floats, price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats,
    groups: Groups | None, bay: Ints, earn: Floats, extra: Floats | None, passed: Floats, spot: Floats, cap: Floats,
    fitted: Floats, site_price: Floats, bay_price: Floats, group_price: Floats,
) -> None:  # fmt: skip
    """Fill `site_price` (T,), `bay_price` (B, T), `group_price` (G, T): USD per MW of the limits, weights included."""
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, inverse, room = np.empty(bays), np.empty(bays), np.empty(bays)
    narrowed, around = np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    for t in range(price.shape[0]):
        _open(overhead, limit, fitted, groups, t, gross, inverse, room, narrowed)
        _rank(order, rank, earn, extra, t, passed, spot[t], bay, inverse)
        site = site_limit[t] - standing
        scarcity, _ = _fill(
            order, rank, bay, gross, inverse, cap, groups, room, site, price[t], load, narrowed
        )  # fmt: skip
        _accumulate(groups, scarcity, narrowed, around)
        site_price[t] = weight[t] * scarcity
        for b in range(bays):
            bay_price[b, t] = weight[t] * (narrowed[b] - around[b]) * gross[b]
        if groups is not None:
            for g in range(groups.up.shape[0]):
                group_price[g, t] = weight[t] * _group_price(groups, g, scarcity)

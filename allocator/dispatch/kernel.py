"""Compiled merit order over the hours of one site-node.

An item is a segment or the firm load of a bay; serving firm load earns its shed price. Items of a bay
share its overhead and its limit, bays share the site limit: one nested family of limits, in which filling
in order of earnings per gross MWh is optimal (Edmonds' greedy for polymatroids, 1970). The order depends
on the overheads alone, never on the power price, so it is carried from hour to hour and repaired by
insertion.

Arrays: T hours, B bays, I items. `limit` and `overhead` are (B, T), `earn` and `cap` are (I,).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numpy as np
from numba import njit

from allocator.instance.tree import Floats, Ints

P = ParamSpec("P")
T = TypeVar("T")


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
def _rank(order: Ints, rank: Floats, earn: Floats, bay: Ints, gross: Floats) -> None:
    """Sort items by earnings per gross MWh, best first, starting from last hour's order."""
    for i in range(earn.shape[0]):
        rank[i] = earn[i] / gross[bay[i]]
    for k in range(1, order.shape[0]):
        item = order[k]
        value = rank[item]
        j = k - 1
        while j >= 0 and rank[order[j]] < value:
            order[j + 1] = order[j]
            j -= 1
        order[j + 1] = item


@njit(nogil=True, error_model="numpy", inline="always")
def _fill(
    order: Ints, rank: Floats, bay: Ints, gross: Floats, cap: Floats, room: Floats, site: float, price: float,
    load: Floats, clipped: Floats,
) -> float:  # fmt: skip
    """Serve items in order; returns the price of the site limit, USD per gross MWh.

    `room` (B,) is used up, `load` (I,) is filled, `clipped` (B,) receives the margin per gross MWh of the
    first item its bay limit cut short (0 where none).
    """
    for i in range(load.shape[0]):
        load[i] = 0.0
    for k in range(order.shape[0]):
        item = order[k]
        margin = rank[item] - price
        if margin <= 0.0:
            break
        want = cap[item]
        b = bay[item]
        served = want
        if room[b] < served:
            served = room[b]
            if clipped[b] == 0.0:
                clipped[b] = margin
        if site < served * gross[b]:
            load[item] = site / gross[b]
            return float(margin)
        load[item] = served
        room[b] -= served
        site -= served * gross[b]
    return 0.0


@njit(nogil=True, error_model="numpy", inline="always")
def _standing(no_load: Floats, fitted: Floats) -> float:
    """Gross MW the fitted bays draw whatever they run."""
    total = 0.0
    for b in range(fitted.shape[0]):
        total += no_load[b] * fitted[b]
    return total


@njit(nogil=True, error_model="numpy", inline="always")
def _open(
    overhead: Floats, limit: Floats, fitted: Floats, t: int, gross: Floats, room: Floats, clipped: Floats
) -> None:  # fmt: skip
    """Set `gross`, `room` and `clipped` (B,) to an hour in which nothing is served yet."""
    for b in range(fitted.shape[0]):
        gross[b] = 1.0 + overhead[b, t]
        room[b] = limit[b, t] * fitted[b]
        clipped[b] = 0.0


@_compiled
def price_hours(
    weight: Floats, price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats,
    bay: Ints, earn: Floats, cap: Floats, fitted: Floats, item_slope: Floats, fitted_slope: Floats,
) -> tuple[float, float]:  # fmt: skip
    """Value of the hours and one joint dual-feasible vector, already summed into slopes.

    Fills `item_slope` (I,) and `fitted_slope` (B,); returns (value, intercept) in USD, where the cost of
    not serving firm load is still missing from both.
    """
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, room, clipped = np.empty(bays), np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    value, intercept = 0.0, 0.0
    for t in range(weight.shape[0]):
        _open(overhead, limit, fitted, t, gross, room, clipped)
        _rank(order, rank, earn, bay, gross)
        scarcity = _fill(order, rank, bay, gross, cap, room, site_limit[t] - standing, price[t], load, clipped)
        w, cost = weight[t], price[t] + scarcity
        for b in range(bays):
            clipped[b] = max(clipped[b] - scarcity, 0.0) * gross[b]
            fitted_slope[b] += w * (clipped[b] * limit[b, t] - cost * no_load[b])
        hour = -price[t] * standing
        for i in range(items):
            b = bay[i]
            hour += load[i] * gross[b] * (rank[i] - price[t])
            net = (rank[i] - cost) * gross[b] - clipped[b]
            if net > 0.0:
                item_slope[i] += w * net
        value += w * hour
        intercept += w * scarcity * site_limit[t]
    return value, intercept


@_compiled
def schedule_hours(
    price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats,
    bay: Ints, earn: Floats, cap: Floats, fitted: Floats, schedule: Floats,
) -> None:  # fmt: skip
    """Fill `schedule` (I, T) with the critical IT MW of each item in each hour."""
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, room, clipped = np.empty(bays), np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    for t in range(price.shape[0]):
        _open(overhead, limit, fitted, t, gross, room, clipped)
        _rank(order, rank, earn, bay, gross)
        _fill(order, rank, bay, gross, cap, room, site_limit[t] - standing, price[t], load, clipped)
        for i in range(items):
            schedule[i, t] = load[i]


@_compiled
def price_limits(
    weight: Floats, price: Floats, site_limit: Floats, overhead: Floats, limit: Floats, no_load: Floats,
    bay: Ints, earn: Floats, cap: Floats, fitted: Floats, site_price: Floats, bay_price: Floats,
) -> None:  # fmt: skip
    """Fill `site_price` (T,) and `bay_price` (B, T): USD per MW of the limits, hour weights included."""
    items, bays = earn.shape[0], fitted.shape[0]
    order = np.argsort(-earn)
    rank, load = np.empty(items), np.empty(items)
    gross, room, clipped = np.empty(bays), np.empty(bays), np.empty(bays)
    standing = _standing(no_load, fitted)
    for t in range(price.shape[0]):
        _open(overhead, limit, fitted, t, gross, room, clipped)
        _rank(order, rank, earn, bay, gross)
        scarcity = _fill(order, rank, bay, gross, cap, room, site_limit[t] - standing, price[t], load, clipped)
        site_price[t] = weight[t] * scarcity
        for b in range(bays):
            bay_price[b, t] = weight[t] * max(clipped[b] - scarcity, 0.0) * gross[b]

"""All ways to switch one whole fleet, tried one by one: slow, and nothing that could be wrong the same way."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

from allocator.instance.restarts import Restarts


def best_usd(
    prices: Sequence[float], mw: float, value: float, terms: Restarts, step_h: float, ran: bool | None, off_h: float
) -> float:
    """The most that any way of switching earns; `ran` before the first step, or None: not known."""
    ways = product((False, True), repeat=len(prices))
    return max(_earned(way, prices, mw, value, terms, step_h, ran, off_h) for way in ways)


def _earned(
    way: Sequence[bool], prices: Sequence[float], mw: float, value: float, terms: Restarts, step_h: float,
    ran: bool | None, off_h: float,
) -> float:  # fmt: skip
    restart_h, least_off_h, least_run_h, usd = (float(term[0]) for term in vars(terms).values())
    earned, was = 0.0, way[0] if ran is None else ran
    stood_h, ran_h = (off_h if ran is False else math.inf), math.inf
    left_h = 0.0
    for on, price in zip(way, prices, strict=True):
        if on and not was:
            if stood_h < least_off_h - 1e-9:
                return -math.inf
            earned, left_h, ran_h = earned - usd * mw, restart_h, 0.0
        if not on and was:
            if ran_h < max(least_run_h, restart_h) - 1e-9:
                return -math.inf
            stood_h = 0.0
        if on:
            lost_h = min(left_h, step_h)
            earned += mw * (value * (step_h - lost_h) - price * step_h)
            left_h, ran_h = left_h - lost_h, ran_h + step_h
        else:
            stood_h += step_h
        was = on
    return earned

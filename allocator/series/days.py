"""Representative days: a few weighted days that stand for all hours of one site in one node.

The dearest and the hottest day always stay, each for itself; the others are clustered around medoids (k-medoids:
greedy build, then swaps as long as one helps), on their 24 prices and 24 ambient temperatures. Everything is
deterministic: ties go to the earlier day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.series.specs import Floats, Ints

DAY_HOURS = 24
FEWEST_DAYS = 3


@dataclass(frozen=True)
class RepresentativeDays:
    """Days in rising order, (K,) positions as in the day index, and how many days each stands for, (K,).

    24 times the sum of the weights is the number of hours of the node.
    """

    days: Ints
    weight_days: Floats


def representative_days(
    price_usd_per_mwh: Floats, ambient_c: Floats, local_day_index: Ints, count: int
) -> RepresentativeDays:
    """Choose `count` days of a node.

    The dearest day (highest single price) and the hottest (highest single temperature) weigh one day each; where
    they are the same day there is one medoid more. A medoid weighs the days of its cluster. Days of 23 or 25 hours
    are never chosen; their hours are shared out over the medoids. Prices are compared by their order of magnitude
    (inverse hyperbolic sine of price over the median absolute price), so that a single spike does not outweigh
    every other difference.

    Args:
        price_usd_per_mwh, ambient_c: every hour of the node, (T,).
        local_day_index: 0, 1, ... rising: which local day each hour belongs to, (T,).
        count: days to keep, at least three; with as many days as there are, all of them are kept.

    Raises:
        ValueError: fewer than three days asked for, or no day of the node has 24 hours.
    """
    if count < FEWEST_DAYS:
        raise ValueError(f"{count} representative days: at least {FEWEST_DAYS} are needed")
    lengths = np.bincount(local_day_index)
    whole = np.flatnonzero(lengths == DAY_HOURS)
    if not len(whole):
        raise ValueError("no local day of the node has 24 hours")
    in_whole = lengths[local_day_index] == DAY_HOURS
    price = price_usd_per_mwh[in_whole].reshape(-1, DAY_HOURS)
    ambient = ambient_c[in_whole].reshape(-1, DAY_HOURS)
    kept = np.unique([np.argmax(price.max(axis=1)), np.argmax(ambient.max(axis=1))])
    others = np.setdiff1d(np.arange(len(whole)), kept)
    chosen, sizes = _medoids(_distances(price[others], ambient[others]), count - len(kept))
    # Days of 23 and 25 hours, and days that round: the medoids stand for whatever the kept days do not.
    rest = len(local_day_index) / DAY_HOURS - len(kept)
    scaled = sizes * (rest / sizes.sum()) if len(others) else sizes
    extremes = np.ones(len(kept)) if len(others) else np.full(len(kept), 1.0 + rest / len(kept))
    days = np.concatenate((whole[kept], whole[others[chosen]]))
    order = np.argsort(days)
    return RepresentativeDays(days[order], np.concatenate((extremes, scaled))[order])


def hours_of(chosen: RepresentativeDays, local_day_index: Ints) -> tuple[Ints, Floats]:
    """Positions of the hours of the chosen days, (24 K,) rising, and the hours each stands for, (24 K,)."""
    positions = np.flatnonzero(np.isin(local_day_index, chosen.days))
    day = np.searchsorted(chosen.days, local_day_index[positions])
    return positions, chosen.weight_days[day]


def _distances(price: Floats, ambient: Floats) -> Floats:
    """Euclidean distances between the days' profiles, each quantity scaled to unit spread, (D, D)."""
    middle = np.median(np.abs(price)) if price.size else 0.0
    profiles = np.hstack([_scaled(np.arcsinh(price / middle if middle > 0 else price)), _scaled(ambient)])
    squares = np.square(profiles[:, None, :] - profiles[None, :, :]).sum(axis=2)
    return np.asarray(np.sqrt(squares), dtype=np.float64)


def _scaled(values: Floats) -> Floats:
    spread = values.std() if values.size else 0.0
    return values / spread if spread > 0 else np.zeros_like(values)


def _medoids(distance: Floats, count: int) -> tuple[Ints, Floats]:
    """Medoids, rising, and the sizes of their clusters; every point where there are no more than `count`."""
    points = len(distance)
    if points <= count:
        return np.arange(points), np.ones(points)
    chosen = _build(distance, count)
    while (better := _best_swap(distance, chosen)) is not None:
        chosen = better
    nearest = np.argmin(distance[:, chosen], axis=1)
    return chosen, np.bincount(nearest, minlength=count).astype(np.float64)


def _build(distance: Floats, count: int) -> Ints:
    """Greedy start: each time the point that lowers the total distance most, (count,) rising."""
    nearest = np.full(len(distance), np.inf)
    chosen: list[int] = []
    for _ in range(count):
        total = np.minimum(nearest[:, None], distance).sum(axis=0)
        total[chosen] = np.inf
        chosen.append(int(np.argmin(total)))
        nearest = np.minimum(nearest, distance[:, chosen[-1]])
    return np.sort(np.array(chosen, dtype=np.int64))


def _best_swap(distance: Floats, chosen: Ints) -> Ints | None:
    """Medoids after the swap that lowers the total distance most; None where none does."""
    total = distance[:, chosen].min(axis=1).sum()
    best, found = total - 1e-9 * max(total, 1.0), None
    for out in range(len(chosen)):
        kept = np.delete(chosen, out)
        nearest = distance[:, kept].min(axis=1, initial=np.inf)
        totals = np.minimum(nearest[:, None], distance).sum(axis=0)
        into = int(np.argmin(totals))
        if totals[into] < best:
            best, found = totals[into], np.sort(np.append(kept, into))
    return found

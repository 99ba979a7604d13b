"""Coincident peaks of a scenario: probabilities of hours, causes by node and January, and when they are paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.coincident import NO_COINCIDENT, Coincident
from allocator.instance.delivery import in_hours, local_times
from allocator.instance.finance import discount
from allocator.instance.hour_store import HourStore
from allocator.instance.last_year import HOURS_PER_YEAR
from allocator.instance.series_book import SeriesBook
from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.scenario.coincident_peaks import CoincidentPeak, PeakProbabilities
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.sites import Site

ROUNDING = 0.01
"""How far the probabilities of a month may be from 1 before that is a fault."""
YEAR_MONTHS = 12
JANUARY_AFTER = 13


@dataclass(frozen=True)
class _Peak:
    """One coincident peak over the horizon.

    Attributes:
        place: for faults. site: position.
        usd_per_mw: of a MW drawn in each hour of the horizon, (T,). due_month: January of each month, (M,).
        by_month: what a MW drawn through a month of which each hour counts is charged, (M,); 0 where none is.
    """

    place: str
    site: int
    usd_per_mw: Floats
    due_month: Ints
    by_month: Floats


@dataclass(frozen=True)
class _Cause:
    """What one node adds to what one peak charges in one January."""

    peak: int
    node: int
    due_month: int
    due_usd_per_mw: Floats


def compile_coincident(
    sites: Sequence[Site], hours: HourStore, book: SeriesBook, tree: NodeTree, per_year: float, time_zone: str
) -> Coincident:
    """Coincident peaks in the order of the file, site by site; `per_year` discounts operations.

    Raises:
        ScenarioFaults: probabilities of a month that do not sum to 1, or a month without an hour for its peak.
    """
    listed = [(s, peak) for s, site in enumerate(sites) for peak in site.coincident_peaks]
    if not listed:
        return NO_COINCIDENT
    faults: list[Fault] = []
    peaks = [_over_horizon(sites[s], s, peak, book, time_zone, faults) for s, peak in listed]
    causes = [] if faults else _causes(peaks, hours, book, tree, faults)
    if faults:
        raise ScenarioFaults(faults)
    peak, node, due = np.array([(c.peak, c.node, c.due_month) for c in causes], dtype=np.int64).reshape(-1, 3).T
    first = _first_january(tree)
    opening = np.array([stated.opening_owed_usd for _, stated in listed])
    stated = Coincident(
        names=tuple(stated.name for _, stated in listed),
        site=np.array([s for s, _ in listed], dtype=np.int64),
        peak=peak,
        node=node,
        due_month=due,
        due_usd_per_mw=tuple(c.due_usd_per_mw for c in causes),
        put_off_share=np.zeros(len(causes)),
        paid=_pairs([(e, m) for e, c in enumerate(causes) for m in _holding(tree, c.node, c.due_month)]),
        left=_pairs([(e, leaf) for e, c in enumerate(causes) for leaf in _beyond(tree, c.node, c.due_month)]),
        late_discount=discount(per_year, _years(due)),
        opening_usd=opening,
        opening_paid=_pairs([(k, m) for k in np.flatnonzero(opening).tolist() for m in _nodes_of(tree, first)]),
        opening_left=_pairs(
            [(k, leaf) for k in np.flatnonzero(opening).tolist() for leaf in _leaves_before(tree, first)]
        ),
        opening_discount=float(discount(per_year, _years(np.array(first)))),
    )
    return replace(stated, put_off_share=put_off_share(stated, tree, discount(per_year, tree.mid_years)))


def with_peaks_beyond(
    hours: HourStore, sites: Sequence[Site], stated: Coincident, tree: NodeTree, book: SeriesBook, per_year: float
) -> HourStore:
    """Hours as the years beyond the horizon see them: the charge of a whole year at the rate of the last month, at its
    worth when caused, in the hours of the last twelve months that count; as steady load where none of them does."""
    if not stated.names:
        return hours
    adder, steady = np.zeros(len(hours.utc)), hours.demand_usd_per_mw_year.copy()
    for k, peak in enumerate(peak for site in sites for peak in site.coincident_peaks):
        s = int(stated.site[k])
        later = discount(per_year, (JANUARY_AFTER - np.array(peak.months)) / YEAR_MONTHS).mean()
        worth = float(book.monthly(peak.usd_per_mw_year)[-1] * later)
        flat, found = _last_causes(stated, k, hours, tree)
        if found.sum() > 0:
            sample_h = sum(hours.weight_h[hours.steps(s, n)].sum() for n in _last_nodes(hours, tree))
            scaled = found * (worth / found.sum()) * (float(sample_h) / HOURS_PER_YEAR)
            adder[flat] += scaled / hours.weight_h[flat]
        else:
            steady[s] += worth
    return replace(hours, beyond_adder_usd_per_mwh=adder, demand_usd_per_mw_year=steady)


def _last_nodes(hours: HourStore, tree: NodeTree) -> list[int]:
    """One node of each period that overlaps the last twelve months."""
    end = int((tree.first_month + tree.months).max())
    last = np.flatnonzero(tree.first_month + tree.months > end - YEAR_MONTHS)
    return [int(n) for n in last[np.unique(hours.period[last], return_index=True)[1]]]


def _last_causes(stated: Coincident, peak: int, hours: HourStore, tree: NodeTree) -> tuple[Ints, Floats]:
    """Flat steps of a peak's site in the last twelve months, and what a MW drawn there causes, (R,) each."""
    site, flat, found = int(stated.site[peak]), [np.zeros(0, dtype=np.int64)], [np.zeros(0)]
    for node in _last_nodes(hours, tree):
        for e in np.flatnonzero((stated.peak == peak) & (stated.node == node)).tolist():
            steps = hours.steps(site, node)
            flat.append(np.arange(steps.start, steps.stop))
            found.append(stated.due_usd_per_mw[e])
    return np.concatenate(flat), np.concatenate(found)


def _over_horizon(
    site: Site, position: int, peak: CoincidentPeak, book: SeriesBook, time_zone: str, faults: list[Fault]
) -> _Peak:
    """Charge of a MW by hour; faults of its probabilities are added to `faults`."""
    grid = book.grid
    month = np.searchsorted(grid.hours_from_start, np.arange(grid.hours_from_start[-1]), side="right") - 1
    of_year = np.array([int(str(label)[5:]) for label in grid.month])
    billed = np.isin(of_year, peak.months)
    place = f"site {site.name}, coincident peak {peak.name}"
    share = np.where(billed[month], _probability(peak, book, time_zone), 0.0)
    total = np.bincount(month, share, len(grid)).astype(float)
    faults += _faults(peak, place, billed, share, total, [str(label) for label in grid.month])
    rate = np.where(billed, book.monthly(peak.usd_per_mw_year) / len(peak.months), 0.0)
    per_mw = share * (rate / np.where(total > 0, total, 1.0))[month]
    due = np.arange(len(grid)) + JANUARY_AFTER - of_year
    return _Peak(place, position, per_mw, due, rate)


def _probability(peak: CoincidentPeak, book: SeriesBook, time_zone: str) -> Floats:
    """Of each hour of the horizon, up to a factor by month, (T,)."""
    if isinstance(peak.hours, PeakProbabilities):
        return book.hourly[peak.hours.series]
    return in_hours(peak.hours, local_times(book.grid.hour_starts, time_zone)).astype(float)


def _faults(
    peak: CoincidentPeak, place: str, billed: Bools, share: Floats, total: Floats, month: Sequence[str]
) -> list[Fault]:
    if (share < 0).any():
        found = f"{share.min():.6g} in some hour"
        return [Fault(place, found, "probabilities of at least 0", "correct the series of its hours")]
    given = isinstance(peak.hours, PeakProbabilities)
    wrong = billed & ((np.abs(total - 1.0) > ROUNDING) if given else (total == 0))
    expected = "probabilities that sum to 1 in every billed month" if given else "an hour of every billed month"
    fix = "divide those of the month by their sum" if given else "widen its days or hours"
    told = [f"{total[m]:.6g} in {month[m]}" if given else f"none in {month[m]}" for m in np.flatnonzero(wrong).tolist()]
    return [Fault(place, words, expected, fix) for words in told]


def _causes(
    peaks: Sequence[_Peak], hours: HourStore, book: SeriesBook, tree: NodeTree, faults: list[Fault]
) -> list[_Cause]:
    """By peak, node and January; a month without a represented hour for its peak is a fault."""
    made: dict[tuple[int, int, int], Floats] = {}
    for k, peak in enumerate(peaks):
        for node in range(len(tree)):
            months = np.arange(tree.first_month[node], tree.first_month[node] + tree.months[node])
            for due in np.unique(peak.due_month[months[peak.by_month[months] > 0]]).tolist():
                key = (k, int(hours.period[node]), due)
                if key not in made:
                    made[key] = _caused(
                        peak, months[peak.due_month[months] == due], hours.steps(peak.site, node), hours, book
                    )
                if not made[key].any():
                    found, fix = f"none in {tree.name[node]}", "widen its hours, or take every hour (horizon.hours)"
                    faults.append(Fault(peak.place, found, "an hour of every billed period in its hours", fix))
    return [
        _Cause(k, node, due, made[k, period, due])
        for k in range(len(peaks))
        for node, period in enumerate(hours.period.tolist())
        for due in sorted(d for kk, p, d in made if (kk, p) == (k, period))
    ]


def _caused(peak: _Peak, months: Ints, steps: slice, hours: HourStore, book: SeriesBook) -> Floats:
    """What a MW drawn in each step causes of what some months charge, (T,): where days stand for others, the hours that
    are represented share what all hours of these months would."""
    at = np.searchsorted(book.grid.hour_starts, hours.utc[steps])
    month = np.searchsorted(book.grid.hours_from_start, at, side="right") - 1
    mass = np.where(np.isin(month, months), peak.usd_per_mw[at] * hours.weight_h[steps], 0.0)
    return np.asarray(mass * (peak.by_month[months].sum() / mass.sum())) if mass.any() else mass


def put_off_share(stated: Coincident, tree: NodeTree, factor: Floats) -> Floats:
    """Expected discount factor of the payment of each cause over that of its node, (E,)."""
    chance, worth = tree.probability, np.zeros(len(stated.peak))
    np.add.at(worth, stated.paid[:, 0], (chance * factor)[stated.paid[:, 1]])
    np.add.at(worth, stated.left[:, 0], chance[stated.left[:, 1]] * stated.late_discount[stated.left[:, 0]])
    return np.asarray(worth / (chance * factor)[stated.node])


def _years(month: Ints) -> Floats:
    """Years from the start of the horizon to the middle of a month."""
    return np.asarray((month + 0.5) / YEAR_MONTHS)


def _first_january(tree: NodeTree) -> int:
    """Months from the start of the horizon to the first January, 0 where it starts there."""
    return (JANUARY_AFTER - int(tree.start_month[5:])) % YEAR_MONTHS


def _nodes_of(tree: NodeTree, month: int) -> list[int]:
    """Nodes whose period holds a month."""
    return [int(n) for n in np.flatnonzero((tree.first_month <= month) & (month < tree.first_month + tree.months))]


def _leaves_before(tree: NodeTree, month: int) -> list[int]:
    """Leaves that end before a month."""
    return [int(leaf) for leaf in tree.leaves if tree.first_month[leaf] + tree.months[leaf] <= month]


def _holding(tree: NodeTree, node: int, month: int) -> list[int]:
    """The node or nodes below it whose period holds a month."""
    return [m for m in _nodes_of(tree, month) if node in tree.path(m)]


def _beyond(tree: NodeTree, node: int, month: int) -> list[int]:
    """Leaves below a node that end before a month."""
    return [leaf for leaf in _leaves_before(tree, month) if node in tree.path(leaf)]


def _pairs(found: Sequence[tuple[int, int]]) -> Ints:
    return np.array(found, dtype=np.int64).reshape(-1, 2)

"""Hours of a schedule held to what really can run: machines down, halls out, a meter's limit that is lower for a time.

What a tier cannot run is taken off its load. Where a site may draw less than is left, the tiers that earn the least per
MWh at the meter stop first; tenants are not touched, and an alert says so where that is not enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.schedule import Row, Schedule, sure_nodes
from allocator.plan.plan import Plan
from allocator.week.interface import Opening, Structure
from allocator.week.structure import Window, planned_structure

OpeningOf = Callable[[Structure], Opening]
LEAST_MW = 1e-6


@dataclass(frozen=True)
class _Lost:
    """Energy that was planned and cannot be had, MWh of IT load; and the most a site draws above its limit, MW."""

    mwh: float
    over_mw: float


def bounded(found: Schedule, instance: Instance, plan: Plan, opening_of: OpeningOf) -> tuple[Schedule, list[Alert]]:
    """The schedule with each site's opening in force, and what it costs in words."""
    if not found.rows:
        return found, []
    rows, alerts = list[Row](), list[Alert]()
    for site in dict.fromkeys(row.site for row in found.rows):
        own = [row for row in found.rows if row.site == site]
        structure = _structure(instance, plan, site, own)
        kept, lost = _held(own, structure, opening_of(structure), _grid(plan, site))
        rows += kept
        alerts += _told(site, lost)
    return replace(found, rows=tuple(rows)), alerts


def _structure(instance: Instance, plan: Plan, site: str, rows: Sequence[Row]) -> Structure:
    stamps = [pd.Timestamp(row.utc) for row in rows]
    first, last = min(stamps), max(stamps)
    window = Window(np.datetime64(first.tz_localize(None)), int((last - first).total_seconds() // 3600) + 1)
    return planned_structure(instance, plan.tables, site, sure_nodes(plan.tables["nodes"]), window)


def _grid(plan: Plan, site: str) -> pd.Series[float]:
    """Planned draw at the meter by moment."""
    nodes = sure_nodes(plan.tables["nodes"])
    hours = pd.concat([plan.dispatch[site, node]["hours"][["utc", "grid_mw"]] for node in nodes])
    return hours.set_index("utc")["grid_mw"]


def _held(
    rows: Sequence[Row], structure: Structure, opening: Opening, grid: pd.Series[float]
) -> tuple[list[Row], _Lost]:
    tiers = {(one.hall, one.fit_out, one.model, one.step): j for j, one in enumerate(structure.tiers)}
    steps = {stamp: t for t, stamp in enumerate(pd.DatetimeIndex(structure.utc, tz="UTC"))}
    places = [
        (tiers.get((row.hall, row.fit_out, row.model, -1 if row.step is None else row.step)), pd.Timestamp(row.utc))
        for row in rows
    ]
    load = np.zeros((len(structure.tiers), structure.hours))
    for row, (j, stamp) in zip(rows, places, strict=True):
        if j is not None:
            load[j, steps[stamp]] = row.load_mw
    draw: Floats = np.array(grid.loc[list(steps)], dtype=np.float64)
    left, over = _limited(load, structure, opening, draw)
    kept = [
        row if j is None else replace(row, load_mw=float(left[j, steps[stamp]]))
        for row, (j, stamp) in zip(rows, places, strict=True)
    ]
    return kept, _Lost(float((load - left).sum() * structure.step_h), over)


def _limited(load: Floats, structure: Structure, opening: Opening, grid: Floats) -> tuple[Floats, float]:
    """Load of each tier that is left, (J, T), and the most that the site draws above its limit all the same."""
    share = np.ones(1) if opening.available_share is None else opening.available_share
    left = np.minimum(load, structure.capacity_mw * share)
    if opening.site_limit_mw is None:
        return left, 0.0
    gross = 1.0 + structure.overhead
    over = np.maximum(0.0, grid - ((load - left) * gross).sum(axis=0) - opening.site_limit_mw)
    for t in np.flatnonzero(over > LEAST_MW):
        for j in np.argsort(structure.strike_usd_per_mwh[:, t], kind="stable"):
            less = min(left[j, t], over[t] / gross[j, t])
            left[j, t] -= less
            over[t] -= less * gross[j, t]
    return left, float(over.max(initial=0.0))


def _told(site: str, lost: _Lost) -> Iterator[Alert]:
    if lost.mwh > LEAST_MW:
        words = f"{site}: {lost.mwh:,.1f} MWh of the planned hours cannot run: machines down, outages or instructions"
        yield Alert(Severity.INFO, "schedule_limited", words, about=site)
    if lost.over_mw > LEAST_MW:
        words = f"{site}: tenants and overhead draw up to {lost.over_mw:,.2f} MW more than the meter may take"
        yield Alert(Severity.CRITICAL, "site_over_limit", words, about=site)

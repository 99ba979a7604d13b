"""The hours of a window as one linear program: those of the plan, with what restarts and moves add.

Every part is a site-node of `dispatch.rows`, its capacity given; the rows of `restarts` and `moves` tie its loads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.dispatch.hours import Pair, make_hours
from allocator.dispatch.interface import Schedule
from allocator.dispatch.rows import HourColumns, Supply, add_hours
from allocator.dispatch.schedule import make_schedule, offers_at, storage_flows, work_at
from allocator.instance.tree import Bools, Floats
from allocator.week import moves, restarts
from allocator.week.interface import Part, WeekOptions
from allocator.week.standing import Standing
from solvers.backends.highs import HighsSession
from solvers.model import Expr, Model
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.safe_bound import safe_dual_bound


@dataclass(frozen=True)
class Solved:
    """Loads and switching; `bound_usd` on the value of the hours less restarts, with what moving costs deducted."""

    schedules: tuple[Schedule, ...]
    on_share: Floats
    started_share: Floats
    bound_usd: float


def solve(site: Standing, scheduled: Floats, options: WeekOptions) -> Solved:
    """The best hours of the window; arguments as of `build`."""
    problem = build(site, scheduled, options)
    session = HighsSession(problem, SolveOptions())
    x = session.solve().point()
    bound = safe_dual_bound(problem, session.duals().row)
    return Solved(
        schedules=_schedules(site, problem, x),
        on_share=_shares(site, problem, x, "on_share"),
        started_share=_shares(site, problem, x, "started_share"),
        bound_usd=np.inf if bound is None else bound,
    )


def build(site: Standing, scheduled: Floats, options: WeekOptions) -> Problem:
    """The program.

    Args:
        scheduled: load of the schedule that is out, (J, T), nan where it says nothing.
    """
    fleets = site.slow_fleets
    model = Model("week", sense="max")
    held = np.asarray(np.isfinite(scheduled).any(axis=1))
    columns = _add_hours(model, site, held)
    value, load = columns.margin_usd.total(), columns.load.expr
    if site.varies:
        _available(model, load, site.available_mw)
    if len(fleets.first):
        value = value - restarts.add(model, fleets, load).cost_usd
    moving = moves.add(model, load, scheduled, site.available_mw, options.churn_usd_per_mw, options.most_moved_mw)
    model.objective(value if moving is None else value - moving)
    return _bounded(model.build(), site)


def _add_hours(model: Model, site: Standing, scheduled: Bools) -> HourColumns:
    """The hours of all parts. Loads that restarts or a schedule hold are listed whatever they earn."""
    parts = site.structure.parts
    kept = scheduled.copy()
    kept[site.slow_fleets.first] = True
    pairs, first, peak = [], 0, 0
    for k, part in enumerate(parts):
        pairs.append(_pair(part, k, first, peak, kept))
        first, peak = first + part.here.hours, peak + len(part.here.peaks)
    capacities = [part.capacity for part in parts]
    supply = Supply(
        fitted=_given([c.fitted for c in capacities], "bay"),
        firm_mw=_given([c.firm_mw for c in capacities], "tenancy"),
        segment_mw=_given([c.segment_mw for c in capacities], "segment"),
        peak_mw=_given([c.peak_mw for c in capacities], "charge"),
    )
    return add_hours(model, make_hours(pairs), supply)


def _pair(part: Part, k: int, first_hour: int, first_peak: int, kept: Bools) -> Pair:
    """Rows of the tables of capacity are numbered part by part; a tier without machines has none. Parts may have
    different demand charges: some are billed in a few months."""
    here, capacity = part.here, part.capacity
    bays, tenancies, segments = np.arange(here.bays), np.arange(here.tenancies), np.arange(here.segments)
    services = np.arange(0 if here.reserves is None else here.reserves.services)
    jobs = np.arange(0 if here.jobs is None else here.jobs.jobs)
    stands = capacity.segment_mw > 0.0
    return Pair(
        here, 0, k, first_hour, bays, tenancies, segments,
        bay_row=k * here.bays + bays,
        tenancy_row=np.where(capacity.firm_mw > 0.0, k * here.tenancies + tenancies, -1),
        segment_row=np.where(stands, k * here.segments + segments, -1),
        services=services,
        jobs=jobs,
        peak_row=first_peak + np.arange(len(here.peaks)),
        kept=kept,
    )  # fmt: skip


def _given(by_part: Sequence[Floats], axis: str) -> Expr:
    """Numbers as an expression over a table of (axis, node)."""
    values = np.concatenate([np.empty(0), *by_part])
    label = np.concatenate([np.arange(len(one)) for one in by_part])
    node = np.repeat(np.arange(len(by_part)), [len(one) for one in by_part])
    return Expr.of(values, pd.DataFrame({axis: label, "node": node}, dtype=np.int64))


def _available(model: Model, load: Expr, available_mw: Floats) -> None:
    """OUTAGE.available: a tier has no more than what is there in the step."""
    segment, hour = load.index["segment"].to_numpy(), load.index["hour"].to_numpy()
    model.rows("OUTAGE.available", load <= available_mw[segment, hour])


def _bounded(problem: Problem, site: Standing) -> Problem:
    """Upper bounds for what rows bound, so that no dual leaves the bound open."""
    upper = problem.upper.copy()
    loads = problem.columns["load_mw"]
    upper[loads.slice] = site.available_mw[loads.index["segment"], loads.index["hour"]]
    sheds = problem.columns["shed_mw"]
    firm = site.structure.over_steps([part.capacity.firm_mw for part in site.structure.parts])
    upper[sheds.slice] = firm[sheds.index["tenancy"], sheds.index["hour"]]
    return replace(problem, upper=upper)


def _schedules(site: Standing, problem: Problem, x: Floats) -> tuple[Schedule, ...]:
    structure = site.structure
    load = np.zeros((len(structure.tiers), structure.hours))
    shed = np.zeros((len(structure.tenant_halls), structure.hours))
    for name, axis, table in (("load_mw", "segment", load), ("shed_mw", "tenancy", shed)):
        family = problem.columns[name]
        table[family.index[axis], family.index["hour"]] = x[family.slice]
    load = _switched(site, problem, x, np.minimum(load, site.available_mw))
    found = []
    for part, at in zip(structure.parts, structure.slices, strict=True):
        here, first = part.here, (0, 0, at.start)
        flows = storage_flows(here, problem, x, at.start)
        offers, work = offers_at(here, problem, x, first), work_at(here, problem, x, first)
        found.append(make_schedule(here, part.capacity, load[:, at], shed[:, at], flows, offers, work))
    return tuple(found)


def _switched(site: Standing, problem: Problem, x: Floats, load: Floats) -> Floats:
    """Loads (J, T) of slow fleets as their shares have them, which a solver keeps within its tolerance only."""
    slow, most = site.slow_fleets, site.available_mw
    on, started = (_shares(site, problem, x, name) for name in ("on_share", "started_share"))
    load[slow.first] = most[slow.first] * on
    load[slow.later] = np.minimum(load[slow.later], most[slow.later] * slow.back_share(on, started)[slow.later_fleet])
    return load


def _shares(site: Standing, problem: Problem, x: Floats, name: str) -> Floats:
    """Of slow fleets, (slow, T), within 0 .. 1."""
    if name not in problem.columns:
        return np.zeros((0, site.structure.hours))
    return np.clip(x[problem.columns[name].slice].reshape(-1, site.structure.hours), 0.0, 1.0)

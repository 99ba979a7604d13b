"""A backtest: the nightly run over days of the past with only what was known then, beside rules and perfect foresight.

What stands (halls, machines, tenants) is that of one plan throughout. Every site is replayed for itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.inputs import with_hours
from allocator.pipeline.method import DEFAULTS, SolveRequest, versions_behind
from allocator.pipeline.progress import OnEvent, ignore
from allocator.pipeline.solve import compiled, demand_best_hours, plan_in, solve_scenario
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_plan
from allocator.plan.schema import partition
from allocator.scenario.load import LoadedScenario
from allocator.series.clock import localize, parse_zone
from allocator.studies.backtest import battery_rules, rules, tables
from allocator.studies.backtest.build import in_pieces, make_site
from allocator.studies.backtest.forecast import Errors
from allocator.studies.backtest.history import market, service_prices
from allocator.studies.backtest.nights import Decide, Replay, Replayed, forecast_errors
from allocator.studies.backtest.orders import NIGHTS, Kept, opened
from allocator.studies.backtest.plans import begun_nodes, replanned
from allocator.studies.backtest.refused import demand_replayable
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.score import COMPONENTS, Scored
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.strikes import best_fixed, year_before
from allocator.studies.backtest.windows import Windows, windows
from allocator.studies.study_files import write_head, write_table

PLAN, HEAD, RUN = "plan", "backtest", "run"
FULL_HOURS = "full"
FEWEST_HOURS_BEFORE = 2000
"""Hours with prices from which on the year before has a strike price."""

OnNights = Callable[[str, int, int], None]
"""Hears of a site how many nights are done, of how many."""


def no_nights(_: str, __: int, ___: int) -> None:
    """Hears nothing."""


@dataclass(frozen=True)
class BacktestRequest:
    """What a backtest is asked.

    Attributes:
        first, last: days of the horizon's zone, both included. lag_h: hours with which machines follow prices.
        strike_usd_per_mwh: one more rule of that strike price. plan: folder of the plan; None: solve one.
        solve: how a plan is solved. replans: make a plan at the start of every node, from what was known then.
    """

    first: date
    last: date
    lag_h: int = 0
    strike_usd_per_mwh: float | None = None
    plan: Path | None = None
    solve: SolveRequest = DEFAULTS
    replans: bool = False


@dataclass(frozen=True)
class Timing:
    """Seconds: of every night that was decided, now or before, and of this run in all."""

    nights: tuple[float, ...]
    run: float


@dataclass(frozen=True)
class Backtested:
    """A finished backtest: its tables by name, what heads them, the sites it is made of, and how long it took."""

    head: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    scored: Sequence[Scored] = field(repr=False)
    timing: Timing = field(repr=False)


def backtest(
    loaded: LoadedScenario,
    request: BacktestRequest,
    out: Path,
    decide: Decide,
    on_event: OnEvent = ignore,
    on_nights: OnNights = no_nights,
) -> Backtested:
    """Replay the days asked for, or what an earlier run of the same backtest left of them, and write `out`.

    Raises:
        BadInputError: days outside the horizon, prices that are no past, hours that rules cannot run, or `out` holds
            something else. PipelineError: no plan. WriteError: `out` cannot be written.
    """
    began, chosen = time.monotonic(), with_hours(loaded, FULL_HOURS)
    span = days_of(chosen, request)
    for stated in chosen.scenario.sites:
        service_prices(chosen, stated, *span)
        market(chosen, stated, *span)  # prices that are no past are told before anything is solved or written
    instance = compiled(chosen)
    for stated in chosen.scenario.sites:
        demand_replayable(instance, stated.name, span)
    opened(out, _identity(chosen, request))
    plans, sites = _plans(chosen, instance, span, request, out, on_event), []
    for stated in chosen.scenario.sites:
        made = in_pieces(windows(instance, {n: plan.tables for n, plan in plans.items()}, stated.name), *span)
        sites.append(_site(make_site(chosen, made, *span), made, request, decide, out, on_nights))
    scored = [one.scored for one in sites]
    found = {
        tables.RULES: tables.rules_table(scored),
        tables.MONTHS: tables.months_table(scored),
        tables.FORECAST: tables.forecast_table([(one.scored.site.structure.site, one.errors) for one in sites]),
        tables.REGRET: tables.regret_table(scored),
        tables.BATTERY: tables.battery_table(scored),
    }
    head = _head(chosen, request, plans, scored)
    timing = Timing(tuple(spent for one in sites for spent in one.seconds), time.monotonic() - began)
    _write(out, found, head, timing)
    return Backtested(head, found, scored, timing)


@dataclass(frozen=True)
class _Site:
    """Of one site; seconds of its nights."""

    scored: Scored
    errors: Errors
    seconds: tuple[float, ...]


def _site(site: Site, made: Windows, request: BacktestRequest, decide: Decide, out: Path, on_nights: OnNights) -> _Site:
    name, count = site.structure.site, len(site.days)
    perfect, free, *simple = _simple(site, request)
    asked = rules.NIGHTLY, rules.TOLD
    replayed = list[Replayed]()
    for position, rule in enumerate(asked):
        replay = Replay(site, made, decide, request.lag_h, rule, Kept(out / NIGHTS / partition(name) / rule))
        replayed.append(replay.run(_telling(on_nights, name, position * count, len(asked) * count)))
    runs = [perfect, *(one.run for one in replayed), *simple, *(one.without for one in replayed if one.without), free]
    return _Site(Scored(site, runs), forecast_errors(site), tuple(s for one in replayed for s in one.seconds))


def _telling(on_nights: OnNights, site: str, before: int, whole: int) -> Callable[[int], None]:
    return lambda done: on_nights(site, before + done, whole)


def _simple(site: Site, request: BacktestRequest) -> list[Run]:
    """Perfect foresight and machines without terms first, then every rule that can be followed here."""
    lag_h, free = request.lag_h, rules.free(site)
    alone = rules.PERFECT if site.around is None else rules.PERFECT_WITHOUT
    perfect = rules.perfect(site, alone, float(free.hours.margin.sum()))
    best = perfect if site.around is None else rules.by_program(site)
    found = [best, free, rules.break_even(site, lag_h)]
    if site.around is not None:
        found += [perfect, *_battery(site, lag_h)]
    if not np.isnan(site.day_ahead).all():
        found.append(rules.day_ahead(site))
    if site.mines.any():
        found += _fixed(site, request)
    return [*found, rules.always(site), rules.never(site)]


def _battery(site: Site, lag_h: int) -> Iterator[Run]:
    """Simple rules of the battery beside machines that run up to what they earn."""
    pair = battery_rules.best_pair(battery_rules.of_site(site, lag_h))
    yield battery_rules.by_pair(site, rules.PAIR_HINDSIGHT, pair, lag_h)
    before = battery_rules.of_year_before(site, lag_h)
    if (~np.isnan(before.price)).sum() >= FEWEST_HOURS_BEFORE:
        yield battery_rules.by_pair(site, rules.PAIR_BEFORE, battery_rules.best_pair(before), lag_h)
    if not np.isnan(site.day_ahead).all():
        yield battery_rules.by_day_ahead(site, lag_h)


def _fixed(site: Site, request: BacktestRequest) -> Iterator[Run]:
    lag_h, machines = request.lag_h, site.machines
    mines = np.flatnonzero(site.mines[machines.first]).tolist()
    terms, seen = machines.restarts.of(np.array(mines)), rules.price_seen(site, lag_h)
    fleets = site.fleets(site.full[0])
    own = [fleets[f] for f in mines]
    yield rules.fixed(site, rules.HINDSIGHT, best_fixed(site.real_time, seen, own, terms), lag_h)
    year = year_before(site, lag_h)
    if year.hours >= FEWEST_HOURS_BEFORE:
        then = [year.fleets[f] for f in mines]
        yield rules.fixed(site, rules.BEFORE, best_fixed(year.price, year.seen, then, terms), lag_h)
    if request.strike_usd_per_mwh is not None:
        yield rules.fixed(site, rules.STATED, request.strike_usd_per_mwh, lag_h)


def _plans(
    loaded: LoadedScenario,
    instance: Instance,
    span: tuple[np.datetime64, np.datetime64],
    request: BacktestRequest,
    out: Path,
    on_event: OnEvent,
) -> dict[str, Plan]:
    """The plan in force in each node."""
    if request.replans:
        return replanned(loaded, begun_nodes(instance, span), request.solve, out, on_event)
    plan = _plan(loaded, request, out, on_event)
    return {str(name): plan for name in instance.tree.name}


def _plan(loaded: LoadedScenario, request: BacktestRequest, out: Path, on_event: OnEvent) -> Plan:
    """The plan named, or the one an earlier run solved, or one solved now."""
    if request.plan is not None:
        plan = plan_in(request.plan)
        demand_best_hours(plan.meta)
        if plan.meta.input_hash != loaded.input_hash:
            raise BadInputError(f"{request.plan} is the plan of other inputs", ["solve the scenario as it stands"])
        return plan
    try:
        return read_plan(out / PLAN)
    except PlanReadError:
        return solve_scenario(loaded, out / PLAN, replace(request.solve, explains=False), on_event).plan


def days_of(loaded: LoadedScenario, request: BacktestRequest) -> tuple[np.datetime64, np.datetime64]:
    """First hour and the one after the last, UTC."""
    zone = parse_zone(loaded.scenario.horizon.time_zone)
    horizon, days = loaded.scenario.horizon, [request.first, request.last + timedelta(days=1)]
    if request.last < request.first:
        raise BadInputError(f"--to {request.last} lies before --from {request.first}")
    if request.first < date.fromisoformat(f"{horizon.start}-01") or days[1] > date.fromisoformat(f"{horizon.end}-01"):
        raise BadInputError(
            f"{request.first} to {request.last} lies outside the horizon, {horizon.start} to the end of the month "
            f"before {horizon.end}",
            ["state a horizon that holds these days, or other days"],
        )
    utc = localize(np.array(days, dtype="datetime64[s]"), zone, second=np.zeros(2, dtype=bool), skipped="shift_forward")
    return utc[0], utc[1]


def _identity(loaded: LoadedScenario, request: BacktestRequest) -> dict[str, object]:
    """All that the tables depend on, as plain data."""
    plan = None if request.plan is None else plan_in(request.plan).meta
    return {
        "scenario": loaded.scenario.name,
        "input_hash": loaded.input_hash,
        "first_day": str(request.first),
        "last_day": str(request.last),
        "lag_hours": request.lag_h,
        "strike_usd_per_mwh": request.strike_usd_per_mwh,
        "plan_objective_usd": None if plan is None else plan.objective_usd,
        "replans": request.replans,
        "solve": {"method": request.solve.method, "relative_gap": request.solve.relative_gap},
        "versions": versions_behind(request.solve),
    }


def _head(
    loaded: LoadedScenario, request: BacktestRequest, plans: Mapping[str, Plan], scored: Sequence[Scored]
) -> dict[str, object]:
    return {
        **_identity(loaded, request),
        "plan_objective_usd": next(iter(plans.values())).meta.objective_usd,
        "plans": {name: plan.meta.objective_usd for name, plan in plans.items()} if request.replans else {},
        "sites": [_site_head(one) for one in scored],
        "rules": rules.WORDS,
        "components": COMPONENTS,
        "remarks": list(_remarks(loaded, scored)),
    }


def _site_head(one: Scored) -> dict[str, object]:
    site, free = one.site, one.margin_usd(rules.FREE) - one.margin_usd(rules.NEVER)
    alone = one.gain_usd(rules.NIGHTLY if site.around is None else rules.NIGHTLY_WITHOUT)
    more = {} if site.around is None else _battery_head(one)
    more |= {} if site.services is None else _services_head(one)
    return {
        "site": site.structure.site,
        "hours": site.hours,
        "hours_without_price": int((~site.counted).sum()),
        "hours_without_day_ahead_price": int(np.isnan(site.day_ahead).sum()),
        "perfect_foresight_is_exact": site.around is not None or bool(site.full[1][site.counted].all()),
        "capture_share": one.capture_share(rules.NIGHTLY),
        "share_of_planned_hours": alone / free if free > 0 else None,
        **more,
    }


def _services_head(one: Scored) -> dict[str, object]:
    """Share of what services pay with perfect foresight."""
    paid = [float(run.hours.services.sum()) for run in map(one.run, (rules.NIGHTLY, rules.PERFECT)) if run is not None]
    return {"services_share": paid[0] / paid[1] if paid[1] > 0 else None}


def _battery_head(one: Scored) -> dict[str, object]:
    """Shares of what the battery gains, and trades, with perfect foresight."""
    gained = [one.battery_usd(rule) for rule in (rules.NIGHTLY, rules.PERFECT)]
    traded = [one.traded_usd(rule) for rule in (rules.NIGHTLY, rules.PERFECT)]
    return {
        "battery_gain_share": gained[0] / gained[1] if gained[1] > 0 else None,
        "battery_traded_share": traded[0] / traded[1] if traded[1] > 0 else None,
    }


def _remarks(loaded: LoadedScenario, scored: Sequence[Scored]) -> Iterator[str]:
    """What a reader must know of what was left out."""
    for one in scored:
        site, name = one.site, one.site.structure.site
        missing = int((~site.counted).sum())
        if missing:
            yield f"site {name}: {missing} of {site.hours} hours have no real-time price and do not count"
        ahead = int((np.isnan(site.day_ahead) & site.counted).sum())
        if ahead:
            yield f"site {name}: {ahead} hours that count have no day-ahead price; nothing is bought ahead in them"
        if np.isnan(site.hashprice.known_usd_per_ph_day).all() and site.mines.any():
            yield f"site {name}: hashprice is that of the plan's months, known ahead; a daily series would be replayed"
        tight = int((~site.full[1] & site.counted).sum())
        if tight and site.around is None:
            yield f"site {name}: in {tight} hours limits part the machines, so perfect foresight is a bound"
        if tight and site.around is not None:
            yield f"site {name}: in {tight} hours limits part the machines; beside the battery each keeps its share"
        if any(part.here.peaks for part in site.structure.parts):
            yield (
                f"site {name}: peaks of demand charges stand as planned and every rule keeps below them; what its own "
                "peaks are billed stands beside its margin, and is no part of it"
            )
    if loaded.scenario.hosting:
        yield "sites of hosts are not replayed"


def _write(out: Path, found: Mapping[str, pd.DataFrame], head: Mapping[str, object], timing: Timing) -> None:
    for name, table in found.items():
        write_table(out, name, table)
    night_s = np.array(timing.nights)
    spent = {
        "nights_decided": len(night_s),
        "mean_night_seconds": float(night_s.mean()) if len(night_s) else None,
        "slowest_night_seconds": float(night_s.max()) if len(night_s) else None,
        "run_seconds": timing.run,
    }
    write_head(out, RUN, spent)
    write_head(out, HEAD, head)

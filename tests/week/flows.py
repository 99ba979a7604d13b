"""The week of a site in plain PuLP, switching told otherwise: machines flow through states instead of rows of a hull.

A machine is on since k steps, or off since k; it may stop once it has run for its time and start once it was off for
its time. Shares of a fleet flow from state to state. Nothing of `allocator.week` is read but the numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import pulp

from allocator.instance.tree import Floats
from allocator.week.interface import FAR_USD_PER_MW, Opening, Structure, WeekOptions

SHED_USD_PER_MWH = 5000.0


@dataclass
class Draft:
    """A problem while it is written; `money`: terms of its objective, USD."""

    problem: pulp.LpProblem = field(default_factory=lambda: pulp.LpProblem("week", pulp.LpMaximize))
    money: list[pulp.LpAffineExpression] = field(default_factory=list)
    count: int = 0

    def column(self, most: float | None = None) -> pulp.LpVariable:
        self.count += 1
        return pulp.LpVariable(f"x{self.count}", 0.0, most)


@dataclass(frozen=True)
class Shares:
    """Of one fleet, by step: switched on, started now, and past its restart."""

    on: list[pulp.LpAffineExpression]
    started: list[pulp.LpAffineExpression]
    back: list[pulp.LpAffineExpression]
    away: list[pulp.LpAffineExpression]


def best_usd(structure: Structure, opening: Opening, options: WeekOptions, firm_mw: float) -> float:
    """What the best hours are worth, less what moving them costs; opening and options as the week takes them."""
    draft, h, steps = Draft(), structure.step_h, range(structure.hours)
    share = opening.available_share
    can = structure.capacity_mw if share is None else structure.capacity_mw * share
    price, value, overhead = structure.price_usd_per_mwh, structure.value_usd_per_mwh, structure.overhead
    load = [[draft.column(float(can[j, t])) for t in steps] for j in range(len(structure.tiers))]
    for f in range(structure.fleets):
        own = [j for j in range(len(structure.tiers)) if structure.fleet[j] == f]
        shares = _flows(draft, structure, opening, f, float(can[own[0], 0]))
        for t in steps:
            draft.problem += load[own[0]][t] == float(can[own[0], t]) * shares.on[t]
            for j in own[1:]:
                draft.problem += load[j][t] <= float(can[j, t]) * shares.back[t]
            draws = float(can[own[0], t])
            cost = float(structure.restarts.restart_usd_per_mw[f]) * draws * shares.started[t]
            draft.money.append(-1.0 * cost - h * float(value[own[0], t]) * draws * shares.away[t])
    for t in steps:
        shed = draft.column(firm_mw)
        gross = pulp.lpSum((1.0 + float(overhead[j, t])) * load[j][t] for j in range(len(load))) + firm_mw - shed
        draft.problem += gross <= float(structure.parts[0].here.site_limit_mw[t])
        earned = pulp.lpSum(float(value[j, t]) * load[j][t] for j in range(len(load)))
        draft.money.append(h * (earned - float(price[t]) * gross - SHED_USD_PER_MWH * shed))
    _moves(draft, load, opening, options, can)
    draft.problem += pulp.lpSum(draft.money)
    status = draft.problem.solve(pulp.PULP_CBC_CMD(msg=False, threads=1))
    assert status == pulp.LpStatusOptimal
    return float(pulp.value(draft.problem.objective))


def _flows(draft: Draft, structure: Structure, opening: Opening, f: int, can_mw: float) -> Shares:
    """States of fleet f: on since k steps, up to `run`, and off since k, up to `rest`."""
    h, terms = structure.step_h, structure.restarts
    away_h = float(terms.restart_h[f])
    run, rest = (max(1, math.ceil(x / h - 1e-9)) for x in (max(terms.least_run_h[f], away_h), terms.least_off_h[f]))
    known = opening.running_mw is not None
    first = int(structure.first_tier[f])
    ran = min(1.0, float(opening.running_mw[first]) / can_mw) if opening.running_mw is not None and can_mw else 0.0
    stood = math.inf if opening.off_h is None else float(opening.off_h[f])
    held = max(0, math.ceil((float(terms.least_off_h[f]) - stood) / h - 1e-9)) if math.isfinite(stood) else 0
    on: dict[int, Any] = {run: ran if known else draft.column(1.0)}
    off: dict[int, Any] = {max(0, rest - held): 1.0 - on[run]}
    shares = Shares([], [], [], [])
    for t in range(structure.hours):
        stays = {k: draft.column() for k in on}
        stops = {k: draft.column() for k in on if k >= run}
        waits = {k: draft.column() for k in off}
        starts = {k: draft.column() for k in off if k >= rest}
        if t == 0 and not known:  # as it is found: nothing is stopped, nothing started
            for column in (*stops.values(), *starts.values()):
                draft.problem += column == 0.0
        for k, here in on.items():
            draft.problem += here == stays[k] + stops.get(k, 0.0)
        for k, here in off.items():
            draft.problem += here == waits[k] + starts.get(k, 0.0)
        started = pulp.lpSum(starts.values())
        ages = {0: started, **{k: stays[k] for k in stays}}
        gone = {k: min(1.0, max(0.0, (away_h - k * h) / h)) for k in ages}
        shares.on.append(pulp.lpSum(ages.values()))
        shares.started.append(started)
        shares.away.append(pulp.lpSum(gone[k] * ages[k] for k in ages))
        shares.back.append(shares.on[-1] - shares.away[-1])
        on = _aged([(0, started), *stays.items()], run)
        off = _aged([*((0, column) for column in stops.values()), *waits.items()], rest)
    return shares


def _aged(states: list[tuple[int, Any]], most: int) -> dict[int, Any]:
    """The same a step later; what has lasted for long enough is counted together."""
    found: dict[int, Any] = {}
    for k, share in states:
        found[min(k + 1, most)] = found.get(min(k + 1, most), 0.0) + share
    return found


def _moves(
    draft: Draft, load: list[list[pulp.LpVariable]], opening: Opening, options: WeekOptions, can: Floats
) -> None:
    if opening.scheduled_mw is None:
        return
    for t in range(len(load[0])):
        moved = [draft.column() for _ in load]
        for j, column in enumerate(moved):
            target = float(min(max(opening.scheduled_mw[j, t], 0.0), can[j, t]))
            draft.problem += column >= load[j][t] - target
            draft.problem += column >= target - load[j][t]
        draft.money.append(-options.churn_usd_per_mw * pulp.lpSum(moved))
        if math.isfinite(options.most_moved_mw):
            beyond = draft.column()
            draft.problem += pulp.lpSum(moved) - beyond <= options.most_moved_mw
            draft.money.append(-FAR_USD_PER_MW * beyond)

"""RESTART: machines that need time and money to come back once they are stopped.

Purpose
    A fleet does not follow the price of every hour: whoever stops it for one dear hour pays for its return. The months
    plan as if it did. No integer is needed: for one machine the rows describe the convex hull of all ways to switch it
    (Rajan and Takriti, "Minimum up/down polytopes of the unit commitment problem with start-up costs", IBM research
    report RC23628, 2005), so a share of a fleet in between is some of its machines switched one way and the others
    another, exact to within one machine. Where no limit couples fleets, `fleets` finds the same by dynamic programming.

Sets
    t steps of the window, all h long; f fleets with a restart term: machines of one model in one bay; j in f: their
    power-mode steps, 0 the first; k steps since a start. t-1 before the first step is the opening; where that is not
    known, a start in the first step is free.

Parameters
    h          | length of a step | h
    K[j,t]     | what the machines of a power-mode step draw that are not down | MW
    v[j,t]     | earnings of a power-mode step before power | USD/MWh
    R[f]       | from a start until a machine earns | h
    a[f,k]     | share of the k-th step from a start that passes before it earns: (R - k h) / h within 0 .. 1 | share
    L[f], D[f] | least run, at least R, and least time off, in whole steps, at least 1 | steps
    c[f]       | cost of a start | USD per MW of step 0
    Z[f]       | steps in which machines off at the opening stay off: D less what they have been off | steps

Variables
    load_mw[j,t]       | critical IT load of a power-mode step, of DISPATCH | MW | >= 0 | dispatch
    on_share[f,t]      | machines switched on; 0 where none is available, at most the opening's share in the first Z
                         steps | share | 0 .. 1 | week
    started_share[f,t] | machines switched on at the beginning of the step | share | 0 .. 1 | week

Constraints
    RESTART.first[f,t] | load_mw[0,t] = K[0,t] on_share[f,t]
        | A machine that is on draws the power of its first mode, whether it earns yet or not. | design 4
    RESTART.later[j,t] | load_mw[j,t] <= K[j,t] (on_share[f,t] - sum_k a[f,k] started_share[f,t-k])
        | More than that only where it is back. | design 4
    RESTART.start[f,t] | on_share[f,t] - on_share[f,t-1] <= started_share[f,t]
        | What is on and was not has been started. | design 4
    RESTART.least_run[f,t] | sum_{k < L} started_share[f,t-k] <= on_share[f,t]
        | What was started stays on. A run under way when the window opens may end at any time. | design 4
    RESTART.least_off[f,t] | sum_{k < D} started_share[f,t-k] + on_share[f,t-D] <= 1
        | What is started was off for long enough. | design 4
    adds to margin_usd | - sum_t started_share[f,t] (c[f] K[0,t] + sum_k a[f,k] h v[0,t+k] K[0,t+k])
        | What a start costs, and what its machines do not earn until they are back, within the window. | design 4
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.restarts import Restarts
from allocator.instance.tree import Floats, Ints
from solvers.model import Expr, Model

ENOUGH = 1e-9
"""Hours by which a time may fall short of whole steps and still be them."""


@dataclass(frozen=True)
class FleetSteps:
    """Fleets with a restart term in the steps of a window; F of them, J their tiers, T steps.

    Attributes:
        terms: (F,). step_h: of every step. first: tier of the first power-mode step of each, (F,).
        later, later_fleet: their other tiers, and position of the fleet of each among these, (R,).
        capacity_mw, value_usd_per_mwh: of all tiers of the site, (all tiers, T).
        opening_share: that runs before the first step, (F,); nan: not known.
        off_h: how long the others have been off, (F,); inf: long enough.
    """

    terms: Restarts
    step_h: float
    first: Ints
    later: Ints
    later_fleet: Ints
    capacity_mw: Floats
    value_usd_per_mwh: Floats
    opening_share: Floats
    off_h: Floats

    @property
    def hours(self) -> int:
        """T."""
        return int(self.capacity_mw.shape[1])

    @property
    def away_share(self) -> Floats:
        """a[f,k], (F, k); one column at least."""
        most = max(1, int(np.ceil(self.terms.restart_h.max(initial=0.0) / self.step_h - ENOUGH)))
        passed = self.terms.restart_h[:, None] / self.step_h - np.arange(most)
        return np.clip(passed, 0.0, 1.0)

    @property
    def least_run(self) -> Ints:
        """L, (F,)."""
        return _whole_steps(np.maximum(self.terms.least_run_h, self.terms.restart_h), self.step_h)

    @property
    def least_off(self) -> Ints:
        """D, (F,)."""
        return _whole_steps(self.terms.least_off_h, self.step_h)

    @property
    def held_off(self) -> Ints:
        """Z, (F,)."""
        left = np.maximum(self.terms.least_off_h - self.off_h, 0.0)
        return np.where(np.isnan(self.opening_share), 0, np.ceil(left / self.step_h - ENOUGH)).astype(np.int64)

    @property
    def most_on(self) -> Floats:
        """Upper bound of on_share, (F, T)."""
        most = (self.capacity_mw[self.first] > 0.0).astype(float)
        held = np.arange(self.hours)[None, :] < self.held_off[:, None]
        return np.where(held, np.minimum(most, self.opening_share[:, None]), most)

    @property
    def start_usd(self) -> Floats:
        """What starting a whole fleet at the beginning of each step costs, (F, T)."""
        draws = self.capacity_mw[self.first]
        earned = self.step_h * self.value_usd_per_mwh[self.first] * draws
        cost = self.terms.restart_usd_per_mw[:, None] * draws
        for k, away in enumerate(self.away_share.T):
            cost[:, : self.hours - k] += away[:, None] * earned[:, k:]
        return cost

    def back_share(self, on: Floats, started: Floats) -> Floats:
        """Share of each fleet that is on and past its restart, (F, T); both shares (F, T)."""
        back = on.copy()
        for k, away in enumerate(self.away_share.T):
            back[:, k:] -= away[:, None] * started[:, : self.hours - k]
        return np.maximum(back, 0.0)


def _whole_steps(hours: Floats, step_h: float) -> Ints:
    return np.maximum(1, np.ceil(hours / step_h - ENOUGH)).astype(np.int64)


@dataclass(frozen=True)
class Switching:
    """Columns over (fleet, hour), fleets in order, and the cost of all starts, USD, over the table without axes."""

    on: Expr
    started: Expr
    cost_usd: Expr


def add(model: Model, fleets: FleetSteps, load: Expr) -> Switching:
    """Columns and rows of all fleets; `load` over (segment, bay, hour) lists their first tiers in every step."""
    index = _table(np.arange(len(fleets.first)), fleets.hours)
    on = model.variables("on_share", index, upper=fleets.most_on.ravel()).expr
    started = model.variables("started_share", index, upper=(fleets.most_on > 0.0).ravel().astype(float)).expr
    _loads(model, fleets, load, on, started)
    before = _opening(fleets)
    known = ~np.isnan(before)
    change = on - _before(on, fleets.hours, 1) - np.where(known, before, 0.0)
    model.rows("RESTART.start", (change - started).keep(known) <= 0.0)
    model.rows("RESTART.least_run", _within(started, fleets, fleets.least_run) - on <= 0.0)
    _least_off(model, fleets, on, started)
    return Switching(on, started, (started * fleets.start_usd.ravel()).total())


def _loads(model: Model, fleets: FleetSteps, load: Expr, on: Expr, started: Expr) -> None:
    hours, capacity = fleets.hours, fleets.capacity_mw
    first = _table(fleets.first, hours, "segment")
    drawn = on.pick(np.arange(len(first)), first) * capacity[fleets.first].ravel()
    model.rows("RESTART.first", load.take(first, ["segment", "hour"]) - drawn == 0.0)
    segment, hour = load.index["segment"].to_numpy(), load.index["hour"].to_numpy()
    where = np.full(len(capacity), -1)
    where[fleets.later] = fleets.later_fleet
    listed = np.flatnonzero(where[segment] >= 0)
    back = _back(fleets, on, started)
    index = load.index.iloc[listed].reset_index(drop=True)
    own = back.pick(where[segment[listed]] * hours + hour[listed], index)
    most = capacity[segment[listed], hour[listed]]
    model.rows("RESTART.later", load.pick(listed, index) - own * most <= 0.0)


def _back(fleets: FleetSteps, on: Expr, started: Expr) -> Expr:
    """Share of each fleet that is on and past its restart."""
    for k, away in enumerate(fleets.away_share.T):
        on = on - _before(started, fleets.hours, k) * np.repeat(away, fleets.hours)
    return on


def _least_off(model: Model, fleets: FleetSteps, on: Expr, started: Expr) -> None:
    """Rows from where the step D before is known: the opening, or one of the window."""
    fleet, hour = on.index["fleet"].to_numpy(), on.index["hour"].to_numpy()
    ago, opened = fleets.least_off[fleet], np.repeat(fleets.opening_share, fleets.hours)
    was = on.pick(np.where(hour >= ago, np.arange(len(hour)) - ago, -1), on.index, absent="zero")
    at_opening = np.where((hour == ago - 1) & ~np.isnan(opened), opened, 0.0)
    known = (hour >= ago) | ((hour == ago - 1) & ~np.isnan(opened))
    rows = _within(started, fleets, fleets.least_off) + was + at_opening
    model.rows("RESTART.least_off", rows.keep(known) <= 1.0)


def _within(started: Expr, fleets: FleetSteps, steps: Ints) -> Expr:
    """Starts of the last steps of each fleet, the present one included."""
    total = Expr.zero(started.index)
    for k in range(int(steps.max(initial=0))):
        counts = np.repeat((k < steps).astype(float), fleets.hours)
        total = total + _before(started, fleets.hours, k) * counts
    return total


def _before(share: Expr, hours: int, steps: int) -> Expr:
    """The same some steps earlier; 0 before the window."""
    hour = share.index["hour"].to_numpy()
    return share.pick(np.where(hour >= steps, np.arange(len(hour)) - steps, -1), share.index, absent="zero")


def _opening(fleets: FleetSteps) -> Floats:
    """What is on before each step where the window does not say it: the opening share in the first, 0 elsewhere."""
    before = np.zeros((len(fleets.first), fleets.hours))
    before[:, 0] = fleets.opening_share
    return before.ravel()


def _table(labels: Ints, hours: int, axis: str = "fleet") -> pd.DataFrame:
    return pd.DataFrame(
        {axis: np.repeat(labels, hours), "hour": np.tile(np.arange(hours), len(labels))}, dtype=np.int64
    )

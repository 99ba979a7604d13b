"""Cuts from dispatched hours around an integer master, with a proven gap.

The value of the hours of a site-node is concave in its capacity, so any cut bounds it from above and the
master with any set of cuts bounds every plan from above (Benders, 1962; Van Slyke and Wets, 1969). Rounds go

1.  relaxed: the master without integers. Cuts are made at points between the master's optimum and the best
    point so far (in-out separation: Ben-Ameur and Neto, 2007), which keeps early cuts from being wild. Once the
    bound hardly moves they are made at the optimum itself: the point in between only trails behind it. A dive from
    its optimum (`dive`), settled as in 3, makes a first incumbent; where that proves the gap, 2 is never needed.
2.  integer: the master with integers, hinted with the incumbent. Its dual bound is a bound on every plan. At first
    only the structure is asked to be whole (what halls become, which contracts stand in them); machines follow in
    a small problem with the structure held, after a few rounds of cuts around the best ones. All integers are asked
    for at once only when that proves no more. A relaxation all the same, so its bound holds.
3.  fixed: the hours are dispatched at the integers found; their cuts are exact there, so the master with these
    integers fixed gives margins and treasury as they are. That point, and only such a point, is an incumbent.

2 and 3 repeat until the gap is proven. Every integer point gets its own exact cuts, so none comes up twice
unless it is optimal within the engine's own gap, which is then narrowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from allocator.decomposition.cut_rows import Linkage
from allocator.decomposition.cutting import VIOLATION, Cutting
from allocator.decomposition.dive import dive
from allocator.decomposition.inequalities import valid_inequalities
from allocator.decomposition.known import KnownCuts
from allocator.decomposition.master import Master
from allocator.decomposition.no_load import with_no_load_limits
from allocator.decomposition.oracle import Operated, Oracle, Priced
from allocator.decomposition.rounds import Decomposed, DecompositionOptions, OnRound, Round
from allocator.decomposition.site_hours import SiteHours
from allocator.decomposition.worth import worth_musd
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel, build_master
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.relaxation import Relaxation
from allocator.work.executors import threads
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Limit, Reason, Result, relative_gap

IN_OUT = 0.5
"""Weight of the master's optimum in the point where cuts are made; the rest is the best point so far."""
RELAXED_ROUNDS = 100
LARGE_ROWS = 10_000
"""Rows from which a master's first relaxation with cuts of the hours is solved by interior point: the basis before
it is of no use (27,000 rows: 7 seconds of the processor instead of 14)."""
RELAXED_SHARE = 0.2
"""Share of the requested gap at which the relaxed phase has done its work."""
LARGEST_GAP = 1.0
"""A gap in MUSD is worth no more than this as a relative one, however near to 0 the value is."""
INTEGER_GAP = 0.6
"""Integer masters: this share of the requested gap, so that what is left can be closed by cuts."""
NARROWER = 0.4
"""Where such a master teaches nothing new: the next one is this many times as precise."""
COMPLETION_GAP = 0.1
"""The small problem in which machines follow the structure: this share of the requested gap."""
POLISHING_ROUNDS = 3
"""Rounds of cuts with the structure held before machines are made whole; the first do nearly all of the work."""
SETTLING_ROUNDS = 20
"""Capacity is fixed with the integers, so two rounds do; more only if tolerances play."""
NO_PLAN = (Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED)
STRUCTURE = ("convert", "terminate", "sign", "place", "fitted")
"""Families that decide what halls are and who stands in them, in the order in which a dive decides them; the other
integers are machines, many to a hall."""
STRUCTURE_NODES = 500
"""Nodes of branch and bound after which asking for structure alone does not pay; all integers then guide the search."""

Hint = Callable[[PlanningModel], Floats]
"""A point of a master, (columns,), to try first."""


def solve_decomposed(
    instance: Instance,
    options: DecompositionOptions,
    on_round: OnRound | None = None,
    hint: Hint | None = None,
    known: KnownCuts | None = None,
    before: Relaxation | None = None,
) -> Decomposed:
    """Solve an instance by decomposition; never raises for a limit, see `Decomposed.reason`.

    WorkersLostError where those who dispatch the hours are gone for good.

    `hint` gives a point of the master (columns,), such as the last plan's; it changes the time, not the answer's gap.
    `known` gives cuts of earlier solves, and takes up those of this one; the same holds for them. Without, `before`
    says where those of the last plan were made, and its basis.
    """
    hours = SiteHours(instance)
    with (options.staff or threads(options.workers))(hours) as workers:
        planning = with_no_load_limits(master := build_master(instance))  # while they start
        oracle = Oracle(hours, workers, len(instance.coincident.peak))
        run = _Run(planning, oracle, options, on_round, known, before)
        reason, limit = run.solve(None if hint is None else hint(planning))
    return Decomposed(
        planning=planning,
        master=master.problem,
        x=run.best,
        objective_musd=run.incumbent,
        bound_musd=run.bound,
        reason=reason,
        limit=limit,
        bounded=run.bounded(),
        root_duals=run.root_duals(),
        rounds=tuple(run.log),
        methods=hours.methods(),
        relaxation=run.relaxation(),
    )


@dataclass
class _Run:
    """The state of one decomposition: bounds, incumbent, log."""

    planning: PlanningModel
    oracle: Oracle
    options: DecompositionOptions
    on_round: OnRound | None
    known: KnownCuts | None = None
    before: Relaxation | None = None
    bound: float = np.inf
    incumbent: float | None = None
    best: Floats | None = None
    log: list[Round] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._started = time.monotonic()
        problem = self.planning.problem
        link = self._linkage = Linkage(self.planning.capacity_map, problem.shape[1])
        engine = SolveOptions(threads=self.options.threads, seed=self.options.seed)
        self._master = Master(problem, engine)
        self._master.add(valid_inequalities(self.planning))
        self._engine = engine
        self._anew = replace(engine, algorithm="ipx") if problem.shape[0] > LARGE_ROWS else engine
        instance = self.planning.instance
        self._hours = Cutting(instance, self._master, link, self.oracle, self.known, self.before)
        self._structure = self._master.columns(STRUCTURE)

    def solve(self, hint: Floats | None) -> tuple[Reason, Limit | None]:
        """Run the phases; returns why it stopped. Ctrl-C keeps the best point so far."""
        try:
            if hint is not None:
                self._operate_as(hint)
                self._settle(hint)
            ended = self._relaxed() or self._integer()
        except KeyboardInterrupt:
            return self._limit(Limit.INTERRUPT)
        return ended if ended else (Reason.OPTIMAL, None)

    def bounded(self) -> Problem:
        """The master with its cuts."""
        return self._master.bounded()

    def relaxation(self) -> Relaxation | None:
        """What its last relaxation leaves to a later solve."""
        return self._hours.relaxation()

    def root_duals(self) -> Floats | None:
        """Prices of its relaxation, one a row."""
        return self._master.root_duals()

    def _relaxed(self) -> tuple[Reason, Limit | None] | None:
        """Cuts on the relaxation until its own gap is small against the requested one."""
        self._master.relax()
        core, core_worth = self.best, -np.inf if self.incumbent is None else self.incumbent
        anew = None if self._hours.origins.start() else 1 if self.best is None else 0
        for number in range(RELAXED_ROUNDS):
            result = self._master.solve(self._anew if number == anew else None)
            if result.reason in NO_PLAN:
                return Reason.INFEASIBLE, None
            x, before = result.point(), self.bound
            self._bounded_by(result)
            if self._proven():
                self._report("relaxed")
                return None
            enough = RELAXED_SHARE * self._wanted()
            still = relative_gap(self.bound, before) <= enough
            at = x if core is None or still else IN_OUT * x + (1.0 - IN_OUT) * core
            priced, new = self._hours.cut(at, x)
            worth = self._worth(at, priced)
            if worth > core_worth:
                core, core_worth = at, worth
            self._report("relaxed")
            if relative_gap(core_worth, self.bound) <= enough:
                break
            if new == 0 and self._hours.cut(x, x)[1] == 0:
                break
            if self._out_of_time():
                return self._limit(Limit.TIME)
        return self._rooted()

    def _rooted(self) -> tuple[Reason, Limit | None] | None:
        """Solve with the last cuts, which may leave no point at all; keep prices, try what is near, drop slack cuts."""
        result = self._master.solve()
        if result.reason in NO_PLAN:
            return Reason.INFEASIBLE, None
        x = result.point()
        slack = self._master.slack(x)
        self._bounded_by(result)
        if not self._proven():
            self._try_near(x)
        if not self._proven():
            self._master.drop(slack)
        return None

    def _bounded_by(self, result: Result) -> None:
        """A relaxation just solved: its bound, with the prices that prove it."""
        self.bound = min(self.bound, result.dual_bound)
        if result.reason is Reason.OPTIMAL:
            self._master.price_root()
            self._hours.origins.root(result.point())

    def _try_near(self, x: Floats) -> None:
        """A first plan near the relaxed optimum: a dive for the structure, cuts around it, a dive for the machines."""
        master = self._master
        near = dive(master, x, [master.columns([family]) for family in STRUCTURE])
        near = None if near is None else self._polish(near, self._structure)
        near = None if near is None else dive(master, near, [master.integer])
        if near is not None:
            self._settle(near)
            self._report("fixed")

    def _integer(self) -> tuple[Reason, Limit | None] | None:
        """Integer masters and exact cuts until the gap is proven."""
        asked, gap = self._structure, INTEGER_GAP
        for _ in range(self.options.rounds):
            if self._proven():
                return None
            result = self._integer_master(asked, gap)
            if result.reason in NO_PLAN:
                return Reason.INFEASIBLE, None
            self.bound = min(self.bound, result.dual_bound)
            self._report("integer")
            stuck = result.limit is Limit.WORK
            if not result.has_point and not stuck:
                return self._limit(result.limit or Limit.TIME)
            learned = result.has_point and self._settle(self._completed(result.point(), asked))
            self._report("fixed")
            if self._out_of_time() and not self._proven():
                return self._limit(Limit.TIME)
            if stuck or (not learned and gap < INTEGER_GAP):
                asked = self._master.integer
            gap = INTEGER_GAP if learned else gap * NARROWER
        return None if self._proven() else self._limit(Limit.WORK)

    def _integer_master(self, asked: Ints, gap: float) -> Result:
        """Solve with some integers; fewer than all of them are a shortcut, given up after STRUCTURE_NODES."""
        self._master.ask_whole(asked)
        nodes = STRUCTURE_NODES if len(asked) < len(self._master.integer) else None
        return self._master.solve(replace(self._precise(gap), work_limit=nodes), self.best)

    def _completed(self, x: Floats, asked: Ints) -> Floats:
        """A point whole in every integer; x itself where it is, or where its structure allows none."""
        if len(asked) == len(self._master.integer):
            return x
        self._polish(x, asked)
        self._master.complete(x, asked)
        result = self._master.solve(self._precise(COMPLETION_GAP), x)
        return result.point() if result.has_point else x

    def _polish(self, x: Floats, asked: Ints) -> Floats | None:
        """Cuts around the best machines under a structure, so that completing it does not chase what cuts promise.

        Returns the relaxed optimum under that structure, (columns,); None where it has none.
        """
        self._master.relax_within(x, asked)
        result = self._master.solve()
        for _ in range(POLISHING_ROUNDS):
            if not result.has_point:
                return None
            if self._hours.cut(result.point(), result.point())[1] == 0:
                break
            result = self._master.solve()
        return result.point() if result.has_point else None

    def _precise(self, gap: float) -> SolveOptions:
        """Options of an integer solve, `gap` as a share of the requested one."""
        return replace(self._engine, relative_gap=gap * self._wanted(), time_limit_s=self._time_left())

    def _settle(self, x: Floats) -> bool:
        """Dispatch at the integers of x, solve the rest again, keep it if it is the best; True if cuts were new."""
        self._master.fix(x)
        result, learned = self._master.solve(), False
        for _ in range(SETTLING_ROUNDS):
            if not result.has_point:
                return learned
            point, worth = result.point(), result.primal_bound
            priced, new = self._hours.cut(point, point)
            if new == 0 and not self._put_off(result, priced):
                return learned
            learned, result = True, self._master.solve()
            if result.primal_bound == worth:
                break  # the engine keeps these cuts no better
        if result.has_point:
            priced, _ = self._hours.cut(result.point(), result.point())
            self._keep(self._operated(result.point(), self._hours.operation(result.point(), priced)))
        return learned

    def _operate_as(self, hint: Floats) -> None:
        """Cuts where the hours of a hint run: where hours and money hang together, rounds would have to find that."""
        self._master.fix(hint)
        result = self._master.solve()
        if result.has_point:
            self._hours.cut(self._linkage.operated_as(result.point(), hint), result.point())

    def _put_off(self, result: Result, priced: Priced) -> bool:
        """Keep a settled point with what its hours cause to be due later; else True and cuts, where it counts on more
        or less than they can. The best hours by themselves come first: while cash is not short, it does not matter.
        """
        x, asked = result.point(), self._linkage.due_usd(result.point())
        if np.isnan(asked).all():
            self._keep(result)
            return False
        best = self._operated(x, self._hours.operation(x, priced))
        if best.has_point and relative_gap(best.primal_bound, result.primal_bound or 0.0) <= VIOLATION:
            self._keep(best)
            return False
        found = self._hours.operation(x, priced, asked)
        if self._hours.add(found.priced, x, None, found.later_premium):
            return True
        self._keep(self._operated(x, found))
        self._keep(best)
        return False

    def _operated(self, x: Floats, found: Operated) -> Result:
        """The master with its integers, margins and production as dispatched at x: what is left is the treasury."""
        priced = found.priced
        columns, values = self._linkage.operation(x, priced.values_usd, priced.mined_btc, found.due_usd)
        self._master.hold(columns, values)
        result = self._master.solve()
        self._master.release(columns)
        return result

    def _keep(self, result: Result) -> None:
        worth = result.primal_bound
        if worth is not None and (self.incumbent is None or worth > self.incumbent):
            self.incumbent, self.best = worth, result.point()
            if self.known is not None:
                self.known.best = self.best

    def _worth(self, x: Floats, priced: Priced) -> float:
        """Objective at x with the margins the hours really earn, MUSD; cash rows are not looked at."""
        return worth_musd(self.planning, x, priced.values_usd / USD_PER_MUSD - x[self._linkage.theta])

    def _proven(self) -> bool:
        return relative_gap(self.incumbent, self.bound) <= self._wanted()

    def _wanted(self) -> float:
        """Relative gap that is enough at the value as far as it is known."""
        value = self.bound if self.incumbent is None else self.incumbent
        return max(self.options.relative_gap, min(LARGEST_GAP, self.options.gap_musd / max(1e-9, abs(value))))

    def _limit(self, limit: Limit) -> tuple[Reason, Limit | None]:
        return (Reason.NO_POINT if self.best is None else Reason.FEASIBLE), limit

    def _time_left(self) -> float | None:
        limit = self.options.time_limit_s
        return None if limit is None else max(0.1, limit - (time.monotonic() - self._started))

    def _out_of_time(self) -> bool:
        limit = self.options.time_limit_s
        return limit is not None and time.monotonic() - self._started >= limit

    def _report(self, phase: str) -> None:
        seconds = time.monotonic() - self._started
        line = Round(len(self.log) + 1, phase, seconds, self.incumbent, self.bound, self._master.cuts)
        self.log.append(line)
        if self.on_round:
            self.on_round(line)

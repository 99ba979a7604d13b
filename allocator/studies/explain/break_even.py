"""At which price a decision flips: the scenario solved again at scaled prices, the last one on either side told.

Factors of a grid are solved first, 1 being the plan itself. One point tells what every decision is at that price, so
only those intervals are halved (at the geometric mean of their factors) in which the nearest flip of some decision
lies, until their ends are no further apart than the bracket that is asked for. All points of a round are solved side by
side; which they are does not depend on who solves them.

Within the gap of a solve two plans are alike, and which one is found is chance. So where a plan takes what the plan of
today does not, it is solved once more without that: if nothing is lost beyond the gap, that plan stands for the price.
What is told of a decision is the flip nearest to 1 on either side, as a bracket of two solved factors: taken in some
future at one end, in none at the other. It may flip back further out. A plan that keeps to a baseline is solved again
by its rule.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from allocator.pipeline.errors import EngineError
from allocator.pipeline.forced import Decision
from allocator.pipeline.method import SolveRequest
from allocator.studies.compared import Compared
from allocator.studies.explain.levers import scaled
from allocator.studies.explain.price_points import PriceCase, Priced, PricePoint, solve_price_point
from allocator.studies.explain.shares import shares_in
from allocator.studies.sweep.case import light
from allocator.work.errors import WorkersLostError
from allocator.work.executors import Staff, Workers, here
from allocator.work.schedule import MOST_DEATHS, Schedule

STEPS = 4
"""Factors of the grid on either side of 1."""


@dataclass(frozen=True)
class Flip:
    """A decision that changes between two solved factors of a lever.

    Attributes:
        is_taken: in some future of the plan, at factor 1 and at `holds_at`; the opposite is decided at `flips_at`.
    """

    decision: Decision
    is_taken: bool
    holds_at: float
    flips_at: float


@dataclass(frozen=True)
class BreakEvens:
    """Flips of one lever, and all points that were solved, by factor; decisions not named keep through the range.

    Attributes:
        grid: factors of the points that were solved first, evenly apart. stopped: ended before all brackets were as
            narrow as asked for; what it says is true of the points that it has.
    """

    lever: str
    flips: tuple[Flip, ...]
    points: tuple[Priced, ...]
    grid: tuple[float, ...]
    stopped: bool = False

    @property
    def without_plan(self) -> tuple[float, ...]:
        """Factors at which there is none."""
        return tuple(point.factor for point in self.points if not point.has_plan)


@dataclass(frozen=True)
class Progress:
    """State of all levers together.

    Attributes:
        done: points, of `total`, which grows where decisions flip. last: the point just solved, None otherwise.
        seconds: since the first one began. workers: how many are solved side by side.
    """

    done: int
    total: int
    seconds: float
    workers: int
    last: Priced | None

    @property
    def remaining_s(self) -> float | None:
        """Seconds that are left at the pace so far; None before the first point."""
        return self.seconds / self.done * (self.total - self.done) if self.done else None


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Range:
    """Between which factors flips are sought, low < 1 < high, and how wide a bracket may be: 0.05 for 5 %."""

    low: float
    high: float
    bracket: float

    def sides(self) -> list[list[float]]:
        """Factors of the grid on either side, from 1 outwards, evenly apart in their logarithm."""
        return [
            [math.exp(math.log(end) * (step + 1) / STEPS) for step in range(STEPS)] for end in (self.low, self.high)
        ]

    def halvings(self, flip: Flip) -> int:
        """How often a bracket has to be halved."""
        apart = abs(math.log(flip.flips_at / flip.holds_at)) / math.log1p(self.bracket)
        return max(0, math.ceil(math.log2(apart) - 1e-9))


def break_evens(
    one: Compared,
    levers: Sequence[str],
    between: Range,
    request: SolveRequest,
    staff: Staff = here,
    on_progress: OnProgress = lambda _: None,
) -> tuple[BreakEvens, ...]:
    """Flips of every contract, conversion and notice, lever by lever. Ctrl-C gives what is known till then.

    Raises:
        BadInputError: there is no such lever in the scenario. ScenarioFaults: a factor makes no valid scenario.
        EngineError: whoever solves the points is gone.
    """
    check_levers(one, levers, between)
    gap_usd = request.relative_gap * abs(one.plan.meta.maximised_usd)
    alone = replace(request, start=one.plan, gap_usd=gap_usd, known=None, threads=1, workers=1, explains=False)
    search, stopped = _Search(one, levers, between, alone, on_progress), False
    try:
        with staff(partial(solve_price_point, PriceCase(one.loaded, one.rule, light(alone)))) as workers:
            search.run(workers)
    except KeyboardInterrupt:
        stopped = True
    except WorkersLostError as error:
        raise EngineError(str(error), ["run the same command again"]) from error
    return tuple(search.found(lever, stopped) for lever in levers)


def check_levers(one: Compared, levers: Sequence[str], between: Range) -> None:
    """BadInputError where the scenario has no such lever, ScenarioFaults where an end makes no valid scenario."""
    for lever in levers:
        for factor in (between.low, between.high):
            scaled(one.loaded, lever, factor)


class _Search:
    """Points solved so far, and which come next."""

    def __init__(
        self, one: Compared, levers: Sequence[str], between: Range, request: SolveRequest, on_progress: OnProgress
    ) -> None:
        self._between, self._gap, self._on_progress = between, (request.relative_gap, request.gap_usd), on_progress
        base, shares = one.plan.meta, shares_in(one.plan.tables)
        self._base = frozenset(shares)
        self._known = {lever: {1.0: Priced(lever, 1.0, base.maximised_usd, base.bound_usd, shares)} for lever in levers}
        self._asked: set[tuple[str, float]] = set()
        self._number, self._done, self._started = 0, 0, time.monotonic()

    def run(self, workers: Workers) -> None:
        """Solve until every bracket is as narrow as asked for."""
        grids = [factor for side in self._between.sides() for factor in side]
        self._solve(workers, sorted(((lever, x) for lever in self._known for x in grids), key=_from_one))
        while middles := [(lever, x) for lever in self._known for x in self._middles(lever)]:
            self._solve(workers, middles)

    def found(self, lever: str, stopped: bool) -> BreakEvens:
        """What is known of a lever."""
        points = tuple(point for _, point in sorted(self._known[lever].items()))
        grid = tuple(sorted([1.0, *(x for side in self._between.sides() for x in side)]))
        return BreakEvens(lever, tuple(self._flips(lever)), points, grid, stopped)

    def _flips(self, lever: str) -> Iterator[Flip]:
        known = {factor: point for factor, point in self._known[lever].items() if point.has_plan}
        for side in (sorted((x for x in known if x <= 1.0), reverse=True), sorted(x for x in known if x >= 1.0)):
            decisions = sorted({decision for x in side for decision in known[x].shares}, key=str)
            for decision in decisions:
                yield from _nearest(decision, [known[x] for x in side])

    def _middles(self, lever: str) -> list[float]:
        """Factors that halve a bracket too wide; where one has no plan, its bracket stays."""
        wide = [flip for flip in self._flips(lever) if self._between.halvings(flip)]
        middles = dict.fromkeys(math.sqrt(flip.holds_at * flip.flips_at) for flip in wide)
        return [middle for middle in middles if (lever, middle) not in self._asked]

    def _solve(self, workers: Workers, asked: Sequence[tuple[str, float]]) -> None:
        """Solve points, and those again whose plans take something new."""
        self._asked |= set(asked)
        self._do(workers, [PricePoint(self._number + k, *each) for k, each in enumerate(asked)])
        found = [self._known[lever][factor] for lever, factor in asked]
        again = [(each, new) for each in found if (new := tuple(sorted(set(each.shares) - self._base, key=str)))]
        self._do(workers, [PricePoint(self._number + k, x.lever, x.factor, new) for k, (x, new) in enumerate(again)])

    def _do(self, workers: Workers, points: Sequence[PricePoint]) -> None:
        self._number += len(points)

        def keep(priced: Priced) -> None:
            self._done += 1
            before = self._known[priced.lever].get(priced.factor)
            if before is None or self._is_as_good(priced, before):
                self._known[priced.lever][priced.factor] = priced
            self._tell(workers, priced)

        def bury(point: PricePoint) -> None:
            died = f"the process that solved it died {MOST_DEATHS} times"
            keep(Priced(point.lever, point.factor, None, reason=died))

        self._tell(workers, None)
        Schedule(workers, points, keep, bury).run(lambda: self._tell(workers, None))

    def _is_as_good(self, other: Priced, one: Priced) -> bool:
        """Whether another plan is worth as much as one, within the gap that is asked for."""
        if one.value_usd is None or other.value_usd is None:
            return False
        relative, usd = self._gap
        return other.value_usd >= one.value_usd - max(usd, relative * abs(one.value_usd))

    def _tell(self, workers: Workers, last: Priced | None) -> None:
        left = sum(self._left(lever) for lever in self._known)
        total = max(self._number, self._done + left)
        self._on_progress(Progress(self._done, total, time.monotonic() - self._started, workers.width(), last))

    def _left(self, lever: str) -> int:
        """Points that are asked for and not known, and the halvings of brackets as they stand, shared ones once."""
        waiting = sum(of == lever and factor not in self._known[lever] for of, factor in self._asked)
        wide = {(flip.holds_at, flip.flips_at): self._between.halvings(flip) for flip in self._flips(lever)}
        return waiting + sum(wide.values())


def _from_one(asked: tuple[str, float]) -> float:
    return abs(math.log(asked[1]))


def _nearest(decision: Decision, outwards: Sequence[Priced]) -> Iterator[Flip]:
    """The nearest flip of a decision along points that lead away from 1."""
    is_taken = outwards[0].takes(decision)
    for inner, outer in pairwise(outwards):
        if outer.takes(decision) != is_taken:
            yield Flip(decision, is_taken, inner.factor, outer.factor)
            return

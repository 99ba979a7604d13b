"""What a decomposition reports, round by round, and what it returns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from allocator.instance.tree import Floats
from allocator.planning.build import PlanningModel
from allocator.planning.relaxation import Relaxation
from allocator.work.executors import Staff
from solvers.problem import Problem
from solvers.result import Limit, Reason, relative_gap


@dataclass(frozen=True)
class Round:
    """One line of the log; bounds in MUSD.

    `phase` is "relaxed" (master without integers), "integer" (master with them) or "fixed" (integers held,
    treasury solved again: the only phase that makes incumbents).
    """

    number: int
    phase: str
    seconds: float
    incumbent_musd: float | None
    bound_musd: float
    cuts: int

    @property
    def gap(self) -> float:
        return relative_gap(self.incumbent_musd, self.bound_musd)


OnRound = Callable[[Round], None]


@dataclass(frozen=True)
class DecompositionOptions:
    """When to stop.

    Attributes:
        relative_gap: proven (bound - incumbent) / |incumbent| that is enough. gap_musd: proven difference that is
            enough as well, for values that may be near 0.
        time_limit_s: wall-clock seconds; None for none. With a clock the plan may differ from run to run.
        rounds: most integer masters; a work limit that does not depend on the clock.
        threads: of the engine; workers: threads that solve site-nodes; staff: who solves them instead, such as
            processes or a cluster. None of them changes the result.
        seed: of the engine.
    """

    relative_gap: float = 1e-3
    gap_musd: float = 0.0
    time_limit_s: float | None = None
    rounds: int = 60
    threads: int | None = None
    workers: int = 1
    staff: Staff | None = None
    seed: int = 0


@dataclass(frozen=True)
class Decomposed:
    """The best plan found and what no plan can beat.

    Attributes:
        planning: the master, and the way from its points to decisions. master: without the rows on loads at no load.
        x: point of the master (columns,) whose margins are those of the dispatched hours; None without a plan.
        objective_musd, bound_musd: both bounds. reason, limit: why it stopped.
        bounded: the master's problem with its cuts as rows: evidence of the bound, and prices.
        root_duals: prices of its relaxation, (rows,); None where that was not solved to the end.
        rounds: the log. methods: how many site-nodes were solved which way.
        relaxation: what a later solve may start from; None where there is nothing.
    """

    planning: PlanningModel
    master: Problem
    x: Floats | None
    objective_musd: float | None
    bound_musd: float
    reason: Reason
    limit: Limit | None
    bounded: Problem
    root_duals: Floats | None
    rounds: tuple[Round, ...]
    methods: Mapping[str, int] = field(default_factory=dict)
    relaxation: Relaxation | None = None

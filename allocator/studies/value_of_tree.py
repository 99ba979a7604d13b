"""What it is worth to plan on a tree, and what it would be worth to know the future: both as intervals.

    VSS  = V - V(first decisions of the plan on the mean path)      value of the stochastic solution, >= 0
    EVPI = V(every path known from the start) - V                   expected value of perfect information, >= 0

V is the optimum on the tree (Birge and Louveaux, 2011, "Introduction to stochastic programming", chapter 4). Each
optimum is known between the best plan found and the bound that no plan beats, so both figures are intervals: from the
least that one can be less the most that the other can be, to the opposite. Values are expected net present values less
the price of broken limits; a weight on the worst paths is left out.

First decisions are the whole ones at nodes before the first branching: conversions, machines bought, sold and placed,
contracts, notices to hosts. Loans and cash are decided on the tree in either case. The mean path has the expected
figures of the tree in every period. Where those first decisions leave no plan on the tree, VSS has no upper end.

Of many paths some are drawn by their probability. The gain of knowing is then a mean over the drawn paths of what each
is worth by itself less what the plan on the tree earns on it, and its interval is wider by the 95 % interval of that
mean.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from allocator.instance.compile import as_drawn, compile_instance
from allocator.instance.futures import Futures
from allocator.instance.reshape import apart, mean_path
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError, InfeasibleError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.settle import settle
from allocator.pipeline.solve import answered
from allocator.plan.extract import extract_tables
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES
from allocator.planning.decided import decided_at
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.treasury import Optimise
from allocator.studies.sample_figures import mean

CERTAIN = 1e-9


@dataclass(frozen=True)
class Range:
    """What a figure lies between."""

    low: float
    high: float

    def less(self, other: Range) -> Range:
        """The difference, which is known to be at least zero."""
        return Range(max(0.0, self.low - other.high), max(0.0, self.high - other.low))


@dataclass(frozen=True)
class ValueOfTree:
    """USD each.

    Attributes:
        tree: optimum on the tree. first_of_mean: the same with the first decisions of the plan on the mean path; None
            where they leave no plan. known: optimum where every path is known, None where paths were drawn.
        vss, evpi: see the module. nodes, leaves: of the tree. paths: looked at for evpi.
        weight_left_out: of the worst paths, which the scenario states.
    """

    tree: Range
    first_of_mean: Range | None
    known: Range | None
    vss: Range
    evpi: Range
    nodes: int
    leaves: int
    paths: int
    weight_left_out: float


def value_of_tree(
    loaded: LoadedScenario, request: SolveRequest, most_paths: int, seed: int, on_event: OnEvent = ignore
) -> ValueOfTree:
    """Solve a scenario on its tree, with the first decisions of its mean path, and with every path known.

    Raises:
        PipelineError: nothing is uncertain, Bitcoin is traded at will, or there is no plan on the tree.
    """
    scenario, watch = loaded.scenario, Stopwatch(on_event)
    _check(loaded)
    plain = replace(loaded, scenario=scenario.model_copy(update={"risk": None}))
    instance = _compiled(plain, as_drawn)
    on_tree, plan = _optimum(instance, request, watch)
    of_mean = _first_of_mean(plain, instance, request, watch)
    known, evpi, paths = _perfect(plain, instance, on_tree, plan, request, watch, (most_paths, seed))
    return ValueOfTree(
        tree=on_tree,
        first_of_mean=of_mean,
        known=known,
        vss=Range(0.0, math.inf) if of_mean is None else on_tree.less(of_mean),
        evpi=evpi,
        nodes=len(instance.tree),
        leaves=len(instance.tree.leaves),
        paths=paths,
        weight_left_out=0.0 if scenario.risk is None else scenario.risk.tail_weight,
    )


def _check(loaded: LoadedScenario) -> None:
    scenario = loaded.scenario
    if scenario.uncertainty is None:
        raise BadInputError(f"{scenario.name}: nothing is uncertain; add a section uncertainty")
    if scenario.treasury is not None and isinstance(scenario.treasury.policy, Optimise):
        raise BadInputError(
            f"{scenario.name}: Bitcoin is traded at will, which on a known path is a bet on known prices",
            ["state another treasury.policy: sell_production, hold_share or fixed_schedule"],
        )


def _compiled(loaded: LoadedScenario, reshape: Callable[[Futures], Futures]) -> Instance:
    try:
        return compile_instance(loaded, reshape)
    except ScenarioFaults as error:
        raise BadInputError("the scenario has faults", [str(fault) for fault in error.faults]) from error


def _optimum(instance: Instance, request: SolveRequest, watch: Stopwatch) -> tuple[Range, Settled]:
    """What the optimum lies between, and the plan that reaches the lower end."""
    answer = answered(instance, request, watch)
    assert answer.x is not None
    assert answer.objective_usd is not None
    settled = settle(instance, answer.planning.point(answer.x)).settled
    return Range(answer.objective_usd, max(answer.objective_usd, answer.bound_usd)), settled


def _first_of_mean(loaded: LoadedScenario, instance: Instance, request: SolveRequest, watch: Stopwatch) -> Range | None:
    """Optimum on the tree with the first decisions of the plan on its mean path; None where there is none."""
    single = _compiled(loaded, mean_path)
    _, mean_plan = _optimum(single, request, watch)
    trunk = np.flatnonzero(instance.tree.probability >= 1.0 - CERTAIN)
    decided = decided_at(single, mean_plan.point, _same_period(single.tree, instance.tree, trunk), trunk)
    try:
        return _optimum(replace(instance, decided=decided), request, watch)[0]
    except InfeasibleError:
        return None


def _same_period(single: NodeTree, tree: NodeTree, nodes: Ints) -> Ints:
    return np.searchsorted(single.first_month, tree.first_month[nodes])


def _perfect(
    loaded: LoadedScenario,
    instance: Instance,
    on_tree: Range,
    plan: Settled,
    request: SolveRequest,
    watch: Stopwatch,
    sample: tuple[int, int],
) -> tuple[Range | None, Range, int]:
    """Optimum with every path known where all are looked at; what knowing is worth; and paths looked at."""
    leaves = instance.tree.leaves
    chance, (most, seed) = instance.tree.probability[leaves], sample
    if len(leaves) <= most:
        known, _ = _optimum(_compiled(loaded, lambda futures: apart(futures, leaves, chance)), request, watch)
        return known, known.less(on_tree), len(leaves)
    drawn = np.random.default_rng(seed).choice(len(leaves), most, p=chance / chance.sum())
    distinct, count = np.unique(drawn, return_counts=True)
    sampled = _compiled(loaded, lambda futures: apart(futures, leaves[distinct], count / most))
    known, alone = _optimum(sampled, request, watch)
    gain = np.repeat(_path_values(alone) - _path_values(plan)[distinct], count)
    found = mean(gain)
    least, best = found.low - (on_tree.high - on_tree.low), found.high + (known.high - known.low)
    return None, Range(max(0.0, least), max(0.0, best)), len(distinct)


def _path_values(settled: Settled) -> Floats:
    """Net present value of each path, (leaves,)."""
    none: pd.DataFrame = from_rows(TABLES["marginal_values"], [])
    return extract_tables(settled, {}, none)["paths"]["npv_usd"].to_numpy(dtype=float)

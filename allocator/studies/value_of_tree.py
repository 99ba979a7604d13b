"""What it is worth to plan on a tree, and what it would be worth to know the future: both as intervals.

    VSS  = V - V(first decisions of the plan on the mean path)      value of the stochastic solution, >= 0
    EVPI = V(every path known from the start) - V                   expected value of perfect information, >= 0

V is the optimum on the tree (Birge and Louveaux, 2011, "Introduction to stochastic programming", chapter 4). Each
optimum is known between the best plan found and the bound that no plan beats, so both figures are intervals: from the
least that one can be less the most that the other can be, to the opposite. Values are what a plan maximises: the mix of
expected net present value and mean of the worst paths that the scenario states, less the price of broken limits.

First decisions are the whole ones at nodes before the first branching: conversions, machines bought, sold and placed,
contracts, notices to hosts. Loans and cash are decided on the tree in either case. The mean path has the expected
figures of the tree in every period. Where those first decisions leave no plan on the tree, VSS has no upper end.

Where Bitcoin is traded at will (`trading_rights`), the mean path may trade in the periods in which the tree may: its
price is the expected one, so that nothing is gained by timing. VSS is then told a second time with the Bitcoin that the
mean path sells and buys before the first branching held as well. On known paths Bitcoin is kept, sold and bought as the
plan on the tree does, and only the other decisions know the future; what knowing prices adds, if every path could trade
on them where the tree branches, is a bet on known prices and stands apart, as an upper bound.

Of many paths some are drawn by their probability. The gain of knowing is then a mean over the drawn paths of what each
is worth by itself less what the plan on the tree earns on it, and its interval is wider by the 95 % interval of that
mean. With a weight on the worst paths, paths are drawn by probability and weight of the plan on the tree: the mean of
the worst is no more than a mean with any such weights, so that the figure is an upper end, and the lower one is 0.
Limits of probability are left out on drawn paths, which can only raise it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.chance import NO_CHANCES
from allocator.instance.compile import as_drawn, compile_instance
from allocator.instance.futures import Futures
from allocator.instance.reshape import apart, mean_path
from allocator.instance.risk import EXPECTATION, WorstChildren, WorstPaths
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError, InfeasibleError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.settle import settle
from allocator.pipeline.solve import answered
from allocator.plan.extract.settled import Settled
from allocator.planning.decided import decided_at
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario
from allocator.scenario.scenario import Scenario
from allocator.scenario.treasury import Optimise, SellProduction
from allocator.studies.path_values import path_values
from allocator.studies.sample_figures import mean
from allocator.studies.trading_rights import as_planned, at_will, on_mean_path, with_trades

CERTAIN = 1e-9


@dataclass(frozen=True)
class Range:
    """What a figure lies between."""

    low: float
    high: float

    def less(self, other: Range) -> Range:
        """The difference, which is known to be at least zero."""
        return Range(max(0.0, self.low - other.high), max(0.0, self.high - other.low))


NO_UPPER_END = Range(0.0, math.inf)


@dataclass(frozen=True)
class ValueOfTree:
    """USD each.

    Attributes:
        tree: optimum on the tree. first_of_mean: the same with the first decisions of the plan on the mean path; None
            where they leave no plan. known: optimum where every path is known, None where paths were drawn.
        vss, evpi: see the module. nodes, leaves: of the tree. paths: looked at for evpi.
        first_trades_of_mean, vss_with_trades: the same with its first trades of Bitcoin held too; None where it is not
            traded at will, the first also where they leave no plan.
        known_trading, evpi_trading: with trades on known prices; None where Bitcoin is not traded at will.
        tail_weight: of the worst paths in all of these.
    """

    tree: Range
    first_of_mean: Range | None
    known: Range | None
    vss: Range
    evpi: Range
    nodes: int
    leaves: int
    paths: int
    first_trades_of_mean: Range | None
    vss_with_trades: Range | None
    known_trading: Range | None
    evpi_trading: Range | None
    tail_weight: float


@dataclass(frozen=True)
class _Case:
    """A scenario, its tree, how to solve, and the optimum on the tree with a plan that reaches its lower end."""

    loaded: LoadedScenario
    instance: Instance
    request: SolveRequest
    watch: Stopwatch
    value: Range
    plan: Settled

    @property
    def at_will(self) -> bool:
        """Whether Bitcoin is traded at will."""
        treasury = self.loaded.scenario.treasury
        return treasury is not None and isinstance(treasury.policy, Optimise)

    def solve(self, instance: Instance) -> tuple[Range, Settled]:
        """The optimum of another instance, and a plan."""
        return _optimum(instance, self.request, self.watch)


def value_of_tree(
    loaded: LoadedScenario, request: SolveRequest, most_paths: int, seed: int, on_event: OnEvent = ignore
) -> ValueOfTree:
    """Solve a scenario on its tree, with the first decisions of its mean path, and with every path known.

    Raises:
        PipelineError: nothing is uncertain, hedges are on offer, risk is nested, or there is no plan on the tree.
    """
    scenario, watch = loaded.scenario, Stopwatch(on_event)
    if scenario.uncertainty is None:
        raise BadInputError(f"{scenario.name}: nothing is uncertain; add a section uncertainty")
    _check_offers(scenario)
    instance = _compiled(loaded, as_drawn)
    _check_view(instance)
    case = _Case(loaded, instance, request, watch, *_optimum(instance, request, watch))
    first, traded = _firsts_of_mean(case)
    known = _Known(*_drawn(case, most_paths, seed))
    held, free = known.gain(case, trading=False), known.gain(case, trading=True) if case.at_will else (None, None)
    return ValueOfTree(
        tree=case.value,
        first_of_mean=first,
        known=held[0],
        vss=NO_UPPER_END if first is None else case.value.less(first),
        evpi=held[1],
        nodes=len(instance.tree),
        leaves=len(instance.tree.leaves),
        paths=len(known.leaves),
        first_trades_of_mean=traded,
        vss_with_trades=_of_trades(case, traded),
        known_trading=free[0],
        evpi_trading=free[1],
        tail_weight=0.0 if scenario.risk is None else scenario.risk.tail_weight,
    )


def _of_trades(case: _Case, traded: Range | None) -> Range | None:
    if not case.at_will:
        return None
    return NO_UPPER_END if traded is None else case.value.less(traded)


def _check_offers(scenario: Scenario) -> None:
    """Instruments on offer have no place on a known path, where buying one is a bet on known prices."""
    if offered := [hedge.name for hedge in scenario.hedges if hedge.most_lots]:
        raise BadInputError(
            f"{scenario.name}: hedges are on offer, which on a known path are bets on known prices",
            [f"state what is held (opening_*) and leave most_lots out: {', '.join(offered)}"],
        )


def _check_view(instance: Instance) -> None:
    """Paths known from the start do not branch, so that a view of every branching has nothing to look at on them."""
    if isinstance(instance.risk, WorstChildren):
        raise BadInputError(
            f"{instance.name}: the worst children weigh at every branching, and known paths have no branchings",
            ["leave risk.nested out: what knowing is worth is told under the worst of all paths"],
        )


def _compiled(loaded: LoadedScenario, reshape: Callable[[Futures], Futures]) -> Instance:
    try:
        return compile_instance(loaded, reshape)
    except ScenarioFaults as error:
        raise BadInputError("the scenario has faults", [str(fault) for fault in error.faults]) from error


def _elsewhere(loaded: LoadedScenario, risk: bool) -> LoadedScenario:
    """The scenario for another tree: rights to trade are handed over afterwards, since nothing branches there."""
    scenario = loaded.scenario
    changed: dict[str, object] = {} if risk else {"risk": None}
    if scenario.treasury is not None and isinstance(scenario.treasury.policy, Optimise):
        still = SellProduction(kind="sell_production")
        changed["treasury"] = scenario.treasury.model_copy(update={"policy": still})
    return replace(loaded, scenario=scenario.model_copy(update=changed))


def _optimum(instance: Instance, request: SolveRequest, watch: Stopwatch) -> tuple[Range, Settled]:
    """What the optimum lies between, and the plan that reaches the lower end."""
    answer = answered(instance, request, watch)
    assert answer.x is not None
    assert answer.objective_usd is not None
    settled = settle(instance, answer.planning.point(answer.x)).settled
    return Range(answer.objective_usd, max(answer.objective_usd, answer.bound_usd)), settled


def _firsts_of_mean(case: _Case) -> tuple[Range | None, Range | None]:
    """Optima on the tree with the first decisions of the plan on its mean path, and with its first trades too."""
    instance = case.instance
    single = on_mean_path(instance, _compiled(_elsewhere(case.loaded, risk=False), mean_path))
    try:
        _, plan = case.solve(single)
    except InfeasibleError:
        return None, None
    trunk = np.flatnonzero(instance.tree.probability >= 1.0 - CERTAIN)
    at = _same_period(single.tree, instance.tree, trunk)
    first = decided_at(single, plan.point, at, trunk)
    held = [first, *([with_trades(first, plan.point.trades, at)] if case.at_will else [])]
    found = [_value(case, replace(instance, decided=decided)) for decided in held]
    return found[0], found[-1] if case.at_will else None


def _value(case: _Case, instance: Instance) -> Range | None:
    """The optimum, None where there is no plan."""
    try:
        return case.solve(instance)[0]
    except InfeasibleError:
        return None


def _same_period(single: NodeTree, tree: NodeTree, nodes: Ints) -> Ints:
    return np.searchsorted(single.first_month, tree.first_month[nodes])


def _weights(case: _Case) -> Floats:
    """What each path counts in the value of the plan on the tree: probability, and more if it is one of the worst."""
    instance, odds = case.instance, _odds(case)
    if not isinstance(instance.risk, WorstPaths):
        return odds
    worst, level = path_values(case.plan).worst_share, instance.risk.level
    return np.asarray(odds * (1.0 - instance.risk.weight + instance.risk.weight * worst / (1.0 - level)))


def _odds(case: _Case) -> Floats:
    """Probability of every path."""
    return case.instance.tree.probability[case.instance.tree.leaves]


def _drawn(case: _Case, most: int, seed: int) -> tuple[Ints, Ints, Floats]:
    """Positions of the leaves to be looked at, how often each was drawn (0: all are looked at), and their weights."""
    weights = _weights(case)
    if len(weights) <= most:
        everything = np.arange(len(weights))
        return everything, np.zeros_like(everything), weights
    found = np.random.default_rng(seed).choice(len(weights), most, p=weights / weights.sum())
    distinct, count = np.unique(found, return_counts=True)
    return distinct, count, weights


@dataclass(frozen=True)
class _Known:
    """Paths to be known from the start: positions among the leaves, how often each was drawn, weights of all leaves."""

    leaves: Ints
    count: Ints
    weights: Floats

    def gain(self, case: _Case, trading: bool) -> tuple[Range | None, Range]:
        """Optimum where they are known, None where they were drawn; and what knowing is worth."""
        if not self.count.any():
            known, _ = case.solve(self._forest(case, trading, _odds(case)))
            return known, known.less(case.value)
        known, alone = case.solve(self._by_itself(case, self._forest(case, trading, self.count / self.count.sum())))
        plan, averse = path_values(case.plan), isinstance(case.instance.risk, WorstPaths)
        gain = path_values(alone).net_usd - plan.npv_usd[self.leaves]
        found = mean(np.repeat(gain if averse else gain + plan.penalty_usd[self.leaves], self.count))
        least = 0.0 if averse else found.low - (case.value.high - case.value.low)
        best = found.high + (float(_odds(case) @ plan.penalty_usd) if averse else 0.0) + (known.high - known.low)
        return None, Range(max(0.0, least), max(0.0, best))

    def _forest(self, case: _Case, trading: bool, chance: Floats) -> Instance:
        tree = case.instance.tree
        ends, whole = tree.leaves[self.leaves], not self.count.any()
        forest = _compiled(_elsewhere(case.loaded, risk=whole), lambda futures: apart(futures, ends, chance))
        of = np.array([tree.path(int(leaf)) for leaf in ends]).ravel()
        if trading or not case.at_will:
            return at_will(case.instance, forest, of)
        return as_planned(case.instance, forest, of, case.plan)

    def _by_itself(self, case: _Case, forest: Instance) -> Instance:
        """Drawn paths, each for itself, with no limit on probabilities; prices of broken limits no higher than any
        path's share of them."""
        least = float((_odds(case) / self.weights).min())
        finance = replace(forest.finance, shortfall_penalty=forest.finance.shortfall_penalty * least)
        debt = forest.debt
        if debt is not None:
            called, uncured = debt.collateral.call_penalty * least, debt.collateral.uncured_penalty * least
            debt = replace(debt, collateral=replace(debt.collateral, call_penalty=called, uncured_penalty=uncured))
        return replace(forest, risk=EXPECTATION, chances=NO_CHANCES, finance=finance, debt=debt)

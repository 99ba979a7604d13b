"""The treasury decided again on what the hours really earn and mine: a linear program, decisions held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.build import build_master
from allocator.planning.capacity_map import make_capacity_map
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.point import PlanPoint, whole_columns
from allocator.planning.treasury_point import btc_trades, loan_moves, shares_usd
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem

EXACT = SolveOptions(feasibility_tolerance=1e-9, relative_gap=0.0)


@dataclass(frozen=True)
class Production:
    """What the hours of every site and node earn, mine, and would pay for one more Bitcoin, (S, N) each.

    Attributes:
        due_usd: what each cause of coincident peaks adds, (E,). later_premium: what a dollar of it less would cost the
            hours beyond its discount, (S, N).
    """

    margin_usd: Floats
    mined_btc: Floats
    premium_usd_per_btc: Floats
    due_usd: Floats
    later_premium: Floats

    @staticmethod
    def none(instance: Instance) -> Production:
        """Arrays to be filled."""
        shape = (len(instance.sites.names), len(instance.tree))
        due = np.zeros(len(instance.coincident.peak))
        return Production(np.zeros(shape), np.zeros(shape), np.zeros(shape), due, np.zeros(shape))


def financed(instance: Instance, point: PlanPoint, done: Production, master: Problem | None = None) -> PlanPoint:
    """The point with the best trades and loans for its decisions and this production; itself where there are none.

    `master` is `build_master` of the instance where somebody has it: on a large tree to build it takes a second.

    Raises:
        ValueError: nothing keeps the rules of the treasury and the loans, so the point is no plan.
    """
    if instance.treasury is None and instance.debt is None and instance.equity is None:
        return point
    problem = build_master(instance).problem if master is None else master
    result = HighsSession(_held(instance, problem, point, done), EXACT).solve()
    if not result.has_point:  # its draws, releases and tests cannot stand as the hours run: decide them again
        open_ended = replace(point, loans=None, happens=None, losing=None)
        result = HighsSession(_held(instance, problem, open_ended, done), EXACT).solve()
    if not result.has_point:
        raise ValueError("with the hours as they run, nothing keeps the rules of treasury and loans")
    found = btc_trades(instance, problem, result.point())
    if found is not None:
        found = replace(found, mined_btc=done.mined_btc, premium_usd_per_btc=done.premium_usd_per_btc)
    loans, issued = loan_moves(instance, problem, result.point()), shares_usd(instance, problem, result.point())
    return replace(point, trades=found, loans=loans, issued_usd=issued)


def _held(instance: Instance, problem: Problem, point: PlanPoint, done: Production) -> Problem:
    """The master with its decisions, margins and production held."""
    lower, upper, integer = problem.lower.copy(), problem.upper.copy(), problem.integer.copy()
    link = make_capacity_map(instance, problem)
    counted, peaks = link.mined >= 0, link.peak >= 0
    metered = np.zeros(link.peak.shape) if point.peak_mw is None else point.peak_mw
    for columns, values in (
        whole_columns(instance, problem, point),
        (link.theta.ravel(), done.margin_usd.ravel() / USD_PER_MUSD),
        (link.mined[counted], done.mined_btc[counted]),
        (link.peak[peaks], metered[peaks]),
        (link.due, done.due_usd / USD_PER_MUSD),
    ):
        lower[columns] = upper[columns] = values
        integer[columns] = False
    return replace(problem, lower=lower, upper=upper, integer=integer)

"""What an answer's own model says about it: prices of its limits, and a certificate that can be checked again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.decomposition.master import CUT
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.method import Answer, segment_hours
from allocator.pipeline.settle import Operation
from allocator.plan.marginal import (
    HourlyPrices,
    marginal_values,
    no_marginal_values,
    prices_of_dispatch,
    prices_of_rows,
)
from allocator.planning.capacity_map import columns_of
from allocator.planning.context import USD_PER_MUSD
from solvers.certificate import certify, root_duals
from solvers.duals import fix_and_price
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Duals, Result, SolverError

MOST_BOUNDED = 50_000
"""Segment-hours up to which the relaxation of the whole model is solved for a bound safe from tolerances."""

RELAXATION_SECONDS = 120.0


@dataclass(frozen=True)
class Evidence:
    """Prices, certificate, and in words what could not be had.

    Attributes:
        marginal_values: the table. certificate: contents of certificate.json, None without one.
    """

    marginal_values: pd.DataFrame
    certificate: dict[str, object] | None
    remarks: tuple[str, ...]


def gather(instance: Instance, answer: Answer, operation: Operation) -> Evidence:
    """Price the plan with its integers fixed, and certify the answer, on the problem that proved its bound.

    That is the whole model, or the master with its cuts; there the hours are priced by the dispatch. Prices explain a
    plan and never hold it up: where they cannot be had, the remarks say so.
    """
    problem = answer.bounded or answer.planning.problem
    try:
        if answer.x is None:
            raise SolverError("there is no point")
        duals = fix_and_price(problem, answer.x).duals
        if duals is None:
            raise SolverError(f"engine {answer.engine} gave no prices")
    except SolverError as error:
        return Evidence(no_marginal_values(), None, (f"no marginal values and no certificate: {error}",))
    hourly = _hourly(answer, duals, operation)
    prices = marginal_values(problem, duals, operation.settled, hourly)
    return Evidence(prices, _certificate(instance, answer, problem), ())


def _hourly(answer: Answer, duals: Duals, operation: Operation) -> HourlyPrices:
    if answer.bounded is None:
        return prices_of_rows(answer.planning.problem, duals, operation.settled)
    worth = worth_of_margin(operation.settled.instance, answer.bounded, duals)
    return prices_of_dispatch(operation.prices, worth, operation.settled)


def worth_of_margin(instance: Instance, bounded: Problem, duals: Duals) -> Floats:
    """What one more dollar of operating margin is worth at each site and node, (S, N), discounted and expected.

    It is the price of the cuts on theta: theta is free, so its cost equals what all of its rows charge.
    """
    theta = columns_of(bounded, "theta_musd", ("site", "node"), (len(instance.sites.names), len(instance.tree)))
    cuts = bounded.rows[CUT].slice
    row = duals.row.copy()
    row[cuts] = 0.0
    charged = np.asarray(bounded.matrix.T @ row)
    worth: Floats = np.maximum(bounded.cost - charged, 0.0)[theta]
    return worth


def _certificate(instance: Instance, answer: Answer, problem: Problem) -> dict[str, object]:
    claimed = Result(
        reason=answer.reason,
        limit=answer.limit,
        primal_bound=None if answer.objective_usd is None else answer.objective_usd / USD_PER_MUSD,
        dual_bound=answer.bound_usd / USD_PER_MUSD,
        x=answer.x,
        backend=answer.engine,
    )
    return certify(problem, claimed, _root_duals(instance, answer, problem)).as_dict()


def _root_duals(instance: Instance, answer: Answer, problem: Problem) -> Floats | None:
    """Prices of the relaxation: those of the solve, else by solving it where that is quick; None elsewhere."""
    if answer.root_duals is not None:
        return answer.root_duals
    small = answer.bounded is not None or segment_hours(instance) <= MOST_BOUNDED
    return root_duals(problem, SolveOptions(time_limit_s=RELAXATION_SECONDS)) if small else None

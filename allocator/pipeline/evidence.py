"""What the whole model says about an answer: prices of its limits, and a certificate that can be checked again."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.method import Answer, segment_hours
from allocator.plan.extract.settled import Settled
from allocator.plan.marginal import marginal_values, no_marginal_values
from allocator.planning.build import PlanningModel, build_monolithic
from allocator.planning.context import USD_PER_MUSD
from solvers.certificate import certify, root_duals
from solvers.duals import fix_and_price
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Result, SolverError

MOST_PRICED = 4_000_000
"""Segment-hours beyond which the whole model would take more memory than the solve did."""

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


def gather(instance: Instance, answer: Answer, settled: Settled) -> Evidence:
    """Price the plan on the whole model with its integers fixed, and certify the answer there.

    Prices explain a plan and never hold it up: where they cannot be had, the remarks say so.
    """
    size = segment_hours(instance)
    if size > MOST_PRICED:
        words = f"no marginal values and no certificate: {size:,} segment-hours are too many for one model"
        return Evidence(no_marginal_values(), None, (words,))
    whole = answer.planning if answer.planning.hours is not None else build_monolithic(instance)
    try:
        priced = fix_and_price(whole.problem, carried_over(answer, whole.problem))
    except SolverError as error:
        return Evidence(no_marginal_values(), None, (f"no marginal values and no certificate: {error}",))
    prices = no_marginal_values() if priced.duals is None else marginal_values(whole.problem, priced.duals, settled)
    return Evidence(prices, _certificate(answer, whole, priced, size), ())


def carried_over(answer: Answer, problem: Problem) -> Floats:
    """The answer's point in the columns of another planning problem, (columns,); families it does not know are 0."""
    x = np.zeros(problem.shape[1])
    for name, family in answer.planning.problem.columns.items():
        if name in problem.columns and answer.x is not None:
            x[problem.columns[name].slice] = answer.x[family.slice]
    return x


def _certificate(answer: Answer, whole: PlanningModel, priced: Result, size: int) -> dict[str, object]:
    """Of the answer's own point where it is one of the whole model, else of the point its prices belong to."""
    own = answer.planning is whole
    claimed = Result(
        reason=answer.reason,
        limit=answer.limit,
        primal_bound=answer.objective_usd / USD_PER_MUSD
        if own and answer.objective_usd is not None
        else priced.primal_bound,
        dual_bound=answer.bound_usd / USD_PER_MUSD,
        x=answer.x if own else priced.x,
        backend=answer.engine,
    )
    limit = SolveOptions(time_limit_s=RELAXATION_SECONDS)
    duals = root_duals(whole.problem, limit) if size <= MOST_BOUNDED else None
    return certify(whole.problem, claimed, duals).as_dict()

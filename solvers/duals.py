"""Prices of a problem with integers: those of the linear program left after the integers are fixed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.registry import solve
from solvers.result import Reason, Result, SolverError


def relaxed(problem: Problem) -> Problem:
    """The problem without its integrality, sharing all arrays."""
    return replace(problem, integer=np.zeros(problem.shape[1], dtype=bool))


def fixed(problem: Problem, x: NDArray[np.float64]) -> Problem:
    """The linear program left when every integer column is held at its rounded value in `x`, (columns,)."""
    whole = np.round(x)
    lower = np.where(problem.integer, whole, problem.lower)
    upper = np.where(problem.integer, whole, problem.upper)
    return replace(relaxed(problem), lower=lower, upper=upper)


def fix_and_price(problem: Problem, x: NDArray[np.float64], options: SolveOptions | None = None) -> Result:
    """Solve the program left after fixing the integers at `x`, with its duals.

    The duals say `fixed_integers=True` where the problem has integers: they price the continuous part only. The
    point may be better than `x`. Raises SolverError when that program has no optimum.
    """
    result = solve(fixed(problem, x), options=options)
    if result.reason is not Reason.OPTIMAL or result.duals is None:
        raise SolverError(
            f"no prices: with the integers fixed the linear program ended as {result.reason.value}; "
            "solve with a tighter feasibility_tolerance, or allow more time"
        )
    return replace(result, duals=replace(result.duals, fixed_integers=bool(problem.integer.any())))

"""Options and problems in HiGHS's own words, and its counts and conflict members in ours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray

from solvers.problem import Problem

ALGORITHMS = ("choose", "simplex", "ipx", "pdlp")
"""hipo is refused: it needs a build of HiGHS that the wheels are not."""

OPTIONS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "time_limit_s": lambda v: {"time_limit": float(v)},
    "relative_gap": lambda v: {"mip_rel_gap": float(v)},
    "threads": lambda v: {"threads": int(v)},
    "seed": lambda v: {"random_seed": int(v)},
    "presolve": lambda v: {"presolve": "on" if v else "off"},
    "work_limit": lambda v: {"mip_max_nodes": int(v)},
    "algorithm": lambda v: {"solver": v} | ({"mip_lp_solver": v} if v in ("simplex", "ipx") else {}),
    "feasibility_tolerance": lambda v: dict.fromkeys(
        ("primal_feasibility_tolerance", "dual_feasibility_tolerance", "mip_feasibility_tolerance"), float(v)
    ),
    "log": lambda v: {"output_flag": bool(v), "log_to_console": bool(v)},
}

_SIDES = {2: "lower", 3: "upper", 4: "both"}
"""IisBoundStatus; the others say that the bounds of the member play no part."""


def statistics_of(info: Any, seconds: float, is_mip: bool) -> dict[str, float]:
    """What HiGHS counted; it marks what it does not know with -1 or inf."""
    known = {
        "seconds": seconds,
        "nodes": float(max(info.mip_node_count, 0)),
        "simplex_iterations": float(max(info.simplex_iteration_count, 0)),
        "max_primal_infeasibility": info.max_primal_infeasibility,
        "max_integrality_violation": info.max_integrality_violation if is_mip else 0.0,
    }
    return {name: value for name, value in known.items() if np.isfinite(value)}


def sided(positions: list[int], bounds: list[int]) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Positions, ascending, and sides of the members whose bounds play a part in a conflict."""
    members = sorted((p, _SIDES[b]) for p, b in zip(positions, bounds, strict=True) if b in _SIDES)
    return np.array([p for p, _ in members], dtype=np.int64), tuple(side for _, side in members)


def lp_of(problem: Problem) -> highspy.HighsLp:
    """The problem as HiGHS loads it."""
    matrix = problem.matrix
    if not matrix.has_canonical_format:  # HiGHS refuses repeated entries
        matrix = matrix.copy()
        matrix.sum_duplicates()
    lp = highspy.HighsLp()
    lp.num_row_, lp.num_col_ = matrix.shape
    lp.sense_ = highspy.ObjSense.kMaximize if problem.sense == "max" else highspy.ObjSense.kMinimize
    lp.offset_ = problem.offset
    lp.col_cost_, lp.col_lower_, lp.col_upper_ = problem.cost, problem.lower, problem.upper
    lp.row_lower_, lp.row_upper_ = problem.row_lower, problem.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
    if problem.integer.any():
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[flag] for flag in problem.integer.tolist()]
    return lp

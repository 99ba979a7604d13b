"""Why a problem is infeasible, and the least that would restore it.

A linear conflict is HiGHS's irreducible set: of a small problem, or of the rows with a multiplier in a proof that a
large one is infeasible (Farkas), which are infeasible by themselves. Where there is none in time, or only the
integers cannot agree, rows are deleted one group after another as long as the rest stays infeasible: whole families
first, then ever smaller groups of rows, as far as time allows. Repairs come from the elastic problem: rows may be
violated at a price, the total is least.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from solvers.backends.base import ConflictSet
from solvers.backends.highs import HighsSession
from solvers.duals import relaxed
from solvers.infeasibility import NEGLIGIBLE, Clock, Weights, deletion_filter, elastic_violation
from solvers.labels import Index, column_name, row_name
from solvers.options import SolveOptions
from solvers.problem import Family, Problem
from solvers.result import Reason, SolverError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Named = tuple[str, Index, str]

DEFAULT_SECONDS = 120.0
ROWS_FOR_IRREDUCIBLE = 5000
"""On larger problems HiGHS's irreducible set takes minutes, and the deletion filter says more sooner."""
SHARE_OF_TIME_PROOF = 0.2
SHARE_OF_TIME_FILTER = 0.45
"""Of the time left then: for HiGHS's own conflict set, for the deletion filter; repairs have the rest."""
SHARE_OF_TIME_SIMPLEX = 0.4
"""Of the time left then: for a proof by simplex, of a large problem."""
PROOF = "proof"


@dataclass(frozen=True)
class Member:
    """One bound in conflict: a side of a row or of a column; for "both" the bound is the lower one."""

    family: str
    index: Index
    side: str
    bound: float


@dataclass(frozen=True)
class Conflict:
    """Bounds that cannot hold together, and amounts that would restore feasibility.

    Attributes:
        row_members, column_members: the bounds in conflict. Where they were found by deleting rows, all column
            bounds and integrality stand in the background and are not listed.
        is_minimal: whether dropping any one member restores feasibility.
        method: "conflict" where the set is proven infeasible; "elastic" where time ran out, and the rows
            are those whose violation is cheapest.
        repairs: (family, axes, amount): moving the upper side up by amount > 0, or the lower side down by
            -amount, for each of them, restores feasibility; empty where only column bounds are in conflict, or no
            repair was found in time.
    """

    row_members: tuple[Member, ...]
    column_members: tuple[Member, ...]
    is_minimal: bool
    method: Literal["conflict", "elastic"]
    repairs: tuple[tuple[str, Index, float], ...]

    @property
    def rows(self) -> list[Named]:
        """(family, axes, side) of the rows in conflict."""
        return [(m.family, m.index, m.side) for m in self.row_members]

    @property
    def columns(self) -> list[Named]:
        """(family, axes, side) of the column bounds in conflict."""
        return [(m.family, m.index, m.side) for m in self.column_members]


def explain(
    problem: Problem,
    options: SolveOptions | None = None,
    weights: Weights | None = None,
    spared: Collection[str] = (),
) -> Conflict:
    """Explain an infeasible problem.

    `weights` prices one unit of violation by row family or (family, side); others may not be violated. By default the
    inequalities of the families in conflict may be, each row at 1 / its largest coefficient; balances and definitions
    are not a choice. Where repair is impossible so, every row may be. The time limit of `options` bounds the whole
    explanation (120 s by default). `spared` families have no part in the conflict where the linear program is
    infeasible without them: of several minimal conflicts, readers are spared those of limits that only happen to
    close it. Raises SolverError for a feasible problem.
    """
    asked = options or SolveOptions()
    clock = Clock(DEFAULT_SECONDS if asked.time_limit_s is None else asked.time_limit_s, asked)
    constraints = replace(problem, cost=np.zeros(problem.shape[1]), offset=0.0)
    column = _crossed_column(constraints)
    if column is not None:
        return _conflict(problem, column, np.zeros(problem.shape[0]))
    found = _found(_without(constraints, spared, clock), clock)
    violation = _repair(constraints, clock, weights, found)
    if not (np.abs(violation) > NEGLIGIBLE).any() and found is None:
        raise SolverError("no conflict to explain: the problem is feasible, or more time is needed")
    return _conflict(problem, found, violation)


def _without(problem: Problem, spared: Collection[str], clock: Clock) -> Problem:
    """The problem with some families lifted, if the linear program is still infeasible; else itself."""
    rows = [problem.rows[name].slice for name in spared if name in problem.rows]
    if not rows:
        return problem
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    for own in rows:
        lower[own], upper[own] = -np.inf, np.inf
    less = replace(problem, row_lower=lower, row_upper=upper)
    proven = HighsSession(relaxed(less), clock.allow(SHARE_OF_TIME_PROOF)).solve().reason is Reason.INFEASIBLE
    return less if proven else problem


def _found(problem: Problem, clock: Clock) -> ConflictSet | None:
    """Rows and bounds proven to be in conflict; None where time ran out first."""
    crossed = _crossed_row(problem)
    if crossed is not None:
        return crossed
    linear = relaxed(problem)
    session = HighsSession(linear, clock.allow(SHARE_OF_TIME_PROOF))
    if session.solve().reason is not Reason.INFEASIBLE:
        return deletion_filter(problem, clock.part(SHARE_OF_TIME_FILTER))
    small = problem.shape[0] <= ROWS_FOR_IRREDUCIBLE
    irreducible = session.conflict(SHARE_OF_TIME_PROOF * clock.left) if small else _within_proof(linear, clock)
    return irreducible or deletion_filter(linear, clock.part(SHARE_OF_TIME_FILTER))


def _within_proof(problem: Problem, clock: Clock) -> ConflictSet | None:
    """The conflict among the rows that a proof of infeasibility uses, which are few of a large linear program.

    None where simplex has no proof in time, it uses too many rows, or they do not prove it by themselves after all.
    """
    asked = replace(clock.allow(SHARE_OF_TIME_SIMPLEX), presolve=False, algorithm="simplex")
    session = HighsSession(problem, asked)
    session.solve()  # on large problems simplex may have its proof and still not dare to say so: it is checked below
    rows = session.rows_of_proof()
    if not 0 < len(rows) <= ROWS_FOR_IRREDUCIBLE:
        return None
    found = deletion_filter(_part(problem, rows), clock.part(SHARE_OF_TIME_FILTER))
    return None if found is None else replace(found, rows=rows[found.rows])


def _part(problem: Problem, rows: Ints) -> Problem:
    """Some rows alone, with the columns that stand in them."""
    columns = np.unique(problem.matrix.tocsr()[rows].indices)
    return Problem(
        sense=problem.sense,
        cost=np.zeros(len(columns)),
        offset=0.0,
        matrix=problem.matrix[rows][:, columns].tocsc(),
        row_lower=problem.row_lower[rows],
        row_upper=problem.row_upper[rows],
        lower=problem.lower[columns],
        upper=problem.upper[columns],
        integer=problem.integer[columns],
        rows={PROOF: Family(PROOF, 0, pd.DataFrame(index=pd.RangeIndex(len(rows))))},
        columns={PROOF: Family(PROOF, 0, pd.DataFrame(index=pd.RangeIndex(len(columns))))},
        name=f"{problem.name} {PROOF}",
    )


def _repair(problem: Problem, clock: Clock, weights: Weights | None, found: ConflictSet | None) -> Floats:
    """Signed least violation by row; zeros where none was found in time."""
    lower = np.minimum(problem.row_lower, problem.row_upper)
    crossing = np.subtract(problem.row_lower, lower, out=np.zeros(len(lower)), where=problem.row_lower > lower)
    families = None if found is None else {problem.row_family(int(row)).name for row in found.rows}
    violation = elastic_violation(replace(problem, row_lower=lower), clock, weights, families)
    return np.zeros(len(lower)) if violation is None else violation - crossing


def _crossed_column(problem: Problem) -> ConflictSet | None:
    """The first column whose own bounds admit no value."""
    lower = np.where(problem.integer, np.ceil(problem.lower - NEGLIGIBLE), problem.lower)
    upper = np.where(problem.integer, np.floor(problem.upper + NEGLIGIBLE), problem.upper)
    columns = np.flatnonzero(lower > upper)[:1]
    return ConflictSet(np.empty(0, dtype=np.int64), (), columns, ("both",), True) if len(columns) else None


def _crossed_row(problem: Problem) -> ConflictSet | None:
    """The first row whose own sides admit no value."""
    rows = np.flatnonzero(problem.row_lower > problem.row_upper)[:1]
    return ConflictSet(rows, ("both",), np.empty(0, dtype=np.int64), (), True) if len(rows) else None


def _conflict(problem: Problem, found: ConflictSet | None, violation: Floats) -> Conflict:
    violated = np.flatnonzero(np.abs(violation) > NEGLIGIBLE)
    repairs = tuple((*row_name(problem, int(row)), float(violation[row])) for row in violated)
    if found is None:
        sides = ["upper" if violation[row] > 0 else "lower" for row in violated]
        rows = [_row_member(problem, int(row), side) for row, side in zip(violated, sides, strict=True)]
        return Conflict(tuple(rows), (), False, "elastic", repairs)
    rows = [_row_member(problem, int(row), side) for row, side in zip(found.rows, found.row_sides, strict=True)]
    columns = [
        _column_member(problem, int(at), side) for at, side in zip(found.columns, found.column_sides, strict=True)
    ]
    return Conflict(tuple(rows), tuple(columns), found.is_minimal, "conflict", repairs)


def _row_member(problem: Problem, row: int, side: str) -> Member:
    bound = problem.row_upper if side == "upper" else problem.row_lower
    return Member(*row_name(problem, row), side, float(bound[row]))


def _column_member(problem: Problem, column: int, side: str) -> Member:
    bound = problem.upper if side == "upper" else problem.lower
    return Member(*column_name(problem, column), side, float(bound[column]))

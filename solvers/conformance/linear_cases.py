"""Linear programs with known primal and dual answers. Signs of duals: see solvers.result.Duals."""

from __future__ import annotations

from solvers.conformance.case import INF, Case, draws, ends, optimal, problem, stopped
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Limit, Reason

_NO_BEST = (Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED)


def _dense_program(size: int) -> Problem:
    """A dense linear program that no engine solves before it first looks at the clock."""
    drawn = draws(size * size)
    rows = [([1.0 + value for value in drawn[i * size : (i + 1) * size]], -INF, 1000.0 + i) for i in range(size)]
    return problem("max", [50.0 + (13 * j) % 31 for j in range(size)], rows)


SOLVED = (
    Case(
        "max_two_binding_rows",
        "max 5x + 4y, 6x + 4y <= 24, x + 2y <= 6: both rows bind, duals 3/4 and 1/2.",
        problem("max", [5, 4], [([6, 4], -INF, 24), ([1, 2], -INF, 6)]),
        optimal(21.0, (3.0, 1.5), (0.75, 0.5), (0.0, 0.0)),
    ),
    Case(
        "min_two_binding_rows",
        "min 2x + 3y, x + y >= 4, x + 3y >= 6: duals of >= rows are positive when minimising.",
        problem("min", [2, 3], [([1, 1], 4, INF), ([1, 3], 6, INF)]),
        optimal(9.0, (3.0, 1.0), (1.5, 0.5), (0.0, 0.0)),
    ),
    Case(
        "min_upper_row_has_negative_dual",
        "min -x - 2y, x + y <= 3, y <= 2: more room lowers the objective, so the dual is -1.",
        problem("min", [-1, -2], [([1, 1], -INF, 3)], upper=[INF, 2]),
        optimal(-5.0, (1.0, 2.0), (-1.0,), (0.0, -1.0)),
    ),
    Case(
        "max_lower_row_has_negative_dual",
        "max -x - 2y, x + y >= 3, x <= 2: a requirement costs when maximising.",
        problem("max", [-1, -2], [([1, 1], 3, INF)], upper=[2, INF]),
        optimal(-4.0, (2.0, 1.0), (-2.0,), (1.0, 0.0)),
    ),
    Case(
        "min_equality",
        "min x + 2y, x + y = 3, x <= 2.",
        problem("min", [1, 2], [([1, 1], 3, 3)], upper=[2, INF]),
        optimal(4.0, (2.0, 1.0), (2.0,), (-1.0, 0.0)),
    ),
    Case(
        "max_equality_negative_dual",
        "max -3x - 2y, x + y = 4, y <= 3: the dual of an equality takes either sign.",
        problem("max", [-3, -2], [([1, 1], 4, 4)], lower=[-INF, -2], upper=[INF, 3]),
        optimal(-9.0, (1.0, 3.0), (-3.0,), (0.0, 1.0)),
    ),
    Case(
        "ranged_row_at_lower",
        "min x with 1 <= x <= 5 as a row: the lower side holds. PuLP keeps only x <= 5 of a chained comparison.",
        problem("min", [1], [([1], 1, 5)], lower=-INF),
        optimal(1.0, (1.0,), (1.0,), (0.0,)),
        canary=True,
    ),
    Case(
        "ranged_row_at_upper",
        "max x with 1 <= x <= 5 as a row: the upper side holds.",
        problem("max", [1], [([1], 1, 5)], lower=-INF),
        optimal(5.0, (5.0,), (1.0,), (0.0,)),
    ),
    Case(
        "free_columns",
        "min x + 2y, 1 <= x + y <= 4, -3 <= x - y <= 3, both free: one row at its lower, one at its upper side.",
        problem("min", [1, 2], [([1, 1], 1, 4), ([1, -1], -3, 3)], lower=-INF),
        optimal(0.0, (2.0, -1.0), (1.5, -0.5), (0.0, 0.0)),
    ),
    Case(
        "fixed_column",
        "min 3x + y, x = 2 by its bounds, x + y >= 5.",
        problem("min", [3, 1], [([1, 1], 5, INF)], lower=[2, 0], upper=[2, INF]),
        optimal(9.0, (2.0, 3.0), (1.0,), (2.0, 0.0)),
    ),
    Case(
        "negative_bounds",
        "max -2x - y, x + y >= -6, x in [-5, -1], y >= -3.",
        problem("max", [-2, -1], [([1, 1], -6, INF)], lower=[-5, -3], upper=[-1, INF]),
        optimal(11.0, (-5.0, -1.0), (-1.0,), (-1.0, 0.0)),
    ),
    Case(
        "upper_bound_only",
        "max x, x <= 7.5 and no lower bound.",
        problem("max", [1], [([1], -INF, 100)], lower=-INF, upper=7.5),
        optimal(7.5, (7.5,), (0.0,), (1.0,)),
    ),
    Case(
        "offset_max",
        "An offset is part of the objective and of the bound.",
        problem("max", [1, 1], [([1, 2], -INF, 4)], upper=[3, 3], offset=-100.25),
        optimal(-96.75, (3.0, 0.5), (0.5,), (0.5, 0.0)),
    ),
    Case(
        "offset_min",
        "The same when minimising.",
        problem("min", [1, 1], [([1, 2], 4, INF)], upper=[3, 1], offset=1000.5),
        optimal(1003.5, (2.0, 1.0), (1.0,), (0.0, -1.0)),
    ),
    Case(
        "no_rows",
        "min x - y over bounds alone.",
        problem("min", [1, -1], lower=[1, -2], upper=[5, 7]),
        optimal(-6.0, (1.0, 7.0), (), (1.0, -1.0)),
    ),
    Case(
        "no_rows_no_columns",
        "The empty problem is solved by the empty point.",
        problem("max", [], offset=3.5),
        optimal(3.5, (), (), ()),
    ),
    Case(
        "column_in_no_row",
        "A column with a cost and no row rests at its better bound.",
        problem("max", [1, 2, -1], [([1, 0, 0], -INF, 4)], upper=[10, 5, 5]),
        optimal(14.0, (4.0, 5.0, 0.0), (1.0,), (0.0, 2.0, -1.0)),
    ),
    Case(
        "column_in_no_row_without_cost",
        "A column that nothing mentions still has a value within its bounds.",
        problem("max", [1, 0], [([1, 0], -INF, 4)], lower=[0, 2], upper=[10, 3]),
        optimal(4.0, None, (1.0,), (0.0, 0.0)),
    ),
    Case(
        "row_without_entries",
        "A row 0 within its sides changes nothing and has dual 0.",
        problem("min", [1], [([0], -1, 1), ([1], 2, INF)]),
        optimal(2.0, (2.0,), (0.0, 1.0), (0.0,)),
    ),
    Case(
        "row_without_sides",
        "A row without sides changes nothing and has dual 0.",
        problem("max", [1], [([3], -INF, INF), ([1], -INF, 2)]),
        optimal(2.0, (2.0,), (0.0, 1.0), (0.0,)),
    ),
    Case(
        "no_cost",
        "Without a cost any feasible point is optimal and its value is the offset.",
        problem("min", [0, 0], [([1, 1], 2, 2)], offset=5.0),
        optimal(5.0),
    ),
    Case(
        "degenerate",
        "Three rows through one vertex: the duals are not unique, but must still price the objective.",
        problem("max", [1, 1], [([1, 0], -INF, 1), ([0, 1], -INF, 1), ([1, 1], -INF, 2), ([2, 1], -INF, 3)]),
        optimal(2.0, (1.0, 1.0)),
    ),
    Case(
        "transport",
        "Supplies 20, 30, 25 to demands 10, 25, 15, 25: equality rows, one of them redundant.",
        problem(
            "min",
            [8, 6, 10, 9, 9, 12, 13, 7, 14, 9, 16, 5],
            [
                *[([1.0 if j // 4 == i else 0.0 for j in range(12)], s, s) for i, s in enumerate([20, 30, 25])],
                *[([1.0 if j % 4 == i else 0.0 for j in range(12)], d, d) for i, d in enumerate([10, 25, 15, 25])],
            ],
        ),
        optimal(585.0),
    ),
    Case(
        "spread_coefficients",
        "Coefficients from 0.001 to 10000 in one row.",
        problem("max", [1000, 0.01], [([10000, 0.001], -INF, 12000)], upper=[INF, 4e6]),
        optimal(40800.0, (0.8, 4e6), (0.1,), (0.0, 0.0099)),
    ),
)

UNSOLVED = (
    Case(
        "infeasible_rows",
        "x + y = 4 with x, y in [0, 1].",
        problem("max", [3, 2], [([1, 1], 4, 4)], upper=1),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "infeasible_row_without_entries",
        "0 >= 1.",
        problem("min", [1], [([0], 1, INF)], upper=1),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "infeasible_crossed_bounds",
        "A column with lower bound 3 and upper bound 2.",
        problem("min", [1], [([1], 0, INF)], lower=3, upper=2),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "infeasible_crossed_sides",
        "A row with lower side 3 and upper side 2.",
        problem("max", [1], [([1], 3, 2)], upper=10),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "unbounded",
        "max x + y on the line x = y. OR-Tools' ModelBuilderHelper calls it INFEASIBLE with GLOP.",
        problem("max", [1, 1], [([1, -1], 0, 0)]),
        ends(*_NO_BEST),
        canary=True,
    ),
    Case(
        "unbounded_min",
        "min -x - y above a line.",
        problem("min", [-1, -1], [([1, 1], 2, INF)]),
        ends(*_NO_BEST),
    ),
    Case(
        "unbounded_no_rows",
        "max x with no row and no upper bound.",
        problem("max", [1, 1], upper=[1, INF]),
        ends(*_NO_BEST),
    ),
    Case(
        "infeasible_and_improving_without_end",
        "y = 5 with y <= 1 is infeasible, while x could grow without end.",
        problem("max", [1, 0], [([0, 1], 5, 5), ([1, -1], 0, INF)], upper=[INF, 1]),
        ends(Reason.INFEASIBLE, Reason.INFEASIBLE_OR_UNBOUNDED),
    ),
    Case(
        "time_limit_linear",
        "A microsecond is too short: the time limit is named, and a point, if any, is feasible.",
        _dense_program(200),
        stopped(Limit.TIME, Reason.NO_POINT, Reason.FEASIBLE),
        SolveOptions(time_limit_s=1e-6),
    ),
)

CASES = SOLVED + UNSOLVED

"""Integer programs with known answers, early stops, and problems that some solver once got wrong."""

from __future__ import annotations

from solvers.conformance.case import INF, Case, draws, ends, optimal, problem, stopped
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Limit, Reason

_NO_BEST = (Reason.UNBOUNDED, Reason.INFEASIBLE_OR_UNBOUNDED)


def _knapsacks(rows: int, items: int) -> Problem:
    """Choose items under several knapsacks whose profits follow their weights: points are easy, proofs are not."""
    weights = [[20 + (37 * i * i + 91 * i * k + 53 * k * k + 17 * k) % 79 for k in range(items)] for i in range(rows)]
    profit = [sum(row[k] for row in weights) / rows + (29 * k) % 11 for k in range(items)]
    return problem("max", profit, [(row, -INF, sum(row) // 2) for row in weights], upper=1, integer=True)


def _market_split(rows: int, items: int) -> Problem:
    """Split every row's total exactly in half: even a first point is out of reach for branch and bound."""
    drawn = draws(rows * items)
    weights = [drawn[i * items : (i + 1) * items] for i in range(rows)]
    halves = [(row, sum(row) // 2, sum(row) // 2) for row in weights]
    return problem("min", [1.0] * items, halves, upper=1, integer=True)


_HARD = _knapsacks(8, 90)
_NONE = _market_split(6, 50)

SOLVED = (
    Case(
        "binary_knapsack",
        "Values 60, 100, 120, weights 10, 20, 30, capacity 50.",
        problem("max", [60, 100, 120], [([10, 20, 30], -INF, 50)], upper=1, integer=True),
        optimal(220.0, (0.0, 1.0, 1.0)),
    ),
    Case(
        "general_integers",
        "max 5x + 4y, 6x + 4y <= 24, x + 2y <= 6: 21 without integrality, 20 with.",
        problem("max", [5, 4], [([6, 4], -INF, 24), ([1, 2], -INF, 6)], upper=10, integer=True),
        optimal(20.0, (4.0, 0.0)),
    ),
    Case(
        "general_integers_without_upper_bounds",
        "The same, bounded by its rows alone: an integer column is not taken for a binary one.",
        problem("max", [5, 4], [([6, 4], -INF, 24), ([1, 2], -INF, 6)], integer=True),
        optimal(20.0, (4.0, 0.0)),
    ),
    Case(
        "negative_integers",
        "min 2x + y, x in [-7, -2], y in [-3, 4], x + y >= -8.5.",
        problem("min", [2, 1], [([1, 1], -8.5, INF)], lower=[-7, -3], upper=[-2, 4], integer=True),
        optimal(-15.0, (-7.0, -1.0)),
    ),
    Case(
        "integer_equality",
        "min x + y + z, 4x + 7y + 9z = 37: the only cheap way is 7 + 7 + 7 + 7 + 9.",
        problem("min", [1, 1.01, 1.02], [([4, 7, 9], 37, 37)], upper=20, integer=True),
        optimal(5.06, (0.0, 4.0, 1.0)),
    ),
    Case(
        "integer_ranged_row",
        "max x + y, 2.5 <= 3x + 2y <= 7.5: an integer row of at most 7.",
        problem("max", [1, 1], [([3, 2], 2.5, 7.5)], upper=[2, 2], integer=True),
        optimal(3.0, (1.0, 2.0)),
    ),
    Case(
        "fractional_coefficients",
        "max 0.35x + 0.6y + 7.125, 0.1x + 0.25y <= 1.2, x <= 7: decimals are scaled without loss.",
        problem("max", [0.35, 0.6], [([0.1, 0.25], -INF, 1.2)], upper=[7, 9], integer=True, offset=7.125),
        optimal(10.775, (7.0, 2.0)),
    ),
    Case(
        "awkward_costs",
        "Costs 1/3 and pi have no whole-number scaling; the bound stays valid all the same.",
        problem("max", [1 / 3, 3.141592653589793], [([1, 5], -INF, 17)], upper=[10, 10], integer=True),
        optimal(10.091444627435961, (2.0, 3.0)),
    ),
    Case(
        "small_differences",
        "Two choices that differ by 5e-6: CBC stops at the worse one by default.",
        problem("min", [7.000005, 7.0, 3.0], [([1, 1, 1], 2, 2)], upper=1, integer=True, offset=-10.0),
        optimal(0.0, (0.0, 1.0, 1.0)),
    ),
    Case(
        "mixed",
        "max 3x + 2y + 4z, x + y + 2z <= 4, 2x + 3z <= 5, 2x + y + 3z <= 7.5, z integer.",
        problem(
            "max",
            [3, 2, 4],
            [([1, 1, 2], -INF, 4), ([2, 0, 3], -INF, 5), ([2, 1, 3], -INF, 7.5)],
            integer=[False, False, True],
        ),
        optimal(10.5, (2.5, 1.5, 0.0)),
    ),
    Case(
        "fixed_charge",
        "Two plants with fixed costs 10 and 14 and unit costs 3 and 2 serve a demand of 5.",
        problem(
            "min",
            [10, 14, 3, 2],
            [([0, 0, 1, 1], 5, INF), ([-8, 0, 1, 0], -INF, 0), ([0, -8, 0, 1], -INF, 0)],
            upper=[1, 1, INF, INF],
            integer=[True, True, False, False],
            offset=1.0,
        ),
        optimal(25.0),
    ),
    Case(
        "integer_no_rows",
        "max 3x + 2y with x <= 1, y <= 2.5 and no rows.",
        problem("max", [3, 2], upper=[1, 2.5], integer=True),
        optimal(7.0, (1.0, 2.0)),
    ),
    Case(
        "free_integers",
        "min x + y, x + y >= -7.5, both free: the columns may be far apart.",
        problem("min", [1, 1], [([1, 1], -7.5, INF)], lower=-INF, integer=True),
        optimal(-7.0),
    ),
    Case(
        "hint_infeasible",
        "A hint that breaks the rows does not change the answer, as it once did with CBC (issue 449).",
        problem("max", [60, 100, 120], [([10, 20, 30], -INF, 50)], upper=1, integer=True),
        optimal(220.0, (0.0, 1.0, 1.0)),
        canary=True,
        hint=(1.0, 1.0, 1.0),
    ),
    Case(
        "hint_poor",
        "A feasible but poor hint does not change the answer.",
        problem("max", [60, 100, 120], [([10, 20, 30], -INF, 50)], upper=1, integer=True),
        optimal(220.0, (0.0, 1.0, 1.0)),
        hint=(1.0, 0.0, 0.0),
    ),
)

UNSOLVED = (
    Case(
        "integer_infeasible",
        "2x + 2y = 3 over binaries, feasible without integrality.",
        problem("max", [3, 2], [([2, 2], 3, 3)], upper=1, integer=True),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "integer_infeasible_bounds",
        "No whole number lies in [0.2, 0.8].",
        problem("min", [1, 1], [([1, 1], 0, INF)], lower=[0.2, 0], upper=[0.8, 5], integer=True),
        ends(Reason.INFEASIBLE),
    ),
    Case(
        "integer_unbounded",
        "max x + y on the line x = y over the integers.",
        problem("max", [1, 1], [([1, -1], 0, 0)], integer=True),
        ends(*_NO_BEST),
    ),
    Case(
        "time_limit_with_incumbent",
        "Half a second finds points but no proof. PuLP calls such a stop optimal.",
        _HARD,
        stopped(Limit.TIME, Reason.FEASIBLE, attained=2938.25),
        SolveOptions(time_limit_s=0.5),
    ),
    Case(
        "time_limit_without_incumbent",
        "Half a second does not even find a point; the column bounds still bound the objective.",
        _NONE,
        stopped(Limit.TIME, Reason.NO_POINT),
        SolveOptions(time_limit_s=0.5),
    ),
    Case(
        "work_limit",
        "One unit of work stops the search and is named as the limit.",
        _HARD,
        stopped(Limit.WORK, Reason.FEASIBLE, Reason.NO_POINT, attained=2938.25),
        SolveOptions(work_limit=1, time_limit_s=20.0),
    ),
)

FAULTS = (
    Case(
        "fault_highs_3043",
        "min 2x + 3z, x + z >= 4.5: highspy 1.14.0 answers 15 with presolve; the optimum is 9.",
        problem("min", [2, 3], [([1, 1], 4.5, INF)], upper=10, integer=[False, True]),
        optimal(9.0, (4.5, 0.0)),
        canary=True,
    ),
    Case(
        "fault_highs_3073",
        "min 100g + 0.01t, g + x = 3, t >= |x|, x >= 0.45 integer: highspy 1.14.0 answers 200.01; the optimum is 0.03.",
        problem(
            "min",
            [100, 0.01, 0],
            [([1, 0, 1], 3, 3), ([0, -1, 1], -INF, 0), ([0, -1, -1], -INF, 0), ([0, 0, 1], 0.45, 3)],
            lower=[0, -INF, 0],
            integer=[False, False, True],
        ),
        optimal(0.03, (0.0, 3.0, 3.0)),
        canary=True,
    ),
    Case(
        "fault_highs_3094",
        "Two sources, one of which may run, losses weigh 10 and 8: HiGHS 1.14.0 answers 10000; the optimum is 8000.",
        problem(
            "min",
            [0, 0, 0, 0, 10, 8],
            [
                ([-1000, 0, 1, 0, 0, 0], -INF, 0),
                ([0, -1000, 0, 1, 0, 0], -INF, 0),
                ([0, 0, 1, 0, 1, 0], 1000, 1000),
                ([0, 0, 0, 1, 0, 1], 1000, 1000),
                ([1, 1, 0, 0, 0, 0], -INF, 1),
            ],
            upper=[1, 1, 1000, 1000, 1000, 1000],
            integer=[True, True, False, False, False, False],
        ),
        optimal(8000.0, (1.0, 0.0, 1000.0, 0.0, 0.0, 1000.0)),
        canary=True,
    ),
    Case(
        "fault_cbc_737",
        "min x - z, -0.02x + 88.5z <= -1139: CBC's preprocessing calls it infeasible; the optimum is -187.",
        problem("min", [1, -1], [([-0.02, 88.5], -INF, -1139)], lower=-200, upper=200, integer=[False, True]),
        optimal(-187.0, (-200.0, -13.0)),
        canary=True,
    ),
    Case(
        "fault_cbc_740",
        "min x under three rows with an integer z: CBC's preprocessing calls it infeasible; the optimum is -200.",
        problem(
            "min",
            [1, 0],
            [([41, 49], -INF, -508), ([22, -64], -INF, -943), ([0, 83], 506, INF)],
            lower=-200,
            upper=200,
            integer=[False, True],
        ),
        optimal(-200.0),
        canary=True,
    ),
    Case(
        "fault_cbc_752",
        "Five rows, two integers of four columns: CBC's preprocessing calls it infeasible.",
        problem(
            "min",
            [-36, 18, -11, 11],
            [
                ([0, 72, 0, 0], 500.21, INF),
                ([-87.93, 6.97, 60.13, -36.45], -INF, -911.3896),
                ([93.87, 6.88, 0, -99.02], -INF, 70.1338),
                ([0, 12.18, 56.24, -80.98], -469.79, INF),
                ([32.24, -44.88, 1.79, -51.37], -446.893, INF),
            ],
            lower=[-100, 0, -100, -100],
            upper=[100, INF, 100, 100],
            integer=[True, True, False, False],
        ),
        optimal(-131.12, (9.0, 7.0, 2.23, 8.31)),
        canary=True,
    ),
)

CASES = SOLVED + UNSOLVED + FAULTS

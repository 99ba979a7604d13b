"""Conflicts name a minimal set of bounds; repairs restore feasibility at the least weighted amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given

from solvers import Family, Model, Problem, Reason, SolveOptions, SolverError, solve
from solvers.backends.base import ConflictSet
from solvers.backends.highs import HighsSession
from solvers.conflict import Conflict, explain
from solvers.infeasibility import Clock, deletion_filter
from tests.quick import examples
from tests.solvers.small import INF, problem, random_problem, seeds

LINEAR = problem("min", [0, 0, 0], [[1, 1, 0], [1, 1, 0], [0, 0, 1]], [(3, INF), (-INF, 2), (-INF, 5)], [(0, 10)] * 3)


def test_a_linear_conflict_names_the_two_sides_and_nothing_else() -> None:
    conflict = explain(LINEAR)
    assert conflict.rows == [("R", {"r": 0}, "lower"), ("R", {"r": 1}, "upper")]
    assert conflict.columns == []
    assert [m.bound for m in conflict.row_members] == [3.0, 2.0]
    assert conflict.is_minimal
    assert conflict.method == "conflict"


def test_column_bounds_that_play_a_part_are_named() -> None:
    conflict = explain(problem("min", [0, 0], [[1, 1]], [(5, INF)], [(0, 2), (0, 2)]))
    assert conflict.rows == [("R", {"r": 0}, "lower")]
    assert conflict.columns == [("X", {"c": 0}, "upper"), ("X", {"c": 1}, "upper")]
    assert [m.bound for m in conflict.column_members] == [2.0, 2.0]


def test_a_conflict_of_integers_alone_is_named() -> None:
    """The relaxation holds at (0.5, 0.5): only whole values of x and y break the first two rows."""
    rows = [[1, 1], [1, -1], [1, 0], [0, 1]]
    sides = [(0.5, 1.5), (-0.2, 0.2), (0.0, 9.0), (0.0, 9.0)]
    conflict = explain(problem("max", [1, 1], rows, sides, [(0, 2)] * 2, [True, True]))
    assert [(index["r"], side) for _, index, side in conflict.rows] == [(0, "both"), (1, "both")]
    assert conflict.is_minimal
    assert conflict.method == "conflict"


def test_an_integer_column_without_a_whole_value_is_named() -> None:
    conflict = explain(problem("max", [0, 0], [[1, 1]], [(0, 4)], [(0, 2), (0.2, 0.8)], [True, True]))
    assert conflict.columns == [("X", {"c": 1}, "both")]
    assert conflict.rows == []
    assert conflict.repairs == ()


def test_crossed_bounds_of_a_row_are_a_conflict_of_their_own() -> None:
    conflict = explain(problem("max", [0], [[1], [1]], [(3, 2), (0, 9)], [(0, 9)]))
    assert conflict.rows == [("R", {"r": 0}, "both")]
    assert conflict.repairs == (("R", {"r": 0}, pytest.approx(-1.0)),)


def test_repairs_say_how_far_which_side_must_move() -> None:
    conflict = explain(problem("min", [0, 0], [[1, 1], [1, 1]], [(5, INF), (-INF, 3.5)], [(0, 9)] * 2))
    assert len(conflict.repairs) == 1
    _, index, amount = conflict.repairs[0]
    assert amount == pytest.approx(-1.5 if index["r"] == 0 else 1.5)


def two_families() -> Problem:
    """10 MW of contracts in a hall of 6 MW, on a site of 8 MW."""
    model = Model("halls", "max")
    load = model.variables("load", pd.DataFrame({"hall": ["h"]}), upper=100.0).expr
    model.rows("CONTRACT", load, lower=10.0)
    model.rows("HALL", load, upper=6.0)
    model.rows("SITE", load.total(), upper=8.0)
    return model.build()


def test_weights_choose_what_is_repaired() -> None:
    dear_halls = {"CONTRACT": 1.0, "HALL": 5.0, "SITE": 5.0}
    assert explain(two_families(), weights=dear_halls).repairs == (("CONTRACT", {"hall": "h"}, pytest.approx(-4.0)),)
    cheap_halls = {"CONTRACT": 10.0, "HALL": 1.0, "SITE": 1.0}
    expected = {("HALL", 4.0), ("SITE", 2.0)}
    assert {(name, round(amount, 6)) for name, _, amount in explain(two_families(), weights=cheap_halls).repairs} == (
        expected
    )


def test_a_weight_may_be_given_to_one_side_only() -> None:
    sides = {("CONTRACT", "upper"): 0.1, ("HALL", "upper"): 1.0, ("SITE", "upper"): 1.0, "ABSENT": 1.0}
    assert {name for name, _, _ in explain(two_families(), weights=sides).repairs} == {"HALL", "SITE"}


def test_families_without_a_weight_are_repaired_only_as_a_last_resort() -> None:
    repairs = explain(two_families(), weights={"SITE": 1.0}).repairs
    assert {name for name, _, _ in repairs} >= {"CONTRACT"} or {name for name, _, _ in repairs} >= {"HALL"}


def test_a_feasible_problem_has_no_conflict() -> None:
    with pytest.raises(SolverError, match="feasible"):
        explain(random_problem(1))


def test_without_time_for_the_proof_the_cheapest_repairs_are_named() -> None:
    """Market split: no 0/1 point meets both equations, which no relaxation and no short search can prove."""
    draw = np.random.default_rng(3)
    weights = draw.integers(1, 100, (5, 50))
    sides = [(value, value) for value in (weights.sum(axis=1) // 2).astype(float)]
    case = problem("min", [0] * 50, weights.tolist(), sides, [(0, 1)] * 50, [True] * 50)
    conflict = explain(case, SolveOptions(time_limit_s=2.0))
    assert conflict.method == "elastic"
    assert not conflict.is_minimal
    assert conflict.repairs
    assert {index["r"] for _, index, _ in conflict.rows} == {index["r"] for _, index, _ in conflict.repairs}


def contradicted(seed: int, integers: int) -> Problem:
    """A random problem with a row that asks for more than two others allow together."""
    base = random_problem(seed, rows=5, columns=4, integers=integers)
    draw = np.random.default_rng(seed)
    first, second = draw.choice(5, 2, replace=False)
    matrix = base.matrix.toarray()
    sides = [(float(low), float(high)) for low, high in zip(base.row_lower, base.row_upper, strict=True)]
    sides.append((sides[first][1] + sides[second][1] + 1.0, INF))
    rows = [*matrix.tolist(), (matrix[first] + matrix[second]).tolist()]
    bounds = list(zip(base.lower.tolist(), base.upper.tolist(), strict=True))
    return problem("max", base.cost.tolist(), rows, sides, bounds, base.integer.tolist())


@examples(30)
@given(seeds)
def test_linear_conflicts_are_infeasible_and_minimal(seed: int) -> None:
    case = contradicted(seed, integers=0)
    conflict = explain(case)
    assert not _holds(case, conflict, None)
    for dropped in range(len(conflict.row_members) + len(conflict.column_members)):
        assert _holds(case, conflict, dropped)


@examples(15)
@given(seeds)
def test_the_deletion_filter_leaves_an_infeasible_and_minimal_set_of_sides(seed: int) -> None:
    case = contradicted(seed, integers=4)
    found = deletion_filter(case, Clock(30.0, SolveOptions()))
    assert found is not None
    assert found.is_minimal
    whole_bounds = replace(case, row_lower=np.full(6, -INF), row_upper=np.full(6, INF))
    members = [(int(r), s) for r, named in zip(found.rows, found.row_sides, strict=True) for s in _split(named)]
    assert solve(_with_sides(whole_bounds, case, members)).reason is Reason.INFEASIBLE
    for dropped in members:
        rest = [member for member in members if member != dropped]
        assert solve(_with_sides(whole_bounds, case, rest)).reason is not Reason.INFEASIBLE


def _split(side: str) -> tuple[str, ...]:
    return ("lower", "upper") if side == "both" else (side,)


def _with_sides(free: Problem, case: Problem, members: list[tuple[int, str]]) -> Problem:
    lower, upper = free.row_lower.copy(), free.row_upper.copy()
    for row, side in members:
        if side == "lower":
            lower[row] = case.row_lower[row]
        else:
            upper[row] = case.row_upper[row]
    return replace(free, row_lower=lower, row_upper=upper)


def _holds(case: Problem, conflict: Conflict, dropped: int | None) -> bool:
    """Whether the members of a conflict, less one, hold together while all else is free."""
    rows, columns = case.shape
    low, high = np.full(rows, -INF), np.full(rows, INF)
    lower, upper = np.full(columns, -INF), np.full(columns, INF)
    members = [*conflict.row_members, *conflict.column_members]
    for position, member in enumerate(members):
        if position == dropped:
            continue
        at = member.index["r"] if member.family == "R" else member.index["c"]
        target = (low, high) if member.family == "R" else (lower, upper)
        for side in _split(member.side):
            source = {("R", "lower"): case.row_lower, ("R", "upper"): case.row_upper}.get((member.family, side))
            source = source if source is not None else (case.lower if side == "lower" else case.upper)
            target[side == "upper"][at] = source[at]
    free = replace(case, cost=np.zeros(columns), row_lower=low, row_upper=high, lower=lower, upper=upper)
    return solve(free).reason is not Reason.INFEASIBLE


@examples(25)
@given(seeds)
def test_repairs_restore_feasibility(seed: int) -> None:
    case = contradicted(seed, integers=seed % 3)
    low, high = case.row_lower.copy(), case.row_upper.copy()
    for _, index, amount in explain(case).repairs:
        side = high if amount > 0 else low
        side[index["r"]] += amount + 1e-6 * np.sign(amount)
    assert solve(replace(case, row_lower=low, row_upper=high)).reason is Reason.OPTIMAL


def test_of_a_large_problem_the_conflict_lies_among_the_rows_of_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds of a chain x0 <= x1 <= ... that meet at its ends, among rows that have no part in it."""
    monkeypatch.setattr("solvers.conflict.ROWS_FOR_IRREDUCIBLE", 40)
    rows_of: list[int] = []

    def seen(part: Problem, clock: Clock) -> ConflictSet | None:
        rows_of.append(part.shape[0])
        return deletion_filter(part, clock)

    monkeypatch.setattr("solvers.conflict.deletion_filter", seen)
    ordered = np.eye(60)[:-1] - np.eye(60)[1:]
    sides = [(-INF, 0.0)] * 59 + [(7.0, INF), (-INF, 6.0)]
    rows = [*ordered.tolist(), np.eye(60)[20].tolist(), np.eye(60)[25].tolist()]
    found = explain(problem("min", [0.0] * 60, rows, sides, [(0.0, 10.0)] * 60))
    assert [index["r"] for _, index, _ in found.rows] == [20, 21, 22, 23, 24, 59, 60]
    assert [side for *_, side in found.rows] == [*["upper"] * 5, "lower", "upper"]
    assert found.is_minimal
    assert rows_of == [7]


def test_a_family_is_spared_where_the_rest_is_in_conflict_without_it() -> None:
    """x >= 5 against x <= 3 or y <= 2 where x <= 2 y is not needed; without the row x <= 3 it is."""
    rows, bounds = [[1, 0], [1, 0], [1, -1], [0, 1]], [(0, 10)] * 2
    both = problem("min", [0, 0], rows, [(5, INF), (-INF, 3), (-INF, 0), (-INF, 2)], bounds)
    index = pd.DataFrame({"r": range(2)})
    split = {"named": Family("named", 0, index), "spare": Family("spare", 2, index)}
    lifted = replace(both, rows=split, row_upper=np.array([INF, INF, 0.0, 2.0]))
    assert {family for family, *_ in explain(replace(both, rows=split), spared=["spare"]).rows} == {"named"}
    assert {family for family, *_ in explain(lifted, spared=["spare"]).rows} == {"named", "spare"}


def test_a_session_names_added_rows_in_conflict() -> None:
    session = HighsSession(replace(two_families(), rows={"ALL": Family("ALL", 0, pd.DataFrame({"r": range(3)}))}))
    session.solve()
    found = session.conflict()
    assert found is not None
    assert session.row_labels[found.rows].tolist() == ["ALL"] * 2

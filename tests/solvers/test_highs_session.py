"""A warm session answers as a fresh solve does, whatever was changed before."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from solvers import Family, Problem, Reason, SolveOptions, SolverError, solve
from solvers.backends.highs import HighsSession
from tests.quick import examples
from tests.solvers.small import INF, problem, random_problem, seeds

EXACT = SolveOptions(relative_gap=0.0)
TOLERANCE = 1e-4
"""Of objectives whose costs are up to 9, at integer points that HiGHS takes within 1e-6."""
Change = Callable[[HighsSession, Problem, np.random.Generator], Problem]


def change_cost(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    columns = draw.choice(base.shape[1], 3, replace=False)
    values = draw.integers(-9, 10, 3).astype(float)
    session.set_cost(columns, values)
    cost = base.cost.copy()
    cost[columns] = values
    return replace(base, cost=cost)


def change_bounds(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    columns = draw.choice(base.shape[1], 3, replace=False)
    low = draw.integers(0, 3, 3).astype(float)
    high = low + draw.integers(0, 8, 3)
    session.set_bounds(columns, low, high)
    lower, upper = base.lower.copy(), base.upper.copy()
    lower[columns], upper[columns] = low, high
    return replace(base, lower=lower, upper=upper)


def change_sides(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    rows = draw.choice(base.shape[0], 2, replace=False)
    high = base.row_upper[rows] + draw.integers(-2, 5, 2)
    low = np.minimum(base.row_lower[rows], high)
    session.set_row_bounds(rows, low, high)
    lower, upper = base.row_lower.copy(), base.row_upper.copy()
    lower[rows], upper[rows] = low, high
    return replace(base, row_lower=lower, row_upper=upper)


def add_rows(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    more = sp.csr_matrix(draw.integers(-2, 4, (2, base.shape[1])).astype(float))
    upper = np.asarray(more.sum(axis=1)).ravel() + draw.integers(0, 20, 2)
    positions = session.add_rows(more, np.full(2, -INF), upper, "CUT")
    assert positions.tolist() == [base.shape[0], base.shape[0] + 1]
    matrix = sp.vstack([base.matrix, more]).tocsc()
    return _with_rows(base, matrix, np.append(base.row_lower, [-INF] * 2), np.append(base.row_upper, upper))


def remove_rows(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    gone = draw.choice(base.shape[0], 1)
    session.remove_rows(gone)
    kept = np.delete(np.arange(base.shape[0]), gone)
    return _with_rows(base, base.matrix.tocsr()[kept].tocsc(), base.row_lower[kept], base.row_upper[kept])


def toggle_integrality(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    columns = draw.choice(base.shape[1], 3, replace=False)
    wanted = bool(draw.random() < 0.5)
    session.set_integrality(columns, wanted)
    integer = base.integer.copy()
    integer[columns] = wanted
    return replace(base, integer=integer)


def relax_all(session: HighsSession, base: Problem, draw: np.random.Generator) -> Problem:
    session.set_integrality(np.arange(base.shape[1]), False)
    return replace(base, integer=np.zeros(base.shape[1], dtype=bool))


def _with_rows(base: Problem, matrix: sp.csc_matrix, lower: np.ndarray, upper: np.ndarray) -> Problem:
    rows = {"R": Family("R", 0, pd.DataFrame({"r": range(matrix.shape[0])}))}
    return replace(base, matrix=matrix, row_lower=lower, row_upper=upper, rows=rows)


CHANGES: list[Change] = [
    change_cost,
    change_bounds,
    change_sides,
    add_rows,
    remove_rows,
    toggle_integrality,
    relax_all,
]


@examples(60)
@given(seeds, st.lists(st.sampled_from(CHANGES), min_size=1, max_size=8), st.sampled_from([0, 3]))
def test_every_sequence_of_changes_ends_where_a_fresh_solve_does(
    seed: int, changes: list[Change], integers: int
) -> None:
    draw = np.random.default_rng(seed)
    base = random_problem(seed, integers=integers)
    session = HighsSession(base, EXACT)
    session.solve()
    for change in changes:
        if base.shape[0] < 3 and change in (remove_rows, change_sides):
            continue
        base = change(session, base, draw)
        warm, fresh = session.solve(), solve(base, options=EXACT)
        assert warm.reason is fresh.reason
        assert session.shape == base.shape
        if fresh.primal_bound is not None:
            assert warm.primal_bound == pytest.approx(fresh.primal_bound, abs=TOLERANCE)
            assert base.objective(warm.point()) == pytest.approx(fresh.primal_bound, abs=TOLERANCE)


def large() -> Problem:
    return random_problem(3, rows=120, columns=160)


def test_a_small_change_takes_a_fraction_of_the_iterations() -> None:
    session = HighsSession(large())
    cold = session.solve().statistics["simplex_iterations"]
    session.set_cost(np.arange(3), np.array([1.0, -1.0, 2.0]))
    assert session.solve().statistics["simplex_iterations"] < cold / 2


def test_added_rows_keep_the_basis() -> None:
    session = HighsSession(large())
    first = session.solve()
    cold = first.statistics["simplex_iterations"]
    cut = sp.csr_matrix(np.ones((1, 160)))
    session.add_rows(cut, np.array([-INF]), np.array([first.point().sum() - 1.0]), "CUT")
    assert session.solve().statistics["simplex_iterations"] < cold / 2


def test_the_basis_survives_a_detour_through_integers() -> None:
    base = random_problem(3, rows=40, columns=60)
    session = HighsSession(base, SolveOptions(relative_gap=0.05))
    cold = session.solve().statistics["simplex_iterations"]
    session.set_integrality(np.arange(10), True)
    assert session.is_mip
    session.solve()
    session.add_rows(sp.csr_matrix(np.ones((1, 60))), np.array([-INF]), np.array([1e3]), "CUT")
    session.set_integrality(np.arange(10), False)
    assert not session.is_mip
    assert session.solve().statistics["simplex_iterations"] < cold / 2


def test_rows_know_their_labels_as_they_move() -> None:
    session = HighsSession(random_problem(1, rows=2))
    session.add_rows(sp.csr_matrix(np.ones((2, 8))), np.full(2, -INF), np.full(2, 99.0), "CUT")
    session.remove_rows(np.array([0, 2]))
    assert session.row_labels.tolist() == ["R", "CUT"]


def test_duals_of_a_session_price_added_rows() -> None:
    session = HighsSession(problem("max", [3.0], [[1.0]], [(-INF, 9.0)], [(0.0, INF)]))
    session.add_rows(sp.csr_matrix([[2.0]]), np.array([-INF]), np.array([4.0]), "CUT")
    assert session.solve().primal_bound == 6.0
    assert session.duals().row.tolist() == [0.0, 1.5]


def test_an_integer_problem_has_no_duals() -> None:
    session = HighsSession(random_problem(1, integers=2))
    session.solve()
    with pytest.raises(SolverError, match="fix_and_price"):
        session.duals()


def test_rows_of_another_width_are_refused() -> None:
    with pytest.raises(ValueError, match="3 columns"):
        HighsSession(random_problem(1)).add_rows(sp.csr_matrix(np.ones((1, 3))), np.zeros(1), np.ones(1))


def test_arrays_of_another_length_or_with_nan_are_refused() -> None:
    session = HighsSession(random_problem(1))
    columns = np.arange(3)
    for call in (
        lambda: session.set_cost(columns, np.ones(2)),
        lambda: session.set_bounds(columns, np.zeros(3), np.array([1.0, np.nan, 1.0])),
        lambda: session.set_row_bounds(columns, np.zeros(4), np.ones(4)),
        lambda: session.add_rows(sp.csr_matrix(np.ones((1, 8))), np.zeros(2), np.ones(2)),
    ):
        with pytest.raises(ValueError, match="expected"):
            call()


def test_positions_outside_the_problem_are_refused() -> None:
    with pytest.raises(SolverError, match="changeColsCost"):
        HighsSession(random_problem(1)).set_cost(np.array([8]), np.ones(1))


def test_options_of_one_solve_do_not_stick() -> None:
    session = HighsSession(random_problem(1, integers=3), EXACT)
    assert session.solve(SolveOptions(time_limit_s=0.0)).reason is Reason.NO_POINT
    assert session.solve().reason is Reason.OPTIMAL


def test_a_session_that_is_let_go_is_freed() -> None:
    session = HighsSession(random_problem(1))
    session.solve()
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None

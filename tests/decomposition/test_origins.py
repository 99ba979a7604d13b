"""What a relaxation leaves lets the next solve begin where it ended, and never changes an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import Decomposed
from allocator.instance.types import Instance
from allocator.plan.relaxation_file import read_relaxation, write_relaxation
from allocator.plan.schema import RELAXATION_NPZ
from allocator.planning.relaxation import Relaxation
from solvers.backends.highs_basis import BASIC
from tests.decomposition.solving import OPTIONS, WITHIN
from tests.decomposition.test_equal import KINDS
from tests.decomposition.test_known import relaxed_rounds, richer, treasury
from tests.instance.factory import random_instance
from tests.quick import quick


def small(seed: int) -> Instance:
    return random_instance(seed, sites=1 + seed % 2, nodes=4, steps=3)


@cache
def solved(made: Callable[[int], Instance], seed: int) -> Decomposed:
    return solve_decomposed(made(seed), OPTIONS)


def left(found: Decomposed) -> Relaxation:
    assert found.relaxation is not None
    return found.relaxation


@pytest.mark.parametrize("made", [small, treasury])
@pytest.mark.parametrize("seed", quick([0, 1, 2, 3], 1))
def test_a_solve_from_its_own_relaxation_finds_the_same_in_fewer_rounds(
    made: Callable[[int], Instance], seed: int
) -> None:
    first = solved(made, seed)
    again = solve_decomposed(made(seed), OPTIONS, before=left(first))
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=WITHIN)
    assert relaxed_rounds(again) <= min(2, relaxed_rounds(first))


@pytest.mark.parametrize("seed", quick([0, 1, 2, 3], 1))
def test_the_relaxation_of_other_hours_bounds_nothing(seed: int) -> None:
    rich = richer(treasury(seed))
    found = solve_decomposed(rich, OPTIONS, before=left(solved(treasury, seed)))
    fresh = solve_decomposed(rich, OPTIONS)
    assert found.bound_musd >= (fresh.objective_musd or 0.0) * (1.0 - WITHIN)
    assert found.objective_musd == pytest.approx(fresh.objective_musd, rel=WITHIN)


def test_a_basis_that_is_none_changes_no_answer() -> None:
    first = solved(small, 6)
    spoilt = replace(left(first), row_status=np.zeros_like(left(first).row_status))
    again = solve_decomposed(small(6), OPTIONS, before=spoilt)
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=WITHIN)


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda one: replace(one, shape=(*one.shape[:-1], "inequalities 999")),
        lambda one: replace(one, site_node=one.site_node + 10_000),
        lambda one: replace(one, layer=one.layer - 10),
        lambda one: replace(one, points=one.points * np.nan),
        lambda one: replace(one, column_status=one.column_status + 9),
        lambda one: replace(one, row_status=one.row_status[:-1]),
    ],
)
def test_a_relaxation_that_makes_no_sense_is_not_taken_up(spoilt: Callable[[Relaxation], Relaxation]) -> None:
    one = left(solved(small, 6))
    columns, rows = len(one.column_status), len(one.row_status) - len(one.layer)
    assert one.fits(one.shape, columns, rows, site_nodes=4)
    assert not spoilt(one).fits(one.shape, columns, rows, site_nodes=4)


def test_the_basis_has_a_row_for_every_row_and_cut() -> None:
    found, rows = left(solved(small, 6)), solved(small, 6).planning.problem.shape[0]
    inequalities = int(found.shape[-1].split()[-1])
    assert len(found.row_status) == rows + inequalities + len(found.layer)
    assert (found.column_status == BASIC).sum() + (found.row_status == BASIC).sum() == len(found.row_status)


@pytest.mark.slow
def test_cuts_that_no_capacity_gives_again_are_left_out() -> None:
    instance = KINDS["coincident peaks, short of cash"](1)
    first = solve_decomposed(instance, OPTIONS)
    again = solve_decomposed(instance, OPTIONS, before=left(first))
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=WITHIN)


def test_the_file_gives_back_what_was_written_and_equal_bytes_for_equal_relaxations(tmp_path: Path) -> None:
    found = left(solved(small, 6))
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        write_relaxation(found, folder)
    assert (one / RELAXATION_NPZ).read_bytes() == (two / RELAXATION_NPZ).read_bytes()
    back = read_relaxation(one)
    assert back is not None
    for name, wanted in vars(found).items():
        assert np.array_equal(getattr(back, name), wanted), name


def test_a_file_that_is_lost_cut_short_or_something_else_is_none(tmp_path: Path) -> None:
    assert read_relaxation(tmp_path) is None
    write_relaxation(left(solved(small, 6)), tmp_path)
    whole = (tmp_path / RELAXATION_NPZ).read_bytes()
    for content in (b"", b"PK", whole[:-40], whole[:200], whole[:300] + b"x" * 100 + whole[400:]):
        (tmp_path / RELAXATION_NPZ).write_bytes(content)
        assert read_relaxation(tmp_path) is None
    np.savez(tmp_path / RELAXATION_NPZ, shape=np.array(["a"]))
    assert read_relaxation(tmp_path) is None

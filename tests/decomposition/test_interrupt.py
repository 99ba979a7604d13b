"""Ctrl-C ends a decomposition with the best point so far, or with none."""

from __future__ import annotations

import pytest

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import DecompositionOptions, Round
from solvers.backends.highs import HighsSession
from solvers.result import Limit, Reason, Result
from tests.instance.factory import random_instance


def test_before_a_point_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> Result:
        return Result(Reason.NO_POINT, Limit.INTERRUPT, None, float("inf"), None, backend="highs")

    monkeypatch.setattr(HighsSession, "solve", stopped)
    found = solve_decomposed(random_instance(1, nodes=4, steps=3), DecompositionOptions())
    assert (found.reason, found.limit, found.x) == (Reason.NO_POINT, Limit.INTERRUPT, None)


def test_after_a_point_it_is_kept_with_its_bound() -> None:
    def interrupt(now: Round) -> None:
        if now.incumbent_musd is not None:
            raise KeyboardInterrupt

    instance = random_instance(1, nodes=4, steps=3)
    found = solve_decomposed(instance, DecompositionOptions(), interrupt)
    assert (found.reason, found.limit) == (Reason.FEASIBLE, Limit.INTERRUPT)
    assert found.x is not None
    assert found.objective_musd is not None
    assert found.objective_musd <= found.bound_musd + 1e-9

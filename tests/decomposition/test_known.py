"""Cuts of an earlier solve help a later one, and never change its answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.known import KnownCuts, same
from allocator.decomposition.rounds import Decomposed
from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from tests.decomposition.solving import OPTIONS, WITHIN
from tests.quick import quick
from tests.reference.cases import chain, tree
from tests.reference.treasuries import holding


def relaxed_rounds(found: Decomposed) -> int:
    return sum(line.phase == "relaxed" for line in found.rounds)


def treasury(seed: int) -> Instance:
    return holding((chain, tree)[seed % 2](900 + seed), seed)


def richer(instance: Instance) -> Instance:
    """Every hour of load is worth more: cuts of before lie below what it can earn."""
    worth = 1.2 * np.abs(instance.segments.value_usd_per_mwh) + 5.0
    return replace(instance, segments=replace(instance.segments, value_usd_per_mwh=worth))


@pytest.mark.parametrize("seed", quick([0, 1, 2, 3], 1))
def test_a_solve_that_knows_the_cuts_of_its_own_hours_finds_the_same_in_one_round(seed: int) -> None:
    instance, known = treasury(seed), KnownCuts()
    first = solve_decomposed(instance, OPTIONS, known=known)
    again = solve_decomposed(instance, OPTIONS, known=known.copy())
    assert again.objective_musd == pytest.approx(first.objective_musd, rel=WITHIN)
    assert relaxed_rounds(again) <= min(2, relaxed_rounds(first))


@pytest.mark.parametrize("seed", quick([0, 1, 2, 3], 1))
def test_cuts_of_hours_that_have_changed_bound_nothing(seed: int) -> None:
    rich, known = richer(treasury(seed)), KnownCuts()
    solve_decomposed(treasury(seed), OPTIONS, known=known)
    found, fresh = solve_decomposed(rich, OPTIONS, known=known), solve_decomposed(rich, OPTIONS)
    assert found.bound_musd >= (fresh.objective_musd or 0.0) * (1.0 - WITHIN)
    assert found.objective_musd == pytest.approx(fresh.objective_musd, rel=WITHIN)


def test_hours_are_the_same_in_every_field_or_not_at_all() -> None:
    hours = site_node(treasury(1), 0, 0)
    assert same(hours, site_node(treasury(1), 0, 0))
    price = hours.price_usd_per_mwh.copy()
    price[-1] += 1e-9
    assert not same(hours, replace(hours, price_usd_per_mwh=price))
    assert not same(hours, replace(hours, site_limit_mw=hours.site_limit_mw[:-1]))

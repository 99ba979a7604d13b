"""Toy instances of the properties, and their optimum."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from allocator.instance.types import Instance
from allocator.planning.build import build_monolithic
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from tests.quick import quick
from tests.reference.cases import awkward, budgeted, chain, converted_twice, crowded, tree, with_batteries
from tests.reference.shared_limits import behind_feeders

EXACT = SolveOptions(relative_gap=1e-9, feasibility_tolerance=1e-9)
TOLERANCE = 2e-6
"""Relative to the objective, or to one million: twice HiGHS's own absolute gap."""

TOYS = {
    "with a group": lambda: chain(5),
    "tree": lambda: tree(2),
    "few machines to buy": lambda: awkward(chain(111), 11),
    "little capital": lambda: awkward(tree(209), 9),
    "little cash": lambda: awkward(chain(110), 10),
    "a contract that must be accepted": lambda: awkward(chain(112), 12),
    "little energy": lambda: budgeted(tree(503), 3),
    "batteries": lambda: with_batteries(tree(703), 3),
    "little behind feeders": lambda: behind_feeders(crowded(3), 0),
    "converted twice": lambda: converted_twice(1),
}
"""All have a plan; each is there for what binds it."""

each_toy = pytest.mark.parametrize("name", quick(TOYS, first=3))


@cache
def toy(name: str) -> Instance:
    return TOYS[name]()


@cache
def optimum_of(name: str) -> float:
    """MUSD, of a toy."""
    return optimum(toy(name))


def optimum(instance: Instance) -> float:
    """MUSD; minus infinity where there is no plan."""
    result = HighsSession(build_monolithic(instance).problem, EXACT).solve()
    return -np.inf if result.primal_bound is None else result.primal_bound


def same(musd: float) -> object:
    """Equal to an optimum, up to what the engine leaves open."""
    return pytest.approx(musd, rel=TOLERANCE, abs=TOLERANCE)


def least(musd: float) -> float:
    """What an optimum that is no worse must reach."""
    return musd - TOLERANCE * max(1.0, abs(musd)) if np.isfinite(musd) else musd

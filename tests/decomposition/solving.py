"""One instance solved whole and by decomposition."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pytest

from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.cut_rows import CutRows
from allocator.decomposition.master import Master
from allocator.decomposition.rounds import Decomposed, DecompositionOptions
from allocator.dispatch.schedule import schedule_value
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.build import PlanningModel, build_monolithic
from allocator.planning.context import USD_PER_MUSD
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.result import Result

GAP = 1e-6
"""Relative gap asked of the decomposition."""
WITHIN = 3e-6
"""How far two optima may lie apart, relative to an objective of one million or more."""
EXACT = SolveOptions(relative_gap=1e-9, feasibility_tolerance=1e-9)
OPTIONS = DecompositionOptions(relative_gap=GAP)


@dataclass(frozen=True)
class Pair:
    """The whole model with its optimum, and the decomposition with its plan; objectives in MUSD.

    `cuts` are all rows the master was ever given, also those it dropped again.
    """

    whole: PlanningModel
    result: Result
    parts: Decomposed
    cuts: tuple[CutRows, ...]

    @cached_property
    def tolerance(self) -> float:
        """MUSD."""
        return WITHIN * max(1.0, abs(self.result.primal_bound or 0.0))

    def optimum_in_master(self) -> Floats:
        """The optimum of the whole model as a point of the master: same decisions, margins that its hours earn."""
        master, x = self.parts.planning, self.result.point()
        point = np.full(master.problem.shape[1], np.nan)
        for name, family in master.problem.columns.items():
            if name == "theta_musd":
                earned = [self._margin_usd(x, site, node) for site, node in family.index.itertuples(index=False)]
                point[family.slice] = np.array(earned) / USD_PER_MUSD
            else:
                point[family.slice] = x[self.whole.problem.columns[name].slice]
        return point

    def _margin_usd(self, x: Floats, site: int, node: int) -> float:
        return schedule_value(site_node(self.whole.instance, site, node), self.whole.schedule(x, site, node))


def solve_both(instance: Instance) -> Pair:
    """Whole to 1e-9, in parts to GAP."""
    whole = build_monolithic(instance)
    result = HighsSession(whole.problem, EXACT).solve()
    parts, cuts = solve_and_record(instance)
    return Pair(whole, result, parts, cuts)


def solve_and_record(instance: Instance) -> tuple[Decomposed, tuple[CutRows, ...]]:
    """Solve in parts, and keep every block of rows given to the master."""
    given: list[CutRows] = []
    add = Master.add

    def recorded(self: Master, rows: CutRows) -> None:
        given.append(rows)
        add(self, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Master, "add", recorded)
        return solve_decomposed(instance, OPTIONS), tuple(given)


def with_integers_of(whole: PlanningModel, parts: Decomposed) -> Result:
    """The whole model held at the integers of a decomposition's plan."""
    problem, lower, upper = whole.problem, whole.problem.lower.copy(), whole.problem.upper.copy()
    for name, family in parts.planning.problem.columns.items():
        if name in problem.columns:
            at = problem.columns[name].slice
            integer = np.arange(at.start, at.stop)[problem.integer[at]]
            lower[integer] = upper[integer] = np.round(parts.x[family.slice][problem.integer[at]])
    held = replace(problem, lower=lower, upper=upper, integer=np.zeros_like(problem.integer))
    return HighsSession(held, EXACT).solve()

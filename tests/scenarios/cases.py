"""Scenario folders that state what must come out of them, and the tools that look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.planning.build import build_monolithic
from allocator.planning.context import USD_PER_MUSD
from allocator.scenario.load import load_scenario
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem

SCENARIOS = Path(__file__).parents[2] / "scenarios"
TIGHT_GAP = 1e-7
"""Far below the difference between any two plans of a hand scenario."""
EXACT = SolveOptions(relative_gap=0.0, feasibility_tolerance=1e-9)


@dataclass(frozen=True)
class HandCase:
    """A hand scenario and its expected.yaml.

    Attributes:
        objective_usd: the optimum worked out in the README. penalty_usd: the price of the limits it breaks.
        ranked_usd: expected value mixed with the worst paths, where that is not the expected value alone.
        families: row families without any one of which the optimum would be higher.
        tightens: row families that others imply in whole numbers; without any one of them the relaxation is weaker.
        states: row families that no optimal plan has a reason to break, and that no other family implies.
        unique: rows of tables that every optimal plan has: {table, where: {column: value}, values: {column: value}}.
    """

    folder: Path
    objective_usd: float
    families: tuple[str, ...]
    tightens: tuple[str, ...]
    states: tuple[str, ...]
    unique: tuple[Mapping[str, Any], ...]
    penalty_usd: float = 0.0
    ranked_usd: float | None = None

    @property
    def maximised_usd(self) -> float:
        ranked = self.objective_usd if self.ranked_usd is None else self.ranked_usd
        return ranked - self.penalty_usd


def names(group: str) -> list[str]:
    """Folders of a group ("hand", "infeasible") that hold a scenario."""
    return sorted(file.parent.name for file in (SCENARIOS / group).glob("*/scenario.yaml"))


def read_yaml(file: Path) -> dict[str, Any]:
    """A YAML file of the repository as plain data."""
    return dict(YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8")))


@cache
def hand_case(name: str) -> HandCase:
    """The hand scenario of that name."""
    folder = SCENARIOS / "hand" / name
    stated = read_yaml(folder / "expected.yaml")
    return HandCase(
        folder=folder,
        objective_usd=float(stated.pop("objective_usd")),
        families=tuple(stated.pop("families")),
        tightens=tuple(stated.pop("tightens", ())),
        states=tuple(stated.pop("states", ())),
        unique=tuple(stated.pop("unique", ())),
        penalty_usd=float(stated.pop("penalty_usd", 0.0)),
        ranked_usd=stated.pop("ranked_usd", None),
    )


@cache
def solved(folder: Path, method: str) -> Outcome:
    """The verified plan of a scenario to a tight gap; raises where it is not verified."""
    return solve_scenario(load_scenario(folder), request=SolveRequest(method=method, relative_gap=TIGHT_GAP))


@cache
def instance_of(folder: Path) -> Instance:
    return compile_instance(load_scenario(folder))


@cache
def problem_of(folder: Path) -> Problem:
    """The whole model of a scenario."""
    return build_monolithic(instance_of(folder)).problem


def gross_usd(cash_flow: pd.DataFrame) -> float:
    """Sum of all discounted flows, gains and losses; at least 1 USD."""
    return max(1.0, float(cash_flow["discounted_usd"].abs().sum()))


def without_rows(problem: Problem, family: str) -> Problem:
    """The problem without the rows of one family."""
    rows = problem.rows[family]
    lower, upper = problem.row_lower.copy(), problem.row_upper.copy()
    lower[rows.slice], upper[rows.slice] = -np.inf, np.inf
    return replace(problem, row_lower=lower, row_upper=upper)


def relaxed(problem: Problem) -> Problem:
    """The problem without integrality."""
    return replace(problem, integer=np.zeros_like(problem.integer))


def breach(problem: Problem, family: str) -> float:
    """By how much the first row of a family could be undercut if the family were lost and all others stood."""
    first = problem.rows[family].start
    activity = problem.matrix.tocsr()[first].toarray().ravel()
    lowest = replace(without_rows(problem, family), sense="min", cost=activity, offset=0.0)
    return float(problem.row_lower[first] - HighsSession(lowest, EXACT).solve().dual_bound)


def optimum_usd(problem: Problem, relative_gap: float = 0.0) -> float:
    """Its optimum, inf where it is unbounded."""
    result = HighsSession(problem, replace(EXACT, relative_gap=relative_gap)).solve()
    return np.inf if result.primal_bound is None else result.primal_bound * USD_PER_MUSD


def rows_of(table: pd.DataFrame, where: Mapping[str, Any]) -> pd.DataFrame:
    """Rows whose columns hold the values stated."""
    matching = np.logical_and.reduce([np.ones(len(table), dtype=bool), *(table[k] == v for k, v in where.items())])
    return table[matching]


def covered(cases: Sequence[HandCase]) -> set[str]:
    """Row families that some case is about."""
    return {family for case in cases for family in (*case.families, *case.tightens, *case.states)}

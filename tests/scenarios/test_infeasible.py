"""Scenarios that no plan can meet are refused in the scenario's own words, with what would restore them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from allocator.pipeline.errors import ExitCode, InfeasibleError
from allocator.pipeline.infeasible import REPAIR_WEIGHTS
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.scenario.load import load_scenario
from allocator.scenario.value_paths import split_path
from solvers.backends.highs import HighsSession
from solvers.conflict import explain
from tests.scenarios.cases import SCENARIOS, names, problem_of, read_yaml

NAMES = names("infeasible")
UNEXPLAINED = SolveRequest(explains=False)
by_name = pytest.mark.parametrize("name", NAMES)
by_way = pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, "monolithic") for name in NAMES),
        *((name, "decomposed") for name in NAMES[:2]),  # it explains by the same model
        *(pytest.param(name, "decomposed", marks=pytest.mark.slow) for name in NAMES[2:]),
    ],
)


def folder_of(name: str) -> Path:
    return SCENARIOS / "infeasible" / name


def expected(name: str) -> dict[str, Any]:
    return read_yaml(folder_of(name) / "expected.yaml")


@lru_cache(maxsize=32)
def refusal(name: str, method: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines of the refusal: what is in conflict, and what would restore it."""
    with pytest.raises(InfeasibleError) as caught:
        solve_scenario(load_scenario(folder_of(name)), request=SolveRequest(method=method))
    assert caught.value.exit_code is ExitCode.INFEASIBLE
    details = caught.value.details
    found = tuple(line for line in details if line.startswith("in conflict: "))
    restore = tuple(line for line in details if line.startswith(("to restore: ", "or instead: ")))
    assert len(found) + len(restore) == len(details)
    return found, restore


def changed(name: str, changes: Mapping[str, Any], home: Path) -> Path:
    """A copy of the scenario with other values at some places."""
    folder = shutil.copytree(folder_of(name), home / name)
    document = read_yaml(folder / "scenario.yaml")
    for place, value in changes.items():
        *way, last = split_path(place)
        holder: Any = document
        for step in way:
            holder = holder[step]
        holder[last] = value
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as stream:
        YAML(typ="safe", pure=True).dump(document, stream)
    return folder


def each(changes: Iterable[tuple[str, Mapping[str, Any]]]) -> pytest.MarkDecorator:
    """Every change of a scenario."""
    cases = list(changes)
    return pytest.mark.parametrize(
        ("name", "change"), cases, ids=[f"{name}-{'-'.join(change)}" for name, change in cases]
    )


@by_way
def test_the_conflict_names_who_where_when_and_how_much(name: str, method: str) -> None:
    text = "\n".join(refusal(name, method)[0])
    for word in expected(name)["names"]:
        assert word in text, f"{word!r} is not in\n{text}"
    for word in expected(name).get("unnamed", ()):
        assert word not in text


@by_way
def test_what_would_restore_it_is_said(name: str, method: str) -> None:
    text = "\n".join(refusal(name, method)[1])
    for word in expected(name)["repairs"]:
        assert word in text, f"{word!r} is not in\n{text}"


@by_name
def test_the_conflict_consists_of_the_families_expected(name: str) -> None:
    conflict = explain(problem_of(folder_of(name)), weights=REPAIR_WEIGHTS)
    assert set(expected(name)["families"]) <= {family for family, _, _ in conflict.rows}


@by_name
def test_a_decomposition_finds_no_plan_either(name: str) -> None:
    with pytest.raises(InfeasibleError):
        solve_scenario(load_scenario(folder_of(name)), request=replace(UNEXPLAINED, method="decomposed"))


@each((name, expected(name)["restored_by"][0]) for name in NAMES)
def test_what_the_readme_says_first_leads_to_a_verified_plan(
    name: str, change: Mapping[str, Any], tmp_path: Path
) -> None:
    assert solve_scenario(load_scenario(changed(name, change, tmp_path)), request=UNEXPLAINED).meta.verified


@each((name, change) for name in NAMES for change in expected(name)["restored_by"][1:])
def test_what_else_the_readme_says_restores_it(name: str, change: Mapping[str, Any], tmp_path: Path) -> None:
    assert HighsSession(problem_of(changed(name, change, tmp_path))).solve().has_point


@each((name, change) for name in NAMES for change in expected(name)["not_by"])
def test_a_little_less_does_not_restore_it(name: str, change: Mapping[str, Any], tmp_path: Path) -> None:
    with pytest.raises(InfeasibleError):
        solve_scenario(load_scenario(changed(name, change, tmp_path)), request=UNEXPLAINED)

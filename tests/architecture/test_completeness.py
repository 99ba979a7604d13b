"""A row family is whole when it is stated, pinned, verified, broken on purpose and decided by hand somewhere."""

from __future__ import annotations

from functools import cache

import pytest

from allocator.planning import families
from allocator.planning.build import build_monolithic
from allocator.verify import RULES
from tests.architecture.imports import ROOT
from tests.mutations import ALL as MUTATIONS
from tests.planning.cases import golden_instance
from tests.scenarios.cases import read_yaml


@cache
def registered() -> tuple[str, ...]:
    """Every family that a docstring states or that the model builds."""
    built = build_monolithic(golden_instance()).problem.rows
    return tuple(dict.fromkeys([*families.all_row_labels(), *built]))


@cache
def stated() -> dict[str, families.Constraint]:
    """Label -> its entry in the docstring of its module."""
    entries = [c for module in families.MODULES for c in families.family_doc(module).constraints]
    return {entry.label: entry for entry in entries if entry.label}


@cache
def golden() -> str:
    """All golden LP texts."""
    return "\n".join(file.read_text("utf-8") for file in sorted((ROOT / "tests" / "golden").glob("*.lp")))


@cache
def decided_by_hand() -> set[str]:
    """Families that some hand scenario depends on, in whole numbers or in its relaxation."""
    files = sorted((ROOT / "scenarios" / "hand").glob("*/expected.yaml"))
    outcomes = [read_yaml(file) for file in files]
    return {
        family
        for outcome in outcomes
        for name in ("families", "tightens", "states")
        for family in outcome.get(name, ())
    }


def test_there_are_families() -> None:
    assert len(registered()) >= 30


@pytest.mark.parametrize("family", registered())
def test_a_family_is_stated_in_a_docstring(family: str) -> None:
    assert family in stated()
    assert stated()[family].formula
    assert stated()[family].meaning


@pytest.mark.parametrize("family", registered())
def test_a_family_has_golden_lp_text(family: str) -> None:
    assert f" {family}(" in golden()


@pytest.mark.parametrize("family", registered())
def test_a_family_has_a_rule_of_the_verifier(family: str) -> None:
    assert RULES.get(family)


@pytest.mark.parametrize("family", registered())
def test_a_family_has_a_planted_fault(family: str) -> None:
    assert family in {mutation.rule for mutation in MUTATIONS}


@pytest.mark.parametrize("family", registered())
def test_a_family_decides_a_hand_scenario(family: str) -> None:
    assert family in decided_by_hand()


def test_hand_scenarios_and_planted_faults_name_only_what_exists() -> None:
    assert decided_by_hand() <= set(registered())
    assert {mutation.rule for mutation in MUTATIONS} <= set(RULES)

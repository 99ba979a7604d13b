"""Every rule of the verifier is broken on purpose, and reports it: the right rule, place and amount, and no other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from allocator.verify import RULES
from tests.mutations import ALL
from tests.mutations.mutation import Mutation
from tests.verify.draft import Draft


def _one_a_rule() -> list[object]:
    """All of them, of which those that break a rule which one before breaks too are slow."""
    seen: set[str] = set()
    found: list[object] = []
    for mutation in ALL:
        found.append(pytest.param(mutation, marks=pytest.mark.slow) if mutation.rule in seen else mutation)
        seen.add(mutation.rule)
    return found


@pytest.mark.parametrize("mutation", _one_a_rule(), ids=str)
def test_a_planted_fault_is_found_where_it_is(mutation: Mutation) -> None:
    draft = mutation.base()
    mutation.spoil(draft)
    report = draft.verify()
    told = "\n".join(map(str, report.violations))
    assert report.broken == {mutation.rule} | mutation.also, told
    assert mutation.found_in(report.of(mutation.rule)), told
    assert len(report.of(mutation.rule)) == mutation.count, told


def test_every_rule_has_a_planted_fault() -> None:
    assert {mutation.rule for mutation in ALL} == set(RULES)


@pytest.mark.parametrize("base", dict.fromkeys(mutation.base for mutation in ALL), ids=lambda base: base.__name__)
def test_the_plan_that_is_spoiled_is_good(base: Callable[[], Draft]) -> None:
    report = base().verify()
    assert report.passed, "\n".join(map(str, report.violations))

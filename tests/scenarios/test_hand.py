"""Scenarios small enough for arithmetic have the optimum their README works out, whichever way they are solved."""

from __future__ import annotations

import pytest

from allocator.planning.families import all_row_labels
from tests.scenarios.cases import (
    TIGHT_GAP,
    breach,
    covered,
    gross_usd,
    hand_case,
    names,
    optimum_usd,
    problem_of,
    relaxed,
    rows_of,
    solved,
    without_rows,
)

NAMES = names("hand")
WHOLE_QUICK = (
    "block_for_own_use",
    "chance_of_call",
    "deferrable_work",
    "hosted_shares",
    "liquidation",
    "loss_and_tax",
    "outage_allowance",
    "project_loan",
    "reserve_offers",
    "stored_and_sold",
    "tranches",
    "worst_paths",
)
"""Whose tables are made from the whole model too, every time; its optimum is proved for all."""
ROUNDING = 1e-9
"""Of all flows, gains and losses."""
LEAST_GAIN_USD = 1.0
"""What a row family must be worth before a scenario is said to depend on it."""

by_name = pytest.mark.parametrize("name", NAMES)
by_way = pytest.mark.parametrize(
    ("name", "method"),
    [
        *((name, "decomposed") for name in NAMES),
        *(pytest.param(name, "monolithic", marks=() if name in WHOLE_QUICK else pytest.mark.slow) for name in NAMES),
    ],
)


@by_name
def test_the_whole_model_has_the_optimum_that_the_readme_works_out(name: str) -> None:
    case = hand_case(name)
    found = optimum_usd(problem_of(case.folder), relative_gap=TIGHT_GAP)
    assert found == pytest.approx(case.maximised_usd, rel=10 * TIGHT_GAP, abs=LEAST_GAIN_USD)


@by_way
def test_the_plan_is_worth_what_the_readme_works_out(name: str, method: str) -> None:
    """The verified plan, to the rounding of its own sums; and nothing better is possible."""
    case, outcome = hand_case(name), solved(hand_case(name).folder, method)
    assert outcome.meta.verified
    gross = gross_usd(outcome.plan.tables["cash_flow"]) + case.penalty_usd
    assert outcome.meta.objective_usd == pytest.approx(case.objective_usd, abs=ROUNDING * gross)
    assert outcome.meta.penalty_usd == pytest.approx(case.penalty_usd, abs=ROUNDING * gross)
    assert outcome.meta.bound_usd == pytest.approx(case.maximised_usd, abs=1e-6 * gross)


@by_way
def test_decisions_that_are_unique_are_taken(name: str, method: str) -> None:
    case = hand_case(name)
    tables = solved(case.folder, method).plan.tables
    for fact in case.unique:
        found = rows_of(tables[fact["table"]], fact["where"])
        assert len(found) == 1, fact
        for column, value in fact["values"].items():
            actual = found[column].iloc[0]
            assert actual == (pytest.approx(value) if isinstance(value, float | int) else value), (fact, column)


@by_name
def test_without_each_family_the_optimum_would_be_higher(name: str) -> None:
    """So that a family whose rows were lost would be noticed."""
    case = hand_case(name)
    problem = problem_of(case.folder)
    for family in case.families:
        assert optimum_usd(without_rows(problem, family)) > case.maximised_usd + LEAST_GAIN_USD, family


@by_name
def test_rows_that_only_tighten_do_tighten(name: str) -> None:
    case = hand_case(name)
    problem = problem_of(case.folder)
    for family in case.tightens:
        loose = without_rows(problem, family)
        assert optimum_usd(loose) == pytest.approx(case.maximised_usd, abs=LEAST_GAIN_USD), family
        assert optimum_usd(relaxed(loose)) > optimum_usd(relaxed(problem)) + LEAST_GAIN_USD, family


@by_name
def test_rows_that_only_state_a_rule_are_implied_by_no_other(name: str) -> None:
    case = hand_case(name)
    problem = problem_of(case.folder)
    for family in case.states:
        assert optimum_usd(without_rows(problem, family)) == pytest.approx(case.maximised_usd, abs=LEAST_GAIN_USD)
        assert breach(problem, family) > 0.5, family


def test_every_row_family_matters_in_some_hand_scenario() -> None:
    assert covered([hand_case(name) for name in NAMES]) == set(all_row_labels())


@by_name
def test_the_readme_states_the_optimum(name: str) -> None:
    case = hand_case(name)
    text = (case.folder / "README.md").read_text(encoding="utf-8")
    cents = f"{case.objective_usd:,.6f}".rstrip("0").rstrip(".")
    assert f"**{cents} USD**" in text

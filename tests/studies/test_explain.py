"""Explanations against hand scenarios: counterfactuals, break-evens, alternatives."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from allocator.cli.break_even_page import break_even_page
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.forced import NOTICE, Decision, decisions_of, is_taken, taken
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.solve import answered, solve_scenario
from allocator.plan.plan import Plan
from allocator.plan.schema import partition
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.compared import PLANS, Asked, Compared, filled
from allocator.studies.explain.alternatives import alternatives, robust
from allocator.studies.explain.break_even import Progress, Range, break_evens
from allocator.studies.explain.levers import scaled
from allocator.studies.explain.shares import shares_at, shares_in
from allocator.studies.explain.why import why, why_not
from allocator.work.executors import processes
from tests.conftest import REPOSITORY
from tests.studies.conftest import Command, MakePlan

EXACT = SolveRequest(relative_gap=0.0)


def test_why_a_contract_is_what_the_best_plan_without_it_lacks(plan: MakePlan) -> None:
    found = why(plan("one_of_group"), "contract:a", EXACT)
    assert (found.value_usd, found.lost_usd) == (pytest.approx(680_000), pytest.approx(120_000))
    assert any("sign a" in word for word in found.gone)
    assert any("sign b" in word for word in found.new)
    assert sum(term.usd for term in found.terms) == pytest.approx(-120_000)


@pytest.mark.parametrize(("text", "lost"), [("contract:b", 120_000), ("contract:d", 50_000)])
def test_why_not_a_contract_is_what_forcing_it_costs(text: str, lost: float, plan: MakePlan) -> None:
    found = why_not(plan("one_of_group"), text, EXACT)
    assert found.lost_usd == pytest.approx(lost)
    assert found.reason


def test_what_a_contract_is_worth_is_told_of_all_futures_together(kept: Path) -> None:
    """Signed in June, where either future has begun: rent of 1,350,000 less 60,000, in both."""
    futures = [{"name": "up", "probability": 0.4}, {"name": "down", "probability": 0.6}]
    tree = {"kind": "given", "known_month": 2, "machine_price_elasticity": 0, "scenarios": futures}
    loaded = with_settings(
        load_scenario(REPOSITORY / "scenarios" / "hand" / "retrofit"), [Setting("uncertainty", tree)]
    )
    one = filled(Asked("two futures", loaded), kept, EXACT)
    assert isinstance(one, Compared)
    assert one.plan.tables["contracts"]["accepted"].tolist() == [True, True]
    assert "worth $1.29 M" in why(one, "contract:tenant", EXACT).reason


def test_why_not_a_decision_of_some_futures_takes_it_in_the_others_too(kept: Path) -> None:
    """Converted in May the tenant's July brings 1,350,000 less 22,320 of energy and 460,000 of capex, and the barn's
    June and July go, 1,464 h: at 300 USD an hour in one future, at 800 in the other, which is told apart in May."""
    futures = [
        {"name": "up", "probability": 0.4, "hashprice_usd_per_ph_day": 96},
        {"name": "down", "probability": 0.6},
    ]
    tree = {"kind": "given", "known_month": 1, "machine_price_elasticity": 0, "scenarios": futures}
    changes = {
        "contracts[tenant].first_service": "2027-07",
        "contracts[tenant].rent_usd_per_kw_month": 900,
        "uncertainty": tree,
    }
    settings = [Setting(place, value) for place, value in changes.items()]
    loaded = with_settings(load_scenario(REPOSITORY / "scenarios" / "hand" / "retrofit"), settings)
    one = filled(Asked("two futures", loaded), kept, EXACT)
    assert isinstance(one, Compared)
    found = why_not(one, "convert:barn/gpu_hall@2027-05", EXACT)
    assert found.lost_usd == pytest.approx(0.4 * (1_464 * 800 - (1_350_000 - 22_320 - 460_000)))
    assert any("60 % -> 100 % of futures" in word for word in found.changed)


def test_why_not_a_conversion_is_what_forcing_it_in_its_month_costs(plan: MakePlan) -> None:
    """The first shell takes 400,000 of half a million: only its own tenant is left, 50,000 less."""
    one = plan("capex_budget")
    shell = _conversion_of(one, "shell_1")
    found = why_not(one, f"{shell}@{one.instance.tree.start_month}", EXACT)
    assert found.lost_usd == pytest.approx(50_000)
    assert any("shell_2" in word for word in found.gone)


def _conversion_of(one: Compared, hall: str) -> Decision:
    return next(each for each in decisions_of(one.instance) if each.name.startswith(f"{hall}/"))


def test_what_no_plan_can_do_is_explained_by_what_is_in_conflict(plan: MakePlan) -> None:
    found = why_not(plan("capex_budget", "finance.capex_budget_usd=360e3"), "contract:large", EXACT)
    assert found.value_usd is None
    assert any("budget" in line for line in found.conflict)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("contract:e", "no such contract"),
        ("convert:hall/barn", "no such convert"),
        ("buy:s21", "is no decision"),
        ("contract:a@2031-01", "cannot be decided in that month"),
        ("contract:b", "is not decided in this plan"),
    ],
)
def test_what_cannot_be_asked_is_told(text: str, words: str, plan: MakePlan) -> None:
    with pytest.raises(BadInputError) as caught:
        why(plan("one_of_group"), text, EXACT)
    assert words in str(caught.value)


def test_a_conversion_is_forced_only_in_a_month(plan: MakePlan) -> None:
    one = plan("capex_budget")
    with pytest.raises(BadInputError, match="say when"):
        why_not(one, str(_conversion_of(one, "shell_1")), EXACT)


@pytest.mark.parametrize(
    ("lever", "decision", "at", "within", "tolerance"),
    [
        ("contracts[c].rent_usd_per_kw_month", "c", 150 / 200, (0.7, 1.1), 0.08),
        pytest.param("contracts[b].rent_usd_per_kw_month", "b", 600 / 480, (0.5, 2.0), 0.02, marks=pytest.mark.slow),
        pytest.param("contracts[c].rent_usd_per_kw_month", "c", 150 / 200, (0.5, 2.0), 0.02, marks=pytest.mark.slow),
    ],
)
def test_a_break_even_lies_in_its_bracket_and_the_decision_differs_at_its_ends(
    lever: str, decision: str, at: float, within: tuple[float, float], tolerance: float, plan: MakePlan
) -> None:
    one = plan("one_of_group")
    (found,) = break_evens(one, [lever], Range(*within, tolerance), EXACT)
    flip = next(flip for flip in found.flips if flip.decision.name == decision)
    low, high = sorted((flip.holds_at, flip.flips_at))
    assert low <= at <= high <= (1.0001 + tolerance) * low
    solved = (solve_scenario(scaled(one.loaded, lever, factor), None, EXACT).plan for factor in (low, high))
    sides = [taken(each.tables) for each in solved]
    assert len({flip.decision in side for side in sides}) == 2


@pytest.mark.parametrize("name", ["capex_budget", "hosted_exit"])
def test_what_a_point_decides_is_what_the_tables_of_its_plan_say(name: str, plan: MakePlan) -> None:
    one = plan(name)
    answer = answered(one.instance, EXACT, Stopwatch())
    found = shares_at(one.instance, answer.planning.point(answer.x))
    assert found == shares_in(one.plan.tables)
    assert {decision for decision in found if decision.kind != NOTICE} == taken(one.plan.tables)
    assert all(is_taken(one.plan.tables, decision) for decision in found)


def test_what_is_known_when_a_search_is_ended_is_told(plan: MakePlan) -> None:
    """Factors 0.91, 1.02, 0.84, 1.05 are solved; the flip at 0.75 lies between 0.76 and 0.7, which is not."""
    one, seen = plan("one_of_group"), list[Progress]()

    def on_progress(now: Progress) -> None:
        seen.append(now)
        if now.done == 5:
            raise KeyboardInterrupt

    lever = "contracts[c].rent_usd_per_kw_month"
    (found,) = break_evens(one, [lever], Range(0.7, 1.1, 0.01), EXACT, on_progress=on_progress)
    assert found.stopped
    assert len(found.points) == 1 + 5
    assert seen[-1].total == 8
    assert seen[-1].remaining_s is not None
    page = "\n".join(break_even_page(found, Range(0.7, 1.1, 0.01), 200.0, False))
    assert "ended early" in page


@pytest.mark.slow
def test_break_evens_do_not_depend_on_who_solves_the_prices(plan: MakePlan) -> None:
    asked = plan("one_of_group"), ["rents", "power"], Range(0.7, 1.4, 0.2), EXACT
    assert break_evens(*asked, processes(2)) == break_evens(*asked)


@pytest.mark.slow
def test_decisions_that_nothing_turns_are_not_told(plan: MakePlan) -> None:
    (found,) = break_evens(plan("one_of_group"), ["power"], Range(0.8, 1.25, 0.1), EXACT)
    assert found.flips == ()


def test_what_the_scenario_does_not_state_is_not_scaled(plan: MakePlan) -> None:
    with pytest.raises(BadInputError, match="nothing to scale"):
        break_evens(plan("one_of_group"), ["gpu_rate"], Range(0.5, 2, 0.1), EXACT)


def test_a_question_ends_where_its_solve_is_interrupted(plan: MakePlan, monkeypatch: pytest.MonkeyPatch) -> None:
    one = plan("one_of_group")
    cut = replace(one.plan, meta=replace(one.plan.meta, limit="interrupt"))
    monkeypatch.setattr("allocator.studies.compared.solve_by_rule", lambda *_: SimpleNamespace(plan=cut))
    with pytest.raises(KeyboardInterrupt):
        why(one, "contract:a", EXACT)


def test_the_best_alternative_is_the_next_best_plan(plan: MakePlan) -> None:
    """800: a and c. Then a and d 750."""
    one = plan("one_of_group")
    (other,) = alternatives(one, 1, 0.25, EXACT).near
    assert other.plan.meta.objective_usd == pytest.approx(750e3)
    assert other.plan.meta.verified
    common, varies = robust(one, [other])
    assert ({one.name for one in common}, {one.name for one in varies}) == ({"a"}, {"c", "d"})


class Feared(Compared):
    """Other plans are worth a million less on average than on their worst paths, which alone they are ranked by."""

    def solved_again(self, *asked: Any) -> Plan:
        found = super().solved_again(*asked)
        value = found.meta.objective_usd
        meta = replace(found.meta, objective_usd=value - 1e6, tail_weight=1.0, mean_of_worst_usd=value)
        return replace(found, meta=meta)


def test_alternatives_are_looked_for_by_what_plans_are_ranked_by(plan: MakePlan) -> None:
    one = plan("one_of_group")
    (other,) = alternatives(Feared(one.label, one.plan, one.loaded, one.instance), 1, 0.25, EXACT).near
    assert (other.short_usd, other.short_ranked_usd) == (pytest.approx(-1_050e3), pytest.approx(-50e3))


@pytest.mark.slow
def test_alternatives_are_the_next_best_plans_in_order(plan: MakePlan) -> None:
    """800: a and c. Then a and d 750, b and c 680, b and d 630, a alone 600."""
    one = plan("one_of_group")
    found = alternatives(one, 4, 0.25, EXACT).near
    assert [other.plan.meta.objective_usd for other in found] == pytest.approx([750e3, 680e3, 630e3, 600e3])
    names = [{decision.name for decision in other.takes} for other in found]
    assert names == [{"a", "d"}, {"b", "c"}, {"b", "d"}, {"a"}]
    assert all(other.plan.meta.verified for other in found)
    few = alternatives(one, 9, 0.1, EXACT)
    assert len(few.near) == 1
    assert few.missed is not None
    assert few.missed.short_usd == pytest.approx(-120e3)


def test_where_none_is_near_enough_the_nearest_is_named(one_of_group: Path, command: Command) -> None:
    """a and c 800; a and d 750, which is 6.25 % less."""
    shown = command("explain", one_of_group, "--alternatives", "1", "--within", "0.05", "--quiet").out
    said = re.sub(r"\s+", " ", shown)
    assert "none with other contracts or conversions the nearest beyond is worth $750,000: 6.25 % less, $50,000" in said
    assert "(without contract:c; with contract:d)" in said


@pytest.fixture(scope="module")
def one_of_group(plan: MakePlan, kept: Path) -> Path:
    """Its plan folder."""
    return kept / PLANS / partition(plan("one_of_group").label)


def test_the_pages_answer_what_is_asked(one_of_group: Path, command: Command) -> None:
    shown = command("explain", one_of_group, "--why", "contract:a", "--why-not", "contract:d", "--quiet")
    assert shown.code == 0
    said = re.sub(r"\s+", " ", shown.out)
    assert "the best plan without it is worth $680,000, $120,000 less" in said
    assert "the best plan with it is worth $750,000, $50,000 less" in said
    assert command("explain", one_of_group, "--quiet").out.startswith("What one more unit of a limit is worth")
    assert command("explain", one_of_group, "--break-even", "rents", "--range", "2:1", "--quiet").code == 2
    late = command("explain", one_of_group, "--why", "contract:a", "--why-not", "contract:a", "--quiet")
    assert (late.code, late.out) == (2, "")
    assert command("explain", one_of_group.parent, "--quiet").code == 2


@pytest.mark.slow
def test_the_pages_tell_flips_and_what_all_plans_share(one_of_group: Path, command: Command) -> None:
    asked = ("--break-even", "rents", "--range", "0.8:1.25", "--alternatives", "2", "--within", "0.2")
    shown = command("explain", one_of_group, *asked, "--quiet")
    assert shown.code == 0
    assert "in all of them: nothing" in re.sub(r"\s+", " ", shown.out)
    best = ("--alternatives", "1", "--within", "0.2", "--json")
    assert command("explain", one_of_group, *best).json["alternatives"] == [
        {
            "objective_usd": pytest.approx(750e3),
            "difference_usd": pytest.approx(-50e3),
            "ranked_difference_usd": pytest.approx(-50e3),
            "takes": ["contract:a", "contract:d"],
            "verified": True,
        }
    ]

"""Plans side by side: bridges that add up and blame the right thing, simple rules that are real plans, the page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from allocator.pipeline.api import verify
from allocator.pipeline.baselines import BASELINES
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import INTERRUPTED, SolveRequest
from allocator.pipeline.ruled import solve_by_rule
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.plan.lines import LINES
from allocator.plan.writer import write_meta
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.bridge import DISCOUNT, LINES_OF, MARKET, POWER_PRICE, bridge
from allocator.studies.compare import Comparison, compare
from allocator.studies.compared import Asked, Compared, asked, filled, led_by
from allocator.studies.comparison import turned
from tests.cli import small
from tests.cli.conftest import Command

EXACT = SolveRequest(relative_gap=0.0)
HAND = Path(__file__).parents[2] / "scenarios" / "hand"

VARIANTS: Mapping[str, Mapping[str, Any]] = {
    "hashprice up": {"bitcoin.usd_per_ph_day": 60},
    "power up": {"sites[0].price.scale": 1.1},
    "rents up": {"contracts[*].rent_usd_per_kw_month": 130},
    "dear money": {"discount.operations_per_year": 0.2, "discount.contracted_per_year": 0.2},
    "two at once": {"bitcoin.usd_per_ph_day": 60, "sites[0].price.scale": 1.1},
    "no tenants": {"contracts": []},
}


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Compared]:
    """The small scenario and its variants, solved."""
    home = tmp_path_factory.mktemp("variants")
    loaded = load_scenario(small.write(home / "scenario"))
    settings = {name: [Setting(k, v) for k, v in changes.items()] for name, changes in {"base": {}, **VARIANTS}.items()}
    found = {name: filled(Asked(name, with_settings(loaded, own)), home, EXACT) for name, own in settings.items()}
    return {name: one for name, one in found.items() if isinstance(one, Compared)}


@pytest.mark.parametrize("name", VARIANTS)
def test_the_terms_of_a_bridge_add_to_the_difference_to_the_cent_both_ways(
    name: str, plans: Mapping[str, Compared]
) -> None:
    base, other = plans["base"], plans[name]
    there, back = bridge(base, other), bridge(other, base)
    difference = other.plan.meta.objective_usd - base.plan.meta.objective_usd
    assert abs(math.fsum(term.usd for term in there) - difference) < 0.005
    for term, reverse in zip(there, back, strict=True):
        assert (term.name, term.usd) == (reverse.name, pytest.approx(-reverse.usd, abs=1e-6))


@pytest.mark.parametrize(
    ("name", "blamed"),
    [
        ("hashprice up", {MARKET}),
        ("power up", {POWER_PRICE}),
        ("rents up", {"contracts"}),
        ("dear money", {DISCOUNT}),
        ("two at once", {MARKET, POWER_PRICE}),
    ],
)
def test_where_the_same_is_decided_only_what_changed_is_blamed(
    name: str, blamed: set[str], plans: Mapping[str, Compared]
) -> None:
    terms = {term.name: term.usd for term in bridge(plans["base"], plans[name])}
    assert {term for term, usd in terms.items() if abs(usd) > 0.005} == blamed


def test_a_price_counts_at_what_it_is_paid_for(plans: Mapping[str, Compared]) -> None:
    """A tenth more on 40 USD/MWh: of mining 3.5 MW for 720 h; tenants pay theirs through."""
    terms = {term.name: term.usd for term in bridge(plans["base"], plans["power up"])}
    assert terms[POWER_PRICE] == pytest.approx(-4.0 * 3.5 * 720)


def test_what_is_decided_is_blamed_where_prices_stay(plans: Mapping[str, Compared]) -> None:
    terms = {term.name for term in bridge(plans["base"], plans["no tenants"])}
    assert terms == {"contracts", "power: energy used"}


def test_what_changes_its_amount_or_its_futures_is_told_once_with_both() -> None:
    before = [
        "sell 20 s19_xp on average",
        "order 5 s21",
        "sign a",
        "sign b (79 % of futures)",
        "sign c (8 % of futures)",
    ]
    after = ["sell 1,000 s19_xp on average", "sign a (30 % of futures)", "sign b (34 % of futures)", "sign d"]
    assert turned(before, after) == (
        ("order 5 s21", "sign c (8 % of futures)"),
        ("sign d",),
        ("sell 20 -> 1,000 s19_xp on average", "sign a (100 % -> 30 % of futures)", "sign b (79 % -> 34 % of futures)"),
    )


def test_every_line_of_the_cash_flow_belongs_to_one_term() -> None:
    assert sorted(line for lines in LINES_OF.values() for line in lines) == sorted(LINES)


def test_plans_on_trees_that_differ_are_bridged_by_month(tmp_path: Path) -> None:
    loaded = load_scenario(HAND / "worst_paths")
    certain = with_settings(loaded, [Setting("uncertainty", None), Setting("risk", None)])
    plans = [filled(Asked(name, one), tmp_path, EXACT) for name, one in (("tree", loaded), ("path", certain))]
    tree, path = (one for one in plans if isinstance(one, Compared))
    difference = path.plan.meta.objective_usd - tree.plan.meta.objective_usd
    assert abs(math.fsum(term.usd for term in bridge(tree, path)) - difference) < 0.005


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Comparison]:
    """`convert_once` beside every simple rule."""
    home = tmp_path_factory.mktemp("rules")
    columns = asked([str(HAND / "convert_once")], [], [], list(BASELINES))
    return home, compare(columns, home, EXACT)


def test_simple_rules_are_verified_plans_worth_no_more_than_the_best(ruled: tuple[Path, Comparison]) -> None:
    home, found = ruled
    values = {one.label: one.plan.meta.objective_usd for one in found.plans}
    best = values["convert_once"]
    assert set(values) == {"convert_once", *BASELINES}
    for rule in BASELINES:
        assert values[rule] <= best + 0.01
        assert verify(home / "plans" / rule).passed
        assert any(rule in remark for remark in next(p for p in found.plans if p.label == rule).plan.meta.remarks)


def test_rules_keep_to_what_they_say(ruled: tuple[Path, Comparison]) -> None:
    plans = {one.label: one.plan.tables for one in ruled[1].plans}
    for rule in ("as_is", "all_mining"):
        assert not plans[rule]["contracts"]["accepted"].any()
    for table in ("conversions", "trades", "moves", "terminations"):
        assert plans["as_is"][table].empty
    signed = {name: tables["contracts"].query("accepted")["critical_it_mw"].sum() for name, tables in plans.items()}
    assert signed["all_ai"] == max(signed.values()) > 0


def test_plans_whose_inputs_are_the_same_are_used_again(ruled: tuple[Path, Comparison]) -> None:
    home, found = ruled
    told: list[tuple[str, bool]] = []
    columns = asked([str(HAND / "convert_once")], [], [], ["as_is", "greedy"])
    again = compare(columns, home, EXACT, on_column=lambda label, is_solved: told.append((label, is_solved)))
    assert told == [(label, False) for label in again.labels]
    heads = {one.label: one.plan.meta for one in found.plans}
    assert {one.label: one.plan.meta for one in again.plans} == {label: heads[label] for label in again.labels}
    richer = asked([str(HAND / "convert_once")], [], [Setting("finance.opening_cash_usd", 9e9)], ["as_is"])
    told.clear()
    compare(richer, home, EXACT, on_column=lambda label, is_solved: told.append((label, is_solved)))
    assert [is_solved for _, is_solved in told] == [True, True]


def test_a_column_that_ctrl_c_cut_short_ends_the_comparison_and_is_solved_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where the plan it had is within the gap: that of a strike price has no bound of its own to tell."""
    one = Asked("base", load_scenario(small.write(tmp_path / "scenario")))
    folder, told = tmp_path / "plans" / "base", list[bool]()

    def cut_short(*arguments: Any) -> Outcome:
        outcome = solve_by_rule(*arguments)
        meta = replace(outcome.plan.meta, limit=INTERRUPTED)
        write_meta(meta, folder)
        return replace(outcome, plan=replace(outcome.plan, meta=meta))

    with monkeypatch.context() as cut:
        cut.setattr("allocator.studies.compared.solve_by_rule", cut_short)
        with pytest.raises(KeyboardInterrupt):
            filled(one, tmp_path, EXACT)
    assert isinstance(filled(one, tmp_path, EXACT, on_column=lambda _, is_solved: told.append(is_solved)), Compared)
    assert told == [True]


def test_a_baseline_beside_a_plan_is_kept_with_the_hours_of_that_plan(tmp_path: Path) -> None:
    loaded = load_scenario(small.write(tmp_path / "scenario"))
    solve_scenario(loaded, tmp_path / "plan", SolveRequest(relative_gap=0.0, hours="3"))
    found = compare(asked([str(tmp_path / "plan")], [], [], ["as_is"]), tmp_path, EXACT)
    assert [one.plan.meta.hours.choice for one in found.plans] == ["3", "3"]
    assert verify(tmp_path / "plans" / "as_is").passed


def test_a_rule_that_no_plan_keeps_to_is_told_and_the_rest_compared(tmp_path: Path) -> None:
    must = with_settings(
        load_scenario(small.write(tmp_path / "scenario")), [Setting("contracts[lab].must_accept", True)]
    )
    columns = [Asked("best", must), Asked("as_is", must, rule="as_is"), Asked("greedy", must, rule="greedy")]
    found = compare(columns, tmp_path, EXACT)
    assert found.labels == ("best", "greedy")
    assert [(one.label, "no plan meets every requirement" in one.reason) for one in found.missing] == [("as_is", True)]


def test_the_command_writes_what_its_page_says(command: Command, tmp_path: Path) -> None:
    document = small.changed()
    document["variants"] = {"dear power": {"sites[0].price.scale": 1.1}, "no tenants": {"contracts": []}}
    scenario, out = small.write(tmp_path / "scenario", document), tmp_path / "study"
    shown = command("compare", scenario, "--out", out, "--gap", "0", "--quiet", "--json").json
    assert [plan["label"] for plan in shown["plans"]] == ["small", "dear power", "no tenants"]
    table = pd.read_parquet(out / "figures.parquet")
    value = table[(table["name"] == "net present value") & (table["plan"] == "dear power")].iloc[0]
    bridges = pd.read_parquet(out / "bridge.parquet")
    terms = bridges[bridges["second"] == "dear power"]["usd"]
    assert math.fsum(terms) == pytest.approx(value["difference"], abs=0.005)
    assert value["difference"] == pytest.approx(-4.0 * 3.5 * 720)
    assert {path.name for path in out.iterdir()} == {
        *(f"{name}.{kind}" for name in ("figures", "bridge") for kind in ("parquet", "csv")),
        "comparison.json",
        "plans",
    }
    page = command("compare", scenario, "--out", out, "--gap", "0", "--first", "dear power")
    assert page.code == 0
    assert "small is worth most, $10,080 more than dear power" in page.out
    assert "From dear power to each other plan" in page.out
    assert "its plan is read" in page.err
    assert "beyond the horizon" not in page.out  # nothing of it is


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "nothing to compare with"),
        (("--variant", "x"), "no variant 'x'"),
        (("--first", "x", "--baseline", "as_is"), "no column 'x'"),
        (("--baseline", "best"), "'best' is not one of"),
        (("--set", "horizon.months=0"), "at least 1"),
    ],
)
def test_what_cannot_be_compared_is_told(
    arguments: tuple[str, ...], words: str, command: Command, tmp_path: Path
) -> None:
    shown = command("compare", small.write(tmp_path / "scenario"), "--out", tmp_path / "study", *arguments, "--quiet")
    assert shown.code == 2
    assert words in shown.err
    assert not (tmp_path / "study").exists()


def test_settings_change_scenarios_and_not_plans(solved: Path) -> None:
    with pytest.raises(BadInputError, match="is a plan"):
        asked([str(solved / "plan"), str(solved / "plan")], [], [Setting("finance.opening_cash_usd", 1)], [])
    twice = asked([str(solved / "plan"), str(solved / "plan")], [], [], [])
    assert [one.label for one in twice] == ["plan", "plan (2)"]
    assert [one.label for one in led_by("plan (2)", twice)] == ["plan (2)", "plan"]

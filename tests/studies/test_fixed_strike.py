"""The baseline of one strike price: a verified plan, worked out by hand, that states its price or why it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.cli.compare_page import page
from allocator.pipeline.api import verify
from allocator.pipeline.baselines import FIXED_STRIKE, INDEXED_STRIKE, as_is
from allocator.pipeline.baselines import STRIKES as RULES
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.settle import settle
from allocator.pipeline.solve import answered, compiled
from allocator.pipeline.strike import best_strike, dispatch_at
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd
from allocator.plan.marginal import no_marginal_values
from allocator.scenario.load import load_scenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.studies.compare import Comparison, compare
from allocator.studies.compared import PLANS, Asked, Compared, Missing, asked, filled
from allocator.studies.evaluate import evaluate
from allocator.verify import verify_plan
from tests.cli import small

EXACT = SolveRequest(relative_gap=0.0)
HAND = Path(__file__).parents[2] / "scenarios" / "hand"
STRIKES = (40.0, 80.0, 100.0, 150.0)
DAYS = (8, 8, 7, 7)


def two_machines_document() -> dict[str, Any]:
    document = small.changed(("contracts", []))
    document["equipment"]["old"] = {**document["equipment"]["s21"], "catalogue": "antminer_s19j_pro"}
    document["fleets"] = [{"equipment": name, "hall": "machines", "units": 500} for name in ("s21", "old")]
    return document


def series_of_june() -> str:
    prices = np.repeat(STRIKES, DAYS)
    rows = [f"2027-06-{day:02d},{price},25" for day, price in enumerate(prices, start=1)]
    return "\n".join(["day,price_usd_per_mwh,ambient_c", *rows]) + "\n"


def two_machines(folder: Path) -> Path:
    """500 S21 (1.75 MW, earning 200 USD/h) and 500 S19j Pro (1.534 MW, 104 USD/h); 8 days at 40 and 80, 7 at 100 and
    150 USD/MWh."""
    return small.write(folder, two_machines_document(), series_of_june())


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Comparison]:
    home = tmp_path_factory.mktemp("strike")
    columns = asked([str(two_machines(home / "scenario"))], [], [], ["as_is", FIXED_STRIKE])
    return home, compare(columns, home, EXACT)


def test_studies_that_would_run_the_hours_at_their_best_refuse_the_plan(found: tuple[Path, Comparison]) -> None:
    with pytest.raises(BadInputError, match="its hours follow a strike price"):
        evaluate(found[0] / PLANS / FIXED_STRIKE, 10, 1)


def _values(found: Comparison) -> Mapping[str, float]:
    return {one.label: one.plan.meta.objective_usd for one in found.plans}


def test_the_rule_by_hand(found: tuple[Path, Comparison]) -> None:
    """Both run at 40 and 80, where the old machine loses; at 100 the new one's 25 USD/h do not make up for its loss."""
    values = _values(found[1])
    new, old = 200 - 1.75 * np.array(STRIKES), 104 - 1.534 * np.array(STRIKES)
    hours = 24.0 * np.array(DAYS)
    assert values[FIXED_STRIKE] == pytest.approx(float(hours[:2] @ (new + old)[:2]))
    assert values["as_is"] == pytest.approx(float(hours @ (np.maximum(new, 0) + np.maximum(old, 0))))


def test_it_is_a_verified_plan_that_states_its_price_and_is_used_again(found: tuple[Path, Comparison]) -> None:
    home, before = found
    assert verify(home / "plans" / FIXED_STRIKE).passed
    shown = " ".join("\n".join(page(before)).split())
    assert "at most 80.00 USD/MWh" in shown
    assert f"{FIXED_STRIKE}: no marginal values" in shown
    again: list[bool] = []
    columns = asked([str(home / "scenario")], [], [], ["as_is", FIXED_STRIKE])
    compare(columns, home, EXACT, on_column=lambda label, is_solved: again.append(is_solved))
    assert again == [False, False, False]


def test_the_stated_price_is_the_best_of_all_plans_by_a_price(tmp_path: Path) -> None:
    instance = as_is(compiled(load_scenario(two_machines(tmp_path / "scenario"))))
    answer = answered(instance, EXACT, Stopwatch())
    assert answer.x is not None
    point = answer.planning.point(answer.x)
    tried = {}
    for strike in (-np.inf, *STRIKES):
        settled = settle(instance, point, dispatch_at(np.array([strike]))).settled
        tried[strike] = objective_usd(extract_tables(settled, {}, no_marginal_values())["cash_flow"])
    assert best_strike(instance, point, np.ones(1)) == max(tried, key=lambda strike: tried[strike]) == 80.0


def test_a_strike_that_follows_hashprice_keeps_to_what_machines_earn(tmp_path: Path) -> None:
    """July costs and earns twice as much: 80 in June are 160 then, where 80 alone would leave the second eight days."""
    document = {
        **two_machines_document(),
        "bitcoin": small.changed()["bitcoin"] | {"usd_per_ph_day": {"by_month": [48, 96]}},
    }
    document["horizon"] = document["horizon"] | {"months": 2}
    days = [f"2027-07-{day:02d},{price},25" for day, price in enumerate(2 * np.repeat(STRIKES, (8, 8, 7, 8)), start=1)]
    loaded = load_scenario(small.write(tmp_path / "scenario", document, series_of_june() + "\n".join([*days, ""])))
    plans = {rule: filled(Asked(rule, loaded, rule=rule), tmp_path, EXACT) for rule in RULES}
    fixed, indexed = (plans[rule] for rule in (FIXED_STRIKE, INDEXED_STRIKE))
    assert isinstance(fixed, Compared)
    assert isinstance(indexed, Compared)
    per_hour = (200 + 104 - (1.75 + 1.534) * np.array(STRIKES))[:2]
    assert indexed.plan.meta.objective_usd == pytest.approx(24 * 8 * per_hour.sum() * (1 + 2))
    assert fixed.plan.meta.objective_usd < indexed.plan.meta.objective_usd
    assert any("80.00 USD/MWh at the start, from 80.00 to 160.00" in text for text in indexed.plan.meta.remarks)
    head = replace(indexed.plan.meta, strike_follows_hashprice=False)
    report = verify_plan(indexed.instance, indexed.plan.tables, indexed.plan.dispatch, head, None)
    assert {violation.rule for violation in report.violations} == {"HOURS.at_a_loss"}


def test_hours_that_are_days_are_measured_by_the_same_rule(tmp_path: Path) -> None:
    """Every day of a price is the same, so that eight days stand for the month without error."""
    request = SolveRequest(relative_gap=0.0, hours="8")
    loaded = load_scenario(two_machines(tmp_path / "scenario"))
    one = filled(Asked("rule", loaded, rule=FIXED_STRIKE), tmp_path, request)
    assert isinstance(one, Compared)
    hours = one.plan.meta.hours
    assert not hours.full
    assert hours.full_hours_objective_usd == pytest.approx(24 * (8 * (130 + 42.64) + 8 * (60 - 18.72)))


@pytest.mark.parametrize("name", ["kept_bitcoin", "credit_line", "summer_air"])
def test_the_rule_is_worth_no_more_than_the_best_hours_of_as_is(name: str, tmp_path: Path) -> None:
    loaded = load_scenario(HAND / name)
    rules = [filled(Asked(rule, loaded, rule=rule), tmp_path, EXACT) for rule in ("as_is", FIXED_STRIKE)]
    best, ruled = (one for one in rules if isinstance(one, Compared))
    assert verify(tmp_path / "plans" / FIXED_STRIKE).passed
    assert ruled.plan.meta.maximised_usd <= best.plan.meta.maximised_usd + 0.01


@pytest.mark.parametrize(
    ("name", "setting", "reason"),
    [
        ("demand_charges", None, "demand charges bill the highest draw"),
        ("block_for_own_use", None, "a block of power"),
        ("deferrable_work", None, "deferrable work is owed"),
        ("", Setting("finance.minimum_cash_usd", 1_045_000), "below its minimum"),
    ],
)
def test_where_the_rule_has_no_plan_the_reason_is_told(
    name: str, setting: Setting | None, reason: str, tmp_path: Path
) -> None:
    folder = HAND / name if name else two_machines(tmp_path / "scenario")
    loaded = with_settings(load_scenario(folder), [setting] if setting else [])
    one = filled(Asked("rule", loaded, rule=FIXED_STRIKE), tmp_path, EXACT)
    assert isinstance(one, Missing)
    assert reason in one.reason


@pytest.mark.parametrize(
    ("stated", "rule", "at", "amount"),
    [
        (None, "HOURS.at_a_loss", "2027-06-09 00:00:00+00:00", 18.72),
        (79.0, "HOURS.at_a_loss", "2027-06-09 00:00:00+00:00", 1.75),
        (101.0, "HOURS.left_idle", "2027-06-17 00:00:00+00:00", 1.75),
    ],
)
def test_hours_are_held_to_the_price_that_the_head_states(
    stated: float | None, rule: str, at: str, amount: float, found: tuple[Path, Comparison]
) -> None:
    """By USD/MWh of the stated price above or below that of the hour, times the MW of the larger machines; without a
    price machines have to earn."""
    one = next(one for one in found[1].plans if one.label == FIXED_STRIKE)
    head = replace(one.plan.meta, strike_usd_per_mwh=stated)
    report = verify_plan(one.instance, one.plan.tables, one.plan.dispatch, head, None)
    worst = next(violation for violation in report.violations if violation.rule == rule)
    assert worst.amount == pytest.approx(amount)
    assert worst.place["utc"] == at

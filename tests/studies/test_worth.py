"""What limits are worth and contracts add, by hand and by truth: the difference of solves at held decisions."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.progress import ignore as silent
from allocator.pipeline.solve import answered
from allocator.plan.schema import partition
from allocator.studies.compared import PLANS, Compared
from allocator.studies.explain.contracts import contract_worths
from allocator.studies.explain.held import Held
from allocator.studies.explain.limits import Free, Worth, worths
from allocator.studies.explain.peaks import coincident_worths, owed, peak_worths
from allocator.studies.explain.raisable import STEP, raisable
from tests.quick import quick
from tests.studies.conftest import Command, MakePlan

EXACT = SolveRequest(relative_gap=0.0, explains=False)
THIN_SITE = ("thin_market", "sites[0].power_limit_mw=1.5")
Told = Mapping[tuple[str, str], Worth]


def told(found: Iterable[Worth]) -> Told:
    """By what and where, fit-outs left out."""
    return {(one.subject.split("/")[0], one.quantity): one for one in found}


def held(one: Compared) -> Told:
    return told(worths(one, Held(one, EXACT), None))


def free(one: Compared) -> Told:
    return told(worths(one, Held(one, EXACT), Free(one, EXACT)))


def anew(one: Compared, quantity: str) -> float:
    """What a unit of a limit is worth with decisions free; only that is solved."""
    limit = next(limit for limit in raisable(one) if limit.quantity == quantity)
    return Free(one, EXACT).worth(limit)[0]


def test_one_more_megawatt_of_the_interconnect_lets_old_machines_run_at_40_usd(plan: MakePlan) -> None:
    """80 - 40 USD/MWh for 600 h of June, twelve times a year; of the hydro hall 70 less 1.25 x 40, 7.5 at 90 USD."""
    found = held(plan("site_limit"))
    assert found["site", "site_power"].held_per_year_usd == pytest.approx(12 * 40 * 600)
    assert found["new_hall", "hall_it"].held_per_year_usd == pytest.approx(12 * (20 * 600 + 7.5 * 120))
    assert found["site", "site_power"].free_usd is None


def test_one_more_megawatt_of_cooling_runs_the_better_step_on_hot_days(plan: MakePlan) -> None:
    assert held(plan("summer_air"))["barn", "cooling_air"].held_per_year_usd == pytest.approx(12 * 56 * 240)


def test_one_more_megawatt_pays_for_the_peak_that_it_raises(plan: MakePlan) -> None:
    """An old machine outside the afternoon: 20 USD/MWh for 320 h of June less 4,000 for its peak."""
    found = held(plan("demand_charges", "sites[0].power_limit_mw=9"))
    assert found["site", "site_power"].held_per_year_usd == pytest.approx(12 * (6_400 - 4_000))


def test_one_more_megawatt_at_a_peak_earns_less_than_it_is_billed(plan: MakePlan) -> None:
    """In the afternoon an old machine earns 3,200 and pays 5,000; at any hour the meter is full: 4,000 for nothing."""
    as_is = Held(plan("demand_charges"), EXACT)
    found = {one.charge: one for one in peak_worths(as_is)}
    earned = {name: one.earned_per_year_usd for name, one in found.items()}
    billed = {name: one.billed_per_year_usd for name, one in found.items()}
    assert earned == {"any_hour": pytest.approx(0.0, abs=1.0), "afternoon": pytest.approx(12 * 3_200)}
    assert billed == {"any_hour": pytest.approx(12 * 4_000), "afternoon": pytest.approx(12 * 5_000)}
    for charge, name in enumerate(found):
        true = (_solved(owed(as_is, charge, 0.1)) - _solved(as_is.instance)) / 0.1
        assert true == pytest.approx((earned[name] - billed[name]) / 12, rel=1e-6)


def test_a_megawatt_at_a_peak_is_billed_what_its_ratchet_bills_later(plan: MakePlan) -> None:
    """Old machines of June would earn 14,400 for a bill of 10,000, and half of it in July."""
    (found,) = peak_worths(Held(plan("demand_ratchet"), EXACT))
    assert found.earned_per_year_usd == pytest.approx(6 * 14_400)
    assert found.billed_per_year_usd == pytest.approx(6 * 15_000)


DISCOUNTED_A_YEAR = 0.9 ** (1 / 8) * 12 / 5
"""From the middle of September, of a horizon of five months."""


def test_a_megawatt_at_a_peak_of_the_system_earns_less_than_its_charge_where_none_is_drawn(plan: MakePlan) -> None:
    """From 16 to 17 h new machines lose 80 USD/MWh and old ones would earn 20; from 17 to 18 h all run, old last."""
    as_is = Held(plan("coincident_peaks"), EXACT)
    early, late = coincident_worths(as_is)
    for found, more, charged, less in ((early, 20 * 22, 0.9 * 1_452, 80 * 22), (late, 0, 0.9 * 484, 20 * 22)):
        assert found.earned_per_year_usd == pytest.approx(more * DISCOUNTED_A_YEAR, abs=1e-3)
        assert found.charged_per_year_usd == pytest.approx(charged * DISCOUNTED_A_YEAR)
        assert found.lost_per_year_usd == pytest.approx(less * DISCOUNTED_A_YEAR)
    uncharged = [_solved(_drawn_at_most(as_is.instance, 0, most_mw)) for most_mw in (319.9, 320.0, 320.1)]
    less, more = (12 / 5 * (high - low) / 0.1 for low, high in itertools.pairwise(uncharged))
    assert early.lost_per_year_usd == pytest.approx(less, rel=1e-6)
    assert early.earned_per_year_usd == pytest.approx(more, rel=1e-6)


def _drawn_at_most(instance: Instance, peak: int, most_mw: float) -> Instance:
    """No charge for a peak of September, and so much power in its hours."""
    stated, hours = instance.coincident, instance.hours
    (cause,) = np.flatnonzero((stated.peak == peak) & (stated.node == 0)).tolist()
    (power,), due = instance.sites.power_limit_mw, list(stated.due_usd_per_mw)
    share = np.ones(len(hours.weight_h))
    share[hours.steps(0, 0)] = np.where(due[cause] > 0.0, most_mw / power, 1.0)
    due[cause] = np.zeros_like(due[cause])
    free = replace(stated, due_usd_per_mw=tuple(due))
    return replace(instance, coincident=free, hours=replace(hours, open_steps=share))


def test_what_a_peak_of_the_system_is_worth_stands_on_the_page(plan: MakePlan, kept: Path, command: Command) -> None:
    one = plan("coincident_peaks")
    page = re.sub(r"\s+", " ", command("explain", kept / PLANS / partition(one.label), "--quiet").out)
    assert "site early $1,042 $3,095 $4,169" in page
    assert "site late - $1,032 $1,042" in page


def test_a_point_of_headroom_saves_a_forced_sale(plan: MakePlan) -> None:
    """All 100 carry 76 % of 40,500 USD, 522,000 too little; a Bitcoin sold cures 58,500 - 30,780, and costs 1,500."""
    found = held(plan("forced_sale"))
    sold = 522_000 / (58_500 - 30_780)
    assert found["vault", "ltv_headroom"].held_usd == pytest.approx(1_500 * (20 - sold))
    assert found["company", "opening_cash"].held_usd == pytest.approx(1_500 / 28_125)


@pytest.mark.parametrize("settings", quick([("site_limit",), THIN_SITE, ("liquidation",), ("beyond_horizon",)], 2))
def test_a_value_is_the_difference_of_solves_at_held_decisions_over_the_step(
    settings: tuple[str, ...], plan: MakePlan
) -> None:
    one = plan(*settings)
    as_is = Held(one, EXACT)
    assert _solved(as_is.instance) == pytest.approx(as_is.base.ranked_usd) == pytest.approx(one.plan.meta.maximised_usd)
    by_name = {(limit.subject, limit.quantity): limit for limit in raisable(one)}
    found = [worth for worth in worths(one, as_is, None) if worth.held_usd]
    assert found
    for worth in found:
        limit, step = by_name[worth.subject, worth.quantity], STEP[worth.unit]
        true = (_solved(limit.raised(as_is.instance, step)) - _solved(as_is.instance)) / step
        assert worth.held_usd == pytest.approx(true, rel=1e-6, abs=1e-3)


def _solved(instance: Instance) -> float:
    found = answered(instance, EXACT, Stopwatch(silent)).objective_usd
    assert found is not None
    return found


def test_a_million_of_capital_brings_the_third_tenant_in(plan: MakePlan) -> None:
    """300,000 USD, which only another decision earns."""
    assert anew(plan("capex_budget"), "capex_budget") == pytest.approx(0.3)


def test_a_month_of_lead_time_is_worth_what_a_scenario_that_takes_a_month_less_is(plan: MakePlan) -> None:
    one = plan("shell_for_machines")
    sooner = plan("shell_for_machines", "sites[0].halls[0].options[1].conversion.lead_months=0")
    found = free(one)["shell", "lead_time"]
    assert found.held_usd is None
    assert found.free_usd == pytest.approx(sooner.plan.meta.objective_usd - one.plan.meta.objective_usd)
    assert found.free_usd == pytest.approx(86_400)
    assert found.free_within_usd == pytest.approx(0.0, abs=1.0)


def test_what_a_contract_adds_alone_and_with_all_else_decided_anew(plan: MakePlan) -> None:
    """800: a 600 and c 200, where b 480 excludes a, and power c and d together. Without a, b comes; d 150 for c."""
    one = plan("one_of_group")
    found = list(contract_worths(one, Held(one, EXACT), Free(one, EXACT)))
    assert [(each.contract, each.signed) for each in found] == [("a", True), ("b", False), ("c", True), ("d", False)]
    assert [_k(each.held_usd) for each in found] == [600, None, 200, None]
    assert [_k(each.free_usd) for each in found] == [120, -120, 50, -50]


def _k(usd: float | None) -> float | None:
    return None if usd is None else pytest.approx(usd / 1e3)  # type: ignore[no-any-return]


def test_a_refused_contract_is_added_where_it_fits(plan: MakePlan) -> None:
    """150 of rent for 200 of capex, with power for all."""
    one = plan("one_of_group", "sites[0].power_limit_mw=40", "contracts[d].signing_capex_usd=200e3")
    found = {each.contract: each for each in contract_worths(one, Held(one, EXACT), None)}
    assert not found["d"].signed
    assert _k(found["d"].held_usd) == -50


def test_a_baseline_is_explained_by_its_own_rule(plan: MakePlan, kept: Path, command: Command) -> None:
    """Plans that convert and sign nothing have no use for capital."""
    one = plan("capex_budget", rule="as_is")
    assert anew(one, "capex_budget") == pytest.approx(0.0)
    folder = kept / PLANS / partition(one.label)
    page = re.sub(r"\s+", " ", command("explain", folder, "--quiet", "--alternatives", "3").out)
    assert "the plan keeps to baseline as_is" in page
    assert "none with other contracts or conversions" in page
    refused = command("explain", folder, "--why-not", "contract:large", "--quiet")
    assert refused.code == 2
    assert "settled by the rule of baseline as_is" in refused.err

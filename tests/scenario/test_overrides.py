"""Values changed by knob, by variant and by path: what they do, and how wrong ones are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allocator.pipeline.inputs import copied_inputs, copy_inputs
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import LoadedScenario, bundled_names, load_scenario
from allocator.scenario.overrides import Setting, parse_setting, variant_settings, with_settings
from allocator.scenario.written import changed_text
from allocator.scenario.yaml_reader import read_yaml
from tests.scenario.documents import DOCUMENT, changed, faults, load


@pytest.fixture
def toy(tmp_path: Path) -> LoadedScenario:
    return load(tmp_path, DOCUMENT)


def by(loaded: LoadedScenario, *texts: str) -> LoadedScenario:
    return with_settings(loaded, [parse_setting(text) for text in texts])


def test_a_path_sets_what_the_file_itself_could_have_said(toy: LoadedScenario, tmp_path: Path) -> None:
    (tmp_path / "written").mkdir()
    written = load(tmp_path / "written", changed("finance.opening_cash_usd", 5e6))
    set_here = by(toy, "finance.opening_cash_usd=5e6")
    assert set_here.scenario == written.scenario
    assert set_here.input_hash == written.input_hash != toy.input_hash


def test_members_of_lists_go_by_position_by_name_and_all_together(toy: LoadedScenario) -> None:
    by_name = by(toy, "sites[west].power_limit_mw=70")
    assert by_name.scenario == by(toy, "sites[0].power_limit_mw=70").scenario
    assert by_name.scenario == by(toy, "sites.west.power_limit_mw=70").scenario
    assert by_name.scenario == by(toy, "sites[*].power_limit_mw=70").scenario
    assert by_name.scenario.sites[0].power_limit_mw == 70


def test_a_field_that_the_file_leaves_out_can_be_set(toy: LoadedScenario) -> None:
    assert by(toy, "bitcoin.pool_fee_share=0.02", "discount.btc_per_year=0.05").scenario.discount.btc_per_year == 0.05
    assert by(toy, "risk={tail_weight: 0.2, tail_level: 0.9}").scenario.risk is not None


def test_a_knob_that_scales_takes_a_factor_and_scales_by_its_own_where_none_is_given(toy: LoadedScenario) -> None:
    rent = toy.scenario.contracts[0].rent_usd_per_kw_month
    assert by(toy, "rent=0.5").scenario.contracts[0].rent_usd_per_kw_month == pytest.approx(0.5 * rent)
    assert by(toy, "rent").scenario.contracts[0].rent_usd_per_kw_month == pytest.approx(1.1 * rent)
    assert by(toy, "rent=0.5", "rent=3").scenario.contracts[0].rent_usd_per_kw_month == pytest.approx(1.5 * rent)


def test_a_knob_that_sets_puts_its_value_at_every_place(tmp_path: Path) -> None:
    knob = {"paths": ["sites[*].power_limit_mw"], "set": 44}
    loaded = load(tmp_path, changed("knobs", {"limit": knob}))
    assert by(loaded, "limit").scenario.sites[0].power_limit_mw == 44
    assert by(loaded, "limit=33").scenario.sites[0].power_limit_mw == 33


def test_whole_numbers_stay_whole_only_where_the_product_is(tmp_path: Path) -> None:
    loaded = load(tmp_path, changed("knobs", {"machines": {"paths": ["fleets[0].units"], "scale": 1}}))
    assert by(loaded, "machines=0.5").scenario.fleets[0].units == 4000
    with pytest.raises(
        ScenarioFaults, match=r"machines=0.3001: fleets\[0\].units: found 2400.*; expected a whole number"
    ):
        by(loaded, "machines=0.3001")


def test_settings_stack_and_knobs_stay_usable(toy: LoadedScenario) -> None:
    twice = by(by(toy, "finance.opening_cash_usd=5e6"), "rent=2")
    assert twice.scenario == by(toy, "finance.opening_cash_usd=5e6", "rent=2").scenario
    assert twice.settings == ("finance.opening_cash_usd=5000000.0", "rent=2")
    assert with_settings(toy, []) is toy


def test_a_variant_is_a_named_list_of_settings(tmp_path: Path) -> None:
    variants = {"poor": {"finance.opening_cash_usd": 1e6, "rent": 0.9}, "no offers": {"contracts": [], "one_of": []}}
    loaded = load(tmp_path, changed("variants", variants))
    poor = with_settings(loaded, variant_settings(loaded, "poor"))
    assert poor.scenario == by(loaded, "finance.opening_cash_usd=1e6", "rent=0.9").scenario
    with pytest.raises(ScenarioFaults, match=r"no variant 'por'.*did you mean 'poor'"):
        variant_settings(loaded, "por")


def test_knobs_and_variants_do_not_act_on_their_own(toy: LoadedScenario, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    assert load(tmp_path / "more", changed("variants", {"poor": {"rent": 0.9}})).input_hash == toy.input_hash


WRONG: list[tuple[list[str], list[str]]] = [
    (["rnt=0.9"], ["--set rnt=0.9", "did you mean 'rent'"]),
    (["rnt"], ["--set rnt", "did you mean 'rent'"]),
    (["rent=high"], ["--set rent=high", "found 'high'", "a factor"]),
    (["sites[west].power_limt_mw=1"], ["power_limt_mw=1: sites[0].power_limt_mw", "did you mean 'power_limit_mw'"]),
    (["sites[east].power_limit_mw=1"], ["nothing at 'sites[east].power_limit_mw'", "did you mean 'west'"]),
    (["finance.opening_cash_usd=lots"], ["finance.opening_cash_usd", "found 'lots'", "expected a number"]),
    (["finance.opening_cash_usd"], ["no value", "write finance.opening_cash_usd=VALUE"]),
    (["a..b=1"], ["which is no path"]),
    (["finance=[1"], ["--set finance=[1", "expected YAML"]),
    (["=1"], ["no name", "path=value"]),
    (["contracts=[]", "rent=2"], ["--set rent=2", "nothing at 'contracts[*].rent_usd_per_kw_month'"]),
]


@pytest.mark.parametrize(("texts", "words"), WRONG, ids=[" ".join(texts) for texts, _ in WRONG])
def test_a_wrong_setting_says_where_what_and_how(texts: list[str], words: list[str], toy: LoadedScenario) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        by(toy, *texts)
    message = str(caught.value)
    assert all(word in message for word in words), message


def test_all_wrong_settings_are_told_at_once(toy: LoadedScenario) -> None:
    with pytest.raises(ScenarioFaults) as caught:
        by(toy, "sites[0].power_limit_mw=no", "sites[0].fixed_opex_usd_per_month=-1", "horizon.months=0")
    assert len(caught.value.faults) == 3


def test_a_variant_that_leads_nowhere_is_a_fault_of_the_file(tmp_path: Path) -> None:
    found = faults(tmp_path, changed("variants", {"poor": {"rnt": 1, "sites[9].name": "x"}}))
    assert ["did you mean 'rent'" in fault.fix for fault in found] == [True, False]


def test_the_changed_scenario_is_written_so_that_it_reads_back(toy: LoadedScenario, tmp_path: Path) -> None:
    wanted = by(toy, "rent=0.7", "sites[0].price.adder_usd_per_mwh=1e-7", 'description="NO: 2027-01 # x"')
    (tmp_path / "plan").mkdir()
    copy_inputs(wanted, tmp_path / "plan")
    back = copied_inputs(tmp_path / "plan")
    assert back.input_hash == wanted.input_hash
    assert back.scenario == wanted.scenario.model_copy(update={"knobs": {}, "variants": {}})
    assert "#   rent=0.7" in (tmp_path / "plan" / "scenario" / "scenario.yaml").read_text().splitlines()


@pytest.mark.parametrize("name", [name for name in bundled_names() if not name.startswith(("hand", "infeasible"))])
def test_every_large_bundled_scenario_survives_being_written(name: str) -> None:
    loaded = by(load_scenario(name), "description=changed")
    assert read_yaml(changed_text(loaded).encode(), "x").data == {**loaded.yaml.data}


def test_text_that_could_pass_for_another_value_is_quoted(toy: LoadedScenario) -> None:
    odd: dict[str, Any] = {
        "a": "1e6",
        "b": "true",
        "c": "~",
        "d": "0o17",
        "e": "1_000",
        "f": "2027-01-01",
        "g": "- x\n#",
    }
    loaded = with_settings(toy, [Setting("sources", odd)])
    assert read_yaml(changed_text(loaded).encode(), "x").data["sources"] == odd
    assert json.loads(json.dumps(loaded.scenario.sources)) == odd

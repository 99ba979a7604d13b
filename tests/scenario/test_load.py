"""From a path to a loaded scenario, its hash, and older versions."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import bundled_names, load_scenario
from allocator.scenario.migrate import STEPS
from allocator.scenario.scenario import VERSION
from tests.scenario.documents import DOCUMENT, changed, load, write

FIXTURES = Path(__file__).parent / "fixtures"


def test_a_folder_and_its_file_load_alike(tmp_path: Path) -> None:
    write(tmp_path, DOCUMENT)
    by_folder, by_file = load_scenario(tmp_path), load_scenario(str(tmp_path / "scenario.yaml"))
    assert by_folder == by_file
    assert by_folder.folder == tmp_path
    assert by_folder.file_name == "scenario.yaml"


def test_a_scenario_file_may_have_another_name(tmp_path: Path) -> None:
    write(tmp_path, DOCUMENT)
    (tmp_path / "scenario.yaml").rename(tmp_path / "other.yml")
    assert load_scenario(tmp_path / "other.yml").file_name == "other.yml"


def test_a_folder_on_disk_wins_over_the_bundle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = bundled_names()[0]
    monkeypatch.chdir(tmp_path)
    bundled = load_scenario(f"scenarios/{name}").scenario.name
    (tmp_path / "scenarios" / name).mkdir(parents=True)
    write(tmp_path / "scenarios" / name, changed("name", f"not {bundled}"))
    assert load_scenario(f"scenarios/{name}").scenario.name == f"not {bundled}"


def test_bundled_scenarios_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert "texas_pivot" in bundled_names()
    assert load_scenario("scenarios/texas_pivot").input_hash == load_scenario("texas_pivot").input_hash


@pytest.mark.parametrize("path", ["nowhere", "scenarios/nowhere", "../scenarios", "a\0b", "x" * 5000, ""])
def test_a_path_that_leads_nowhere_is_a_fault_that_lists_what_there_is(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(ScenarioFaults) as caught:
        load_scenario(path)
    assert len(caught.value.faults) == 1


def test_a_folder_without_a_scenario_says_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioFaults, match=r"a folder without scenario\.yaml"):
        load_scenario(tmp_path)


def test_numbers_are_read_as_people_mean_them(tmp_path: Path) -> None:
    text = json.dumps(DOCUMENT, indent=1).replace("60000000.0", "60e6").replace('"barn"', "NO")
    loaded = load(tmp_path, text)
    assert loaded.scenario.finance.opening_cash_usd == 60e6
    assert loaded.scenario.sites[0].halls[0].name == "NO"


def test_the_hash_covers_content_and_files_and_nothing_else(tmp_path: Path) -> None:
    first = load(tmp_path, DOCUMENT).input_hash
    commented = "# a comment\n" + json.dumps(DOCUMENT)
    assert load(tmp_path, commented).input_hash == first
    with_default = copy.deepcopy(DOCUMENT)
    with_default["contracts"][1]["must_accept"] = False
    assert load(tmp_path, with_default).input_hash == first
    assert load(tmp_path, changed("finance.opening_cash_usd", 60e6 + 1)).input_hash != first
    write(tmp_path, DOCUMENT)
    (tmp_path / "hours.csv").write_text("time,price\n2027-01-01,5\n")
    assert load_scenario(tmp_path).input_hash != first


def test_a_scenario_cannot_be_changed(tmp_path: Path) -> None:
    site: Any = load(tmp_path, DOCUMENT).scenario.sites[0]
    with pytest.raises(ValueError, match="frozen"):
        site.power_limit_mw = 5.0


def test_derived_figures_of_the_horizon(tmp_path: Path) -> None:
    horizon = load(tmp_path, DOCUMENT).scenario.horizon
    assert horizon.node_months == (1, 1, 1, 1, 1, 1, 3, 3)
    assert str(horizon.end) == "2028-01"
    assert load(tmp_path, changed("horizon.periods", None)).scenario.horizon.node_months == (1,) * 12


def test_a_file_of_version_0_is_migrated() -> None:
    loaded = load_scenario(FIXTURES / "version_0")
    assert loaded.scenario.version == VERSION
    assert loaded.scenario.sites[0].power_limit_mw == 60.0


def test_every_older_version_has_a_step() -> None:
    assert sorted(STEPS) == list(range(VERSION))


def test_faults_of_a_migrated_file_still_name_a_line(tmp_path: Path) -> None:
    text = (FIXTURES / "version_0" / "scenario.yaml").read_text().replace("limit_mw: 60", "limit_mw: -60")
    write(tmp_path, text)
    with pytest.raises(ScenarioFaults, match=r"sites\[0\]\.power_limit_mw \(line \d+\)"):
        load_scenario(tmp_path)

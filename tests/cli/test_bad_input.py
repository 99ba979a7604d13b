"""What is wrong with a scenario is said once each: place, found, expected, fix. Nothing is written, nothing lost."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import small
from tests.cli.conftest import Command
from tests.cli.shell import contents

FAULT = re.compile(r"^\S.*: found .+; expected .+; \S.*$")


def yaml(*changes: tuple[str, Any]) -> str:
    """The document as text, to be spoiled further."""
    return json.dumps(small.changed(*changes), indent=1)


def replaced(old: str, new: str) -> str:
    """The document with one piece of text replaced."""
    text = yaml()
    assert old in text
    return text.replace(old, new, 1)


DOCUMENTS: dict[str, tuple[dict[str, Any] | str, list[str]]] = {
    "text for a number": (small.changed(("sites.0.power_limit_mw", "much")), ["sites[0].power_limit_mw", "'much'"]),
    "a number for text": (small.changed(("name", 5)), ["name", "5"]),
    "a list for a mapping": (small.changed(("finance", [])), ["finance"]),
    "an unknown field": (small.changed(("sites.0.power_limits_mw", 5)), ["power_limits_mw", "power_limit_mw"]),
    "NaN": (replaced('"power_limit_mw": 20', '"power_limit_mw": .nan'), ["sites[0].power_limit_mw", "NaN", "finite"]),
    "infinity": (
        replaced('"power_limit_mw": 20', '"power_limit_mw": .inf'),
        ["sites[0].power_limit_mw", "infinity", "finite"],
    ),
    "negative MW": (small.changed(("contracts.0.critical_it_mw", -4)), ["contracts[0].critical_it_mw", "-4"]),
    "an unknown model": (small.changed(("fleets.0.equipment", "s12")), ["fleets[0].equipment", "'s12'", "s21"]),
    "an unknown catalogue key": (
        small.changed(("equipment.s21.catalogue", "antminer_s12")),
        ["equipment.s21.catalogue", "'antminer_s12'", "antminer_s"],
    ),
    "a contract larger than the site": (
        small.changed(("contracts.0.critical_it_mw", 400)),
        ["contracts[0].critical_it_mw", "400 MW", "at most 5 MW"],
    ),
    "end before start": (
        small.changed(("contracts.0.last_service", "2027-05")),
        ["contracts[0].last_service", "2027-05", "not before first_service 2027-06"],
    ),
    "a path out of the folder": (
        small.changed(("series.price.file", "../days.csv")),
        ["series.price.file", "leaves the folder"],
    ),
    "an absolute path": (small.changed(("series.price.file", "/etc/passwd")), ["series.price.file", "absolute"]),
    "a file that is not there": (small.changed(("series.price.file", "x.csv")), ["series.price.file", "x.csv"]),
    "a column that is not there": (small.changed(("series.price.column", "cost")), ["days.csv", "cost"]),
    "an alias": (replaced('"price": {\n    "series"', '"price": &a {\n    "series"'), ["scenario.yaml", "line"]),
    "a duplicate key": (replaced('"version": 1,', '"version": 1,\n "version": 1,'), ["version", "line 3"]),
    "a tag": ("version: 1\nname: !!python/object/apply:os.system ['true']\n", ["scenario.yaml", "line 2"]),
    "a clock time for a number": (
        replaced('"power_limit_mw": 20', '"power_limit_mw": 12:30'),
        ["sites[0].power_limit_mw", "'12:30'"],
    ),
    "NO for a number": (replaced('"power_limit_mw": 20', '"power_limit_mw": NO'), ["power_limit_mw", "'NO'"]),
    "NO for a truth": (replaced('"buyable": false', '"buyable": NO'), ["equipment.s21.buyable", "'NO'", "false"]),
    "an empty file": ("", ["scenario.yaml", "empty"]),
    "only comments": ("# nothing\n", ["scenario.yaml"]),
    "no mapping": ("- a\n- b\n", ["scenario.yaml", "a mapping"]),
    "broken YAML": ("version: 1\nname: [a\nhorizon: {", ["scenario.yaml", "line"]),
    "another version": (small.changed(("version", 99)), ["version", "99"]),
    "a name too long": (small.changed(("contracts.0.name", "x" * 300)), ["contracts[0].name", "80"]),
}

SERIES: dict[str, tuple[str, list[str]]] = {
    "a missing day": (small.days().replace("2027-06-14,40,25\n", ""), ["days.csv", "2027-06-14"]),
    "the last days missing": (small.days(20), ["days.csv", "2027-06-21"]),
    "a day twice": (small.days().replace("2027-06-14,", "2027-06-13,"), ["days.csv", "2027-06-13"]),
    "text for a price": (small.days().replace("2027-06-14,40", "2027-06-14,dear"), ["days.csv", "line 15", "dear"]),
    "NaN for a price": (small.days().replace("2027-06-14,40", "2027-06-14,nan"), ["days.csv", "2027-06-14"]),
    "a price beyond belief": (small.days().replace("2027-06-14,40", "2027-06-14,4e30"), ["days.csv", "4e+30"]),
    "an empty file": ("", ["days.csv", "empty"]),
    "not text": ("\x00\x01\x02", ["days.csv"]),
}


def refused(command: Command, home: Path, words: list[str]) -> None:
    """Solving and checking say the same faults, and touch nothing."""
    before = contents(home)
    solved = command("solve", home / "scenario", "--out", home / "plan")
    checked = command("check", home / "scenario", "--json")
    assert (solved.code, checked.code) == (2, 2)
    assert contents(home) == before
    *lines, last = [line for line in solved.err.splitlines() if line != "reading and compiling ..."]
    assert lines
    assert all(FAULT.match(line) for line in lines), lines
    assert last.startswith(f"{len(lines)} fault")
    assert any(all(word in line for word in words) for line in lines), lines
    assert len(checked.json["faults"]) == len(lines)
    assert all(set(fault) == {"place", "found", "expected", "fix"} for fault in checked.json["faults"])
    assert all(all(fault.values()) for fault in checked.json["faults"])


@pytest.mark.parametrize(("document", "words"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_a_bad_document_is_refused(
    document: dict[str, Any] | str, words: list[str], plan: Path, tmp_path: Path, command: Command
) -> None:
    small.write(tmp_path / "scenario", document)
    refused(command, tmp_path, words)


@pytest.mark.parametrize(("series", "words"), SERIES.values(), ids=SERIES)
def test_a_bad_series_is_refused(series: str, words: list[str], plan: Path, tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario", series=series)
    refused(command, tmp_path, words)


def hours(repeat: Callable[[str], int]) -> str:
    """Hours of November 2027 by the clock of Chicago, where the hour from one to two comes twice on the 7th."""
    stamps = [f"2027-11-{day:02d} {hour:02d}:00" for day in range(1, 31) for hour in range(24)]
    rows = [f"{stamp},40,25" for stamp in stamps for _ in range(repeat(stamp))]
    return "\n".join(["day,price_usd_per_mwh,ambient_c", *rows]) + "\n"


AUTUMN = small.changed(
    ("horizon.start", "2027-11"),
    ("horizon.time_zone", "America/Chicago"),
    ("series.price.time_zone", "America/Chicago"),
    ("series.ambient.time_zone", "America/Chicago"),
    ("contracts", []),
)


@pytest.mark.parametrize(("times", "code"), [(1, 2), (2, 0), (3, 2)])
def test_the_hour_that_clocks_repeat_stands_twice(times: int, code: int, tmp_path: Path, command: Command) -> None:
    series = hours(lambda stamp: times if stamp == "2027-11-07 01:00" else 1)
    small.write(tmp_path / "scenario", AUTUMN, series)
    if code:
        refused(command, tmp_path, ["days.csv", "2027-11-07"])
    else:
        assert command("check", tmp_path / "scenario").code == 0


def test_an_hour_that_clocks_skip_is_refused(tmp_path: Path, command: Command) -> None:
    spring = small.changed(*SPRING.items())
    stamps = [f"2027-03-{day:02d} {hour:02d}:00" for day in range(1, 32) for hour in range(24)]
    series = "\n".join(["day,price_usd_per_mwh,ambient_c", *[f"{stamp},40,25" for stamp in stamps]]) + "\n"
    small.write(tmp_path / "scenario", spring, series)
    refused(command, tmp_path, ["days.csv", "2027-03-14T02:00", "spring"])


SPRING = {
    "horizon.start": "2027-03",
    "horizon.time_zone": "America/Chicago",
    "series.price.time_zone": "America/Chicago",
    "series.ambient.time_zone": "America/Chicago",
    "contracts": [],
}


def test_numbers_words_and_times_mean_what_people_mean(tmp_path: Path, command: Command) -> None:
    text = replaced('"opening_cash_usd": 1000000.0', '"opening_cash_usd": 1e6')
    text = text.replace('"name": "small"', '"name": NO, "description": 12:30').replace('"name": "lab"', '"name": off')
    small.write(tmp_path / "scenario", text)
    ran = command("check", tmp_path / "scenario", "--json")
    assert (ran.code, ran.json["name"]) == (0, "NO")
    from allocator.scenario.load import load_scenario

    scenario = load_scenario(tmp_path / "scenario").scenario
    assert scenario.finance.opening_cash_usd == 1e6
    assert (scenario.description, scenario.contracts[1].name) == ("12:30", "off")


def test_all_faults_come_at_once(tmp_path: Path, command: Command) -> None:
    document = small.changed(
        ("sites.0.power_limit_mw", -1),
        ("fleets.0.equipment", "s12"),
        ("contracts.0.last_service", "2027-05"),
        ("finance.colour", "red"),
    )
    small.write(tmp_path / "scenario", document)
    ran = command("check", tmp_path / "scenario", "--json")
    places = " ".join(fault["place"] for fault in ran.json["faults"])
    for place in ("sites[0].power_limit_mw", "fleets[0].equipment", "contracts[0].last_service", "finance.colour"):
        assert place in places


def test_bytes_that_are_no_text_are_refused(tmp_path: Path, command: Command) -> None:
    small.write(tmp_path / "scenario")
    (tmp_path / "scenario" / "scenario.yaml").write_bytes(b"version: 1\nname: \xff\xfe\n")
    refused(command, tmp_path, ["scenario.yaml"])


def test_a_scenario_that_is_not_there_is_told_with_the_nearest_bundled_one(tmp_path: Path, command: Command) -> None:
    ran = command("check", "scenarios/texas_pivots")
    assert ran.code == 2
    assert "scenarios/texas_pivot" in ran.err
    assert ran.err.count("scenarios/") < 4


OPTIONS = {
    "backend nope": ["no backend nope", "highs"],
    "backend pulp:GUROBI": ["not installed"],
    "method guess": ["guess", "monolithic"],
    "gap 5": ["5.0", "0<=x<=1"],
    "gap nan": ["nan"],
    "time-limit 0": ["0.0", "x>0"],
    "time-limit nan": ["nan"],
    "threads 0": ["0", "1<=x"],
    "threads 1000000": ["1000000"],
    "workers 0": ["0", "1<=x"],
    "seed 99999999999": ["99999999999"],
    "hours soon": ["'soon'", "3 to 366"],
    "hours 2": ["'2'", "3 to 366"],
}


@pytest.mark.parametrize(("option", "words"), OPTIONS.items(), ids=OPTIONS)
def test_an_option_out_of_range_is_refused(
    option: str, words: list[str], solved: Path, plan: Path, tmp_path: Path, command: Command
) -> None:
    before = contents(tmp_path)
    name, value = option.split(" ")
    ran = command("solve", solved / "scenario", "--out", plan, f"--{name}", value)
    assert ran.code == 2
    assert all(word in ran.err for word in words), ran.err
    assert "Traceback" not in ran.err
    assert command("solve", solved / "scenario", "--out", plan, f"--{name}", value, "--json").json["exit_code"] == 2
    assert contents(tmp_path) == before

"""`allocator calibrate` and `allocator tree`: a request gives a fragment that a scenario takes, the same every time."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from allocator.scenario.load import load_scenario
from tests.cli.conftest import Command
from tests.instance.scenario_files import document, write

REQUEST: dict[str, Any] = {
    "version": 1,
    "as_of": "2027-12-31",
    "author": "treasury",
    "series": {
        name: {"kind": "file", "file": "past.csv", "column": name, "unit": unit, "time_column": "day",
               "time_zone": "UTC"}
        for name, unit in (("btc", "USD"), ("difficulty", "1"), ("h100", "USD/GPU/h"))
    },
    "processes": {
        "btc_price": {
            "kind": "jump_diffusion", "series": "btc", "treatment": "branched",
            "said": [
                {"figure": "implied_volatility_per_year", "basis": "market", "value": 0.5, "date": "2027-12-30",
                 "author": "options desk", "source": "one-year at the money", "use": True},
                {"figure": "volatility_per_year", "basis": "view", "value": 0.7, "date": "2027-12-01",
                 "author": "board"},
            ],
        },
        "difficulty": {"kind": "price_response", "series": "difficulty", "price_series": "btc",
                       "treatment": "averaged"},
        "gpu_rental.h100": {"kind": "reverting", "series": "h100", "treatment": "branched"},
    },
    "hashprice_forward": {
        "date": "2027-12-30", "author": "desk", "start": "2028-03", "months": 3, "btc_price_usd": 90000.0,
        "fee_share_of_subsidy": 0.0, "halving_dates": [],
        "quotes": [{"month": "2028-03", "value": 50.0}, {"month": "2028-05", "value": 32.0}],
    },
}  # fmt: skip


def past() -> pd.DataFrame:
    """Six years of days: a price without jumps, difficulty that follows it, a rental rate that returns to its path."""
    rng, days = np.random.default_rng(4), 2190
    price = np.cumsum(rng.normal(0.0, 0.6 / np.sqrt(365.25), days))
    gap, rest = np.zeros(days), np.zeros(days)
    for day in range(1, days):
        gap[day] = gap[day - 1] + 0.006 * (0.7 * price[day - 1] - gap[day - 1]) + rng.normal(0.0, 0.004)
        rest[day] = 0.994 * rest[day - 1] + rng.normal(0.0, 0.02)
    day = np.datetime64("2022-01-01") + np.arange(days)
    return pd.DataFrame(
        {"day": day, "btc": 5e4 * np.exp(price), "difficulty": 1e14 * np.exp(gap), "h100": 2.5 * np.exp(rest)}
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    past().to_csv(tmp_path / "past.csv", index=False)
    return tmp_path


def asked(folder: Path, request: dict[str, Any]) -> Path:
    file = folder / "calibration.yaml"
    with file.open("w") as stream:
        YAML(typ="safe", pure=True).dump(request, stream)
    return file


def test_the_fragment_is_a_section_that_a_scenario_takes(folder: Path, command: Command) -> None:
    ran = command("calibrate", asked(folder, REQUEST))
    assert ran.code == 0
    fragment = YAML(typ="safe", pure=True).load(ran.out)
    changed = document()
    changed["bitcoin"] = {"kind": "network", "btc_price_usd": 9e4, "fee_share_of_subsidy": 0.0, "pool_fee_share": 0.0,
                          "sale_fee_share": 0.0, "halving_dates": [], **fragment["bitcoin"]}  # fmt: skip
    changed["uncertainty"] = {"kind": "sampled", "seed": 1, "branching": [{"month": 1, "children": 2}],
                              **fragment["uncertainty"]}  # fmt: skip
    (folder / "scenario").mkdir()
    scenario = load_scenario(write(folder / "scenario", changed)).scenario
    assert scenario.uncertainty is not None


def test_what_the_market_implies_stands_beside_history_and_views(folder: Path, command: Command) -> None:
    """No jumps were found, so options' volatility is the diffusion's."""
    found = command("calibrate", asked(folder, REQUEST), "--json").json["fragment"]["uncertainty"]
    assert found["btc_price"]["changes"]["volatility_per_year"] == pytest.approx(0.5, abs=0.01)
    about = [one for one in found["statements"] if one["figure"] == "btc_price.changes.volatility_per_year"]
    assert [(one["basis"], one["used"]) for one in about] == [("history", False), ("market", True), ("view", False)]
    assert [one["author"] for one in about] == ["treasury", "options desk", "board"]
    assert about[0]["value"] == pytest.approx(0.6, abs=0.05)


def test_forwards_imply_the_difficulty_at_which_bitcoin_pays_them(folder: Path, command: Command) -> None:
    found = command("calibrate", asked(folder, REQUEST), "--json").json["fragment"]["bitcoin"]["difficulty"]["by_month"]
    earned = 86400e15 * 3.125 / 2**32 * 90000.0
    assert found == pytest.approx([earned / 50.0, earned / 40.0, earned / 32.0], rel=1e-4)


def test_the_same_request_gives_the_same_words(folder: Path, command: Command) -> None:
    file = asked(folder, REQUEST)
    assert command("calibrate", file).out == command("calibrate", file).out


FAULTY: list[tuple[tuple[str | int, ...], Any, str]] = [
    (("processes", "btc_price", "series"), "bct", "did you mean 'btc'?"),
    (("processes", "btc_price", "kind"), "reverting", "jump_diffusion or historical"),
    (("processes", "btc_pric"), {"kind": "reverting", "series": "btc", "treatment": "branched"}, "'btc_pric'"),
    (("series", "btc", "file"), "../past.csv", "which leaves the folder"),
    (("series", "btc", "column"), "price", "no column 'price'"),
    (("as_of",), "2022-01-10", "too few"),
    (("author",), 5, "author"),
    (("processes", "btc_price", "said", 0, "figure"), "elasticity", "a figure of jump_diffusion"),
    (("processes", "btc_price", "said", 1, "use"), True, "one statement used"),
    (("processes", "btc_price", "said", 0, "value"), 0.0, "implied"),
    (("series", "btc", "column"), "day", "beside the one of times"),
]


@pytest.mark.parametrize(("path", "value", "words"), FAULTY, ids=[".".join(map(str, path)) for path, _, _ in FAULTY])
def test_faults_of_a_request_are_told(
    path: tuple[str | int, ...], value: Any, words: str, folder: Path, command: Command
) -> None:
    request: Any = copy.deepcopy(REQUEST)
    here = request
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = value
    ran = command("calibrate", asked(folder, request))
    assert ran.code == 2
    assert words in ran.err


def test_the_tree_of_a_scenario_is_shown_with_its_errors(folder: Path, command: Command) -> None:
    changed = document()
    del changed["horizon"]["periods"]
    law = {"kind": "reverting", "treatment": "branched", "half_life_months": 6.0, "volatility_per_year": 0.5}
    changed["uncertainty"] = {
        "kind": "sampled",
        "seed": 1,
        "branching": [{"month": 1, "children": 4}],
        "hashprice": law,
    }
    shown = command("tree", write(folder, changed))
    assert shown.code == 0
    assert "9 nodes, 4 leaves" in shown.out
    told = command("tree", folder, "--json").json
    assert told["periods"][0]["nodes"] == 1
    assert told["errors"][0]["deviation_tree"] == pytest.approx(told["errors"][0]["deviation_sample"], rel=0.05)


def test_a_scenario_without_uncertainty_has_no_tree(folder: Path, command: Command) -> None:
    ran = command("tree", write(folder))
    assert ran.code == 2
    assert "nothing is uncertain" in ran.err

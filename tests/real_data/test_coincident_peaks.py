"""The four coincident peaks of ERCOT: a plan that knows only in which hours they fell in years before misses those of
a summer that it has not seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ruamel.yaml import YAML

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.scenario.load import load_scenario

HAND = Path(__file__).parents[2] / "scenarios" / "hand" / "coincident_peaks"
RATE = 60e3
"""USD/MW-year, within what transmission service in ERCOT has cost."""
SUMMER = 2023


@pytest.fixture(scope="module")
def peaks(shared_data: Path) -> pd.DataFrame:
    return pd.read_csv(shared_data / "ercot_4cp_derived_2021_2024.csv", parse_dates=["hour_start_utc"])


@pytest.fixture(scope="module")
def plan(peaks: pd.DataFrame, shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """320 MW that earn 120 USD/MWh and 80 MW that earn 60 at hub West, through the summer to the January that is
    billed; candidate hours are those of the peaks of the two summers before."""
    folder = tmp_path_factory.mktemp("peaks")
    hub = pd.read_csv(
        shared_data / "ercot_hourly_2021_2024.csv.gz", usecols=["hour_start_utc", "rt_hb_west_usd_per_mwh"]
    )
    hub.assign(ambient_c=30.0).to_csv(folder / "hours.csv", index=False)
    before = peaks.loc[peaks["year"] < SUMMER, "hour_ending_local"]
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(HAND / "scenario.yaml")
    document["horizon"] = {"start": f"{SUMMER}-06", "months": 8, "time_zone": "America/Chicago"}
    document["bitcoin"]["usd_per_ph_day"] = 48
    stamps = {"kind": "file", "file": "hours.csv", "time_column": "hour_start_utc", "time_zone": "UTC"}
    document["series"] = {
        "price": {**stamps, "column": "rt_hb_west_usd_per_mwh", "unit": "USD/MWh"},
        "ambient": {**stamps, "column": "ambient_c", "unit": "C"},
    }
    window = {"kind": "window", "days": "all", "from_hour": int(before.min()) - 1, "to_hour": int(before.max()) + 1}
    document["sites"][0]["coincident_peaks"] = [{"name": "4cp", "usd_per_mw_year": RATE, "hours": window}]
    with (folder / "scenario.yaml").open("w") as stream:
        yaml.dump(document, stream)
    return solve_scenario(load_scenario(folder), request=SolveRequest(explains=False))


def test_the_real_peaks_of_the_summer_are_missed(plan: Outcome, peaks: pd.DataFrame) -> None:
    """The window of two hours holds all four peaks of the summer, and nothing is drawn in it."""
    real = peaks.loc[peaks["year"] == SUMMER, "hour_start_utc"]
    drawn = [plan.plan.dispatch["site", f"{SUMMER}-0{month}"]["hours"] for month in range(6, 10)]
    hours = pd.concat(drawn)
    at_peaks = hours[hours["utc"].isin(real)]
    assert len(at_peaks) == 4
    assert at_peaks["grid_mw"].max() == 0.0
    assert hours["grid_mw"].max() == pytest.approx(400.0)


def test_what_is_expected_to_be_due_is_paid_in_january(plan: Outcome) -> None:
    table, flow = plan.plan.tables["coincident_peaks"], plan.plan.tables["cash_flow"]
    assert set(table["due_month"]) == {f"{SUMMER + 1}-01"}
    paid = flow.loc[flow["line"] == "coincident_paid", "amount_usd"].sum()
    assert -paid == pytest.approx(table["due_usd"].sum())
    assert table["due_usd"].to_numpy() == pytest.approx(RATE / 4 * table["expected_mw"].to_numpy())
    assert np.mean(table["expected_mw"]) < 0.5

"""What the value hangs on with decisions held, and lists of what a plan has to keep or to pay beside its debt."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from allocator.pipeline.solve import solve_scenario
from allocator.plan.plan import Plan
from allocator.plan.schema import LINES
from allocator.reports import promises
from allocator.reports.figure import Figure
from allocator.reports.levers import LEVERS, levers, sensitivity
from allocator.scenario.load import load_scenario
from tests.reports.conftest import HAND
from tests.scenarios.cases import read_yaml


def higher(figure: Figure) -> Mapping[str, float]:
    """Change of the value by price, 10 % higher."""
    (found,) = (series for series in figure.series if series.name == "10 % higher")
    return {name: float(str(value)) for name, value in zip(figure.x, found.numbers, strict=True)}


def test_a_higher_rent_is_worth_what_the_same_plan_earns_when_it_is_solved_so(converted: Plan, tmp_path: Path) -> None:
    """The only tenant of the case is signed at either rent, so that nothing else changes: two routes to one number."""
    document = read_yaml(HAND / "retrofit" / "scenario.yaml")
    for contract in document["contracts"]:
        contract["rent_usd_per_kw_month"] *= 1.1
    (tmp_path / "scenario.yaml").write_text(json.dumps(document, default=str), encoding="utf-8")
    for file in (HAND / "retrofit").glob("*.csv"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    dearer = solve_scenario(load_scenario(tmp_path)).plan
    accepted = [set(plan.tables["contracts"].query("accepted")["contract"]) for plan in (converted, dearer)]
    assert accepted[0] == accepted[1]
    gained = dearer.meta.objective_usd - converted.meta.objective_usd
    assert higher(sensitivity(converted))["rent of tenants"] == pytest.approx(gained, rel=1e-9)


def test_the_price_that_moves_most_stands_first_and_both_ends_mirror_each_other(branching: Plan) -> None:
    figure = sensitivity(branching)
    low, high = (np.array(series.numbers, dtype=float) for series in figure.series[:2])
    assert low == pytest.approx(-high)
    assert list(abs(high)) == sorted(abs(high), reverse=True)
    flow = branching.tables["cash_flow"]
    for one in levers(branching):
        own = flow.loc[flow["line"].isin(LEVERS[one.name]), "discounted_usd"].sum()
        assert one.worth_usd == pytest.approx(own)


def test_prices_move_lines_of_the_cash_flow_in_their_own_direction() -> None:
    mixed = {name for name, lines in LEVERS.items() if {LINES[line].sign for line in lines} >= {1, -1}}
    assert mixed == {
        "hashprice",
        "Bitcoin, and hashprice with it",
        "energy, less what tenants repay",
        "machines",
    }


def with_table(plan: Plan, name: str, row: Mapping[str, object]) -> Plan:
    """The plan with one row in a table, at its last node; figures that are not given are 0."""
    table = plan.tables[name]
    blank = {column: 0.0 if table[column].dtype.kind == "f" else "" for column in table.columns}
    node = plan.tables["nodes"]["node"].iloc[-1]
    return replace(plan, tables={**plan.tables, name: pd.DataFrame([{**blank, "node": node, **row}])})


def test_peaks_tax_covenants_and_hedges_are_told_where_there_are_any(converted: Plan) -> None:
    month = str(converted.tables["nodes"]["start_month"].iloc[-1])
    peak = {"site": "s", "charge": "summer", "billed_mw": 4.0, "set_by": "metered", "charge_usd": 9e3}
    tested = {"covenant": "cover", "value_times": 1.5, "limit_times": 1.25, "headroom_usd": 7e5}
    held = {"hedge": "floor", "kind": "btc_put", "unit": "BTC", "bought_units": 2.0, "premium_usd": 1e3}
    peaks = promises.demand_charges(with_table(converted, "demand_charges", peak))
    caused = {"site": "s", "peak": "four", "due_month": "2028-01", "expected_mw": 4.0, "due_usd": 8e3}
    shared = promises.coincident_peaks(with_table(converted, "coincident_peaks", caused))
    taxed = promises.tax(with_table(converted, "tax", {"income_usd": 4e6, "tax_usd": 1e6}))
    covered = promises.covenants(with_table(converted, "covenants", tested))
    hedged = promises.hedges(with_table(converted, "hedges", held))
    assert peaks is not None
    assert shared is not None
    assert shared.rows == (("2028-01", "s", "four", 4.0, 8e3),)
    assert taxed is not None
    assert covered is not None
    assert hedged is not None
    assert peaks.rows == (("s", "summer", 4.0, month, "metered", 9e3),)
    assert taxed.rows[-1] == (month[:4], 4e6, 0.0, 1e6)
    assert covered.rows == (("cover", month, 1.5, 1.25, 7e5, "0 of 1"),)
    assert hedged.rows[0][:5] == ("floor", "btc put", 0.0, 2.0, "BTC")
    assert promises.demand_charges(converted) is promises.tax(converted) is promises.limited_chances(converted) is None

"""The month table of miners: by hand on a small plan, and figure by figure against the tables of a tree."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pandas as pd
import pytest

from allocator.plan.plan import Plan
from allocator.plan.schema import LINES, OPERATING_LINES
from allocator.reports.investor import CREDIT_LINES, POWER_LINES, RESPONSE_LINES, investor_months
from allocator.reports.periods import periods
from tests.cli.conftest import Command
from tests.verify.vault import vault


def test_the_figures_of_a_plan_made_by_hand() -> None:
    """Two MW at 50 PH/s a MW: 0.1 EH/s at 20 J/TH, 1.2 BTC a month of 720 h; energy at 20 and 30 USD/MWh.

    0.6 BTC are kept in the first two months, 2 and 1 are sold from holdings of 20.
    """
    tables = vault().frames()[0]
    found = investor_months(tables, periods(tables["nodes"]))
    assert found.months == ("2027-01", "2027-02", "2027-03")
    assert found.produced_btc == pytest.approx((1.2, 1.2, 1.2))
    assert found.btc_per_day == pytest.approx((1.2 / 31, 1.2 / 28, 1.2 / 31))
    assert found.sold_btc == pytest.approx((2.6, 1.6, 1.2))
    assert found.average_usd_per_btc == pytest.approx((60e3, 54e3, 66e3))
    assert found.held_btc == pytest.approx((18.6, 18.2, 18.2))
    assert found.operating_eh_per_s == pytest.approx((0.1, 0.1, 0.1))
    assert found.fleet_j_per_th == pytest.approx((20.0, 20.0, 20.0))
    assert found.power_usd == pytest.approx((2 * 360 * 50.0,) * 3)
    assert found.all_in_c_per_kwh == pytest.approx((2.5, 2.5, 2.5))
    assert found.change(found.produced_btc, 1) == (None, pytest.approx(0.0), pytest.approx(0.0))
    assert found.change(found.held_btc, 12) == (None, None, None)


def test_credits_lower_the_cost_and_energy_that_is_called_is_not_bought() -> None:
    tables = vault().frames()[0]
    flow = tables["cash_flow"]
    row = flow[flow["line"] == "power_cost"].iloc[[0]]
    amounts = {"reserve_sales": 500.0, "reserve_called": 100.0, "reserve_saved_energy": 40.0, "block_settlement": -60.0}
    more = [row.assign(line=line, amount_usd=usd) for line, usd in amounts.items()]
    tables["cash_flow"] = pd.concat([flow, *more], ignore_index=True)
    cells = {name: [0.0] for name in tables["reserves"].columns}
    called = {**cells, "node": ["2027-01"], "site": ["site0"], "service": ["fast"], "called_mwh": [40.0]}
    tables["reserves"] = pd.DataFrame(called)
    found = investor_months(tables, periods(tables["nodes"]))
    assert found.demand_response_usd == (600.0, 0.0, 0.0)
    assert found.power_credits_usd == (-60.0, 0.0, 0.0)
    assert found.power_usd[0] == pytest.approx(36_000.0 - 40.0)
    assert found.metered_mwh[0] == pytest.approx(1440.0 - 40.0)
    assert found.all_in_c_per_kwh[0] == pytest.approx((35_960.0 + 60.0 - 600.0) / 1400.0 / 10.0)


def test_figures_on_a_tree_are_expected_over_its_nodes(plans: dict[str, Plan]) -> None:
    tables = plans["chance_of_call"].tables
    found, nodes = investor_months(tables, periods(tables["nodes"])), tables["nodes"]
    for k, month in enumerate(found.months):
        own = nodes[nodes["start_month"] == month]
        chance = dict(zip(own["node"], own["probability"], strict=True))
        held, made, rate, flow = (tables[name] for name in ("treasury", "production", "hashrate", "cash_flow"))

        def mean(rows: pd.DataFrame, column: str, chance: dict[str, float] = chance) -> float:
            here = rows[rows["node"].isin(list(chance))]
            return math.fsum(chance[node] * value for node, value in zip(here["node"], here[column], strict=True))

        assert found.produced_btc[k] == pytest.approx(mean(made, "mined_btc"))
        assert found.held_btc[k] == pytest.approx(mean(held, "closing_btc"))
        assert found.sold_btc[k] == pytest.approx(mean(held, "market_btc"))
        assert found.deployed_eh_per_s[k] == pytest.approx(mean(rate, "deployed_ph_per_s") / 1e3)
        assert found.operating_eh_per_s[k] == pytest.approx(mean(rate, "operating_ph_per_s") / 1e3)
        assert found.power_usd[k] == pytest.approx(-mean(flow[flow["line"].isin(POWER_LINES)], "amount_usd"))


def test_lines_of_power_are_lines_and_stand_once() -> None:
    lines = [*POWER_LINES, *CREDIT_LINES, *RESPONSE_LINES]
    assert len(set(lines)) == len(lines)
    assert set(lines) <= set(LINES)
    assert {*POWER_LINES, *RESPONSE_LINES} <= set(OPERATING_LINES)


def test_the_command_prints_the_table_and_writes_it(solved: Path, tmp_path: Path, command: Command) -> None:
    ran = command("investor", solved / "plan", "--csv", tmp_path / "months.csv")
    assert ran.code == 0, ran.err
    assert "EH/s deployed" in ran.out
    with (tmp_path / "months.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["month"] for row in rows] == ["2027-06"]
    assert float(rows[0]["deployed_eh_per_s"]) == pytest.approx(1000 * 200 / 1e6)
    assert rows[0]["produced_btc"] == ""
    shown = command("investor", solved / "plan", "--json").json
    assert shown["months"][0]["fleet_j_per_th"] == pytest.approx(17.5)
    assert command("investor", tmp_path).code == 2
    assert command("investor", solved / "plan", "--csv", tmp_path / "none" / "months.csv").code == 1

"""The page of a plan agrees with its tables, from memory and from disk."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from allocator.plan.frames import from_rows
from allocator.plan.plan import Plan
from allocator.plan.reader import read_plan
from allocator.plan.schema import TABLES, USES
from allocator.plan.summary import summarise
from allocator.plan.writer import write_plan


def test_sources_add_up_to_the_objective(plan: Plan) -> None:
    summary = summarise(plan)
    assert math.fsum(source.total_usd for source in summary.sources) == pytest.approx(plan.meta.objective_usd)
    within = math.fsum(source.within_usd for source in summary.sources)
    assert within == pytest.approx(plan.meta.without_terminal_usd)


def test_every_contract_is_accepted_or_refused_with_a_reason(plan: Plan) -> None:
    summary = summarise(plan)
    assert [line.contract for line in summary.accepted] == ["tenant"]
    assert summary.accepted[0].halls == ("barn",)
    assert [line.contract for line in summary.refused] == ["whale", "penny", "rival", "late"]
    assert all(line.reason for line in summary.contracts)


def test_megawatts_of_a_year_are_energy_over_its_hours(plan: Plan) -> None:
    (year,) = summarise(plan).uses
    assert year.year == 2027
    assert list(year.gross_mw) == list(USES)
    assert year.gross_mw["ai_colocation"] == pytest.approx(1.6 * 1.2 * 4 / 6)
    assert year.gross_mw["no_load"] == pytest.approx(0.1 * 4 / 6)


def test_conversions_and_tight_limits_are_listed(plan: Plan) -> None:
    summary = summarise(plan)
    assert [(c.hall, c.to_fit_out, c.ready_node) for c in summary.conversions] == [("barn", "gpu", "2027-03")]
    assert summary.tightness.reserved == {"site0": (2.8, 12.0, "2027-03")}
    assert summary.tightness.least_cash[1] == "2027-03"


def test_a_dollar_of_cash_throughout_is_worth_the_sum_over_nodes_and_told_from_a_cent_on(plan: Plan) -> None:
    rows = [
        {
            "subject": "company",
            "quantity": "cash",
            "unit": "USD/USD",
            "node": node,
            "value_usd_per_unit": worth,
            "basis": "",
        }
        for node, worth in (("2027-01", 0.003), ("2027-02", 0.2))
    ]
    for told, expected in ((rows, [pytest.approx(0.203)]), (rows[:1], [])):
        tables = {**plan.tables, "marginal_values": from_rows(TABLES["marginal_values"], told)}
        assert [found.value_usd_per_unit for found in summarise(replace(plan, tables=tables)).binding] == expected


def test_a_plan_read_from_disk_has_the_same_page(plan: Plan, tmp_path: Path) -> None:
    write_plan(plan, tmp_path)
    assert summarise(read_plan(tmp_path)) == summarise(plan)

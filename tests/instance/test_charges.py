"""Charges on peaks, of the site and of the whole system, from files to the instance: worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from allocator.instance.site_node import site_node
from allocator.scenario.faults import ScenarioFaults
from tests.instance.scenario_files import compiled, document, hours


def test_a_demand_charge_counts_hours_of_its_window_and_is_billed_in_its_months(tmp_path: Path) -> None:
    """Weekday afternoons of April and May: 21 days from 3 April, 20 weekdays and 23 in May; rates by month, USD/kW."""
    charge = {"name": "peak", "usd_per_kw_month": {"by_month": [9.0, 10.0, 12.0]}, "months": [4, 5], "days": "weekdays"}
    changed = document()
    changed["sites"][0]["demand_charges"] = [{**charge, "from_hour": 12, "to_hour": 18}]
    instance = compiled(tmp_path, changed)
    demand = instance.demand
    assert demand.billed.tolist() == [[False, True]]
    assert demand.usd_per_mw.tolist() == [[0.0, 22e3]]
    assert demand.beyond_usd_per_mw_year.tolist() == [24e3]
    assert not site_node(instance, 0, 0).peaks
    (peak,) = site_node(instance, 0, 1).peaks
    assert peak.counts.sum() == 6 * (20 + 23)
    (remark,) = [remark for remark in instance.remarks if "demand charge" in remark]
    assert remark.startswith("site west: peaks of demand charges are kept knowing all hours of a period")


def test_a_ratchet_looks_back_over_its_months_and_over_what_was_billed_before(tmp_path: Path) -> None:
    """March looks back to the 12 MW of January and the 6 of February, April only to March and February."""
    ratchet = {"share": 0.5, "months": 2, "opening_billed_mw": [12.0, 6.0]}
    changed = document()
    changed["sites"][0]["demand_charges"] = [
        {"name": "peak", "usd_per_kw_month": 9.0, "ratchet": ratchet, "opening_peak_mw": 4.0},
        {"name": "short", "usd_per_kw_month": 9.0, "ratchet": {"share": 1.0, "months": 1}},
    ]
    demand = compiled(tmp_path, changed).demand
    assert demand.least_mw.tolist() == [[6.0, 3.0], [0.0, 0.0]]
    assert demand.ratchet_share.tolist() == [0.5, 1.0]
    assert demand.reach.tolist() == [[0, 0, 1], [1, 0, 1]]


def test_the_probability_of_an_hour_times_the_rate_is_due_in_the_next_january(tmp_path: Path) -> None:
    """April and May at 12,000 and 24,000 USD/MW-year, half of each; weekdays 15 to 17 h: 40 hours in April, 46 in May.
    The horizon ends before January 2029, 10.5 months after its start."""
    peak = {
        "name": "2cp",
        "usd_per_mw_year": {"by_month": [9e3, 12e3, 24e3]},
        "months": [4, 5],
        "opening_owed_usd": 500,
    }
    changed = document()
    changed["sites"][0]["coincident_peaks"] = [
        {**peak, "hours": {"kind": "window", "from_hour": 15, "to_hour": 17}},
    ]
    instance = compiled(tmp_path, changed)
    stated, rate = instance.coincident, changed["discount"]["operations_per_year"]
    assert (stated.node.tolist(), stated.due_month.tolist(), stated.paid.tolist()) == ([1], [10], [])
    (due,) = stated.due_usd_per_mw
    assert sorted(set(due.tolist())) == pytest.approx([0.0, 6e3 / 40, 12e3 / 46])
    assert due.sum() == pytest.approx(18e3)
    worth = (1 + rate) ** -((10.5 - instance.tree.mid_years[1] * 12) / 12)
    assert stated.put_off_share == pytest.approx([worth])
    assert stated.left.tolist() == [[0, 1]]
    assert stated.opening_left.tolist() == [[0, 1]]
    here = site_node(instance, 0, 1)
    adder = here.price_usd_per_mwh - instance.hours.price(0, 1)
    assert adder == pytest.approx(due * worth)
    assert adder == pytest.approx(here.price_usd_per_mwh - here.paid_usd_per_mwh)


def test_probabilities_of_a_month_sum_to_one_or_are_refused(tmp_path: Path) -> None:
    """Two hours of April, told at 0.3 and 0.7; days that stand for others share what all hours of the month would."""
    table = hours()
    table["likely"] = 0.0
    table.loc[table["utc"].isin(["2028-04-12T20:00:00", "2028-04-20T21:00:00"]), "likely"] = [0.3, 0.7]
    changed = document()
    changed["series"]["likely"] = {**changed["series"]["spot"], "column": "likely", "unit": "1"}
    peak = {
        "name": "1cp",
        "usd_per_mw_year": 1e4,
        "months": [4],
        "hours": {"kind": "probabilities", "series": "likely"},
    }
    changed["sites"][0]["coincident_peaks"] = [peak]
    (due,) = compiled(tmp_path, changed, table).coincident.due_usd_per_mw
    assert due[due > 0].tolist() == pytest.approx([3e3, 7e3])
    with pytest.raises(ScenarioFaults) as refused:
        compiled(tmp_path, changed, table.assign(likely=table["likely"] / 2))
    assert "site west, coincident peak 1cp" in str(refused.value)
    assert "0.5 in 2028-04" in str(refused.value)

"""Every kind of bad input is a fault that says where, what stands there, what was expected and what to do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from allocator.scenario.load import load_scenario
from tests.scenario.documents import DELETED, DOCUMENT, changed, faults, put, write

HALL = "sites.0.halls.0"
OPTION = f"{HALL}.options.1"
BATTERY = {
    "power_mw": 5,
    "energy_mwh": 8,
    "charge_efficiency_share": 0.9,
    "discharge_efficiency_share": 0.9,
    "wear_usd_per_mwh": 0,
}

FEEDER = {"name": "bus", "limit_mw": 40, "halls": ["barn"]}
RESERVE = {"name": "fast", "price": {"series": "price"}}
JOB = {"name": "train", "work_mwh_per_month": 500, "rate_usd_per_mwh": 300}
PLANT = {"name": "tower", "loop": "air", "heat_limit_mw": 20, "halls": ["barn", "annex"]}

CHARGE = {"name": "peak", "usd_per_kw_month": 10}
SYSTEM: dict[str, Any] = {
    "name": "4cp", "usd_per_mw_year": 6e4, "hours": {"kind": "window", "from_hour": 15, "to_hour": 18},
}  # fmt: skip
NO_HOUR = {"kind": "window", "from_hour": 15, "to_hour": 15}
PRICES = {"kind": "probabilities", "series": "price"}
BLOCK = {"name": "supplier", "mw": 5, "fixed_usd_per_mwh": 40, "first_month": "2027-01", "last_month": "2027-06"}
FIELDS: list[tuple[str, Any, list[str]]] = [
    # wrong types
    ("finance.opening_cash_usd", "60e6", ["finance.opening_cash_usd", "'60e6'", "a number"]),
    ("finance.opening_cash_usd", True, ["found true", "a number"]),
    ("finance.opening_cash_usd", None, ["nothing (null)", "a number"]),
    ("sites.0.power_limit_mw", [60], ["a list of 1", "a number"]),
    ("horizon.months", 12.5, ["horizon.months", "12.5", "a whole number"]),
    ("contracts.0.must_accept", "yes", ["'yes'", "true or false"]),
    ("name", 5, ["name", "5", "text"]),
    ("sites", {}, ["sites", "a list"]),
    ("sites", [], ["sites", "at least 1 entries"]),
    ("equipment", [], ["equipment", "a mapping"]),
    ("sites.0", "west", ["sites[0]", "'west'", "a mapping"]),
    # numbers out of bounds
    ("sites.0.power_limit_mw", float("nan"), ["sites[0].power_limit_mw", "NaN or infinity"]),
    ("sites.0.power_limit_mw", float("inf"), ["NaN or infinity"]),
    ("sites.0.power_limit_mw", -100, ["-100", "above 0"]),
    ("sites.0.power_limit_mw", 10**400, ["sites[0].power_limit_mw"]),
    ("sites.0.energy_budget_mwh_per_month", -5, ["sites[0].energy_budget_mwh_per_month", "-5", "at least 0"]),
    ("sites.0.battery", {**BATTERY, "power_mw": 0}, ["sites[0].battery.power_mw", "0", "above 0"]),
    ("sites.0.battery", {**BATTERY, "charge_efficiency_share": 1.2}, ["charge_efficiency_share", "1.2", "at most 1"]),
    ("sites.0.battery", {**BATTERY, "discharge_efficiency_share": 0}, ["discharge_efficiency_share", "0", "above 0"]),
    ("sites.0.battery", {**BATTERY, "opening_stored_share": -0.1}, ["opening_stored_share", "-0.1", "at least 0"]),
    ("sites.0.battery", {**BATTERY, "capture_share": 1.3}, ["sites[0].battery.capture_share", "1.3", "at most 1"]),
    ("sites.0.battery", {**BATTERY, "energy": 8}, ["the unknown field 'energy'", "did you mean 'energy_mwh'?"]),
    ("sites.0.battery", {**BATTERY, "available_from": "2028-01"}, ["available_from", "2028-01", "up to 2027-12"]),
    (
        "sites.0.battery",
        {**BATTERY, "charge_power_mw": 0.1, "standing_loss_share_per_hour": 0.05},
        ["standing_loss_share_per_hour", "0.05, which takes 0.228 MW to make up", "the charging power, 0.1 MW"],
    ),
    ("sites.0.feeders", [{**FEEDER, "limit_mw": 0}], ["sites[0].feeders[0].limit_mw", "0", "above 0"]),
    ("sites.0.feeders", [{**FEEDER, "halls": ["bern"]}], ["feeders[0].halls[0]", "'bern'", "did you mean 'barn'?"]),
    ("sites.0.feeders", [{**FEEDER, "halls": ["barn", "barn"]}], ["feeders[0].halls[1]", "'barn' a second time"]),
    ("sites.0.feeders", [FEEDER, FEEDER], ["sites[0].feeders[1].name", "'bus' a second time", "over all sites"]),
    ("sites.0.feeders", [{**FEEDER, "feeders": ["buss"]}], ["feeders[0].feeders[0]", "did you mean 'bus'?"]),
    ("sites.0.feeders", [{**FEEDER, "feeders": ["bus"]}], ["feeders[0].feeders", "'bus', which hangs on itself"]),
    ("sites.0.feeders", [{**FEEDER, "halls": []}], ["sites[0].feeders[0]", "'bus' without a hall", "add halls"]),
    ("sites.0.plants", [{**PLANT, "loop": "water"}], ["sites[0].plants[0].loop", "'water'", "'air' or 'liquid'"]),
    ("sites.0.plants", [{**PLANT, "halls": []}], ["sites[0].plants[0].halls", "at least 1 entries"]),
    ("sites.0.plants", [{**PLANT, "halls": ["west"]}], ["plants[0].halls[0]", "'west'", "a hall of the same site"]),
    ("sites.0.plants", [PLANT, PLANT], ["sites[0].plants[1].name", "'tower' a second time", "over all sites"]),
    ("sites.0.plants", [{**PLANT, "heat_limit_mw": [[30, 9], [20, 12]]}], ["heat_limit_mw", "rise from point to"]),
    ("sites.0.plants", [{**PLANT, "heat_limit_mw": -2}], ["plants[0].heat_limit_mw", "-2", "at least 0"]),
    (f"{HALL}.options.0.it_limit_mw", -1, ["options[0].it_limit_mw", "-1", "at least 0"]),
    ("contracts.0.critical_it_mw", 0, ["above 0"]),
    ("contracts.0.ramp", [0.5, 1.5], ["ramp[1]", "1.5", "at most 1"]),
    ("contracts.0.credit_probability", 1.1, ["credit_probability", "at most 1"]),
    ("contracts.0.pass_through_share", -0.1, ["at least 0"]),
    ("contracts.0.gross_up", 0.9, ["gross_up", "at least 1"]),
    ("equipment.s21.uptime_share", 0, ["uptime_share", "above 0"]),
    ("discount.operations_per_year", 12, ["discount.operations_per_year", "at most 1"]),
    ("horizon.months", 0, ["at least 1"]),
    ("fit_outs.retrofit.overhead", -0.1, ["overhead", "at least 0"]),
    ("fit_outs.air_barn.heat_derate", [[30, 1.0], [20, 0.7]], ["heat_derate", "rise from point to point"]),
    ("bitcoin.usd_per_ph_day", "45", ["bitcoin.usd_per_ph_day", "'45'", "a number"]),
    ("bitcoin.usd_per_ph_day", {"by_months": [1]}, ["bitcoin.usd_per_ph_day", "by_month"]),
    ("bitcoin.usd_per_ph_day", {"by_month": [45.0] * 11}, ["usd_per_ph_day.by_month", "11 values", "12 months"]),
    ("bitcoin.usd_per_ph_day", {"by_month": [45.0] * 11 + ["x"]}, ["by_month[11]", "'x'", "a number"]),
    ("bitcoin.halving_dates", ["2028-02-30"], ["halving_dates[0]", "'2028-02-30'", "YYYY-MM-DD"]),
    # unknown and missing fields
    ("sites.0.power_limt_mw", 100, ["the unknown field 'power_limt_mw'", "did you mean 'power_limit_mw'?"]),
    ("bitcoin.usd_per_ph_dy", 45, ["did you mean 'usd_per_ph_day'?"]),
    ("series.price.colum", "x", ["series.price.colum", "did you mean 'column'?"]),
    ("horizon.hours", {"representative_day": 4}, ["horizon.hours", "representative_days"]),
    ("horizon.hours", "all", ["horizon.hours", "'all'", "'full'"]),
    ("sites.0.name", DELETED, ["sites[0]", "no 'name'", "add name"]),
    ("terminal", DELETED, ["no 'terminal'"]),
    ("bitcoin.kind", "hashprise", ["bitcoin.kind", "'hashprise'", "did you mean 'hashprice'?"]),
    ("finance.minimum_cash_rule", {"kind": "soft"}, ["minimum_cash_rule.kind", "'soft'", "hard or priced or chance"]),
    ("finance.minimum_cash_rule", {"kind": "priced", "penalty_per_usd": 0.5}, ["penalty_per_usd", "at least 1"]),
    (
        "finance.minimum_cash_rule",
        {"kind": "chance", "most_missing_usd": 1e6},
        ["finance.minimum_cash_rule", "chance without a probability", "probability_of_path: 0.05"],
    ),
    ("finance.minimum_cash_rule", {"kind": "chance", "probability_of_path": 5, "most_missing_usd": 1}, ["at most 1"]),
    ("treasury", {"opening_btc": 5}, ["treasury", "bitcoin.kind: hashprice", "bitcoin.kind: network"]),
    ("treasury", {}, ["treasury", "no 'opening_btc'"]),
    ("treasury", {"opening_btc": 5, "policy": {"kind": "hodl"}}, ["treasury.policy.kind", "'hodl'", "hold_share"]),
    ("treasury", {"opening_btc": 5, "floor_btc": 6}, ["treasury.floor_btc", "6", "at most opening_btc, 5"]),
    (
        "treasury",
        {"opening_btc": 5, "policy": {"kind": "fixed_schedule", "sell_btc_by_month": [2, 4]}},
        ["treasury.policy.sell_btc_by_month", "6 BTC within the horizon", "at most 5 BTC together"],
    ),
    (
        "treasury",
        {"opening_btc": 5, "slippage": [{"btc_per_day": 3, "cost_share": 0.2}, {"cost_share": 0.1}]},
        ["treasury.slippage[1].cost_share", "0.1", "no less than 0.2"],
    ),
    (
        "treasury",
        {"opening_btc": 5, "slippage": [{"btc_per_day": 3, "cost_share": 0.2}]},
        ["treasury.slippage[0].btc_per_day", "a last part of 3 BTC per day", "takes what is left"],
    ),
    (
        "treasury",
        {"opening_btc": 5, "slippage": [{"cost_share": 0.1}, {"cost_share": 0.2}]},
        ["treasury.slippage[0].btc_per_day", "no size"],
    ),
    ("bitcoin.kind", DELETED, ["bitcoin", "no 'kind'"]),
    ("series.price.kind", "table", ["series.price.kind", "'table'", "file or profile"]),
    ("contracts.0.kind", "lease", ["contracts[0].kind", "'lease'", "'colocation'"]),
    ("fit_outs.air_barn.kind", "steam", ["fit_outs.air_barn.kind", "'steam'"]),
    # text that is read as people mean it, and still is no month, zone or unit
    ("horizon.start", "12:30", ["horizon.start", "'12:30'", "YYYY-MM"]),
    ("horizon.start", 2027, ["horizon.start", "2027", "YYYY-MM"]),
    ("horizon.time_zone", "Texas", ["horizon.time_zone", "'Texas'", "IANA"]),
    ("series.price.time_zone", "-25:00", ["series.price.time_zone"]),
    ("series.price.unit", "EUR/MWh", ["series.price.unit", "'EUR/MWh'", "'USD/MWh'"]),
    # names
    ("sites.0.name", " west", ["sites[0].name", "without blanks"]),
    ("sites.0.name", "we/st", ["sites[0].name", "without / or"]),
    ("sites.0.name", "a\nb", ["sites[0].name", "control characters"]),
    ("sites.0.name", "", ["sites[0].name", "at least 1 characters"]),
    (f"{HALL}.name", "annex", ["sites[0].halls[1].name", "'annex' a second time", "over all sites"]),
    (f"{HALL}.name", "storage", ["halls[0].name", "storage"]),
    ("contracts.1.name", "anchor", ["contracts[1].name", "'anchor' a second time"]),
    (f"{HALL}.fit_out", "air_bran", ["halls[0].fit_out", "'air_bran'", "did you mean 'air_barn'?"]),
    (f"{OPTION}.fit_out", "retrofitted", ["options[1].fit_out", "did you mean 'retrofit'?"]),
    (f"{OPTION}.fit_out", "air_barn", ["options[1].fit_out", "'air_barn' a second time"]),
    ("fleets.0.equipment", "s12", ["fleets[0].equipment", "'s12'", "did you mean 's21'?"]),
    ("fleets.0.hall", "bern", ["fleets[0].hall", "did you mean 'barn'?"]),
    ("equipment.s21.catalogue", "antminer_s21x", ["equipment.s21.catalogue", "did you mean 'antminer_s21'?"]),
    ("equipment.gb200.rental_market", "h200", ["equipment.gb200.rental_market", "did you mean 'h100'?"]),
    ("sites.0.price.series", "prise", ["sites[0].price.series", "did you mean 'price'?"]),
    ("bitcoin.usd_per_ph_day", {"series": "nothing"}, ["usd_per_ph_day.series", "'nothing'"]),
    ("sites.0.energy_budget_mwh_per_month", {"series": "price"}, ["'price' in USD/MWh", "a series in MWh"]),
    ("sites.0.energy_budget_mwh_per_month", {"by_month": [9e3] * 3}, ["per_month.by_month", "3 values", "12 months"]),
    ("sites.0.ambient.series", "price", ["sites[0].ambient.series", "'price' in USD/MWh", "C or F"]),
    ("contracts.0.fit_outs", ["retro"], ["contracts[0].fit_outs[0]", "did you mean 'retrofit'?"]),
    ("contracts.0.fit_outs", ["air_barn"], ["contracts[0].fit_outs[0]", "air_gpu or liquid_gpu"]),
    ("contracts.0.sites", ["east"], ["contracts[0].sites[0]", "'east'"]),
    ("contracts.0.sites", ["west", "west"], ["contracts[0].sites[1]", "a second time"]),
    ("one_of.0.contracts", ["anchor", "lap"], ["one_of[0].contracts[1]", "did you mean 'lab'?"]),
    ("one_of.0.contracts", ["anchor", "anchor"], ["one_of[0].contracts[1]", "a second time"]),
    ("fit_outs.air_gpu", {"kind": "liquid_gpu", "overhead": 0, "tenant_air_share": 0}, ["fit_outs.air_gpu"]),
    # grid
    ("horizon.periods", [{"months": 1, "count": 13}], ["horizon.periods", "13 months", "12 months"]),
    ("horizon.hours", {"representative_days": 29}, ["representative_days", "at most 28"]),
    ("horizon.hours", {"representative_days": 2}, ["representative_days", "at least 3"]),
    # halls
    (f"{OPTION}.conversion", DELETED, ["options[1]", "no conversion into 'retrofit'"]),
    (f"{OPTION}.conversion.downtime_months", 7, ["downtime_months", "7", "6 months"]),
    ("fit_outs.retrofit.tenant_air_share", DELETED, ["fit_outs.retrofit", "no 'tenant_air_share'"]),
    # equipment and fleets
    ("equipment.s21.resale_usd", 3000, ["equipment.s21.resale_usd", "below the price of 3000"]),
    ("equipment.s21.price_usd", DELETED, ["equipment.s21", "no 'price_usd'"]),
    ("equipment.s21.gpus", 8, ["equipment.s21.gpus", "kind asic", "remove gpus"]),
    ("equipment.s21.kind", "gpu", ["equipment.s21.kind", "asic"]),
    ("equipment.own.kind", DELETED, ["equipment.own", "neither kind nor catalogue"]),
    ("equipment.own.cooling", DELETED, ["equipment.own", "no 'cooling'"]),
    ("equipment.own.modes", [[100, 2500], [80, 1800]], ["equipment.own.modes", "both rise"]),
    ("equipment.own.modes", [[80, 2500], [100, 2500]], ["equipment.own.modes", "both rise"]),
    ("equipment.own.th_per_s", 100, ["equipment.own.th_per_s", "beside modes"]),
    ("equipment.gb200.air_heat_share", 0.5, ["air_heat_share", "0.5 + 0.9", "sum to 1"]),
    ("equipment.gb200.rental_market", DELETED, ["equipment.gb200", "no 'rental_market'"]),
    ("fleets.0.units", 8050, ["fleets[0].units", "8050", "100", "8000 or 8100"]),
    ("fleets.0.units", 9100, ["fleets[0].units", "9100 slots", "9000"]),
    ("fleets.0.hall", "annex", ["fleets[0]", "liquid_gpu", "air_mining"]),
    ("fleets.1", {"equipment": "s21", "hall": "barn", "units": 100}, ["fleets[1]", "a second time"]),
    # contracts
    ("contracts.0.last_service", "2027-06", ["contracts[0].last_service", "2027-06", "first_service 2027-07"]),
    ("contracts.0.last_service", "2028-01", ["contracts[0].last_service", "2027-01 to 2027-12"]),
    ("contracts.1.first_service", "2026-12", ["contracts[1].first_service", "2027-01 to 2027-12"]),
    ("contracts.0.lead_months", 12, ["contracts[0].last_service", "2028-01 or later"]),
    ("contracts.0.critical_it_mw", 41, ["contracts[0].critical_it_mw", "20.5 MW in one of 2", "at most 20 MW"]),
    ("contracts.0.critical_it_mw", 31, ["contracts[0].critical_it_mw", "31 MW", "at most 30 MW, all halls"]),
    ("sites.0.power_limit_mw", 10, ["contracts[0].critical_it_mw", "16.8 gross MW", "at most 10 MW, all sites"]),
    ("sites.0.power_limit_mw", 8, ["contracts[0].critical_it_mw", "8.4 gross MW", "the biggest site"]),
    ("contracts.1.fit_outs", ["air_gpu"], ["contracts[1].fit_outs", "no hall"]),
    ("contracts.0.outage_allowance_h_per_month", 800, ["outage_allowance_h_per_month", "800", "at most 744"]),
    (
        "contracts.0.curtailment_credit_usd_per_mwh",
        20,
        ["credit_usd_per_mwh", "20 without an allowance"],
    ),
    # ancillary services
    ("sites.0.reserves", [RESERVE, RESERVE], ["sites[0].reserves[1].name", "'fast' a second time"]),
    ("sites.0.reserves", [{**RESERVE, "halls": ["barn", "barn"]}], ["reserves[0].halls[1]", "'barn' a second time"]),
    (
        "sites.0.reserves",
        [{**RESERVE, "uses": ["mining", "mining"]}],
        ["uses[1]", "'mining' a second time"],
    ),
    ("sites.0.reserves", [{**RESERVE, "halls": ["bern"]}], ["reserves[0].halls[0]", "'bern'", "did you mean 'barn'?"]),
    (
        "sites.0.reserves",
        [{**RESERVE, "halls": ["annex"]}],
        ["reserves[0]", "no fit-out for mining"],
    ),
    (
        "sites.0.reserves",
        [{**RESERVE, "deployment_usd_per_mwh": 9}],
        ["usd_per_mwh", "9", "nothing is called"],
    ),
    # deferrable work
    ("sites.0.deferrable_work", [JOB, JOB], ["deferrable_work[1].name", "'train' a second time"]),
    ("sites.0.deferrable_work", [{**JOB, "halls": ["annex", "annex"]}], ["halls[1]", "'annex' a second time"]),
    ("sites.0.deferrable_work", [{**JOB, "halls": ["anex"]}], ["halls[0]", "did you mean 'annex'?"]),
    ("sites.0.deferrable_work", [{**JOB, "work_mwh_per_month": 0}], ["work_mwh_per_month", "0", "above 0"]),
    ("sites.0.deferrable_work", [{**JOB, "rate_usd_per_mwh": 0}], ["rate_usd_per_mwh", "above 0, here or in"]),
    # demand charges
    ("sites.0.demand_charges", [CHARGE, CHARGE], ["demand_charges[1].name", "'peak' a second time"]),
    ("sites.0.demand_charges", [{**CHARGE, "to_hour": 0}], ["to_hour", "another hour than from_hour"]),
    ("sites.0.demand_charges", [{**CHARGE, "months": [6, 7, 6]}], ["months", "[6, 7, 6]", "every month once"]),
    ("sites.0.demand_charges", [{**CHARGE, "months": [13]}], ["months", "13"]),
    ("sites.0.demand_charges", [{**CHARGE, "ratchet": {"share": 1.2, "months": 11}}], ["ratchet.share", "1.2"]),
    ("sites.0.demand_charges", [{**CHARGE, "ratchet": {"share": 0.8, "months": 0}}], ["ratchet.months", "0"]),
    ("sites.0.demand_charges", [{**CHARGE, "opening_peak_mw": 1e4}], ["opening_peak_mw", "power_limit_mw"]),
    # coincident peaks
    ("sites.0.coincident_peaks", [SYSTEM, SYSTEM], ["coincident_peaks[1].name", "'4cp' a second time"]),
    ("sites.0.coincident_peaks", [{**SYSTEM, "months": [6, 6]}], ["months", "[6, 6]", "every month once"]),
    ("sites.0.coincident_peaks", [{**SYSTEM, "hours": NO_HOUR}], ["to_hour", "another hour than from_hour"]),
    ("sites.0.coincident_peaks", [{**SYSTEM, "hours": {"kind": "guess"}}], ["hours", "kind: window or probabilities"]),
    ("sites.0.coincident_peaks", [{**SYSTEM, "hours": PRICES}], ["hours.series", "a series in 1"]),
    # blocks of power
    ("sites.0.power_blocks", [BLOCK, BLOCK], ["power_blocks[1].name", "'supplier' a second time"]),
    ("sites.0.power_blocks", [{**BLOCK, "last_month": "2026-01"}], ["last_month", "not before first_month 2027-01"]),
    ("sites.0.power_blocks", [{**BLOCK, "to_hour": 0}], ["to_hour", "another hour than from_hour"]),
    ("sites.0.power_blocks", [{**BLOCK, "mw": 0}], ["power_blocks[0].mw", "0"]),
    # series files
    ("series.price.file", "missing.csv", ["series.price.file", "'missing.csv', which does not exist"]),
    ("series.price.file", "../hours.csv", ["series.price.file", "leaves the folder"]),
    ("series.price.file", "/etc/passwd", ["series.price.file", "absolute"]),
    ("series.price.file", "C:\\hours.csv", ["series.price.file", "Windows"]),
    ("series.price.file", "folder/../../x.csv", ["leaves the folder"]),
    ("series.price.file", "a\0b", ["control characters"]),
    ("series.price.file", "x" * 300, ["series.price.file"]),
    ("series.price.range", [9000, -300], ["series.price.range", "[9000, -300]"]),
    # knobs
    ("knobs.rent.paths", ["contracts[9].rent"], ["knobs.rent.paths[0]", "'contracts[9].rent'"]),
    ("knobs.rent.paths", ["a..b"], ["knobs.rent.paths[0]"]),
    ("knobs.rent.paths", ["sites[0].name"], ["knobs.rent.paths[0]", "number"]),
    ("knobs.rent.set", 5, ["knobs.rent", "scale and set"]),
    ("knobs.rent", {"paths": ["name"]}, ["knobs.rent", "neither set nor scale"]),
    # version
    ("version", DELETED, ["no 'version'", "version: 1"]),
    ("version", 2, ["version", "2", "newer release"]),
    ("version", "1", ["version", "'1'", "without quotes"]),
    ("version", True, ["version", "true"]),
    ("version", -1, ["version", "-1"]),
]


def test_the_document_the_other_tests_change_is_valid(tmp_path: Path) -> None:
    assert faults(tmp_path, DOCUMENT) == []


@pytest.mark.parametrize(("path", "value", "words"), FIELDS, ids=[f"{p}={str(v)[:20]!r}" for p, v, _ in FIELDS])
def test_one_wrong_value_is_one_fault_at_its_place(path: str, value: Any, words: list[str], tmp_path: Path) -> None:
    found = [str(fault) for fault in faults(tmp_path, changed(path, value))]
    assert any(all(word in message for word in words) for message in found), "\n".join(found) or "no fault"
    assert all("\n" not in message for message in found)
    assert all(message.startswith("scenario.yaml") for message in found)


ONE_FAULT = {"series.price.file", "contracts.0.ramp", "fleets.0.units", "horizon.start", "equipment.own.modes"}


@pytest.mark.parametrize(("path", "value"), [(p, v) for p, v, _ in FIELDS if p in ONE_FAULT and v != 9100])
def test_one_mistake_does_not_draw_others(path: str, value: Any, tmp_path: Path) -> None:
    assert len(faults(tmp_path, changed(path, value))) == 1


def test_faults_of_fields_and_between_parts_come_together(tmp_path: Path) -> None:
    document = changed("finance.opening_cash_usd", "NO")
    put(document, "fleets.0.equipment", "s12")
    put(document, "series.price.file", "../x.csv")
    put(document, "series.price.stamp", "middle")
    put(document, "contracts.1.last_service", "2026-01")
    put(document, "contracts.0.name", 5)
    places = [fault.place.split(" (")[0].split(": ")[1] for fault in faults(tmp_path, document)]
    assert sorted(places) == [
        "contracts[0].name",
        "contracts[1].last_service",
        "finance.opening_cash_usd",
        "fleets[0].equipment",
        "one_of[0].contracts[0]",
        "series.price.file",
        "series.price.stamp",
    ]


def test_an_outage_credit_undercuts_what_is_owed_without_an_allowance(tmp_path: Path) -> None:
    document = changed("contracts.0.outage_allowance_h_per_month", 20)
    put(document, "contracts.0.curtailment_credit_usd_per_mwh", 9e5)
    (fault,) = faults(tmp_path, document)
    assert "contracts[0].curtailment_credit_usd_per_mwh" in str(fault)
    assert "less than the sla_shed_usd_per_mwh of its sites" in str(fault)


def test_machines_that_work_are_offered_to_no_service(tmp_path: Path) -> None:
    document = changed("sites.0.deferrable_work", [JOB])
    put(document, "sites.0.reserves", [{**RESERVE, "uses": ["gpu_cloud"]}])
    found = "\n".join(map(str, faults(tmp_path, document)))
    assert "sites[0].deferrable_work[0]" in found
    assert "halls whose GPU machines are offered to 'fast' too" in found


def test_places_carry_the_line_of_the_file(tmp_path: Path) -> None:
    write(tmp_path, DOCUMENT)
    lines = (tmp_path / "scenario.yaml").read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if '"power_limit_mw"' in text)
    (fault,) = faults(tmp_path, changed("sites.0.power_limit_mw", -5))
    assert fault.place == f"scenario.yaml: sites[0].power_limit_mw (line {line})"


def test_two_contracts_that_must_be_accepted_may_not_exclude_each_other(tmp_path: Path) -> None:
    document = changed("contracts.0.must_accept", True)
    assert faults(tmp_path, document) == []
    put(document, "contracts.1.must_accept", True)
    (fault,) = faults(tmp_path, document)
    assert "one_of[0].contracts" in fault.place
    assert "'anchor' and 'lab', which must be accepted" in str(fault)


def test_a_required_group_keeps_a_contract_that_others_do_not_exclude(tmp_path: Path) -> None:
    document = changed("contracts.0.must_accept", True)
    third = {**document["contracts"][1], "name": "lab2"}
    put(document, "contracts.2", third)
    put(document, "one_of.0.contracts", ["anchor", "lab", "lab2"])
    assert faults(tmp_path, document) == []
    put(document, "one_of.1", {"name": "labs", "contracts": ["lab", "lab2"], "required": True})
    (fault,) = faults(tmp_path, document)
    assert "one_of[1].contracts" in fault.place


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    outside.write_text("x")
    folder = tmp_path / "scenario"
    folder.mkdir()
    os.symlink(outside, folder / "link.csv")
    os.symlink(folder / "circle.csv", folder / "circle.csv")
    (fault,) = faults(folder, changed("series.price.file", "link.csv"))
    assert "a link out of the folder" in str(fault)
    (fault,) = faults(folder, changed("series.price.file", "circle.csv"))
    assert "series.price.file" in fault.place


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    os.symlink("hours.csv", tmp_path / "link.csv")
    assert faults(tmp_path, changed("series.price.file", "link.csv")) == []


@pytest.mark.parametrize("text", ["[1, 2]", "just text", "3", "---\n", "null"])
def test_a_file_that_is_no_mapping_is_refused(text: str, tmp_path: Path) -> None:
    (fault,) = faults(tmp_path, text)
    assert "a mapping" in fault.expected


def test_text_of_the_file_cannot_break_a_message_into_lines(tmp_path: Path) -> None:
    document = changed("sites.0.evil\n\x1b[31mkey", 1)
    (fault,) = faults(tmp_path, document)
    assert str(fault).isprintable()


def test_series_files_are_not_looked_up_beside_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "deep").mkdir()
    write(tmp_path / "deep", DOCUMENT)
    assert load_scenario("deep").folder == Path("deep")

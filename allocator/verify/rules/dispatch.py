"""HOURS: the hourly tables speak of the instance's hours, halls and machines."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.verify import tolerances
from allocator.verify.case import HourCase, HourRule
from allocator.verify.check import Check, rows


def table(case: HourCase) -> Iterator[Check]:
    """Weights, prices, temperatures and limits of the steps are those of the instance."""
    stated, hours = case.stated, case.hours
    for column, unit, expected in (
        ("weight_h", "h", hours.weight_h),
        ("price_usd_per_mwh", "USD/MWh", hours.price_usd_per_mwh),
        ("spot_usd_per_mwh", "USD/MWh", case.spot_usd_per_mwh),
        ("ambient_c", "C", case.ambient_c),
        ("limit_mw", "MW", hours.site_limit_mw),
    ):
        tolerance = tolerances.factor(expected)
        yield Check(column, unit, (case.utc,), stated[column], expected, tolerance=tolerance, worst_of="hours")


def bays(case: HourCase) -> Iterator[Check]:
    """Every hall usable in the node has one row a step, in its fit-out, and no other has any."""
    axes = (case.bays, case.utc)
    yield Check("rows of the hall", "", axes, case.bay_rows, case.fitted[:, None], worst_of="hours")
    table = case.tables["bays"]
    stray = table.where(case.axes.bay_at(table.words("hall"), table.words("fit_out")) < 0)
    at = rows(stray, "hall", "fit_out", "utc")
    yield Check("rows of a hall in a fit-out it cannot have", "", at, np.ones(len(stray)), 0)


def segments(case: HourCase) -> Iterator[Check]:
    """Loads belong to a step of a model where it can stand, and are not negative."""
    table = case.tables["segments"]
    stray = table.where(case.axes.segment_of(table) < 0)
    at = rows(stray, "hall", "fit_out", "model", "step", "utc")
    yield Check("load of machines that cannot stand there", "MW", at, stray.numbers("load_mw"), 0)
    axes, floor = (case.segments, case.utc), tolerances.POWER_MW
    yield Check("load", "MW", axes, case.load_mw, 0, "at_least", floor, worst_of="hours")


def firm(case: HourCase) -> Iterator[Check]:
    """Tenant load of a usable hall is, in every hour, what the contracts in service there meter."""
    axes, metered = (case.bays, case.utc), (case.metered_mw * case.fitted)[:, None]
    tolerance = tolerances.POWER_MW
    yield Check("tenant load", "MW", axes, case.firm_mw, metered, tolerance=tolerance, worst_of="hours")


HOUR_RULES: dict[str, HourRule] = {
    "HOURS.table": table,
    "HOURS.bays": bays,
    "HOURS.segments": segments,
    "HOURS.firm": firm,
}

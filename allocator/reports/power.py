"""Figures of power: megawatts by use and by site, what contracts claim, energy."""

from __future__ import annotations

import math

import numpy as np

from allocator.plan.plan import Plan
from allocator.plan.schema import USES
from allocator.plan.titles import TITLES
from allocator.reports.figure import FROM_MONTH, Column, Figure, Listing, Series, listing
from allocator.reports.periods import periods_of
from allocator.reports.scales import Floats

MOST_SITES = 12
"""Sites that a figure shows one by one; the smaller ones are one beyond."""
REST = "all other sites"


def mw_by_use(plan: Plan) -> Figure:
    """Average gross MW by use and period, under the limits of all interconnects."""
    tables = plan.tables
    when = periods_of(plan)
    energy = when.expected_by(tables["power"], "gross_mwh", "use")
    limit = np.array(when.expected(tables["reserved"], "limit_mw")) / when.reached
    drawn = [use for use in USES if np.any(np.abs(energy.get(use, np.zeros(1))) > 0)]
    shown = [Series(TITLES[use], _tuple(energy[use] / when.hours), key=use) for use in drawn]
    most = Series("limit of all sites", _tuple(limit), role="limit")
    about = "Average draw at the meter, overhead included" + _expected(plan)
    series = (*shown, most)
    return Figure(
        "mw_by_use", "Power by use", about, "stacked", "MW", FROM_MONTH, when.starts, series, months=when.months
    )


def mw_by_site(plan: Plan) -> Figure | None:
    """Average gross MW by site and period; None of a single site."""
    tables = plan.tables
    when = periods_of(plan)
    energy = when.expected_by(tables["power"], "gross_mwh", "site")
    ranked = sorted(energy, key=lambda site: -float(energy[site].sum()))
    if len(ranked) < 2:
        return None
    shown = [Series(site, _tuple(energy[site] / when.hours)) for site in ranked[:MOST_SITES]]
    if ranked[MOST_SITES:]:
        rest = np.sum([energy[site] for site in ranked[MOST_SITES:]], axis=0)
        shown.append(Series(REST, _tuple(rest / when.hours)))
    about = "Average draw at the meter of each site, overhead included" + _expected(plan)
    series = tuple(shown)
    return Figure(
        "mw_by_site", "Power by site", about, "stacked", "MW", FROM_MONTH, when.starts, series, months=when.months
    )


def interconnects(plan: Plan) -> Listing:
    """Each site's limit, the most that contracts claim of it, its average draw in the first and the last period."""
    tables = plan.tables
    when = periods_of(plan)
    energy = when.expected_by(tables["power"], "gross_mwh", "site")
    rows = [
        (
            str(site),
            float(own["limit_mw"].max()),
            float(own["reserved_mw"].max()),
            float(energy[str(site)][0] / when.hours[0]),
            float(energy[str(site)][-1] / when.hours[-1]),
        )
        for site, own in tables["reserved"].groupby("site", sort=False)
    ]
    columns = (
        Column("site"),
        Column("limit", "MW"),
        Column("most claimed by contracts", "MW"),
        Column("average draw at first", "MW"),
        Column("at last", "MW"),
    )
    about = "Gross megawatts at the meter. Contracts claim critical IT times their gross-up, drawn or not."
    return listing("interconnects", "Interconnects", about, columns, rows)


def energy_by_use(plan: Plan) -> Listing:
    """The league table of uses: expected energy of the horizon, its cost, and what it earns, in all and a MWh."""
    rows = plan.tables["power"].merge(plan.tables["nodes"][["node", "probability"]], on="node")
    found = []
    for (site, use), own in rows.groupby(["site", "use"], sort=False):
        energy, earned, credited, cost = (
            math.fsum(own[name] * own["probability"])
            for name in ("gross_mwh", "earnings_usd", "sla_credits_usd", "power_cost_usd")
        )
        if energy > 0 and (earned or credited):
            margin = earned - credited - cost
            a_mwh = (earned / energy, cost / energy, margin / energy)
            found.append((str(site), TITLES[str(use)], energy / 1e3, *a_mwh, margin))
    columns = (
        Column("site"),
        Column("use"),
        Column("energy", "GWh"),
        Column("earnings", "USD/MWh"),
        Column("power", "USD/MWh"),
        Column("margin", "USD/MWh"),
        Column("margin of the horizon", "USD"),
    )
    about = (
        "What a megawatt-hour at the meter earns in each use, before capital and fixed costs, best first: expected "
        "over the horizon, not discounted. Power at the site's price; blocks of power stand in the value by source."
    )
    return listing(
        "league", "Value of a MWh by use", about, columns, sorted(found, key=lambda row: -float(str(row[5])))
    )


def _expected(plan: Plan) -> str:
    futures = len(plan.tables["paths"])
    return "." if futures == 1 else f", on average over {futures:,} futures."


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(map(float, values))

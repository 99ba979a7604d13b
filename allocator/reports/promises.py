"""Lists of what a plan has to keep or to pay beside its debt: covenants, chances, hedges, peaks, tax."""

from __future__ import annotations

from allocator.plan.plan import Plan
from allocator.reports.figure import Cell, Column, Listing, listing
from allocator.reports.money import summary_of
from allocator.reports.periods import Periods, periods_of


def covenants(plan: Plan) -> Listing | None:
    """Where each covenant comes closest; None where there is none."""
    start = dict(zip(plan.tables["nodes"]["node"], plan.tables["nodes"]["start_month"], strict=True))
    rows = [
        (
            one.covenant,
            str(start[one.node]),
            one.value_times,
            one.limit_times,
            one.headroom_usd,
            f"{one.breaches:,} of {one.tests:,}",
        )
        for one in summary_of(plan).covenants
    ]
    columns = (
        Column("covenant"),
        Column("closest in"),
        Column("value", "times"),
        Column("limit", "times"),
        Column("headroom", "USD"),
        Column("tests that are broken"),
    )
    about = "What lenders ask, where it comes closest to its limit, and how many tests in all futures are broken."
    return listing("covenants", "Covenants", about, columns, rows) if rows else None


def limited_chances(plan: Plan) -> Listing | None:
    """How likely events of limited probability are; None where none is limited."""
    rows = [
        (
            f"margin call on {one.loan}" if one.loan else "shortfall of cash",
            one.by_month,
            one.month if one.by_month > 0 else "",
            one.most_by_month,
            one.of_path,
            one.most_of_path,
        )
        for one in summary_of(plan).chances
    ]
    columns = (
        Column("event"),
        Column("most in a month", "share"),
        Column("which is"),
        Column("allowed in a month", "share"),
        Column("at all", "share"),
        Column("allowed at all", "share"),
    )
    about = "In which share of futures it happens; a margin call counts where free Bitcoin does not meet it."
    return listing("limited_chances", "Chances that are limited", about, columns, rows) if rows else None


def hedges(plan: Plan) -> Listing | None:
    """Every instrument: what is held and bought, and its money; None where there is none."""
    rows = [
        (
            one.hedge,
            one.kind.replace("_", " "),
            one.opening_units,
            one.bought_units,
            one.unit,
            one.premium_usd,
            one.payoff_usd,
            one.worth_usd,
        )
        for one in summary_of(plan).hedges
    ]
    columns = (
        Column("hedge"),
        Column("kind"),
        Column("held at first"),
        Column("bought"),
        Column("counted in"),
        Column("premium", "USD"),
        Column("settled", "USD"),
        Column("worth, discounted", "USD"),
    )
    about = "Instruments held already and bought, expected; money out is negative."
    return listing("hedges", "Hedges", about, columns, rows) if rows else None


def demand_charges(plan: Plan) -> Listing | None:
    """Each demand charge: the highest peak that is billed, when, and what it costs; None where there is none."""
    table, when = plan.tables["demand_charges"], periods_of(plan)
    rows: list[tuple[Cell, ...]] = []
    for (site, charge), own in when.weighted(table).groupby(["site", "charge"], sort=False):
        highest = own.iloc[int(own["billed_mw"].to_numpy().argmax())]
        paid = float((own["charge_usd"] * own["weight"]).sum())
        month = when.starts[int(highest["period"])]
        rows.append((str(site), str(charge), float(highest["billed_mw"]), month, str(highest["set_by"]), paid))
    columns = (
        Column("site"),
        Column("charge"),
        Column("highest peak billed", "MW"),
        Column("first in"),
        Column("set by"),
        Column("charged over the horizon", "USD"),
    )
    about = "Peaks that are billed, gross at the meter, the highest of all futures; charges are expected, undiscounted."
    return listing("demand_charges", "Demand charges", about, columns, rows) if rows else None


def coincident_peaks(plan: Plan) -> Listing | None:
    """What draw at peaks of the system adds to each January's charge; None where there is no such peak."""
    table, when = plan.tables["coincident_peaks"], periods_of(plan)
    rows: list[tuple[Cell, ...]] = []
    for (due, site, peak), own in when.weighted(table).groupby(["due_month", "site", "peak"], sort=True):
        usd = float((own["due_usd"] * own["weight"]).sum())
        rows.append((str(due), str(site), str(peak), float(own["expected_mw"].max()), usd))
    columns = (
        Column("paid in"),
        Column("site"),
        Column("peak"),
        Column("most drawn at it", "MW"),
        Column("added to the charge", "USD"),
    )
    about = (
        "Draw expected at peaks of the system, gross at the meter, and what it adds to the charge of a later January: "
        "expected, undiscounted."
    )
    return listing("coincident_peaks", "Coincident peaks", about, columns, rows) if rows else None


def tax(plan: Plan) -> Listing | None:
    """Tax by the calendar year it is of, expected; None without one."""
    table, when = plan.tables["tax"], periods_of(plan)
    if table.empty:
        return None
    sums = {name: _by_year(when, plan, name) for name in ("income_usd", "used_usd", "tax_usd")}
    rows: list[tuple[Cell, ...]] = [(str(year), *(sums[name][year] for name in sums)) for year in when.years]
    columns = (Column("year"), Column("taxable income", "USD"), Column("losses used", "USD"), Column("tax", "USD"))
    about = "Expected over all futures: income less interest and capital written off, losses of earlier years, and tax."
    return listing("tax", "Tax on income", about, columns, rows)


def _by_year(when: Periods, plan: Plan, column: str) -> dict[int, float]:
    found = dict.fromkeys(when.years, 0.0)
    for start, usd in zip(when.starts, when.expected(plan.tables["tax"], column), strict=True):
        found[int(start[:4])] += usd
    return found

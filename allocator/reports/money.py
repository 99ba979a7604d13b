"""Figures of money: where the value comes from, revenue, cash, what every line of the cash flow adds."""

from __future__ import annotations

import math
from functools import lru_cache

from allocator.plan.liquidity import GROUPS, sources_and_uses
from allocator.plan.metrics import REVENUE_LINES, Metrics, metrics
from allocator.plan.plan import Plan
from allocator.plan.schema import LINES
from allocator.plan.summary import SOURCES, Summary, summarise
from allocator.plan.titles import LIMITS, TITLES, UNITS
from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Cell, Column, Figure, Listing, Series, listing
from allocator.reports.periods import periods_of, quantiles

CENT_USD = 0.005


@lru_cache(maxsize=1)
def metrics_of(plan: Plan) -> Metrics:
    """What finance asks of the plan, found once."""
    return metrics(plan.tables)


@lru_cache(maxsize=1)
def summary_of(plan: Plan) -> Summary:
    """The page of the plan, found once."""
    return summarise(plan)


def waterfall(plan: Plan) -> Figure:
    """Net present value by source; the last step is the objective of the plan."""
    lines = [
        line for line in summary_of(plan).sources if abs(line.within_usd) > CENT_USD or abs(line.beyond_usd) > CENT_USD
    ]
    flow = plan.tables["cash_flow"]
    within, beyond = (math.fsum(flow.loc[flow["when"] == when, "discounted_usd"]) for when in ("period", "horizon"))
    x = (*(TITLES.get(line.source, line.source) for line in lines), "net present value")
    total = math.fsum(flow["discounted_usd"])
    series = (
        Series("value", (*(line.total_usd for line in lines), total)),
        Series("within the horizon", (*(line.within_usd for line in lines), within), role="beside"),
        Series("beyond it", (*(line.beyond_usd for line in lines), beyond), role="beside"),
    )
    about = "Discounted and expected. What adds to the value, what takes from it, and what is left."
    return Figure("waterfall", "Net present value by source", about, "waterfall", "USD", "source", x, series)


def cash_flow_lines(plan: Plan) -> Listing:
    """Every line of the cash flow; the last row is the objective of the plan to the cent."""
    flow, chance = plan.tables["cash_flow"], plan.tables["nodes"].set_index("node")["probability"]
    expected = flow["amount_usd"] * flow["node"].map(chance)
    of_source = {line: TITLES.get(source, source) for source, lines in SOURCES.items() for line in lines}
    rows = []
    for name, line in LINES.items():
        own = flow["line"] == name
        if own.any():
            amount, worth = math.fsum(expected[own]), math.fsum(flow.loc[own, "discounted_usd"])
            rows.append((name, line.description, of_source[name], amount, worth))
    rows.append(("total", "", "", math.fsum(expected), math.fsum(flow["discounted_usd"])))
    columns = (
        Column("line"),
        Column("what it is"),
        Column("source"),
        Column("amount", "USD"),
        Column("discounted", "USD"),
    )
    about = "Every dollar by line, expected; lines named terminal are values at the end of the horizon, no cash."
    return listing("lines", "Lines of the cash flow", about, columns, rows, total=True)


def revenue(plan: Plan) -> Figure | None:
    """Money in by source, a month of each period, undiscounted and expected."""
    when, flow = periods_of(plan), plan.tables["cash_flow"]
    of_source = {line: source for source, lines in SOURCES.items() for line in lines}
    own = flow[flow["line"].isin(REVENUE_LINES)]
    if own.empty:
        return None
    found = when.expected_by(own.assign(source=own["line"].map(of_source)), "amount_usd", "source")
    shown = tuple(
        Series(TITLES.get(source, source), tuple((found[source] / when.months).tolist()), key=source)
        for source in SOURCES
        if source in found
    )
    about = (
        "Money in a month by source, before power and all other costs; undiscounted, expected, Bitcoin as it is mined."
    )
    x = when.starts
    return Figure("revenue", "Revenue a month", about, "stacked", "USD", FROM_MONTH, x, shown, months=when.months)


def cash(plan: Plan) -> Figure:
    """Cash at the end of each period: expected, in good and in bad futures, and the least that must be held."""
    when, table = periods_of(plan), plan.tables["cash"]
    rows = when.weighted(table)
    groups = [own for _, own in rows.groupby("period")]
    mean = [float((own["closing_usd"] * own["weight"]).sum() / own["weight"].sum()) for own in groups]
    ends = [quantiles(own["closing_usd"].tolist(), own["weight"].tolist(), (0.05, 0.95)) for own in groups]
    least = [float(own["minimum_usd"].max()) for own in groups]
    fan = () if len(plan.tables["paths"]) == 1 else _fan(ends)
    series = (
        *fan,
        Series("expected cash", tuple(mean), role="line", key="cash"),
        Series("least cash", tuple(least), role="limit"),
    )
    words = "Cash when each period closes" + (", and between which amounts it lies in 90 % of futures." if fan else ".")
    return Figure("cash", "Cash", words, "lines", "USD", END_OF_MONTH, when.closes, series, months=when.months)


def _fan(ends: list[list[float]]) -> tuple[Series, ...]:
    return (
        Series("5 % of futures lie below", tuple(low for low, _ in ends), role="low"),
        Series("5 % of futures lie above", tuple(high for _, high in ends), role="high"),
    )


def years(plan: Plan) -> Figure:
    """EBITDA, capital and free cash flow by calendar year."""
    found = metrics_of(plan).years
    series = (
        Series("EBITDA", tuple(year.ebitda_usd for year in found), key="ebitda"),
        Series("capital", tuple(0.0 - year.capex_usd for year in found), key="conversions"),
        Series("free cash flow", tuple(year.free_cash_flow_usd for year in found), role="line", key="sold"),
        Series("revenue", tuple(year.revenue_usd for year in found), role="beside"),
        Series("rent", tuple(year.rent_usd for year in found), role="beside"),
        Series("net operating income of colocation", tuple(year.noi_usd for year in found), role="beside"),
    )
    about = "Undiscounted and expected. Free cash flow is EBITDA less capital, with machines sold and deposits."
    return Figure(
        "years",
        "EBITDA, capital, free cash flow",
        about,
        "bars",
        "USD",
        "year",
        tuple(str(y.year) for y in found),
        series,
    )


def cash_moves(plan: Plan) -> Listing:
    """Sources and uses of cash by calendar year."""
    flows = sources_and_uses(plan.tables)
    names = [name for name in GROUPS if any(abs(year.flows_usd[name]) > CENT_USD for year in flows)]
    rows: list[tuple[Cell, ...]] = [(name, *(year.flows_usd[name] for year in flows)) for name in names]
    rows.append(("change in cash", *(year.change_usd for year in flows)))
    columns = (Column("sources and uses"), *(Column(str(year.year), "USD") for year in flows))
    return listing(
        "cash_moves", "Sources and uses of cash", "Expected; money out is negative.", columns, rows, total=True
    )


def paths(plan: Plan) -> Figure | None:
    """Value of every future, worst first, against its chance; None of a single one."""
    table = plan.tables["paths"].sort_values("npv_usd", kind="stable")
    if len(table) < 2:
        return None
    levels = [k / 20 for k in range(1, 20)]
    values = quantiles(table["npv_usd"].tolist(), table["probability"].tolist(), levels)
    shown = [
        Series("value", tuple(values), role="line", key="cash"),
        Series("expected value", (plan.meta.objective_usd,) * 19, role="limit"),
    ]
    if plan.meta.mean_of_worst_usd is not None:
        shown.append(Series("mean of the worst paths", (plan.meta.mean_of_worst_usd,) * 19, role="limit", key="worst"))
    about = f"Net present value over {len(table):,} futures: the share of futures that end at or below each value."
    x = tuple(f"{100 * level:.0f} %" for level in levels)
    return Figure("paths", "Value by future", about, "lines", "USD", "share of futures", x, tuple(shown))


def returns(plan: Plan) -> Listing:
    """Rate of return, payback, yields on cost."""
    found = metrics_of(plan)
    rows: list[tuple[str, str]] = [
        (
            "internal rate of return",
            found.irr_note if found.irr_per_year is None else f"{100 * found.irr_per_year:.1f} % a year",
        ),
        ("payback", found.payback_note if found.payback_months is None else f"{found.payback_months} months"),
    ]
    return listing(
        "returns",
        "Returns",
        "Of free cash flow, undiscounted; before debt, tax and Bitcoin held.",
        (Column("figure"), Column("value")),
        rows,
    )


def yields(plan: Plan) -> Listing | None:
    """Yield on cost of each conversion; None where there is none."""
    found = metrics_of(plan).yields
    if not found:
        return None
    different = dict.fromkeys(found)
    rows = [(one.hall, one.fit_out, one.capex_usd, one.noi_usd_per_year, one.yield_share) for one in different]
    columns = (
        Column("hall"),
        Column("becomes"),
        Column("capex", "USD"),
        Column("income of tenants a year", "USD"),
        Column("yield on cost", "share"),
    )
    about = "Net operating income of tenants in the last twelve months of the horizon over conversion and signing cost."
    return listing("yields", "Yield on cost", about, columns, rows)


def binding(plan: Plan) -> Listing | None:
    """Limits of which one more unit is worth most; of those that bind on several paths, the most."""
    found = {(line.subject, line.quantity): line for line in reversed(summary_of(plan).binding)}
    rows = [
        (one.subject, LIMITS.get(one.quantity, one.quantity), one.value_usd_per_unit, UNITS.get(one.unit, one.unit))
        for one in reversed(found.values())
    ]
    columns = (Column("where"), Column("limit"), Column("more is worth, USD", "USD/unit"), Column("for"))
    about = "What one more unit of a limit would add to the value, with conversions, contracts and machines as decided."
    return listing("binding", "What binds", about, columns, rows) if rows else None

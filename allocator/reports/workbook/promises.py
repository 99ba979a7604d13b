"""Sheets of what is to be paid or kept beside debt, each where there is any: peaks, covenants, hedges."""

from __future__ import annotations

import math

from allocator.plan.covenant_lines import LEAST_BREACH_USD
from allocator.plan.lines import HEDGE_LINES
from allocator.reports.periods import Periods, Tables
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.lists import STARTS, expected_rows, of_futures
from allocator.reports.workbook.table import Col, Row, listed

_NET = "{payoff_usd}-{premium_usd}"


def write_peaks(book: Book, tables: Tables, time: Periods) -> None:
    """What is billed on peaks, and what coincident peaks add to charges of a later January."""
    if len(tables["demand_charges"]):
        _demand(book, tables, time)
    if len(tables["coincident_peaks"]):
        _coincident(book, tables, time)


def _demand(book: Book, tables: Tables, time: Periods) -> None:
    own = tables["demand_charges"].assign(share=1.0)
    rows = expected_rows(own, ["site", "charge", "set_by"], ["share", "metered_mw", "billed_mw", "charge_usd"], time)
    for row in rows:
        for name in ("metered_mw", "billed_mw"):
            row[name] = _number(row, name) / _number(row, "share")
        row["price"] = _ratio(_number(row, "charge_usd"), _number(row, "billed_mw") * _number(row, "share"))
    columns = [
        STARTS,
        Col("site", "Site", width=18),
        Col("charge", "Demand charge", width=24),
        Col("set_by", "Billed peak set by", width=12),
        *of_futures(time),
        Col("metered_mw", "Metered peak, MW gross", "mw"),
        Col("billed_mw", "Billed peak, MW gross", "mw"),
        Col("charge_usd", "Charge, expected USD", "usd", total=True),
        Col("price", "USD per MW billed", "rate", formula=_each("{charge_usd}", "{billed_mw}", time)),
    ]
    note = "One row a period, charge and cause of the billed peak; a ratchet bills the peak of an earlier period."
    made = listed(book, "Demand charges", "Demand charges", note, columns, rows)
    plan = -_of_lines(tables, time, ("demand_charge",))
    source = "table cash_flow, line demand_charge"
    book.checks.append(Check("Demand charges", made.total("charge_usd"), made.sums["charge_usd"], plan, source))


def _coincident(book: Book, tables: Tables, time: Periods) -> None:
    own = tables["coincident_peaks"].assign(share=1.0)
    rows = expected_rows(own, ["site", "peak", "due_month"], ["share", "expected_mw", "due_usd"], time)
    for row in rows:
        row["expected_mw"] = _number(row, "expected_mw") / _number(row, "share")
        row["price"] = _ratio(_number(row, "due_usd"), _number(row, "expected_mw") * _number(row, "share"))
    columns = [
        STARTS,
        Col("site", "Site", width=18),
        Col("peak", "Coincident peak", width=24),
        Col("due_month", "Paid in", width=10),
        *of_futures(time),
        Col("expected_mw", "Draw expected at the peaks, MW gross", "mw"),
        Col("due_usd", "Added to the charge, expected USD", "usd", total=True),
        Col("price", "USD per MW", "rate", formula=_each("{due_usd}", "{expected_mw}", time)),
    ]
    note = "What the draw at peaks of the system causes, in the period that causes it; cash moves in the January named."
    made = listed(book, "Coincident peaks", "Coincident peaks", note, columns, rows)
    plan, source = math.fsum(time.expected(tables["coincident_peaks"], "due_usd")), "table coincident_peaks"
    book.checks.append(Check("Coincident peaks", made.total("due_usd"), made.sums["due_usd"], plan, source))


def write_covenants(book: Book, tables: Tables, time: Periods) -> None:
    """Every test of a covenant; of several futures the one that comes closest, and how likely a breach is."""
    table = tables["covenants"]
    if table.empty:
        return
    columns = [
        STARTS,
        Col("covenant", "Covenant", width=24),
        Col("income_usd", "Income that counts, USD", "usd"),
        Col("carried_usd", "What there is for it, USD", "usd"),
        Col("claim_usd", "What is asked for, USD", "usd"),
        Col("headroom", "Headroom, USD", "usd", formula="ROUND({carried_usd}-{claim_usd},2)"),
        Col("carried_share", "There is of what is asked", "share", formula=_OF_CLAIM),
        Col("value_times", "Value, times", "rate"),
        Col("limit_times", "Limit, times", "rate"),
        Col("verdict", "Kept", formula=f'IF({{headroom}}<=-{LEAST_BREACH_USD},"broken","yes")', width=9),
        *([Col("share", "Probability of a breach", "share")] if time.branches else []),
        Col("breach_usd", "Missing where a breach has a price, expected USD", "usd", 18, total=True),
    ]
    note = "Coverage and liquidity are kept at their limit or above, leverage at its limit or below."
    note += " Of all futures of a period, the one that comes closest." if time.branches else ""
    made = listed(book, "Covenants", "Tests of covenants", note, columns, _tests(tables, time))
    lowest = round(float(table["headroom_usd"].min()), 2)
    cells = made.sheet.reference(made.columns["headroom"])
    book.checks.append(Check("Least headroom of covenants", f"MIN({cells})", lowest, lowest, "table covenants"))


_OF_CLAIM = 'IF({claim_usd}>0,{carried_usd}/{claim_usd},"")'


def _tests(tables: Tables, time: Periods) -> list[Row]:
    rows: list[Row] = []
    for (period, _), own in time.weighted(tables["covenants"]).groupby(["period", "covenant"], sort=False):
        closest = {str(name): value for name, value in own.iloc[int(own["headroom_usd"].argmin())].items()}
        broken = own["headroom_usd"] <= -LEAST_BREACH_USD
        headroom = round(_number(closest, "carried_usd") - _number(closest, "claim_usd"), 2) + 0.0
        rows.append(
            {
                **closest,
                "start": time.starts[int(str(period))],
                "headroom": headroom,
                "carried_share": _ratio(_number(closest, "carried_usd"), _number(closest, "claim_usd")),
                "verdict": "broken" if headroom <= -LEAST_BREACH_USD else "yes",
                "share": math.fsum(own["weight"][broken]),
                "breach_usd": math.fsum(own["weight"] * own["breach_usd"]),
            }
        )
    return rows


def write_hedges(book: Book, tables: Tables, time: Periods) -> None:
    """Every instrument by period: what is held and bought, what it costs, and what it settles for."""
    if tables["hedges"].empty:
        return
    sums = ["held_units", "bought_units", "premium_usd", "settled_units", "payoff_usd"]
    rows = expected_rows(tables["hedges"], ["hedge", "kind", "unit", "fixed_usd", "call_usd"], sums, time)
    for row in rows:
        row["kind"] = str(row["kind"]).replace("_", " ")
        row["call_usd"] = row["call_usd"] or None
        row["each"] = _ratio(_number(row, "payoff_usd"), _number(row, "settled_units"))
        row["net"] = _number(row, "payoff_usd") - _number(row, "premium_usd")
    columns = [
        STARTS,
        Col("hedge", "Hedge", width=24),
        Col("kind", "Kind", width=18),
        Col("unit", "Counted in", width=10),
        Col("held_units", "Held as the period begins, units", "rate"),
        Col("bought_units", "Bought in it, units", "rate"),
        Col("premium_usd", "Paid for them, USD", "usd", total=True),
        Col("fixed_usd", "Fixed price or strike of the put, USD", "rate"),
        Col("call_usd", "Strike of the call sold, USD", "rate"),
        Col("settled_units", "Settled: PH/s x days, BTC or MWh", "rate"),
        Col("payoff_usd", "Settled for, USD", "usd", total=True),
        Col("each", "Settled for, USD each", "rate", formula='IF({settled_units}=0,"",{payoff_usd}/{settled_units})'),
        Col("net", "Settled less paid, USD", "usd", total=True, formula=_NET),
    ]
    note = "What settles is what was held as the period began." + (" Expected over all futures." * time.branches)
    made = listed(book, "Hedges", "Hedges", note, columns, rows)
    plan = _of_lines(tables, time, HEDGE_LINES)
    source = f"table cash_flow, lines {', '.join(HEDGE_LINES)}"
    book.checks.append(Check("Hedges, settled less paid", made.total("net"), made.sums["net"], plan, source))


def _of_lines(tables: Tables, time: Periods, lines: tuple[str, ...]) -> float:
    flow = tables["cash_flow"]
    return math.fsum(time.expected(flow[flow["line"].isin(lines)], "amount_usd"))


def _each(usd: str, mw: str, time: Periods) -> str:
    """Formula of dollars a megawatt; of several futures dollars are expected and megawatts those of a state."""
    return f'IF({mw}=0,"",{usd}/({mw}*{{share}}))' if time.branches else f'IF({mw}=0,"",{usd}/{mw})'


def _ratio(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _number(row: Row, name: str) -> float:
    value = row[name]
    assert isinstance(value, float | int)
    return float(value)

"""Sheets that list halls, conversions, fleets, trades, contracts and the hours in sums."""

from __future__ import annotations

import pandas as pd

from allocator.reports.periods import Periods, Tables
from allocator.reports.workbook.book import Book, Check
from allocator.reports.workbook.table import Col, Listed, listed

STARTS, SHARE = Col("start", "Period from", width=11), Col("share", "Probability", "share", 11)
Rows = list[dict[str, object]]


def write_halls(book: Book, tables: Tables, time: Periods) -> None:
    """What every hall is, period by period."""
    means = ["it_limit_mw", "firm_mw", "contracted_mw", "installed_mw"]
    rows = _states(tables["halls"], ["site", "hall", "fit_out", "status"], means, time)
    columns = [
        STARTS,
        Col("site", "Site", width=18),
        Col("hall", "Hall", width=18),
        Col("fit_out", "Fit-out", width=20),
        Col("status", "Status", width=12),
        *of_futures(time),
        Col("it_limit_mw", "Electrical limit, MW critical IT", "mw"),
        Col("contracted_mw", "Contracted by tenants, MW critical IT", "mw"),
        Col("firm_mw", "Metered by tenants, MW critical IT", "mw"),
        Col("installed_mw", "Machines standing there, MW nameplate", "mw"),
    ]
    note = "One row a period and state of a hall." + (" MW are means of that state." if time.branches else "")
    listed(book, "Halls", "Halls", note, columns, rows)
    made = tables["conversions"].drop_duplicates(["hall", "decided_node"])
    made = made.assign(share=made["decided_node"].map(time.probability))
    _conversions(book, made, time)


def _conversions(book: Book, made: pd.DataFrame, time: Periods) -> None:
    decided = made["decided_node"].map(lambda node: time.starts[time.of_node[node]])
    ready = made["ready_node"].map(lambda node: time.starts[time.of_node[node]])
    dated = made.assign(decided=decided.astype("str"), ready=ready.astype("str"))
    keys = ["hall", "from_fit_out", "to_fit_out", "decided", "idle_from_month", "ready", "capex_usd"]
    summed = dated.groupby(keys, sort=False)["share"].sum().reset_index() if len(dated) else dated
    rows = summed.to_dict("records")
    columns = [
        Col("hall", "Hall", width=18),
        Col("from_fit_out", "From", width=20),
        Col("to_fit_out", "To", width=20),
        Col("decided", "Decided", width=10),
        Col("idle_from_month", "Idle from", width=10),
        Col("ready", "Usable from", width=11),
        *of_futures(time),
        Col("capex_usd", "Whole cost, USD undiscounted", "usd", 16),
    ]
    listed(book, "Conversions", "Conversions of halls", "Once each where it is decided.", columns, _named(rows))


def write_fleets(book: Book, tables: Tables, time: Periods) -> None:
    """Machines standing and in store, and those bought and sold."""
    own = tables["fleets"]
    rows = expected_rows(own, ["model", "hall", "fit_out"], ["units"], time)
    columns = [
        STARTS,
        Col("model", "Model", width=20),
        Col("hall", "Hall (empty: store)", width=18),
        Col("fit_out", "Fit-out", width=20),
        Col("units", "Machines" + (", expected" if time.branches else ""), "rate" if time.branches else "whole"),
    ]
    listed(
        book, "Fleets", "Machines standing in halls and in store", "One row a period, model and hall.", columns, rows
    )
    trades = tables["trades"]
    paid = trades.assign(
        bought_usd=trades["bought_units"] * trades["price_usd_per_unit"],
        sold_usd=trades["sold_units"] * trades["resale_usd_per_unit"],
    )
    sums = ["bought_units", "delivered_units", "sold_units", "bought_usd", "sold_usd"]
    kind = "rate" if time.branches else "whole"
    columns = [
        STARTS,
        Col("model", "Model", width=20),
        Col("bought_units", "Ordered, machines", kind, total=True),
        Col("delivered_units", "Delivered, machines", kind, total=True),
        Col("sold_units", "Sold, machines", kind, total=True),
        Col("bought_usd", "Paid for orders, USD", "usd", total=True),
        Col("sold_usd", "Brought by sales, USD", "usd", total=True),
        Col("price", "USD a machine ordered", "usd", formula='IF({bought_units}>0,{bought_usd}/{bought_units},"")'),
    ]
    found = expected_rows(paid, ["model"], sums, time)
    for row in found:
        row["price"] = _ratio(row["bought_usd"], row["bought_units"])
    made = listed(book, "Machines traded", "Machines ordered, delivered and sold", "", columns, found)
    _flow_checks(book, tables, time, made)


def _flow_checks(book: Book, tables: Tables, time: Periods, made: Listed) -> None:
    flow = tables["cash_flow"]
    for key, line, sign in (("bought_usd", "equipment_purchase", -1.0), ("sold_usd", "equipment_sale", 1.0)):
        plan = sum(time.expected(flow[flow["line"] == line], "amount_usd")) * sign
        words = "Paid for machines" if sign < 0 else "Brought by machines sold"
        book.checks.append(Check(words, made.total(key), made.sums[key], plan, f"table cash_flow, line {line}"))


def write_contracts(book: Book, tables: Tables, time: Periods) -> None:
    """Every contract on offer, and why it is signed or not."""
    own, placed = tables["contracts"], tables["placements"]
    halls = placed.groupby(["contract", "signed_node"], sort=False)["hall"].agg(
        lambda names: ", ".join(dict.fromkeys(names))
    )
    rows: Rows = []
    for row in own.to_dict("records"):
        node = str(row["signed_node"])
        month = time.starts[time.of_node[node]] if node else ""
        signed = time.probability[node] if node else 0.0
        where = str(halls.get((row["contract"], node), ""))
        rows.append({**_text(row), "month": month, "share": signed, "halls": where})
    merged = _merged(rows)
    columns = [
        Col("contract", "Contract", width=26),
        Col("accepted", "Signed or refused", width=10),
        *of_futures(time),
        Col("month", "Signed in", width=10),
        Col("first_service_month", "Service from", width=10),
        Col("halls", "Halls", width=24),
        Col("critical_it_mw", "Contracted, MW critical IT", "mw", 12),
        Col("reserved_gross_mw", "Reserved on the interconnect, MW gross", "mw", 14),
        Col("reason", "Why", width=80),
    ]
    listed(
        book,
        "Contracts",
        "Contracts on offer",
        "Signed ones with their halls; refused ones with the reason.",
        columns,
        _named(merged),
    )


def _merged(rows: Rows) -> Rows:
    """Signatures of one contract in one month and place as one row, with their probability."""
    keys = ["contract", "month", "first_service_month", "halls"]
    found: dict[tuple[object, ...], dict[str, object]] = {}
    for row in rows:
        own = found.setdefault(tuple(row[key] for key in keys), {**row, "share": 0.0})
        own["share"] = _number(own["share"]) + _number(row["share"])
    return [{**row, "accepted": "signed" if row["accepted"] else "refused"} for row in found.values()]


def write_dispatch(book: Book, tables: Tables, time: Periods) -> None:
    """Energy and margin by use, as the hours add up."""
    sums = ["it_mwh", "gross_mwh", "earnings_usd", "sla_credits_usd", "power_cost_usd", "margin_usd"]
    rows = expected_rows(tables["power"], ["site", "use"], sums, time)
    hours = dict(zip(time.starts, time.hours, strict=True))
    for row in rows:
        row["hours"] = hours[str(row["start"])]
        row["average_mw"] = _ratio(row["gross_mwh"], row["hours"])
        row["price"], row["worth"] = (
            _ratio(row["power_cost_usd"], row["gross_mwh"]),
            _ratio(row["margin_usd"], row["gross_mwh"]),
        )
    columns = [
        STARTS,
        Col("site", "Site", width=18),
        Col("use", "Use", width=16),
        Col("hours", "Hours", "whole", 8),
        Col("it_mwh", "Energy, MWh critical IT", "mwh", total=True),
        Col("gross_mwh", "Energy, MWh at the meter", "mwh", total=True),
        Col("average_mw", "Average MW at the meter", "mw", formula="{gross_mwh}/{hours}"),
        Col("earnings_usd", "Earnings before power, USD", "usd", total=True),
        Col("sla_credits_usd", "Credits to tenants, USD", "usd", total=True),
        Col("power_cost_usd", "Power at the site's price, USD", "usd", total=True),
        Col(
            "margin_usd", "Margin, USD", "usd", total=True, formula="{earnings_usd}-{sla_credits_usd}-{power_cost_usd}"
        ),
        Col("price", "Power, USD/MWh", "rate", formula='IF({gross_mwh}=0,"",{power_cost_usd}/{gross_mwh})'),
        Col("worth", "Margin, USD/MWh", "rate", formula='IF({gross_mwh}=0,"",{margin_usd}/{gross_mwh})'),
    ]
    note = "Every hour of every site, added up by use. The hours themselves are Parquet files in dispatch/ of the plan."
    made = listed(book, "Dispatch summary", "Energy and margin by use", note, columns, _used(rows))
    for key, words, kind in (
        ("gross_mwh", "Energy at the meter", "mwh"),
        ("margin_usd", "Margin of all uses", "usd_cents"),
    ):
        plan = sum(time.expected(tables["power"], key))
        book.checks.append(Check(words, made.total(key), made.sums[key], plan, "table power", kind))


def _used(rows: Rows) -> Rows:
    """Rows of uses that take or earn something."""
    return [row for row in rows if any(row[key] for key in ("gross_mwh", "earnings_usd", "margin_usd"))]


def expected_rows(table: pd.DataFrame, keys: list[str], columns: list[str], time: Periods) -> Rows:
    """Sums of probability x columns by period and keys, in the table's order within a period."""
    if table.empty:
        return []
    chance = table["node"].map(time.probability).astype(float)
    weighted = pd.DataFrame({name: table[name] * chance for name in columns})
    named = table[keys].assign(period=table["node"].map(time.of_node), **{name: weighted[name] for name in columns})
    found = named.groupby(["period", *keys], sort=False, as_index=False).sum().sort_values("period", kind="stable")
    return [{**_text(row), "start": time.starts[int(row["period"])]} for row in found.to_dict("records")]


def _states(table: pd.DataFrame, keys: list[str], means: list[str], time: Periods) -> Rows:
    """Probability of each state and the means of its figures."""
    rows = expected_rows(table.assign(share=1.0), keys, ["share", *means], time)
    return [{**row, **{name: _ratio(row[name], row["share"]) for name in means}} for row in rows]


def of_futures(time: Periods) -> list[Col]:
    """A column of probabilities where there are several futures."""
    return [SHARE] if time.branches else []


def _text(row: dict[object, object]) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def _named(rows: list[dict[object, object]] | list[dict[str, object]]) -> Rows:
    return [{str(name): value for name, value in row.items()} for row in rows]


def _ratio(part: object, whole: object) -> float | None:
    return _number(part) / _number(whole) if whole else None


def _number(value: object) -> float:
    assert isinstance(value, float | int)
    return float(value)

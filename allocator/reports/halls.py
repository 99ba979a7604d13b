"""Figures of halls: what each is when, with its conversions; what conversions cost."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from allocator.plan.plan import Plan
from allocator.reports.figure import (
    FROM_MONTH,
    Cell,
    Column,
    Figure,
    Listing,
    Row,
    Series,
    Span,
    Timeline,
    listing,
    what_differs,
)
from allocator.reports.periods import Periods, periods_of

CONVERTING, CLOSED = "converting", "closed"
MOST_HALLS = 60
"""Halls a timeline shows; those whose state never changes are left out first."""


def timeline(plan: Plan) -> Timeline:
    """Every hall with the fit-out it is used as in each period, in most futures where they differ."""
    when, tables = periods_of(plan), plan.tables
    rows = [
        Row(str(hall), str(own["site"].iloc[0]), tuple(_spans(own, when)))
        for hall, own in when.weighted(tables["halls"]).groupby("hall", sort=False)
    ]
    if len(rows) > MOST_HALLS:
        rows = sorted(rows, key=lambda row: len(row.spans) < 2)[:MOST_HALLS]
    futures = len(tables["paths"])
    about = "What each hall is fitted for, and when it converts"
    about += "." if futures == 1 else f": its most likely state, and in how many of {futures:,} futures it is so."
    return Timeline("halls", "Halls and conversions", about, when.starts, when.end, tuple(rows))


def _spans(own: pd.DataFrame, when: Periods) -> Iterator[Span]:
    """States of one hall, neighbours that are alike joined."""
    label = own["fit_out"].where(own["status"] == "operating", own["status"])
    mass: dict[int, dict[str, float]] = {}
    for at, state, weight in zip(own["period"], label, own["weight"], strict=True):
        of_state = mass.setdefault(int(at), {})
        of_state[str(state)] = of_state.get(str(state), 0.0) + float(weight)
    last: Span | None = None
    for period in range(len(when.starts)):
        shares = mass.get(period)
        if shares is None:
            continue
        state = max(shares, key=lambda name: shares[name])
        share = min(1.0, shares[state] / sum(shares.values()))
        if last and last.state == state and last.last == period - 1:
            last = Span(last.first, period, state, state, min(last.share, share))
        else:
            if last:
                yield last
            last = Span(period, period, state, state, share)
    if last:
        yield last


def conversions(plan: Plan) -> Listing | None:
    """Every conversion with its dates and cost, and in how many futures it is made; None where there is none."""
    table = plan.tables["conversions"]
    if table.empty:
        return None
    when = periods_of(plan)
    start = dict(zip(plan.tables["nodes"]["node"], plan.tables["nodes"]["start_month"], strict=True))
    made = table.assign(
        decided=table["decided_node"].map(start),
        ready=table["ready_node"].map(start),
        chance=table["ready_node"].map(when.probability),
    )
    keys = ["hall", "from_fit_out", "to_fit_out", "decided", "idle_from_month", "ready", "capex_usd"]
    rows: list[tuple[Cell, ...]] = [
        (*map(str, key[:6]), float(str(key[6])), min(1.0, float(own["chance"].sum())))
        for key, own in made.groupby(keys, sort=False)
    ]
    columns = (
        Column("hall"),
        Column("from"),
        Column("to"),
        Column("decided"),
        Column("idle from"),
        Column("usable from"),
        Column("capex", "USD"),
        Column("futures", "share"),
    )
    about = "Halls that become something else, with the whole cost of it, undiscounted."
    return what_differs(listing("conversions", "Conversions", about, columns, rows))


def machines(plan: Plan) -> Figure | None:
    """Nameplate of the machines that stand in halls, and critical IT that tenants have contracted, by period."""
    when, table = periods_of(plan), plan.tables["halls"]
    if table.empty:
        return None
    amounts = {
        "machines of the company": ("mining", when.expected(table, "installed_mw")),
        "contracted by tenants": ("ai_colocation", when.expected(table, "contracted_mw")),
    }
    shown = [
        Series(name, tuple((values / when.reached).tolist()), key=key)
        for name, (key, values) in amounts.items()
        if any(values)
    ]
    limit = when.expected(table, "it_limit_mw") / when.reached
    most = Series("electrical limit of halls in use", tuple(limit.tolist()), role="limit")
    about = "Critical IT megawatts that stand in halls, beside what the halls in use can feed."
    return Figure(
        key="installed",
        title="What stands in the halls",
        about=about,
        kind="stacked",
        unit="MW",
        x_name=FROM_MONTH,
        x=when.starts,
        series=(*shown, most),
        months=when.months,
    )


def hosts(plan: Plan) -> Listing | None:
    """Hosting agreements: machines there, energy and its price, notice given."""
    table = plan.tables["hosting"]
    if table.empty:
        return None
    when = periods_of(plan)
    ended = plan.tables["terminations"].assign(chance=plan.tables["terminations"]["end_node"].map(when.probability))
    share = ended.groupby("agreement")["chance"].sum().to_dict()
    rows: list[tuple[Cell, ...]] = []
    for name, own in when.weighted(table).groupby("agreement", sort=False):
        energy, paid = ((own[column] * own["weight"]).sum() for column in ("energy_mwh", "energy_usd"))
        at = [own[own["period"] == period] for period in (own["period"].min(), own["period"].max())]
        mw = [float((one["installed_mw"] * one["weight"]).sum() / one["weight"].sum()) for one in at]
        price = float(paid / energy) if energy > 0 else None
        rows.append((str(name), *mw, float(energy) / 1e3, price, min(1.0, float(share.get(name, 0.0)))))
    columns = (
        Column("agreement"),
        Column("machines at first", "MW"),
        Column("at last", "MW"),
        Column("energy", "GWh"),
        Column("price", "USD/MWh"),
        Column("ended by notice", "share"),
    )
    about = "Expected: first and last period of each agreement's term, and in how many futures notice ends it."
    return listing("hosts", "Machines at hosts", about, columns, rows)

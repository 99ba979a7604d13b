"""Figures of the treasury: Bitcoin held, pledged and sold, loan to value over all futures, its ladder, debt, calls."""

from __future__ import annotations

from functools import lru_cache

import pandas as pd

from allocator.plan.balances import balances
from allocator.plan.balances import years as balance_years
from allocator.plan.liquidity import MonthFigures, months, positions, runway
from allocator.plan.ltv import FALLS_SHARE, ladder
from allocator.plan.plan import Plan
from allocator.reports.figure import END_OF_MONTH, FROM_MONTH, Cell, Column, Figure, Listing, Series, listing
from allocator.reports.periods import Periods, periods_of, quantiles
from allocator.reports.words import MINUS, SPACE

LEVELS = (0.05, 0.5, 0.95)


@lru_cache(maxsize=1)
def months_of(plan: Plan) -> tuple[MonthFigures, ...]:
    """The treasury of the plan by month, found once."""
    return months(plan.tables["nodes"], positions(plan.tables))


def bitcoin(plan: Plan) -> Figure | None:
    """Bitcoin free and pledged at the end of each period, what is mined and sold in it; None without a treasury."""
    table = plan.tables["treasury"]
    if table.empty:
        return None
    when = periods_of(plan)
    held, pledged = (
        _mean(when, table, "closing_btc"),
        _mean(when, plan.tables["collateral"], "closing_btc"),
    )
    rest = [max(0.0, own - behind) for own, behind in zip(held, pledged, strict=True)]
    kept, mined = _mean(when, table, "retained_btc"), _mean(when, table, "mined_btc")
    series = (
        Series("pledged", tuple(pledged), key="pledged"),
        Series("held free", tuple(rest), key="treasury"),
    )
    moves = (
        Series("sold from holdings", tuple(_mean(when, table, "sold_btc")), key="sold"),
        Series("mined", tuple(mined), role="beside"),
        Series("mined and sold at once", tuple(m - k for m, k in zip(mined, kept, strict=True)), role="beside"),
        Series("bought", tuple(_mean(when, table, "bought_btc")), role="beside"),
        Series("seized by lenders", tuple(_mean(when, table, "seized_btc")), role="beside"),
    )
    about = (
        "Bitcoin when each period closes, free and behind loans; beneath, what is sold from holdings in it. Expected."
    )
    x, months = when.closes, when.months
    sold = Figure("sold", "Sold", "Sold from holdings.", "bars", "BTC", END_OF_MONTH, x, moves, months=months)
    return Figure("bitcoin", "Bitcoin", about, "stacked", "BTC", END_OF_MONTH, x, series, sold, months)


def _mean(when: Periods, table: pd.DataFrame, column: str) -> list[float]:
    """Mean over the nodes of each period of the sum of a column in a node."""
    return [float(value) for value in when.expected(table, column) / when.reached]


def price(plan: Plan) -> Figure | None:
    """Price of Bitcoin over the futures of the plan."""
    table = plan.tables["treasury"]
    if table.empty:
        return None
    when = periods_of(plan)
    series = _over_futures(when, table, "price_usd_per_btc", "price")
    about = "Price of one Bitcoin in the futures the plan knows: median, and between which prices 90 % of futures lie."
    x, months = when.starts, when.months
    return Figure("btc_price", "Price of Bitcoin", about, "lines", "USD/BTC", FROM_MONTH, x, series, months=months)


def _over_futures(when: Periods, table: pd.DataFrame, column: str, name: str) -> tuple[Series, ...]:
    """Median of a column by period, and its band where futures differ."""
    rows = when.weighted(table)
    found: list[list[float] | None] = [None] * len(when.starts)
    for period, own in rows.groupby("period"):
        found[int(str(period))] = quantiles(own[column].tolist(), own["weight"].tolist(), LEVELS)
    low, mid, high = ([None if one is None else one[k] for one in found] for k in range(3))
    if low == high:
        return (Series(name, tuple(mid), role="line", key="cash"),)
    return (
        Series("5 % of futures lie below", tuple(low), role="low"),
        Series("5 % of futures lie above", tuple(high), role="high"),
        Series(f"{name}, median", tuple(mid), role="line", key="cash"),
    )


def loan_to_value(plan: Plan) -> list[Figure]:
    """Loan to value of each secured loan over the futures, before the company acts, with the lender's lines."""
    when, made = periods_of(plan), []
    for loan, own in plan.tables["collateral"].groupby("loan", sort=False):
        series = (
            *_over_futures(when, own, "ltv_before_share", "before acting"),
            Series("after acting, expected", _of_loan(when, own, "ltv_after_share"), role="line", key="after"),
            Series("call", _of_loan(when, own, "call_ltv_share"), role="limit"),
            Series("liquidation", _of_loan(when, own, "liquidation_ltv_share"), role="limit", key="worst"),
        )
        about = (
            "What is owed over the worth of the Bitcoin behind it, before the company acts, at the lowest price of the "
            "period; above the call line the lender calls for margin, above the liquidation line it sells."
        )
        key, title, x = f"ltv_{loan}", f"Loan to value: {loan}", when.starts
        made.append(Figure(key, title, about, "lines", "share", FROM_MONTH, x, series, months=when.months))
    return made


def _of_loan(when: Periods, own: pd.DataFrame, column: str) -> tuple[float | None, ...]:
    """Mean over the nodes of each period in which the loan has a row."""
    rows = when.weighted(own)
    sums = (rows[column] * rows["weight"]).groupby(rows["period"]).sum() / rows["weight"].groupby(rows["period"]).sum()
    return tuple(float(sums[k]) if k in sums.index else None for k in range(len(when.starts)))


def loan_ladder(plan: Plan) -> Listing | None:
    """Loan to value as the price of Bitcoin falls, and the prices at which a lender calls and sells."""
    rows = [
        (
            one.loan,
            one.when,
            one.owed_usd,
            one.pledged_btc,
            *one.ltv_share,
            one.call_usd_per_btc,
            one.liquidation_usd_per_btc,
            one.cure.sell_btc,
        )
        for one in (ladder(plan.tables) if len(plan.tables["collateral"]) else ())
    ]
    columns = (
        Column("loan"),
        Column("when"),
        Column("owed", "USD"),
        Column("pledged", "BTC"),
        Column("LTV", "share"),
        *(Column(f"{MINUS}{100 * fall:.0f}{SPACE}%", "share") for fall in FALLS_SHARE[1:]),
        Column("called below", "USD/BTC"),
        Column("liquidated below", "USD/BTC"),
        Column("sell to restore", "BTC"),
    )
    about = (
        "Loan to value at falls of today's price; what to sell now to come back to the initial level, if selling can."
    )
    return listing("ladder", "Ladder of loan to value", about, columns, rows) if rows else None


def chances(plan: Plan) -> Figure | None:
    """Probability of a margin call and of missing cash, by month; None without debt on a tree of futures."""
    if len(plan.tables["paths"]) < 2 or plan.tables["loans"].empty:
        return None
    found = months_of(plan)
    called, short = (one.call_probability for one in found), (one.shortfall_probability for one in found)
    series = (_drawn("margin call", tuple(called), "worst"), _drawn("missing cash", tuple(short), "sold"))
    about = "In how many futures a lender calls, or cash falls short. In the first month it is how the plan opens."
    about += "".join(f" No {one.name} in any." for one in series if one.role == "beside")
    x, lasts = tuple(one.month for one in found), periods_of(plan).months
    title = "Margin calls and missing cash"
    return Figure("chances", title, about, "bars", "share", FROM_MONTH, x, series, months=lasts)


def _drawn(name: str, numbers: tuple[float, ...], key: str) -> Series:
    """A series of a chart; where all of it is nothing, of its table alone."""
    return Series(name, numbers, key=key) if any(numbers) else Series(name, numbers, "beside", key)


def debt(plan: Plan) -> Listing | None:
    """What is owed at the end of every year; None where nothing is."""
    owed = balances(plan.tables)
    if not owed:
        return None
    columns = balance_years(owed)
    rows: list[tuple[Cell, ...]] = [
        (one.creditor, one.opening_usd, *(one.year_end_usd[year] for year in columns)) for one in owed
    ]
    heads = (Column("creditor"), Column("at the start", "USD"), *(Column(f"end of {year}", "USD") for year in columns))
    about = "Loans, notes and what tenants have paid ahead, expected."
    return listing("debt", "What is owed", about, heads, rows)


def runway_of(plan: Plan) -> Listing:
    """Cash, burn, and how long both last."""
    left = runway(plan.tables)
    rows = [
        ("cash at the start", left.cash_usd),
        ("free Bitcoin at the start, sold", left.free_btc_usd),
        ("burn a month, first year", max(0.0, left.burn_usd_per_month)),
    ]
    about = "How long cash lasts at the burn of the first year: "
    if left.cash_months is None or left.with_bitcoin_months is None:
        about += "the first year burns none."
    else:
        about += f"{left.cash_months:.1f} months, {left.with_bitcoin_months:.1f} with the free Bitcoin."
    return listing("runway", "Runway", about, (Column("figure"), Column("amount", "USD")), rows)

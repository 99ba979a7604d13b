"""What treasury asks of a plan: Bitcoin, debt and cash node by node, margin calls by month, runway, sources and uses.

Everything is read off verified tables; nothing here is part of a plan. Definitions:

- a loan is called in a node where its loan to value before the company acts, at the lowest price, is above the call
  level; free Bitcoin may meet it (column `posted_btc` of table collateral); in the first node it is how a plan opens;
- probability of a call or a shortfall in a month: of the nodes that start in it, those with one;
- burn: operations, capital, interest and fees of the first twelve months, expected, where they take more than they
  bring; runway: months of it that today's cash lasts, alone and with all free Bitcoin sold at what a sale brings today;
- interest cover of a year: EBITDA over interest and fees of loans; net debt: owed, to tenants who have paid ahead too,
  less cash when its last nodes close, and its multiple of the EBITDA of the year's months, scaled to twelve; expected,
  none where EBITDA is not positive;
- sources and uses by year, expected: what moved cash. Their sum is the change in cash.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from allocator.plan.lines import PUT_OFF_LINES
from allocator.plan.schema import CAPITAL_LINES, DEPOSIT_LINES, HEDGE_LINES, OPERATING_LINES

GROUPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "operations": OPERATING_LINES,
        "capital": CAPITAL_LINES,
        "machines sold": ("equipment_sale",),
        "deposits": DEPOSIT_LINES,
        "coincident peaks put off": PUT_OFF_LINES,
        "hedges": HEDGE_LINES,
        "Bitcoin kept": ("btc_retained",),
        "Bitcoin sold": ("btc_sale", "btc_slippage", "btc_settlement"),
        "Bitcoin seized": ("btc_seized",),
        "Bitcoin bought": ("btc_purchase",),
        "interest on cash": ("cash_interest",),
        "drawn": ("loan_draw",),
        "paid back": ("loan_repayment",),
        "tax": ("tax_paid",),
        "shares sold": ("equity_issued", "equity_fees"),
        "paid ahead by tenants": ("prepayment_received", "prepayment_earned", "prepayment_refunded"),
        "notes paid in shares": ("notes_conversion", "shares_issued"),
        "interest and fees": ("loan_interest", "loan_fees", "prepayment_penalty"),
    }
)
"""Period lines by what moves cash; every one of them stands in one group."""
BURN = ("operations", "capital", "interest and fees")
BURN_MONTHS = 12
LEAST_SHORTFALL_USD = 1.0
"""Less is what an engine's tolerance leaves."""


@dataclass(frozen=True)
class Position:
    """One node: what is held and owed when it has acted.

    Attributes:
        unearned_usd: paid ahead by tenants and not earned yet.
        ltv_before_share, ltv_after_share: the highest of all loans, before and after acting.
        calls: loans whose lender calls before the company acts.
    """

    node: str
    probability: float
    price_usd_per_btc: float | None
    sold_btc: float
    held_btc: float
    pledged_btc: float
    owed_usd: float
    unearned_usd: float
    cash_usd: float
    shortfall_usd: float
    ltv_before_share: float | None
    ltv_after_share: float | None
    calls: tuple[str, ...]


@dataclass(frozen=True)
class MonthFigures:
    """Nodes that start in a month: expected amounts, and probabilities as a share of all futures."""

    month: str
    held_btc: float
    owed_usd: float
    cash_usd: float
    call_probability: float
    shortfall_probability: float
    shortfall_usd: float


@dataclass(frozen=True)
class Runway:
    """Months that cash lasts at the burn of the first year; None where nothing is burnt."""

    burn_usd_per_month: float
    cash_usd: float
    free_btc: float
    free_btc_usd: float
    cash_months: float | None
    with_bitcoin_months: float | None


@dataclass(frozen=True)
class YearFlows:
    """Expected cash by group in one calendar year, USD; money out is negative."""

    year: int
    flows_usd: Mapping[str, float]

    @property
    def change_usd(self) -> float:
        return math.fsum(self.flows_usd.values())


@dataclass(frozen=True)
class YearRatios:
    """What lenders ask by calendar year, expected; None where nothing is paid, or EBITDA is not positive."""

    year: int
    ebitda_usd: float
    debt_cost_usd: float
    net_debt_usd: float
    interest_cover: float | None
    net_debt_over_ebitda: float | None


def positions(tables: Mapping[str, pd.DataFrame]) -> tuple[Position, ...]:
    """Every node of the plan."""
    nodes, owed = tables["nodes"], tables["loans"].groupby("node")["closing_usd"].sum().to_dict()
    ahead = tables["prepayments"].groupby("node")["unearned_usd"].sum().to_dict()
    cash, btc = _by_node(tables["cash"]), _by_node(tables["treasury"])
    backed, nothing = dict(_backed(tables["collateral"])), _Backed(0.0, None, None, ())
    return tuple(
        _position(
            node,
            share,
            cash[node],
            btc.get(node),
            _Owed(float(owed.get(node, 0.0)), float(ahead.get(node, 0.0))),
            backed.get(node, nothing),
        )
        for node, share in zip(nodes["node"], nodes["probability"], strict=True)
    )


def months(nodes: pd.DataFrame, found: Sequence[Position]) -> tuple[MonthFigures, ...]:
    """By the month that nodes start in; `found` are all nodes in the order of table nodes."""
    by_month: dict[str, list[Position]] = {}
    for month, position in zip(nodes["start_month"], found, strict=True):
        by_month.setdefault(str(month), []).append(position)
    return tuple(_month(month, own) for month, own in sorted(by_month.items()))


def runway(tables: Mapping[str, pd.DataFrame]) -> Runway:
    """How long today's cash lasts."""
    nodes = tables["nodes"]
    root = nodes.loc[nodes["parent"] == "", "node"].iloc[0]
    first = _first_months(nodes)
    lines = [line for group in BURN for line in GROUPS[group]]
    flow = tables["cash_flow"].merge(nodes[["node", "probability"]], on="node")
    flow = flow[flow["node"].isin(first["node"]) & flow["line"].isin(lines)]
    covered = float((first["months"] * first["probability"]).sum())
    burn = -math.fsum(flow["amount_usd"] * flow["probability"]) / covered
    cash = _by_node(tables["cash"])[root]["opening_usd"]
    free, worth = _free(tables, root)
    return Runway(
        burn_usd_per_month=burn,
        cash_usd=cash,
        free_btc=free,
        free_btc_usd=worth,
        cash_months=cash / burn if burn > 0 else None,
        with_bitcoin_months=(cash + worth) / burn if burn > 0 else None,
    )


def sources_and_uses(tables: Mapping[str, pd.DataFrame]) -> tuple[YearFlows, ...]:
    """What moved cash, by calendar year."""
    nodes = tables["nodes"].assign(year=tables["nodes"]["start_month"].str.slice(0, 4).astype(int))
    flow = tables["cash_flow"].merge(nodes[["node", "probability", "year"]], on="node")
    flow = flow[flow["when"] == "period"].assign(expected=lambda f: f["amount_usd"] * f["probability"])
    group = {line: name for name, lines in GROUPS.items() for line in lines}
    sums = flow["expected"].groupby([flow["year"], flow["line"].map(group)]).sum()
    return tuple(
        YearFlows(year, {name: float(sums.get((year, name), 0.0)) for name in GROUPS})
        for year in sorted(set(nodes["year"].tolist()))
    )


_Row = Mapping[str, float]
"""Numbers of one row of a table."""


class _Owed(NamedTuple):
    """On loans, and to tenants who have paid ahead, USD."""

    loans_usd: float
    unearned_usd: float


class _Backed(NamedTuple):
    """Bitcoin behind all loans of a node, the highest loan to value, loans whose lender calls."""

    pledged_btc: float
    ltv_before_share: float | None
    ltv_after_share: float | None
    calls: tuple[str, ...]


def _backed(collateral: pd.DataFrame) -> Iterator[tuple[str, _Backed]]:
    """By node."""
    called = collateral["ltv_before_share"] > collateral["call_ltv_share"] * (1.0 + 1e-9)
    calls: dict[str, list[str]] = {}
    for node, loan in collateral.loc[called, ["node", "loan"]].itertuples(index=False):
        calls.setdefault(str(node), []).append(str(loan))
    groups = collateral.groupby("node", sort=False)
    pledged, before, after = (
        groups["closing_btc"].sum(),
        groups["ltv_before_share"].max(),
        groups["ltv_after_share"].max(),
    )
    for node, *own in zip(pledged.index, pledged, before, after, strict=True):
        btc, highest, then = map(float, own)
        yield str(node), _Backed(btc, highest, then, tuple(calls.get(str(node), ())))


def _by_node(frame: pd.DataFrame) -> dict[str, _Row]:
    """Numbers of a table with one row a node."""
    numbers = frame.drop(columns="node").to_dict("records")
    rows = ({str(name): float(value) for name, value in row.items()} for row in numbers)
    return dict(zip(frame["node"], rows, strict=True))


def ratios(nodes: pd.DataFrame, found: Sequence[Position], flows: Sequence[YearFlows]) -> tuple[YearRatios, ...]:
    """By calendar year; `found` are all nodes in the order of table nodes, `flows` their sources and uses."""
    start = nodes["start_month"].str.slice(0, 4).astype(int) * 12 + nodes["start_month"].str.slice(5, 7).astype(int) - 1
    end, year = (start + nodes["months"]).to_numpy(), (start // 12).to_numpy()
    rows = []
    for flow in flows:
        own = year == flow.year
        last = [p for p, is_last in zip(found, own & (end == end[own].max()), strict=True) if is_last]
        weight = math.fsum(p.probability for p in last)
        owed = math.fsum(p.probability * (p.owed_usd + p.unearned_usd - p.cash_usd) for p in last) / weight
        covered = math.fsum(nodes.loc[own, "months"] * nodes.loc[own, "probability"]) / 12.0
        rows.append(_ratios(flow, owed, covered))
    return tuple(rows)


def _ratios(flow: YearFlows, net_debt_usd: float, years: float) -> YearRatios:
    ebitda, cost = flow.flows_usd["operations"], 0.0 - flow.flows_usd["interest and fees"]
    return YearRatios(
        year=flow.year,
        ebitda_usd=ebitda,
        debt_cost_usd=cost,
        net_debt_usd=net_debt_usd,
        interest_cover=ebitda / cost if cost > 0 else None,
        net_debt_over_ebitda=net_debt_usd * years / ebitda if ebitda > 0 else None,
    )


def _position(node: str, probability: float, cash: _Row, held: _Row | None, owed: _Owed, backed: _Backed) -> Position:
    return Position(
        node=node,
        probability=float(probability),
        price_usd_per_btc=None if held is None else float(held["price_usd_per_btc"]),
        sold_btc=0.0 if held is None else float(held["sold_btc"]),
        held_btc=0.0 if held is None else float(held["closing_btc"]),
        pledged_btc=backed.pledged_btc,
        owed_usd=owed.loans_usd,
        unearned_usd=owed.unearned_usd,
        cash_usd=float(cash["closing_usd"]),
        shortfall_usd=float(cash["shortfall_usd"]),
        ltv_before_share=backed.ltv_before_share,
        ltv_after_share=backed.ltv_after_share,
        calls=backed.calls,
    )


def _month(month: str, own: Sequence[Position]) -> MonthFigures:
    weight = math.fsum(p.probability for p in own)

    def mean(values: Sequence[float]) -> float:
        return math.fsum(p.probability * value for p, value in zip(own, values, strict=True)) / weight

    return MonthFigures(
        month=month,
        held_btc=mean([p.held_btc for p in own]),
        owed_usd=mean([p.owed_usd for p in own]),
        cash_usd=mean([p.cash_usd for p in own]),
        call_probability=mean([float(bool(p.calls)) for p in own]),
        shortfall_probability=mean([float(p.shortfall_usd >= LEAST_SHORTFALL_USD) for p in own]),
        shortfall_usd=mean([p.shortfall_usd for p in own]),
    )


def _first_months(nodes: pd.DataFrame) -> pd.DataFrame:
    """Nodes that start within the first twelve months."""
    start = nodes["start_month"].str.slice(0, 4).astype(int) * 12 + nodes["start_month"].str.slice(5, 7).astype(int)
    return nodes[start < start.min() + BURN_MONTHS]


def _free(tables: Mapping[str, pd.DataFrame], root: str) -> tuple[float, float]:
    """Bitcoin that no loan has when the plan opens, and what selling it brings."""
    held = tables["treasury"][tables["treasury"]["node"] == root]
    if held.empty:
        return 0.0, 0.0
    pledged = tables["collateral"].loc[tables["collateral"]["node"] == root, "opening_btc"].sum()
    free = max(0.0, float(held["opening_btc"].iloc[0]) - float(pledged))
    return free, free * float(held["net_usd_per_btc"].iloc[0])

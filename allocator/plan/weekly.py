"""Cash of a plan's first thirteen weeks: its monthly flows on the days on which they are received and paid.

A plan counts each flow in the period in which it is earned. Here it is laid on days: earned evenly over the period, due
as the payment terms say, and received or paid so many days later. Nothing is decided and nothing is lost: what of the
periods covered falls after the thirteenth week stands under `rest`, what falls after these periods under `later`, and
opening cash and all of them add up to the cash with which the plan closes the periods. Items of the time before the
plan (`before`) come on top: the plan's own cash does not know them.

Rules by line, in whole days:

- mining, GPU rental, credits, services, work, fixed opex, and every line not named below: evenly over the period;
- rents, with what of them was paid ahead; power and what passes through: evenly, or on the first day of each month, or
  on the first day after it;
- capital: conversions on the first day of each month, all else on the first day of the period;
- Bitcoin sold from holdings: evenly, and after the settlement days; what the plan itself moves to the next period
  (btc_settlement) stands under `later`, where it meets the sales that settle then;
- draws, purchases, deposits, new shares, prepayments and premiums of hedges on the first day of the period; interest,
  fees and principal on a day of each month; what hedges settle and interest on cash on the last day of the period.

On a tree, flows are expected ones, and beside the expected cash stands that of the lowest future.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.plan.lines import PUT_OFF_LINES
from allocator.plan.schema import CAPITAL_LINES, DEPOSIT_LINES, LINES

WEEKS, DAYS_A_WEEK = 13, 7

Due = Literal["daily", "advance", "arrears"]
Rule = Literal["daily", "advance", "arrears", "first", "last", "day", "later"]

GROUPS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "mining": ("mining_revenue", "btc_retained"),
        "rents and GPU rental": ("colocation_rent", "gpu_rental_revenue", "prepayment_earned"),
        "power": (
            "power_cost",
            "demand_charge",
            *PUT_OFF_LINES,
            "block_energy",
            "block_used",
            "power_pass_through",
            "pass_through_lost",
        ),
        "capital": CAPITAL_LINES,
        "Bitcoin sold": ("btc_sale", "btc_slippage", "btc_settlement"),
        "drawn": ("loan_draw",),
        "interest and principal": ("loan_interest", "loan_fees", "loan_repayment", "notes_conversion", "shares_issued"),
    }
)
"""Lines by what a treasurer follows week by week; every other period line stands under OTHER."""
FIRST_LINES = (
    "loan_draw",
    "btc_purchase",
    "hedge_premium",
    "equipment_sale",
    "equity_issued",
    "equity_fees",
    "prepayment_received",
    "prepayment_refunded",
    "prepayment_penalty",
)
"""Lines of what is decided at a node: they move cash on its first day."""
OTHER, BEFORE = "fixed opex and other", "of before the plan"
NAMES = (*GROUPS, OTHER, BEFORE)
"""Groups in the order of tables."""
_NAMED = {line: k for k, lines in enumerate(GROUPS.values()) for line in lines}
_GROUP_OF = {line: _NAMED.get(line, NAMES.index(OTHER)) for line in LINES}


@dataclass(frozen=True)
class Terms:
    """Days of payment; the fields are those of the scenario's payment terms and of its treasury."""

    mining_days: int = 0
    gpu_rental_days: int = 0
    rent_due: Due = "daily"
    rent_days: int = 0
    power_due: Due = "daily"
    power_days: int = 0
    capex_days: int = 0
    debt_day_of_month: int = 28
    settlement_days: int = 0
    before: tuple[tuple[int, float], ...] = ()

    def of(self, line: str) -> tuple[Rule, int]:
        """When a line falls due, and days from then to its cash."""
        return self._named.get(line, ("daily", 0))

    @property
    def _named(self) -> dict[str, tuple[Rule, int]]:
        first: tuple[Rule, int] = ("first", self.capex_days)
        power: tuple[Rule, int] = (self.power_due, self.power_days)
        on_day: tuple[Rule, int] = ("day", self.debt_day_of_month - 1)
        return {
            "mining_revenue": ("daily", self.mining_days),
            "btc_retained": ("daily", self.mining_days),
            "gpu_rental_revenue": ("daily", self.gpu_rental_days),
            **dict.fromkeys(("colocation_rent", "prepayment_earned"), (self.rent_due, self.rent_days)),
            **dict.fromkeys(GROUPS["power"], power),
            **dict.fromkeys((*CAPITAL_LINES, *DEPOSIT_LINES), first),
            "conversion_capex": ("advance", self.capex_days),
            "btc_sale": ("daily", self.settlement_days),
            "btc_settlement": ("later", 0),
            **dict.fromkeys(FIRST_LINES, ("first", 0)),
            **dict.fromkeys(GROUPS["interest and principal"], on_day),
            **dict.fromkeys(("hedge_settlement", "block_settlement", "cash_interest"), ("last", 0)),
        }


@dataclass(frozen=True)
class Flows:
    """Expected cash by group, USD; money out is negative."""

    flows_usd: Mapping[str, float]

    @property
    def change_usd(self) -> float:
        return math.fsum(self.flows_usd.values())


@dataclass(frozen=True)
class Week(Flows):
    """One week: its days, cash at its end, expected and in the lowest future, and Bitcoin pledged (net) in it."""

    week: int
    first_day: date
    last_day: date
    closing_usd: float
    lowest_usd: float
    pledged_btc: float


@dataclass(frozen=True)
class Weekly:
    """The weeks, and what is left of the periods they touch.

    Attributes:
        rest: after the last week and within these periods. later: due after them.
        before_usd: of the time before the plan, in all. closing_usd: the plan's expected cash when the periods close.
    """

    opening_usd: float
    weeks: tuple[Week, ...]
    rest: Flows
    later: Flows
    before_usd: float
    closing_usd: float
    until: date

    @property
    def lowest(self) -> Week:
        """The week that ends with least cash in the lowest future, the first of equals."""
        return min(self.weeks, key=lambda week: week.lowest_usd)


@dataclass(frozen=True)
class _Node:
    """A period in days from the start of the plan: first day and length of each of its calendar months."""

    name: str
    parent: str
    probability: float
    first: Ints
    days: Ints

    @property
    def end(self) -> int:
        return int(self.first[-1] + self.days[-1])


def weekly(tables: Mapping[str, pd.DataFrame], terms: Terms) -> Weekly:
    """The first thirteen weeks of a plan's tables, or as many as it has."""
    start, covered = _covered(tables["nodes"])
    until, paths = max(node.end for node in covered), _paths(covered)
    flow = tables["cash_flow"][tables["cash_flow"]["when"] == "period"]
    laid = {node.name: _laid(flow[flow["node"] == node.name], node, terms, until) for node in covered}
    futures = _Futures(
        start=start,
        weight=np.array([node.probability for *_, node in paths]),
        opening_usd=float(tables["cash"]["opening_usd"].iloc[0]),
        by_day=np.array([sum((laid[node.name] for node in path), _before(terms, until)) for path in paths]),
        pledged_btc=_pledged(tables["collateral"], covered, until),
    )
    weeks = tuple(_week(k, futures) for k in range(min(WEEKS, -(-until // DAYS_A_WEEK))))
    closing = dict(zip(tables["cash"]["node"], tables["cash"]["closing_usd"], strict=True))
    return Weekly(
        opening_usd=futures.opening_usd,
        weeks=weeks,
        rest=Flows(futures.expected(len(weeks) * DAYS_A_WEEK, until)),
        later=Flows(futures.expected(until, until + 1)),
        before_usd=math.fsum(usd for _, usd in terms.before),
        closing_usd=math.fsum(path[-1].probability * closing[path[-1].name] for path in paths),
        until=start + timedelta(until - 1),
    )


@dataclass(frozen=True)
class _Futures:
    """Flows by future, group and day, the last day standing for all later ones, (P, G, D + 1).

    Attributes:
        weight: probability of each future, (P,). pledged_btc: net, expected, by day, (D,).
    """

    start: date
    weight: Floats
    opening_usd: float
    by_day: Floats
    pledged_btc: Floats

    def expected(self, first: int, end: int) -> Mapping[str, float]:
        """Expected flows of some days by group."""
        sums = self.weight @ self.by_day[:, :, first:end].sum(axis=2)
        return {name: float(usd) for name, usd in zip(NAMES, sums, strict=True)}

    def cash_usd(self, end: int) -> Floats:
        """Cash when so many days are over, by future, (P,)."""
        return np.asarray(self.opening_usd + self.by_day[:, :, :end].sum(axis=(1, 2)))


def _week(k: int, futures: _Futures) -> Week:
    first, end = k * DAYS_A_WEEK, min((k + 1) * DAYS_A_WEEK, futures.by_day.shape[2] - 1)
    cash = futures.cash_usd(end)
    return Week(
        flows_usd=futures.expected(first, end),
        week=k + 1,
        first_day=futures.start + timedelta(first),
        last_day=futures.start + timedelta(end - 1),
        closing_usd=float(futures.weight @ cash),
        lowest_usd=float(cash.min()),
        pledged_btc=float(futures.pledged_btc[first:end].sum()),
    )


def _covered(nodes: pd.DataFrame) -> tuple[date, list[_Node]]:
    """First day of the plan, and the periods that begin within the weeks."""
    start = _first_day(str(nodes["start_month"].iloc[0]))
    made = [_node(start, row) for row in nodes.to_dict("records")]
    return start, [node for node in made if node.first[0] < WEEKS * DAYS_A_WEEK]


def _first_day(month: str, later: int = 0) -> date:
    """First day of the calendar month so many months later."""
    years, months = divmod(int(month[:4]) * 12 + int(month[5:7]) - 1 + later, 12)
    return date(years, months + 1, 1)


def _node(start: date, row: Mapping[Hashable, Any]) -> _Node:
    bounds = [(_first_day(row["start_month"], k) - start).days for k in range(int(row["months"]) + 1)]
    first = np.array(bounds, dtype=np.int64)
    return _Node(row["node"], row["parent"], float(row["probability"]), first[:-1], np.diff(first))


def _paths(covered: Sequence[_Node]) -> list[list[_Node]]:
    """Ways through the periods covered, the root first."""
    by_name, parents = {node.name: node for node in covered}, {node.parent for node in covered}
    paths = []
    for last in (node for node in covered if node.name not in parents):
        path = [last]
        while path[0].parent:
            path.insert(0, by_name[path[0].parent])
        paths.append(path)
    return paths


def _laid(flow: pd.DataFrame, node: _Node, terms: Terms, until: int) -> Floats:
    """Flows of one period by group and day, (G, D + 1)."""
    laid = np.zeros((len(NAMES), until + 1))
    for line, usd in flow.groupby("line")["amount_usd"].sum().items():
        rule, late = terms.of(str(line))
        day, share = _due(rule, node, until)
        np.add.at(laid[_GROUP_OF[str(line)]], np.minimum(day + late, until), float(usd) * share)
    return laid


def _due(rule: Rule, node: _Node, until: int) -> tuple[Ints, Floats]:
    """Days on which an amount of a period falls due, and the share of each."""
    whole, by_month = np.ones(1), node.days / node.days.sum()
    match rule:
        case "daily":
            days = int(node.days.sum())
            return node.first[0] + np.arange(days), np.full(days, 1.0 / days)
        case "advance" | "day":
            return node.first, by_month
        case "arrears":
            return node.first + node.days, by_month
        case "first":
            return node.first[:1], whole
        case "last":
            return np.array([node.end - 1]), whole
        case "later":
            return np.array([until]), whole


def _before(terms: Terms, until: int) -> Floats:
    laid = np.zeros((len(NAMES), until + 1))
    for day, usd in terms.before:
        laid[NAMES.index(BEFORE), min(day, until)] += usd
    return laid


def _pledged(collateral: pd.DataFrame, covered: Sequence[_Node], until: int) -> Floats:
    """Bitcoin newly pledged less released and seized, on the first day of each period, expected, (D,)."""
    moved = collateral["pledged_btc"] - collateral["released_btc"] - collateral["seized_btc"]
    by_node, pledged = moved.groupby(collateral["node"]).sum(), np.zeros(until)
    for node in covered:
        pledged[node.first[0]] += node.probability * float(by_node.get(node.name, 0.0))
    return pledged

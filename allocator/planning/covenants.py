"""COVENANT: liquidity, debt service coverage and leverage, tested at stated months.

Purpose
    A covenant compares what the company has, or earned in the months before, with what is asked of it. Income is
    what operations earn: every period line of the cash flow but capital, sold machines, deposits, Bitcoin, cash and
    debt. Debt service is line `loan_interest` and the instalments that a schedule asks for, whoever paid earlier; fees
    and balances at maturity are none. A test on income is kept where nothing is claimed, however little is earned: what
    carries a claim is the positive part of income, which is not concave and takes a binary.

Sets
    n nodes, a(n) parent; s sites; l loans; c covenants, and (c,n) its tests; w(c,n) nodes on the path to n whose months
    count in the test. The opening state stands for the parent of a root.

Parameters
    A[c]     | least liquidity | USD
    b[c]     | what free Bitcoin counts of its price | share
    p[n]     | price | USD/BTC
    S[c,s]   | 1 where the income of a site counts | share
    m[c,n,k] | of the months of node k, those that count in the test | share
    E0[c,n]  | income of the months before the horizon that count | USD
    D0[c,n]  | debt service of the same months | USD
    R[c]     | what a dollar of income carries: 1 / ratio of debt service, ratio x 12 / months of net debt | USD/USD
    L[c,l]   | 1 where the service of a loan counts | share
    I[l,n]   | what instalments leave of a loan, its maturity apart; 0 for a project loan | USD
    i[l,n]   | interest on what the parent owed | share
    W[c,n], V[c,n] | most that can be lost, and earned, in the months of the test | MUSD
    k[c]     | price of one USD of a breach | USD/USD

Variables
    earned_musd[c,n]  | income of the covenant's sites in the node | MUSD | free | nodes of windows
    due_musd[l,n]     | instalment that falls due | MUSD | >= 0 | loans with instalments, where coverage is tested
    counted_musd[c,n] | positive part of income in the months of the test | MUSD | >= 0 | tests on income
    losing[c,n]       | nothing is earned in these months | binary | 0 .. 1 | tests on income
    breach_musd[c,n]  | what is missing | MUSD | >= 0 | tests at which a breach has a price

Constraints
    COVENANT.earned[c,n] | earned_musd[c,n] = 1e-6 sum_s S[c,s] (margin_usd[s,n] + income_usd[s,n])
        | Operating lines of the cash flow: what the hours earn, and what operations earn besides. | design 5
    COVENANT.due[l,n] | due_musd[l,n] >= loan_musd[l,a(n)] - 1e-6 I[l,n] - lent_musd[l,n]
        | What is paid back ahead of the schedule is not due again; conversions let a project loan be owed. | issue 4
    COVENANT.income[c,n] | counted_musd[c,n] <= 1e-6 E0[c,n] + sum_{k in w(c,n)} m[c,n,k] earned_musd[c,k]
        + W[c,n] losing[c,n]
        | No more counts than is earned. | issue 4
    COVENANT.loss[c,n] | counted_musd[c,n] <= V[c,n] (1 - losing[c,n])
        | Losses carry nothing. | issue 4
    COVENANT.liquidity[c,n] | cash_musd[n] + 1e-6 b[c] p[n] (btc[n] - sum_l pledged_btc[l,n]) + breach_musd[c,n]
        >= 1e-6 A[c]
        | Cash and free Bitcoin when the node closes. | design 5
    COVENANT.coverage[c,n] | R[c] counted_musd[c,n] + breach_musd[c,n] >= 1e-6 D0[c,n]
        + sum_{k in w(c,n), l} m[c,n,k] L[c,l] (i[l,k] loan_musd[l,a(k)] + due_musd[l,k])
        | Debt service coverage. | design 5
    COVENANT.leverage[c,n] | R[c] counted_musd[c,n] + breach_musd[c,n] >= sum_l loan_musd[l,n]
        + 1e-6 unearned_usd[n] - cash_musd[n] - 1e-6 b[c] p[n] (btc[n] - sum_l pledged_btc[l,n])
        | Net debt over a year of income; what tenants have paid ahead is owed too. | design 5
    adds to penalty_usd | sum_{c,n} prob[n] k[c] 1e6 breach_musd[c,n]
        | A breach is priced and reported; its price is no part of the value. | design 5
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.covenants_state import Covenants
from allocator.instance.tree import Bools, Floats
from allocator.planning.axes import frame, where
from allocator.planning.context import USD_PER_MUSD, Context
from solvers.model import Expr, lag

ON = ("covenant", "node")


def add(context: Context, covenants: Covenants, cash: Expr, margin_extent: tuple[Floats, Floats]) -> None:
    """Tests of all covenants; `cash` (node) in MUSD, `margin_extent` least and most that hours earn, (S, N) USD."""
    income, on_income = _Income(context, margin_extent), where(covenants.tested_as("dscr", "net_debt_to_ebitda"), *ON)
    counted, breach = _counted(context, covenants, on_income, income), _breach(context, covenants)
    liquid = _liquid(context, cash)
    _liquidity(context, covenants, liquid, breach)
    carried = counted * covenants.carried_per_usd[on_income["covenant"]]
    _coverage(context, covenants, carried, breach)
    _leverage(context, covenants, carried, liquid, breach)


@dataclass(frozen=True)
class _Income:
    """What the sites of a covenant earn in a node, MUSD."""

    context: Context
    margin_extent: tuple[Floats, Floats]

    def of(self, covenants: Covenants, inside: pd.DataFrame) -> Expr:
        """Over (covenant, node)."""
        ledgers = self.context.ledgers
        return self._of_sites(ledgers.income_usd.total + ledgers.margin_usd.total, covenants, inside)

    def extent(self, covenants: Covenants, inside: pd.DataFrame) -> Iterator[Expr]:
        """Least and most of it that any plan comes to."""
        besides, table = self.context.ledgers.income_usd.total, self.context.axes.site_node
        for side, margin in zip(self.context.model.extent(besides), self.margin_extent, strict=True):
            yield self._of_sites(Expr.of(side + margin[table["site"], table["node"]], table), covenants, inside)

    @staticmethod
    def _of_sites(usd: Expr, covenants: Covenants, inside: pd.DataFrame) -> Expr:
        pairs = where(covenants.sites, "covenant", "site").merge(inside, on="covenant")
        return usd.take(pairs, on=["site", "node"]).sum_by(inside, empty="zero") / USD_PER_MUSD


@dataclass(frozen=True)
class _Liquid:
    """Cash over the nodes, and what free Bitcoin is worth, MUSD."""

    cash: Expr
    free_btc: Expr

    def at(self, covenants: Covenants, tests: pd.DataFrame) -> Expr:
        """What a test counts, over its (covenant, node)."""
        free = self.free_btc.take(tests, on=["node"]) * covenants.btc_share[tests["covenant"]]
        return self.cash.take(tests, on=["node"]) + free


def _liquid(context: Context, cash: Expr) -> _Liquid:
    ledgers, price = context.ledgers, context.instance.market.btc_price_usd
    free = ledgers.held_btc.total - ledgers.pledged_btc.total
    return _Liquid(cash, free * (0.0 if price is None else price / USD_PER_MUSD))


def _breach(context: Context, covenants: Covenants) -> Expr:
    """What is missing, over all (covenant, node); 0 where nothing may be."""
    at = where(covenants.may_breach, *ON)
    breach = context.model.variables("breach_musd", at).expr
    price = covenants.penalty[at["covenant"]] * context.instance.tree.probability[at["node"]]
    context.penalise(breach * (price * USD_PER_MUSD))
    return breach.take(where(np.ones_like(covenants.tested), *ON), on=list(ON), absent="zero")


def _counted(context: Context, covenants: Covenants, tests: pd.DataFrame, income: _Income) -> Expr:
    """The positive part of income in the months of every test on it."""
    model, windows = context.model, covenants.windows
    inside = frame(covenant=windows.covenant, node=windows.inside).drop_duplicates(ignore_index=True)
    earned = model.variables("earned_musd", inside, lower=-np.inf).expr
    model.rows("COVENANT.earned", earned - income.of(covenants, inside) == 0.0)
    extent = income.extent(covenants, inside)
    least, most = (_window(side, covenants, tests).constant for side in extent)
    earlier = covenants.earlier_income_usd[tests["covenant"], tests["node"]] / USD_PER_MUSD
    counted = model.variables("counted_musd", tests).expr
    losing = model.variables("losing", tests, upper=1.0, integer=True).expr
    lost, gained = np.maximum(0.0, -(least + earlier)), np.maximum(0.0, most + earlier)
    model.rows("COVENANT.income", counted - losing * lost - _window(earned, covenants, tests), upper=earlier)
    model.rows("COVENANT.loss", counted + losing * gained, upper=gained)
    return counted


def _window(by_node: Expr, covenants: Covenants, tests: pd.DataFrame) -> Expr:
    """Sum over the months of each test of what is known by (covenant, node)."""
    windows = covenants.windows
    table = frame(covenant=windows.covenant, node=windows.node, inside=windows.inside)
    found = by_node.take(table, on={"covenant": "covenant", "inside": "node"})
    return (found * windows.share).sum_by(tests, empty="zero")


def _liquidity(context: Context, covenants: Covenants, liquid: _Liquid, breach: Expr) -> None:
    tests = where(covenants.tested_as("minimum_liquidity"), *ON)
    has = liquid.at(covenants, tests) + breach.take(tests, on=list(ON))
    context.model.rows("COVENANT.liquidity", has, lower=covenants.limit[tests["covenant"]] / USD_PER_MUSD)


def _coverage(context: Context, covenants: Covenants, carried: Expr, breach: Expr) -> None:
    tests = where(covenants.tested_as("dscr"), *ON)
    service = _window_of_loans(context, covenants, tests)
    earlier = covenants.earlier_service_usd[tests["covenant"], tests["node"]] / USD_PER_MUSD
    room = carried.take(tests, on=list(ON)) + breach.take(tests, on=list(ON)) - service
    context.model.rows("COVENANT.coverage", room, lower=earlier)


def _window_of_loans(context: Context, covenants: Covenants, tests: pd.DataFrame) -> Expr:
    """Debt service in the months of each test, MUSD."""
    windows, service = covenants.windows, _service(context, covenants, len(tests) > 0)
    table = frame(covenant=windows.covenant, node=windows.node, inside=windows.inside).assign(share=windows.share)
    table = table.merge(tests, on=list(ON)).merge(where(covenants.loans, "covenant", "loan"), on="covenant")
    share, index = table.pop("share").to_numpy(dtype=float), table
    found = service.take(index, on={"loan": "loan", "inside": "node"})
    return (found * share).sum_by(tests, empty="zero")


def _service(context: Context, covenants: Covenants, is_tested: bool) -> Expr:
    """Interest and instalments of every loan and node, MUSD."""
    debt, tree, table = context.instance.debt, context.instance.tree, context.axes.loan_node
    opening = np.zeros(0) if debt is None else np.repeat(debt.loans.opening_usd, len(tree)) / USD_PER_MUSD
    interest = np.zeros(0) if debt is None else debt.loans.interest_share.ravel()
    before = lag(context.ledgers.owed_musd.total, "node", tree.parent, initial=opening)
    left: Floats = covenants.instalment_limit_usd.ravel() / USD_PER_MUSD
    of_project = np.zeros(0, dtype=bool) if debt is None else np.repeat(debt.is_project, len(tree))
    left = np.where(of_project, 0.0, left)
    has: Bools = np.isfinite(left) & is_tested
    due = context.model.variables("due_musd", table[has].reset_index(drop=True)).expr
    lent = context.ledgers.lent_musd.total.keep(has)
    context.model.rows("COVENANT.due", due - before.keep(has) + lent, lower=-left[has])
    return before * interest + due.take(table, on=["loan", "node"], absent="zero")


def _leverage(context: Context, covenants: Covenants, carried: Expr, liquid: _Liquid, breach: Expr) -> None:
    tests = where(covenants.tested_as("net_debt_to_ebitda"), *ON)
    ledgers = context.ledgers
    loans = ledgers.owed_musd.total.sum_by(context.axes.node, empty="zero")
    owed = (loans + ledgers.unearned_usd.total / USD_PER_MUSD).take(tests, on=["node"])
    has = carried.take(tests, on=list(ON)) + breach.take(tests, on=list(ON))
    context.model.rows("COVENANT.leverage", has + liquid.at(covenants, tests) - owed >= 0.0)

"""Table covenants: every test, from the lines of the cash flow, balances and debt that other tables state."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from allocator.instance.covenants_state import Covenants
from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import OPERATING_LINES, TABLES

CENT_USD = 0.01
"""What an engine's tolerance leaves of a breach that is none."""

Tables = Mapping[str, pd.DataFrame]


def covenants_table(settled: Settled, tables: Tables) -> pd.DataFrame:
    """Table `covenants`; `tables` are cash_flow, cash, loans, treasury and collateral of the same plan."""
    instance, covenants = settled.instance, settled.instance.covenants
    if covenants is None:
        return from_rows(TABLES["covenants"], [])
    node, covenant = np.nonzero(covenants.tested.T)
    income, claim = _income(instance, covenants, tables), _claim(settled, covenants, tables)
    carried = covenants.carried_per_usd[:, None] * np.maximum(income, 0.0)
    is_liquidity = covenants.tested_as("minimum_liquidity")
    carried = np.where(is_liquidity, _liquid(instance, covenants, tables), carried)
    missing = np.maximum(0.0, claim - carried)
    breach = np.where(covenants.may_breach & (missing >= CENT_USD), missing, 0.0)
    columns = {
        "income_usd": income,
        "claim_usd": claim,
        "carried_usd": carried,
        "value_times": _value(covenants, income, claim, carried),
        "limit_times": np.where(is_liquidity, 1.0, covenants.limit[:, None]),
        "headroom_usd": carried - claim,
        "breach_usd": breach,
    }
    keys = {
        "node": [instance.tree.name[n] for n in node],
        "covenant": [covenants.names[c] for c in covenant],
    }
    cells = {name: found[covenant, node] for name, found in columns.items()}
    return frame(TABLES["covenants"], {**keys, **cells})


def _income(instance: Instance, covenants: Covenants, tables: Tables) -> Floats:
    """Income of the months of every test, (C, N)."""
    flow = tables["cash_flow"]
    flow = flow[flow["line"].isin(OPERATING_LINES)]
    earned = np.zeros((len(instance.sites.names), len(instance.tree)))
    at = _positions(instance.sites.names, flow["site"]), _positions(instance.tree.name, flow["node"])
    np.add.at(earned, at, flow["amount_usd"].to_numpy(float))
    return _windows(covenants, covenants.sites.astype(float) @ earned) + covenants.earlier_income_usd


def _claim(settled: Settled, covenants: Covenants, tables: Tables) -> Floats:
    """What is asked for in every test, (C, N)."""
    instance = settled.instance
    owed, service = np.zeros((2, 0, len(instance.tree)))
    if instance.debt is not None:
        names = instance.debt.loans.names
        opening, owed, interest = (
            _by_loan(instance, names, tables["loans"], column)
            for column in ("opening_usd", "closing_usd", "interest_usd")
        )
        left = np.minimum(covenants.instalment_limit_usd, instance.debt.lent_usd(settled.point.convert))
        service = interest + np.maximum(0.0, opening - left)
    served = _windows(covenants, covenants.loans.astype(float) @ service) + covenants.earlier_service_usd
    unearned = (
        tables["prepayments"].groupby("node")["unearned_usd"].sum().reindex(list(instance.tree.name), fill_value=0.0)
    )
    net = owed.sum(axis=0) + unearned.to_numpy(float) - _liquid(instance, covenants, tables)
    claim = np.where(covenants.tested_as("dscr"), served, np.where(covenants.tested_as("net_debt_to_ebitda"), net, 0.0))
    return np.where(covenants.tested_as("minimum_liquidity"), covenants.limit[:, None], claim)


def _liquid(instance: Instance, covenants: Covenants, tables: Tables) -> Floats:
    """Cash and what free Bitcoin counts, (C, N)."""
    cash, held = tables["cash"]["closing_usd"].to_numpy(float), tables["treasury"]
    free = np.zeros(len(instance.tree))
    if instance.treasury is not None:
        pledged = tables["collateral"].groupby("node")["closing_btc"].sum().reindex(held["node"], fill_value=0.0)
        free = (held["closing_btc"].to_numpy(float) - pledged.to_numpy(float)) * held["price_usd_per_btc"].to_numpy()
    return np.asarray(cash + covenants.btc_share[:, None] * free)


def _value(covenants: Covenants, income: Floats, claim: Floats, carried: Floats) -> Floats:
    coverage = np.divide(income, claim, out=np.zeros_like(income), where=claim > 0)
    months = np.maximum(covenants.trailing_months, 1)[:, None]
    leverage = np.divide(claim * months, income * 12.0, out=np.zeros_like(income), where=income > 0)
    ratio = np.where(covenants.tested_as("dscr"), coverage, leverage)
    return np.where(covenants.tested_as("minimum_liquidity"), carried / covenants.limit[:, None], ratio)


def _windows(covenants: Covenants, by_node: Floats) -> Floats:
    """Sum of a figure (C, N) over the months of every test."""
    windows, total = covenants.windows, np.zeros_like(by_node)
    np.add.at(total, (windows.covenant, windows.node), windows.share * by_node[windows.covenant, windows.inside])
    return total


def _by_loan(instance: Instance, names: tuple[str, ...], table: pd.DataFrame, column: str) -> Floats:
    """A column of table loans, whose rows go by node, then loan, (L, N)."""
    return table[column].to_numpy(float).reshape(len(instance.tree), len(names)).T


def _positions(names: tuple[str, ...], cells: pd.Series) -> np.ndarray:
    return pd.Index(names).get_indexer(pd.Index(cells))

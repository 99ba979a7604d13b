"""Loans secured by Bitcoin on fresh paths: calls for margin, what of them free Bitcoin meets, and liquidations.

After the first period a loan is tested as the plan tests it (`planning.loans`), at the prices of the path: before
acting, on what the parent owed with interest and the collateral it pledged, at the lowest price of the period; after
acting, on what is owed and pledged then, at the price of the period. Free Bitcoin is what the path holds beyond all
collateral. Nothing follows from a call: what is posted is not counted on in the next period, and lenders sell what they
sell at the nodes of the plan, at the lowest price of the path.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.loans_state import Collateral
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import Tables

ROUNDING = 1e-6
"""Relative slack of a test: a plan that sits at a limit keeps it."""


@dataclass(frozen=True)
class Calls:
    """Periods of each path in which some loan is above a level, (K, P).

    Attributes:
        called: above the level of a call. unmet: so with all free Bitcoin that can be posted in time, or after acting.
        liquidated: above the level at which collateral is sold, with what could be posted.
    """

    called: Bools
    unmet: Bools
    liquidated: Bools


@dataclass(frozen=True)
class Owed:
    """What the nodes of a plan owe and pledge, (K loans, N) each; opening_usd with interest.

    seized_btc: sold by lenders. brought_btc: what that brings, as BTC at the lowest price, penalty deducted.
    """

    opening_usd: Floats
    closing_usd: Floats
    opening_btc: Floats
    closing_btc: Floats
    seized_btc: Floats
    brought_btc: Floats


def owed(instance: Instance, tables: Tables) -> Owed | None:
    """Debt secured by Bitcoin in a plan's tables; None where there is none."""
    debt = instance.debt
    if debt is None or not len(debt.collateral.loan):
        return None
    names = [debt.loans.names[loan] for loan in debt.collateral.loan]
    interest = debt.loans.interest_share[debt.collateral.loan]
    loans, collateral = tables["loans"], tables["collateral"]
    seized = by_node(instance, collateral, names, "seized_btc")
    return Owed(
        opening_usd=by_node(instance, loans, names, "opening_usd") * (1.0 + interest),
        closing_usd=by_node(instance, loans, names, "closing_usd"),
        opening_btc=by_node(instance, collateral, names, "opening_btc"),
        closing_btc=by_node(instance, collateral, names, "closing_btc"),
        seized_btc=seized,
        brought_btc=seized * (1.0 - debt.collateral.penalty_share)[:, None],
    )


def by_node(instance: Instance, table: pd.DataFrame, loans: list[str], column: str) -> Floats:
    """A column of a table by loan and node, 0 where there is no row, (L, N)."""
    wide = table.pivot_table(index="loan", columns="node", values=column, aggfunc="sum", fill_value=0.0)
    return wide.reindex(index=loans, columns=list(instance.tree.name), fill_value=0.0).to_numpy(dtype=float)


def calls(instance: Instance, due: Owed, paths: FreshPaths, node_of: Ints, holdings_btc: Floats) -> Calls:
    """Test every loan on every path; holdings at the end of each period, (K, P)."""
    price = paths.market.btc_price_usd
    assert instance.debt is not None
    assert price is not None
    terms, shape = instance.debt.collateral, node_of.shape
    found = Calls(*(np.zeros(shape, dtype=np.bool_) for _ in range(3)))
    for period in range(1, shape[1]):
        node = node_of[:, period]
        lowest = price[:, period] * (1.0 - terms.stress_share[node])
        free = holdings_btc[:, period - 1] - due.opening_btc[:, node].sum(axis=0)
        _before(terms, due, node, lowest, free, found, period)
        level = terms.call_ltv[:, None] * due.closing_btc[:, node] * price[:, period]
        above = (due.closing_usd[:, node] > level * (1.0 + ROUNDING)).any(axis=0)
        found.called[:, period] |= above
        found.unmet[:, period] |= above
    return found


def _before(
    terms: Collateral, due: Owed, node: Ints, lowest_usd: Floats, free_btc: Floats, found: Calls, period: int
) -> None:
    owes, pledged = due.opening_usd[:, node], due.opening_btc[:, node]
    wanted = np.maximum(0.0, owes / (terms.call_ltv[:, None] * lowest_usd) - pledged * (1.0 + ROUNDING))
    takes = terms.postable_share[:, None]
    asked = np.divide(wanted, takes, out=np.where(wanted > 0, np.inf, 0.0), where=takes > 0).sum(axis=0)
    free = np.maximum(0.0, free_btc)
    met = np.clip(np.divide(free, asked, out=np.ones_like(free), where=asked > 0), 0.0, 1.0)
    behind = (pledged + met * wanted) * lowest_usd * (1.0 + ROUNDING)
    found.called[:, period] = asked > 0
    found.unmet[:, period] = met < 1.0
    found.liquidated[:, period] = (owes > terms.liquidation_ltv[:, None] * behind).any(axis=0)

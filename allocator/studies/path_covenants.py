"""Covenants on fresh paths: what a path earns, holds and owes beside its nodes, set against the tests of the plan.

A test of a node stands in table `covenants` with the income, the claim and what carries it. On a path these move by
what differs from the node: what the hours earn and what tenants pay through, in the months that the test looks back on;
cash, free Bitcoin at the price of the path, and what a company that reacts owes more. Debt service is as planned.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.covenants_state import Covenants
from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import positions
from allocator.plan.plan import Plan

LEAST_BREACH_USD = 1.0
"""Less than that is a rounding of money."""


@dataclass(frozen=True)
class Held:
    """What K paths hold and owe at the end of P periods, (K, P): free Bitcoin, and USD owed beyond the plan."""

    free_btc: Floats
    more_owed_usd: Floats


@dataclass(frozen=True)
class Breaches:
    """Where covenants are tested and broken on K paths in P periods, (C, K, P) each."""

    names: tuple[str, ...]
    tested: Bools
    broken: Bools


def breaches(
    instance: Instance, plan: Plan, paths: FreshPaths, node_of: Ints, more_usd: Floats, cash_usd: Floats, held: Held
) -> Breaches:
    """Tests of every covenant; `more_usd` (S, K, P) is what sites earn beyond their nodes, `cash_usd` (K, P)."""
    covenants = instance.covenants
    if covenants is None:
        nothing = np.zeros((0, *node_of.shape), dtype=bool)
        return Breaches((), nothing, nothing)
    found = _found(instance, covenants, plan.tables["covenants"])
    liquid = _more_liquid_usd(instance, covenants, plan, paths, node_of, cash_usd, held)
    income = found["income_usd"][:, node_of] + _more_income_usd(covenants, node_of, more_usd)
    carried = np.maximum(income, 0.0) * covenants.carried_per_usd[:, None, None]
    claim = found["claim_usd"][:, node_of]
    kinds = {kind: np.array([one == kind for one in covenants.kind]) for kind in set(covenants.kind)}
    for kind, own in kinds.items():
        if kind == "minimum_liquidity":
            carried[own] = found["carried_usd"][:, node_of][own] + liquid[own]
        elif kind == "net_debt_to_ebitda":
            claim[own] = claim[own] - liquid[own] + held.more_owed_usd
    tested = covenants.tested[:, node_of]
    return Breaches(covenants.names, tested, tested & (claim - carried > LEAST_BREACH_USD))


def more_earned_usd(instance: Instance, hours: Floats, passed: Floats, paths: FreshPaths, node_of: Ints) -> Floats:
    """What sites earn on paths beyond their nodes, (S, K, P); `hours` is that of the hours, of the same shape, `passed`
    what is passed through as planned, (S, N)."""
    level = paths.spot_factor / instance.hours.spot_factor[:, node_of]
    return np.asarray(hours + passed[:, node_of] * (level - 1.0))


def _found(instance: Instance, covenants: Covenants, table: pd.DataFrame) -> dict[str, Floats]:
    """Columns of table `covenants`, 0 where nothing is tested, (C, N)."""
    at = positions(covenants.names, table["covenant"]), positions(instance.tree.name, table["node"])
    found = {}
    for column in ("income_usd", "claim_usd", "carried_usd"):
        found[column] = np.zeros(covenants.tested.shape)
        found[column][at] = table[column].to_numpy(dtype=float)
    return found


def _more_income_usd(covenants: Covenants, node_of: Ints, more_usd: Floats) -> Floats:
    """Income beyond the nodes in the months of every test, (C, K, P)."""
    windows, total = covenants.windows, np.zeros((len(covenants.names), *node_of.shape))
    period_of = {int(node): p for p, column in enumerate(node_of.T) for node in np.unique(column)}
    of_sites = np.einsum("cs,skp->ckp", covenants.sites.astype(float), more_usd)
    for c, node, inside, share in zip(windows.covenant, windows.node, windows.inside, windows.share, strict=True):
        if int(node) in period_of:
            period = period_of[int(node)]
            here = node_of[:, period] == node
            total[c, here, period] += share * of_sites[c, here, period_of[int(inside)]]
    return total


def _more_liquid_usd(
    instance: Instance,
    covenants: Covenants,
    plan: Plan,
    paths: FreshPaths,
    node_of: Ints,
    cash_usd: Floats,
    held: Held,
) -> Floats:
    """Cash, and free Bitcoin as far as it counts, beyond that of the nodes, (C, K, P)."""
    cash = plan.tables["cash"]["closing_usd"].to_numpy(dtype=float)
    more = np.broadcast_to(cash_usd - cash[node_of], (len(covenants.names), *node_of.shape))
    price = paths.market.btc_price_usd
    if instance.treasury is None or price is None:
        return np.asarray(more)
    table = plan.tables["treasury"]
    pledged = plan.tables["collateral"].groupby("node")["closing_btc"].sum().reindex(table["node"], fill_value=0.0)
    planned = (table["closing_btc"].to_numpy(dtype=float) - pledged.to_numpy(dtype=float)) * instance.btc_price_usd
    worth = held.free_btc * price - planned[node_of]
    return np.asarray(more + covenants.btc_share[:, None, None] * worth)

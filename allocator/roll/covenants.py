"""Edits that state what covenants look back to, and the months of their tests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from allocator.instance.covenants_state import Covenants
from allocator.plan.lines import OPERATING_LINES
from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.roll.state import conversions
from allocator.roll.words import plain
from allocator.scenario.covenants import Covenant, DebtServiceCoverage, MinimumLiquidity, NetDebtToEbitda
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

MOST_MONTHS = 60
"""Months that the file can state."""


def covenant_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Tests keep their months: the first one is the next. Income and debt service before the start are those of the
    plan, those of a longer period in equal parts."""
    planned = {one.name: one for one in at.loaded.scenario.covenants}
    for position, one in enumerate(scenario.covenants):
        path, before = ("covenants", position), planned.get(one.name)
        yield from (Edit((*path, "first_month"), value, f"since {one.first_month}") for value in _next(one, at.month))
        if isinstance(before, DebtServiceCoverage | NetDebtToEbitda) and not isinstance(one, MinimumLiquidity):
            earned = _by_month(at, _income_usd(at, before))
            income = [*before.earlier_income_usd_by_month, *earned][-MOST_MONTHS:]
            yield Edit((*path, "earlier_income_usd_by_month"), _plain(income), "of the plan")
        if isinstance(before, DebtServiceCoverage) and isinstance(one, DebtServiceCoverage):
            paid = _by_month(at, _service_usd(at, before))
            service = [*before.earlier_service_usd_by_month, *paid][-MOST_MONTHS:]
            yield Edit((*path, "earlier_service_usd_by_month"), _plain(service), "of the plan")


def _next(one: Covenant, month: Month) -> Iterator[str]:
    passed = month.since(one.first_month)
    if passed > 0:
        yield str(one.first_month.plus(-(-passed // one.every_months) * one.every_months))


def _plain(usd: Sequence[float]) -> list[float | int]:
    return [plain(one) for one in usd]


def _by_month(at: AtNode, usd: Mapping[str, float]) -> list[float]:
    """What each node before the node comes to, a month, in every month of it."""
    tree = at.instance.tree
    found: list[float] = []
    for name in at.before:
        months = int(tree.months[tree.name.index(name)])
        found += [float(usd.get(name, 0.0)) / months] * months
    return found


def _income_usd(at: AtNode, covenant: DebtServiceCoverage | NetDebtToEbitda) -> dict[str, float]:
    """What the sites of a covenant earned in each node before."""
    flows, covenants = at.earlier("cash_flow"), _of(at)
    counted = np.array(at.instance.sites.names)[covenants.sites[covenants.names.index(covenant.name)]]
    own = flows[flows["line"].isin(OPERATING_LINES) & flows["site"].isin(counted)]
    return {str(node): float(usd) for node, usd in own.groupby("node")["amount_usd"].sum().items()}


def _service_usd(at: AtNode, covenant: DebtServiceCoverage) -> dict[str, float]:
    """Interest and instalments of its loans in each node before: what schedules leave of what a node opens with."""
    covenants, rows, debt = _of(at), at.earlier("loans"), at.instance.debt
    if debt is None:
        return {}
    loan = np.array([debt.loans.names.index(name) for name in rows["loan"]], dtype=np.int64)
    node = np.array([at.instance.tree.name.index(name) for name in rows["node"]], dtype=np.int64)
    left = np.minimum(covenants.instalment_limit_usd, debt.lent_usd(conversions(at)))[loan, node]
    due = np.maximum(0.0, rows["opening_usd"].to_numpy(dtype=float) - left)
    counted = covenants.loans[covenants.names.index(covenant.name)][loan]
    paid = np.where(counted, rows["interest_usd"] + due, 0.0)
    return {name: float(paid[rows["node"] == name].sum()) for name in at.before}


def _of(at: AtNode) -> Covenants:
    covenants = at.instance.covenants
    assert covenants is not None, "a plan whose scenario has covenants"
    return covenants

"""No free lunch in new shares: they cost their discount and fees, and are sold only where cash is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.equity import Equity
from allocator.instance.types import Instance
from allocator.planning.build import build_monolithic
from tests.planning.solving import best, run
from tests.planning.test_treasury import SELL, miner

FREE = {"fee_share": 0.0, "claim_per_usd": 1.0}
DEAR = {"fee_share": 0.05, "claim_per_usd": 1.25}


def listed(instance: Instance, **terms: float) -> Instance:
    """Shares may be sold everywhere, within no limit; money earns 4 %."""
    nodes = len(instance.tree)
    equity = Equity(np.ones(nodes, dtype=bool), np.full(nodes, 2027), np.inf, np.inf, np.inf, **terms)
    finance = replace(instance.finance, risk_free_per_year=0.04)
    return replace(instance, equity=equity, finance=finance)


def unlisted_usd(instance: Instance) -> float:
    return best(replace(instance, equity=None)).usd


@pytest.mark.parametrize("terms", [FREE, DEAR], ids=["free", "dear"])
@pytest.mark.parametrize("fork", [False, True])
def test_shares_never_make_a_plan_worth_more(terms: dict[str, float], fork: bool) -> None:
    instance = listed(miner(None, SELL, fork=fork), **terms)
    assert best(instance).usd == pytest.approx(unlisted_usd(instance))


@pytest.mark.parametrize("node", [0, 1, 2])
@pytest.mark.parametrize("fork", [False, True])
def test_a_dollar_of_shares_costs_its_discount_and_fee_wherever_it_is_sold(node: int, fork: bool) -> None:
    instance = listed(miner(None, SELL, fork=fork), **DEAR)
    problem = build_monolithic(instance).problem
    at = problem.columns["issued_musd"].start + node
    lower = problem.lower.copy()
    lower[at] = 0.1
    cost = 1e6 * (run(problem).primal_bound - run(replace(problem, lower=lower)).primal_bound)
    factor = instance.discount_financing[node] * instance.tree.probability[node]
    assert cost == pytest.approx(1e5 * factor * (1.25 - 0.95))


def test_shares_are_sold_where_cash_is_missing_and_no_more() -> None:
    poor = miner(None, SELL)
    finance = replace(poor.finance, opening_cash_usd=0.0, minimum_cash_usd=2e5, shortfall_penalty=100.0)
    plan = best(listed(replace(poor, finance=finance), **DEAR))
    cash = plan.x[plan.model.problem.columns["cash_musd"].slice]
    assert plan.point.issued_usd is not None
    assert plan.point.issued_usd[0] > 1e5
    assert not plan.point.issued_usd[1:].any()
    assert cash[0] == pytest.approx(0.2)

"""What covenants ask of a plan: nothing where nothing is claimed, and a breach where nothing else is to be had."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.covenants import windows
from allocator.instance.covenants_state import Covenants, Kind
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.plan.extract import extract_tables
from allocator.plan.marginal import no_marginal_values
from allocator.plan.schema import OPERATING_LINES
from allocator.planning.build import build_monolithic
from allocator.scenario.loans import TermLoan
from solvers.result import Reason
from tests.planning.solving import best, run
from tests.planning.test_loans import owing
from tests.planning.test_treasury import SELL, miner
from tests.reference.hosted_cases import hosted_fleet

POOR_USD = 550e3
OWED = TermLoan(name="t", kind="term", opening_principal_usd=90e3, rate_per_year=0.04, may_prepay=False)


def under(instance: Instance, kind: Kind, limit: float, *, penalty: float = np.inf) -> Instance:
    """One covenant, tested at the end over all three months."""
    tested, trailing = np.array([[False, False, True]]), np.array([0 if kind == "minimum_liquidity" else 3])
    loans = 0 if instance.debt is None else len(instance.debt.loans.names)
    covenants = Covenants(
        names=("c",),
        kind=(kind,),
        tested=tested,
        limit=np.array([limit]),
        btc_share=np.zeros(1),
        trailing_months=trailing,
        sites=np.ones((1, 1), dtype=bool),
        loans=np.ones((1, loans), dtype=bool),
        windows=windows(tested, trailing, instance.tree),
        earlier_income_usd=np.zeros((1, 3)),
        earlier_service_usd=np.zeros((1, 3)),
        instalment_limit_usd=np.full((loans, 3), np.inf),
        may_breach=tested & np.isfinite(penalty),
        penalty=np.array([penalty]),
    )
    return replace(instance, covenants=covenants)


def losing(instance: Instance) -> Instance:
    """The same with fixed costs far above what it earns."""
    costs = np.full_like(instance.sites.fixed_opex_usd, 200e3)
    return replace(instance, sites=replace(instance.sites, fixed_opex_usd=costs))


@pytest.mark.parametrize("kind", ["dscr", "net_debt_to_ebitda"])
def test_losses_break_nothing_where_nothing_is_claimed(kind: Kind) -> None:
    plain = losing(miner(None, SELL))
    assert best(under(plain, kind, 1.0)).usd == pytest.approx(best(plain).usd)


@pytest.mark.parametrize("kind", ["dscr", "net_debt_to_ebitda"])
def test_losses_carry_no_debt(kind: Kind) -> None:
    poor = owing(losing(miner(None, SELL)), OWED, cash_usd=POOR_USD)
    assert run(build_monolithic(poor).problem).reason is Reason.OPTIMAL
    assert run(build_monolithic(under(poor, kind, 1.0)).problem).reason is Reason.INFEASIBLE
    rich = under(owing(losing(miner(None, SELL)), OWED, cash_usd=900e3), "net_debt_to_ebitda", 1.0)
    assert run(build_monolithic(rich).problem).reason is Reason.OPTIMAL


def test_a_breach_costs_its_penalty_outside_of_the_value() -> None:
    plain = miner(None, SELL)
    missing = 1e6
    closing = plain.finance.opening_cash_usd + best(plain).usd
    with_price = under(plain, "minimum_liquidity", closing + 10 * missing, penalty=0.5)
    costs = best(plain).usd - best(with_price).usd
    again = best(under(plain, "minimum_liquidity", closing + 11 * missing, penalty=0.5)).usd
    assert best(with_price).usd - again == pytest.approx(0.5 * missing)
    assert costs > 0.5 * 9 * missing


@pytest.mark.parametrize("seed", [0, 3])
def test_income_is_the_sum_of_the_operating_lines(seed: int) -> None:
    """Hosts, contracts, machines and fixed costs: what the model calls income is what tables call EBITDA."""
    instance = hosted_fleet(seed)
    nodes, sites = len(instance.tree), len(instance.sites.names)
    tested = np.zeros((1, nodes), dtype=bool)
    tested[0, -1] = True
    all_months = np.array([int((instance.tree.first_month + instance.tree.months)[-1])])
    plain = under(miner(None, SELL), "net_debt_to_ebitda", 1.0, penalty=1e-6).covenants
    assert plain is not None
    covenants = replace(
        plain,
        tested=tested,
        may_breach=tested,
        trailing_months=all_months,
        sites=np.ones((1, sites), dtype=bool),
        windows=windows(tested, all_months, instance.tree),
        earlier_income_usd=np.zeros((1, nodes)),
        earlier_service_usd=np.zeros((1, nodes)),
        instalment_limit_usd=np.zeros((0, nodes)),
    )
    plan = best(replace(instance, covenants=covenants))
    settled = settle(plan.model.instance, plan.point).settled
    flow = extract_tables(settled, {}, no_marginal_values())["cash_flow"]
    stated = flow[flow["line"].isin(OPERATING_LINES)].groupby("node")["amount_usd"].sum()
    earned = plan.model.problem.columns["earned_musd"]
    for node, musd in zip(earned.index["node"], plan.x[earned.slice], strict=True):
        assert 1e6 * musd == pytest.approx(stated.get(instance.tree.name[node], 0.0), rel=1e-6, abs=1.0)

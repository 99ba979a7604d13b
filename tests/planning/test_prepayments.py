"""No free lunches in what tenants pay ahead: it moves cash, and makes no contract worth signing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.prepayments_state import Prepayments
from allocator.instance.types import Instance
from tests.planning.solving import best
from tests.planning.test_projects import CAPEX_USD, shell

RENT_USD = 1.5e6


def paid_ahead(instance: Instance, usd: float, penalty_usd: float = 0.0) -> Instance:
    """The tenant pays at signature, in the first month, and all is earned in the last."""
    zero, one = np.zeros(2, np.int64), np.array([1.0, 0.0])
    paid, earned, fined = usd * one, usd * (1.0 - one), penalty_usd * (1.0 - one)
    moved = {"received_usd": paid, "earned_usd": earned, "refunded_usd": 0.0 * one, "penalty_usd": fined}
    ahead = Prepayments(zero, zero, np.array([0, 4]), **moved, unearned_usd=paid)
    return replace(instance, prepayments=ahead)


def early(instance: Instance) -> Instance:
    """The tenant may sign before its hall is built: service signed for in the first month begins in the third."""
    old = instance.service
    at_once = replace(old, signed=np.where(old.signed == 2, 0, old.signed))
    keep = old.signed == 2
    return replace(instance, service=replace(at_once, **{k: v[keep] for k, v in vars(at_once).items()}))


def test_money_paid_ahead_is_worth_nothing_however_much_it_is() -> None:
    plain = early(shell(RENT_USD))
    assert best(paid_ahead(plain, 1e6)).usd == pytest.approx(best(plain).usd)
    assert best(plain).usd > 1e3


def test_it_makes_no_contract_worth_signing_that_loses_a_dollar_and_neither_does_what_is_left_at_the_end() -> None:
    poor = early(shell(CAPEX_USD - 1e3))
    assert best(paid_ahead(poor, 5e6)).usd == pytest.approx(0.0, abs=1e-3)
    for left in (0.0, 4e6):
        ahead = paid_ahead(poor, 5e6)
        unearned = replace(ahead.prepayments, earned_usd=ahead.prepayments.earned_usd * left / 5e6)
        assert best(replace(ahead, prepayments=unearned)).usd == pytest.approx(0.0, abs=1e-3)


def test_it_pays_for_a_hall_that_cash_does_not_pay_for() -> None:
    broke = early(shell(RENT_USD, cash_usd=0.1e6))
    assert best(broke).usd == pytest.approx(0.0, abs=1e-3)
    plan = best(paid_ahead(broke, 0.9e6))
    assert plan.usd == pytest.approx(best(early(shell(RENT_USD))).usd)
    assert plan.point.sign[0, 0] == 1.0


def test_a_penalty_costs_what_it_is() -> None:
    plain = early(shell(RENT_USD))
    fined = paid_ahead(plain, 0.5e6, penalty_usd=2e4)
    factor = plain.discount_financing[4]
    assert best(plain).usd - best(fined).usd == pytest.approx(2e4 * factor)

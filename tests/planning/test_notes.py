"""No free lunches in convertible notes: shares cost what they are worth."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from allocator.instance.notes import with_notes
from allocator.instance.types import Instance
from allocator.scenario.loans import ConvertibleNotes
from allocator.scenario.months import Month
from tests.planning.solving import best
from tests.planning.test_loans import RISK_FREE, debtless_usd, owing
from tests.planning.test_treasury import SELL, miner

START = Month(2027, 1)
NOTES: dict[str, Any] = {
    "name": "notes", "kind": "convertible", "opening_principal_usd": 90e3, "rate_per_year": RISK_FREE,
    "maturity": Month(2027, 2), "conversion_price_usd": 10.0, "share_price_usd": 0.0,
}  # fmt: skip


def noted(share_usd: list[float], cash_usd: float = 1e6, **terms: object) -> Instance:
    """The company owes notes; its shares are worth as stated in every node."""
    note = ConvertibleNotes(**{**NOTES, **terms})
    instance = owing(miner(None, SELL), note, cash_usd=cash_usd)
    assert instance.debt is not None
    return replace(instance, debt=with_notes(instance.debt, [note], instance.tree, START, np.array([share_usd])))


def cost_usd(instance: Instance) -> float:
    return debtless_usd(instance) - best(instance).usd


def test_notes_at_the_risk_free_rate_cost_what_is_owed_where_shares_are_worth_no_more() -> None:
    for share in ([9.0] * 3, [10.0] * 3):
        assert cost_usd(noted(share)) == pytest.approx(90e3)


def test_the_dearer_the_shares_the_dearer_the_notes() -> None:
    costs = [cost_usd(noted([9.0, share, 9.0])) for share in (5.0, 10.0, 12.0, 20.0)]
    assert costs[:2] == pytest.approx([90e3, 90e3])
    due = noted([9.0] * 3)
    factor = (1.0 + RISK_FREE) ** -due.tree.mid_years[1]
    assert costs[2:] == pytest.approx([90e3 + 18e3 * factor, 90e3 + 90e3 * factor])


def test_notes_left_at_the_end_are_deducted_at_what_they_would_turn_into() -> None:
    later = noted([9.0, 9.0, 15.0], maturity=Month(2029, 1))
    factor = (1.0 + RISK_FREE) ** -later.tree.horizon_years
    assert cost_usd(later) == pytest.approx(90e3 + 45e3 * factor)


def test_shares_need_no_cash() -> None:
    """A company that could never pay 50,000,000 USD settles them in shares, and loses their worth."""
    large = {"opening_principal_usd": 50e6, "rate_per_year": 0.0, "cash_usd": 0.0}
    instance = noted([9.0, 11.0, 9.0], **large)  # type: ignore[arg-type]
    factor = (1.0 + RISK_FREE) ** -instance.tree.mid_years[1]
    assert cost_usd(instance) == pytest.approx(55e6 * factor)

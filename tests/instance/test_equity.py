"""Where shares may be sold, and what buyers come to hold."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.equity import compile_equity
from allocator.scenario.equity import EquityIssuance
from allocator.scenario.months import Month
from tests.instance.factory import tiny_instance


def test_shares_are_sold_from_a_month_on_and_counted_by_calendar_year() -> None:
    tree = tiny_instance(nodes=4).tree
    stated = EquityIssuance(first_month=Month(2027, 12), discount_share=0.2, most_usd_per_year=5.0)
    equity = compile_equity(stated, tree, Month(2027, 11))
    assert equity is not None
    assert equity.may_issue.tolist() == [False, True, True, True]
    assert equity.year.tolist() == [2027, 2027, 2028, 2028]
    assert (equity.most_usd, equity.most_usd_per_year, equity.most_usd_in_all) == (np.inf, 5.0, np.inf)
    assert equity.claim_per_usd == pytest.approx(1.25)
    assert equity.left_share(0.05, tree) == pytest.approx(1.25 * 1.05 ** ((4 - np.arange(4) - 0.5) / 12))


def test_without_an_entry_nothing_is_sold() -> None:
    assert compile_equity(None, tiny_instance(nodes=1).tree, Month(2027, 1)) is None

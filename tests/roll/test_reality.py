"""What is known of balances counts instead of what the plan led to, whatever became of a loan in either."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allocator.nightly.state.actual import Actual
from allocator.nightly.state.balances import derived
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.roll.at_node import at_month
from allocator.roll.came import Came
from allocator.roll.roll import Rolled, roll
from allocator.scenario.load import load_scenario
from allocator.scenario.loans import TermLoan
from allocator.scenario.months import Month
from tests.roll.moving import moved, seen_from
from tests.scenarios.cases import SCENARIOS

MONTHS = 1
"""Into scenario repayment, whose plan has paid 100,000 USD of loan cheap by then, and some of loan dear."""


def _moved(folder: Path, **owed_usd: float) -> Rolled:
    return roll(replace(seen_from("repayment", MONTHS), really_owed_usd=owed_usd), folder / "moved")


def _owed(rolled: Rolled) -> dict[str, float]:
    return {
        loan.name: loan.opening_principal_usd for loan in rolled.loaded.scenario.loans if isinstance(loan, TermLoan)
    }


def test_a_loan_repaid_in_reality_leaves_the_file_and_stays_away(tmp_path: Path) -> None:
    rolled = _moved(tmp_path, cheap=0.0)
    assert "cheap" not in _owed(rolled)
    assert rolled.loaded.scenario.moved_on.loans_over == ("cheap",)


def test_a_loan_that_is_owed_in_reality_is_owed(tmp_path: Path) -> None:
    """Instalments go on with what is owed, so that the scenario solves."""
    rolled = _moved(tmp_path, cheap=80e3, dear=7e3)
    assert _owed(rolled) == {"cheap": 80e3, "dear": 7e3}
    request = SolveRequest(method="monolithic", explains=False)
    loans = solve_scenario(rolled.loaded, request=request).plan.tables["loans"]
    cheap = loans[loans["loan"] == "cheap"]
    assert cheap["repaid_usd"].sum() == pytest.approx(80e3)


def test_bitcoin_and_cash_that_are_known_replace_those_of_the_plan() -> None:
    """Free Bitcoin is stated besides what is pledged."""
    loaded = moved("kept_bitcoin", 1).loaded
    actual = Actual(datetime(2099, 1, 1, tzinfo=UTC), {"cash_usd": 5.0, "free_btc": 0.25})
    start = loaded.scenario.horizon.start
    found, _ = derived(loaded, actual, datetime(start.year, start.month, 9, tzinfo=UTC))
    assert found.scenario.finance.opening_cash_usd == 5.0
    assert found.scenario.treasury is not None
    assert found.scenario.treasury.opening_btc == 0.25


@pytest.mark.slow
def test_the_reference_case_moves_past_its_first_branching_and_solves(tmp_path: Path) -> None:
    """Bitcoin at 67,000 USD in March: the future in which it fell has come; what it led to opens the new plan."""
    request = SolveRequest(relative_gap=1e-3, hours="4", explains=False)
    solve_scenario(load_scenario(SCENARIOS / "cango_2026"), tmp_path / "plan", request)
    at = at_month(tmp_path / "plan", Month(2026, 3), Came(prices={"btc_price": 67e3}))
    assert at.name_before == "2026-02/3"
    rolled = roll(at, tmp_path / "later")
    again = solve_scenario(rolled.loaded, request=request)
    assert again.meta.verified
    held, opened = at.last("treasury")["closing_btc"].iloc[0], again.plan.tables["treasury"]
    assert opened["opening_btc"].iloc[0] == pytest.approx(held)
    assert opened["price_usd_per_btc"].iloc[0] == pytest.approx(at.instance.btc_price_usd[at.node])
    assert again.plan.tables["nodes"]["start_month"].min() == "2026-03"

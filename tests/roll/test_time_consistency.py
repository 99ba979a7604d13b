"""Moved on to a later month, a scenario with unchanged data is worth what its plan still was, and is decided alike."""

from __future__ import annotations

import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from allocator.instance.compile import compile_instance
from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.pipeline.start import decided_by
from allocator.plan.plan import Plan
from allocator.roll.at_node import at_start_of, movable
from allocator.roll.roll import roll
from allocator.scenario.load import load_scenario
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Given
from tests.roll.moving import later, left_usd, moved, seen_from, solved_again
from tests.scenarios.cases import SCENARIOS, gross_usd, hand_case, instance_of, names

ROUNDING = 1e-9
"""Of all flows, gains and losses."""
REFUSED = {
    "chance_of_call": "vault: call_rule: its chances are shares of all futures",
    "chance_of_shortfall": "minimum_cash_rule: its chances are shares of all futures",
    "covenants": "paid back ahead of its schedule",
    "hosted_exit": "terminal: ",
}
"""Hand scenarios that are not moved on, and a word of what is said."""
LAST = {"hosted_capacity": 1}
"""Months to which others are moved on at most: afterwards machines are still at a host whose agreement is over."""
QUICK = (
    "retrofit",
    "whole_hall",
    "purchases",
    "demand_ratchet",
    "repayment",
    "kept_bitcoin",
    "loss_and_tax",
    "two_futures",
)
"""What each of them adds: conversions and a tenant, machines in a hall that converts, orders and budgets, peaks billed,
loans with interest, Bitcoin, losses carried forward, futures that have come; and something that is refused."""
Case = tuple[str, int, str]
CALLED = (("liquidation", 1, "down"), ("wiped_out", 1, "down"))
"""Lenders that call in the very first period: the new scenario opens with the breach, and nobody sells."""


@cache
def _stated(name: str) -> Scenario:
    return load_scenario(SCENARIOS / "hand" / name).scenario


def _cases(name: str) -> list[Case]:
    """Months to which a hand scenario is moved on, and the future that has come in each."""
    given, months = _stated(name).uncertainty, movable(instance_of(hand_case(name).folder))
    futures = [one.name for one in given.scenarios] if isinstance(given, Given) else [""]
    cases = [(name, month, future) for month in months if month <= LAST.get(name, month) for future in futures]
    return [case for case in cases if case not in CALLED]


LONG = [name for name in names("hand") if len(_stated(name).horizon.node_months) > 1]
CARRIED = [name for name in LONG if name not in REFUSED]


def _quick_first(cases: list[str]) -> list[object]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in cases]


@pytest.mark.parametrize("name", _quick_first(CARRIED))
def test_what_a_plan_is_still_worth_is_the_optimum_of_the_scenario_that_moved_on(name: str) -> None:
    for case in _cases(name):
        at, again = seen_from(*case), solved_again(*case)
        gross = gross_usd(later(at))
        assert again.meta.objective_usd == pytest.approx(left_usd(at), abs=ROUNDING * gross), case


@pytest.mark.parametrize("name", _quick_first(CARRIED))
def test_decisions_of_the_plan_go_on_to_the_same_money(name: str) -> None:
    """Every whole decision held at what the old plan decided, each line of each later node is what it was."""
    case = _cases(name)[-1]
    at = seen_from(*case)

    def held(instance: Instance) -> Instance:
        return replace(instance, decided=decided_by(instance, at.plan.tables))

    request = SolveRequest(method="monolithic", relative_gap=1e-9, explains=False)
    again = solve_scenario(moved(*case).loaded, request=request, restrict=held).plan
    both = _by_line(later(at), "old").join(_by_line(again.tables["cash_flow"], "new"), how="outer")
    wrong = both.fillna(0.0)[lambda rows: (rows["old"] - rows["new"]).abs() > ROUNDING * gross_usd(later(at))]
    assert wrong.empty, wrong.to_string()


def test_interest_and_claims_go_on_from_where_they_were_settled(tmp_path: Path) -> None:
    """Cash bears interest since the middle of the last period, and so do the claims of those who bought shares."""
    shutil.copytree(SCENARIOS / "hand" / "new_shares", tmp_path / "shares")
    file = tmp_path / "shares" / "scenario.yaml"
    text = file.read_text().replace("contracted_per_year: 0}", "contracted_per_year: 0, risk_free_per_year: 0.04}")
    file.write_text(text.replace("opening_cash_usd: 50e3", "opening_cash_usd: 250e3"))
    plan, loaded = _plan(tmp_path / "shares"), load_scenario(tmp_path / "shares")
    at = at_start_of(plan, loaded, compile_instance(loaded), loaded.scenario.horizon.start.plus(1))
    again = roll(at, tmp_path / "later")
    equity = again.loaded.scenario.finance.equity
    assert equity is not None
    assert equity.opening_claim_usd > 0.0
    found = _plan(tmp_path / "later")
    assert found.tables["cash_flow"].query("line == 'cash_interest'")["amount_usd"].iloc[0] > 0.0
    assert found.meta.objective_usd == pytest.approx(left_usd(at), abs=ROUNDING * gross_usd(later(at)))


def _plan(folder: Path) -> Plan:
    request = SolveRequest(method="monolithic", relative_gap=1e-9, explains=False)
    return solve_scenario(load_scenario(folder), request=request).plan


def _by_line(flows: pd.DataFrame, column: str) -> pd.DataFrame:
    """By month, since a node of one future is called otherwise once that has come; loan and conversion as one.
    Proceeds of Bitcoin that settle later are cash at the opening."""
    flows = flows[flows["line"] != "btc_settlement"]
    subject = flows["subject"].str.replace("works shell", "works")
    own = flows.assign(month=flows["node"].str[:7], subject=subject).groupby(
        ["month", "site", "line", "subject", "when"]
    )
    return own[["amount_usd"]].sum().rename(columns={"amount_usd": column})


@pytest.mark.parametrize("name", _quick_first([name for name in LONG if name not in CARRIED]))
def test_what_cannot_be_carried_is_said(name: str) -> None:
    with pytest.raises(BadInputError) as error:
        moved(*_cases(name)[0])
    assert REFUSED[name] in "\n".join((error.value.message, *error.value.details))

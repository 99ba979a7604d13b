"""Moved on to a later month, a scenario with unchanged data is worth what its plan still was, and is decided alike."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import solve_scenario
from allocator.pipeline.start import decided_by
from allocator.roll.at_node import movable
from allocator.scenario.load import load_scenario
from tests.roll.moving import left_usd, moved, seen_from, solved_again
from tests.scenarios.cases import SCENARIOS, gross_usd, hand_case, instance_of, names

ROUNDING = 1e-9
"""Of all flows, gains and losses."""
REFUSED = {
    "covenants": "covenants: ",
    "drawn_while_built": "conversions that it pays for",
    "hosted_exit": "terminal: ",
    "loss_and_tax": "tax: ",
    "new_shares": "finance.equity: ",
    "prepaid_hall": "prepayment",
    "project_loan": "conversions that it pays for",
}
"""Hand scenarios that are not moved on, and a word of what is said; besides those whose future is known by then."""
FUTURE = "state the future that has come"
LAST = {"hosted_capacity": 1}
"""Months to which others are moved on at most: afterwards machines are still at a host whose agreement is over."""
QUICK = ("retrofit", "whole_hall", "purchases", "demand_ratchet", "repayment", "kept_bitcoin", "new_shares")
"""What each of them adds: conversions and a tenant, machines in a hall that converts, orders and budgets, peaks billed,
loans with interest, Bitcoin; and something that is refused."""


def _refused(name: str) -> str | None:
    """A word of what stands in the way of a hand scenario."""
    scenario = load_scenario(SCENARIOS / "hand" / name).scenario
    return FUTURE if scenario.uncertainty is not None else REFUSED.get(name)


def _months(name: str) -> list[int]:
    """Months to which a hand scenario is moved on."""
    return [months for months in movable(instance_of(hand_case(name).folder)) if months <= LAST.get(name, months)]


def _long(name: str) -> bool:
    """Whether a hand scenario has a later node."""
    horizon = load_scenario(SCENARIOS / "hand" / name).scenario.horizon
    return len(horizon.node_months) > 1


LONG = [name for name in names("hand") if _long(name)]
CARRIED = [name for name in LONG if _refused(name) is None]


def _quick_first(cases: list[str]) -> list[object]:
    return [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in cases]


@pytest.mark.parametrize("name", _quick_first(CARRIED))
def test_what_a_plan_is_still_worth_is_the_optimum_of_the_scenario_that_moved_on(name: str) -> None:
    for months in _months(name):
        at, again = seen_from(name, months), solved_again(name, months)
        gross = gross_usd(at.table("cash_flow"))
        assert again.meta.objective_usd == pytest.approx(left_usd(at), abs=ROUNDING * gross), months


@pytest.mark.parametrize("name", _quick_first(CARRIED))
def test_decisions_of_the_plan_go_on_to_the_same_money(name: str) -> None:
    """Every whole decision held at what the old plan decided, each line of each later node is what it was."""
    months = _months(name)[-1]
    at = seen_from(name, months)

    def held(instance: Instance) -> Instance:
        return replace(instance, decided=decided_by(instance, at.plan.tables))

    request = SolveRequest(method="monolithic", relative_gap=1e-9, explains=False)
    again = solve_scenario(moved(name, months).loaded, request=request, restrict=held).plan
    both = _by_line(at.table("cash_flow"), at.before).join(_by_line(again.tables["cash_flow"], []), how="outer")
    gross = gross_usd(at.table("cash_flow"))
    wrong = both.fillna(0.0)[lambda rows: (rows["amount_usd"] - rows["again"]).abs() > ROUNDING * gross]
    assert wrong.empty, wrong.to_string()


def _by_line(flows: pd.DataFrame, before: list[str]) -> pd.DataFrame:
    own = flows[~flows["node"].isin(before)].set_index(["node", "site", "line", "subject", "when"])
    return own[["amount_usd"]] if before else own[["amount_usd"]].rename(columns={"amount_usd": "again"})


@pytest.mark.parametrize("name", _quick_first([name for name in LONG if name not in CARRIED]))
def test_what_cannot_be_carried_is_said(name: str) -> None:
    with pytest.raises(BadInputError) as error:
        moved(name, 1)
    assert str(_refused(name)) in "\n".join((error.value.message, *error.value.details))

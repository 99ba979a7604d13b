"""Reasons name what keeps a contract out, and what they say it lacks is never invented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.shared_limits import Feeders, no_plants
from allocator.pipeline.settle import Operation, settle
from allocator.plan.contract_gain import standalone_usd
from allocator.plan.conversion_gain import best_conversion
from allocator.plan.extract import extract_tables
from allocator.plan.extract.cash_flow import objective_usd
from allocator.plan.marginal import no_marginal_values
from allocator.plan.reasons import Reason, capital_left_usd, explain, gain_usd, usd
from allocator.plan.room import chance, room_mw, room_of
from allocator.planning.point import PlanPoint
from tests.plan.factory import pivot_instance, pivot_point, still_point


@pytest.fixture(scope="module")
def reasons(operation: Operation) -> dict[str, Reason]:
    return {reason.contract: reason for reason in explain(operation.settled, operation.cuts)}


def worth(operation: Operation) -> float:
    return objective_usd(extract_tables(operation.settled, {}, no_marginal_values())["cash_flow"])


def test_an_accepted_contract_says_where_it_stands_and_what_its_rent_is_worth(
    operation: Operation, reasons: dict[str, Reason]
) -> None:
    rent = standalone_usd(operation.settled.instance, 0, 0)
    assert reasons["tenant"].cause == "accepted"
    assert f"stands in barn/gpu; rent less signing capex is worth {usd(rent)}" in reasons["tenant"].text


def test_a_contract_too_large_says_how_much_fits_and_which_limit_is_in_the_way(reasons: dict[str, Reason]) -> None:
    whale = reasons["whale"]
    assert (whale.cause, whale.lack) == ("does_not_fit", 9.0)
    assert "0 of its 9 MW fit; barn/gpu: 2 MW free under its electrical limit in 2027-03" in whale.text


def test_room_is_rounded_down() -> None:
    room = [room_mw(mw) for mw in (0, 1e-12, 0.004, 0.0840336, 0.8 - 1e-12, 0.29, 1.998, 2, 12345.6)]
    assert room == ["0", "0", "under 0.01", "0.08", "0.8", "0.29", "1.99", "2", "12,345.6"]


@pytest.mark.parametrize(
    ("shared", "says"),
    [
        (
            {"feeders": Feeders(("busway",), np.array([0]), np.array([2.5 + 0.96]), np.array([0]), np.array([1]))},
            "0 of its 1 MW fit; barn/gpu: 0.8 MW left to promise on feeder busway in 2027-03",
        ),
        (
            {
                "plants": replace(
                    no_plants(),
                    names=("chiller",),
                    site=np.array([0]),
                    loop=("liquid",),
                    firm_limit_mw=np.full((1, 6), 1.6 + 0.6),
                    plant=np.array([0]),
                    bay=np.array([1]),
                )
            },
            "0 of its 1 MW fit; barn/gpu: 0.75 MW left to promise on plant chiller in 2027-03",
        ),
    ],
    ids=["feeder", "plant"],
)
def test_a_contract_too_large_for_what_halls_share_names_it(
    operation: Operation, shared: dict[str, object], says: str
) -> None:
    settled = replace(operation.settled, instance=replace(operation.settled.instance, **shared))
    found = {reason.contract: reason for reason in explain(settled, operation.cuts)}["penny"]
    assert (found.cause, found.lack) == ("does_not_fit", 1.0)
    assert found.text.startswith(says)


def test_a_contract_of_a_group_names_the_one_that_was_taken(reasons: dict[str, Reason]) -> None:
    assert reasons["rival"].text == "only one of anchor may be signed, and tenant is"


def test_a_window_that_holds_no_start_is_said_so(reasons: dict[str, Reason]) -> None:
    assert reasons["late"].cause == "never_in_window"


def test_a_contract_that_fits_but_does_not_pay_says_what_its_margin_lacks(reasons: dict[str, Reason]) -> None:
    penny = reasons["penny"]
    assert penny.cause == "margin"
    assert penny.lack > 0
    assert penny.text == (
        f"fits in barn/gpu, but its margin lacks about {usd(penny.lack)} after energy and what it displaces"
    )


def with_penny(point: PlanPoint, signed: int) -> PlanPoint:
    point.sign[2, signed], point.place[2, 1, signed] = 1.0, 1.0
    return point


def test_what_a_margin_lacks_is_what_accepting_costs(operation: Operation, reasons: dict[str, Reason]) -> None:
    instance = pivot_instance()
    losses = [
        worth(operation) - worth(settle(instance, with_penny(pivot_point(instance), signed))) for signed in range(4)
    ]
    assert reasons["penny"].lack == pytest.approx(min(losses), rel=1e-6)


@pytest.mark.parametrize("signed", range(4))
def test_a_gain_is_never_understated(operation: Operation, signed: int) -> None:
    settled, cuts = operation.settled, operation.cuts
    found = chance(settled.instance, room_of(settled), 2, signed)
    instance = pivot_instance()
    actual = worth(settle(instance, with_penny(pivot_point(instance), signed))) - worth(operation)
    assert gain_usd(settled, cuts, 2, found) >= actual - 1e-6 * abs(actual)


def test_without_a_fitted_hall_the_conversion_that_would_make_room_is_valued() -> None:
    instance = pivot_instance()
    operation = settle(instance, still_point(instance))
    reason = explain(operation.settled, operation.cuts)[0]
    assert reason.cause == "no_fit_out"
    assert reason.text.startswith(
        "no hall is fitted for it over its service; with barn/gpu converted from 2027-01 for $4.00 M, its margin "
        "would lack about $"
    )


def test_a_conversion_that_would_pay_but_exceeds_the_budget_says_what_is_left() -> None:
    made = pivot_instance()
    rich = made.terminal.contract_usd * 100.0
    instance = replace(
        made,
        terminal=replace(made.terminal, contract_usd=rich),
        finance=replace(made.finance, capex_budget_usd=1e6),
    )
    operation = settle(instance, still_point(instance))
    assert capital_left_usd(operation.settled) == 1e6
    assert (
        "it would exceed the capital budget, of which $1.00 M is left"
        in explain(operation.settled, operation.cuts)[0].text
    )


def test_the_gain_of_a_conversion_is_never_understated() -> None:
    instance = pivot_instance()
    still = settle(instance, still_point(instance))
    found = best_conversion(still.settled, still.cuts, room_of(still.settled), 0)
    assert found is not None
    assert (found.bay, found.made) == (1, 0)
    for signed in range(3):
        point = still_point(instance)
        point.convert[1, 0] = 1.0
        point.fitted[0, 1:], point.fitted[1, 2:] = 0.0, 1.0
        point.remove_units[0, 0, 1], point.installed_units[0, 1:] = 4.0, 0.0
        point.stored_units[0, 1:] += 4.0
        point.sign[0, signed], point.place[0, 1, signed] = 1.0, 2.0
        actual = worth(settle(instance, point)) - worth(still)
        assert found.gain_usd >= actual - 1e-6 * abs(actual)


def test_tranches_fill_the_roomiest_hall_first_and_share_the_interconnect(operation: Operation) -> None:
    settled = operation.settled
    found = chance(settled.instance, room_of(settled), 0, 1)
    assert found.placed == ((1, 2),)
    assert found.share == 1.0
    tight = replace(
        settled,
        instance=replace(settled.instance, sites=replace(settled.instance.sites, power_limit_mw=np.array([2.8 + 1.5]))),
    )
    assert chance(tight.instance, room_of(tight), 0, 1).placed == ((1, 1),)
    assert chance(tight.instance, room_of(tight), 0, 1).limit == "power reserved at site0"


def test_amounts_are_written_for_people() -> None:
    assert [usd(99.4), usd(-12_345_678.0)] == ["$99", "-$12.35 M"]

"""Energy that a host is paid for in any case: machines run for it as long as that is cheaper."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import DispatchMethod, choose_dispatch
from allocator.dispatch.interface import Capacity, LimitPrices, SiteNode
from allocator.dispatch.linear import LinearDispatch
from allocator.dispatch.schedule import schedule_value
from allocator.instance.site_node import site_node
from allocator.instance.take import NodeTake
from tests.dispatch.cut_laws import any_limits, check_bound, check_cut
from tests.quick import examples
from tests.verify.hosts import hosts_instance

MANY = examples(30)
DECK = site_node(hosts_instance(), 2, 3)
"""360 hours at 68 USD/MWh and as many at 88; machines earn 90 and draw 1.02 MW at the meter for each MW."""


def capacity(fitted: float, mw: float) -> Capacity:
    return Capacity(np.array([fitted]), np.zeros(0), np.array([mw]))


def taking(mwh: float, usd_per_mwh: float, value: float = 60.0) -> SiteNode:
    """The deck with machines that earn so much a MWh, and something to be taken."""
    return replace(DECK, segment_value_usd_per_mwh=np.array([value]), take=NodeTake(mwh, usd_per_mwh))


@pytest.mark.parametrize(
    ("asked_mwh", "usd_per_mwh", "drawn_mwh"),
    [
        (0.0, 0.0, 0.0),  # running loses 9.36 and 29.76 USD by MWh of load
        (100.0, 5.0, 0.0),  # standing still is cheaper
        (100.0, 10.0, 100.0),  # hours at 68 are worth it, as far as is asked
        (500.0, 10.0, 367.2),  # hours at 88 are not
        (500.0, 40.0, 500.0),
    ],
)
def test_machines_run_at_a_loss_only_for_what_is_asked(asked_mwh: float, usd_per_mwh: float, drawn_mwh: float) -> None:
    here = taking(asked_mwh, usd_per_mwh)
    found = LinearDispatch(here).solve(capacity(1.0, 1.0))
    assert found.schedule.grid_mw @ here.weight_h == pytest.approx(drawn_mwh)
    assert found.value_usd == pytest.approx(schedule_value(here, found.schedule))


def test_what_is_not_drawn_is_paid_for_while_the_agreement_is_in_force() -> None:
    here = taking(100.0, 5.0)
    assert LinearDispatch(here).solve(capacity(1.0, 1.0)).value_usd == pytest.approx(-500.0)
    assert LinearDispatch(here).solve(capacity(0.0, 0.0)).value_usd == pytest.approx(0.0)


def test_a_take_goes_to_the_linear_program_with_a_reason() -> None:
    choice = choose_dispatch(taking(100.0, 5.0), np.zeros(1, dtype=bool))
    assert choice.method is DispatchMethod.LINEAR
    assert choice.reason == "a host is paid for energy whether it is drawn or not"


SITES = st.builds(taking, st.floats(0.0, 1500.0), st.floats(0.0, 50.0), st.floats(40.0, 100.0))
CAPACITIES = st.builds(capacity, st.floats(0.0, 1.0), st.floats(0.0, 3.0))


@MANY
@given(SITES, CAPACITIES, CAPACITIES)
def test_a_cut_is_tight_at_its_own_capacity_and_valid_at_every_other(
    site: SiteNode, here: Capacity, there: Capacity
) -> None:
    check_cut(site, here, there)


@MANY
@given(SITES, CAPACITIES, st.integers(0, 2**32 - 1))
def test_a_cut_from_any_prices_is_valid(site: SiteNode, here: Capacity, seed: int) -> None:
    check_bound(site, LimitPrices(*any_limits(np.random.default_rng(seed), site)), here)

"""The best operation that mines a stated amount: against the hours as one linear program that is told the amount."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from allocator.dispatch.choose import choose_dispatch, linear_dispatch
from allocator.dispatch.frontier import Reached, cause, largest_premium, mine, mined
from allocator.dispatch.interface import Capacity
from allocator.dispatch.program import make_program
from allocator.dispatch.schedule import schedule_value
from allocator.instance.coincident import NodeCoincident
from allocator.instance.site_node import SiteNode
from allocator.instance.tenants import one_tenancy_a_bay
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Reason
from tests.dispatch.random_sites import crossing_sites, nested_sites, random_capacity
from tests.quick import examples

EXACT = SolveOptions(feasibility_tolerance=1e-9)


def counted(site: SiteNode, rng: np.random.Generator) -> SiteNode:
    """Some segments mine; Bitcoin may be worth more or less than its price."""
    btc = rng.uniform(2e-4, 1e-3, site.segments) * rng.integers(0, 2, site.segments)
    return replace(site, segment_btc_per_mwh=btc)


def told(site: SiteNode, capacity: Capacity, btc: float) -> float | None:
    """The largest margin of hours that mine exactly that much, None where they cannot: one linear program."""
    program = make_program(site)
    problem = program.problem
    lower, upper = program.row_bounds(capacity)
    low, high = program.column_bounds(capacity)
    whole = Problem(
        sense="max",
        cost=problem.cost,
        offset=problem.offset,
        matrix=sp.vstack([problem.matrix, sp.csr_matrix(program.mined_btc * 1e3)]).tocsc(),
        row_lower=np.append(lower, btc * 1e3),
        row_upper=np.append(upper, btc * 1e3),
        lower=low,
        upper=high,
        integer=problem.integer,
        rows={},
        columns={},
        name="told",
    )
    result = HighsSession(whole, EXACT).solve()
    if result.reason is not Reason.OPTIMAL:
        return None
    standing = np.concatenate([capacity.fitted, capacity.firm_mw, capacity.segment_mw]) @ program.standing_usd
    return float(result.primal_bound + standing)


def check(site: SiteNode, capacity: Capacity, share: float, tenants: bool) -> None:
    """At a share of what can be mined: same margin as the linear program, a schedule that earns it, a tight cut."""
    bays = np.full(site.bays, tenants)
    for choice in (choose_dispatch(site, bays), linear_dispatch(site, bays)):
        dispatch = choice.dispatch
        most = mine(dispatch, site, capacity, np.inf)
        least = mine(dispatch, site, capacity, 0.0)
        btc = least.amount + share * (most.amount - least.amount)
        found = mine(dispatch, site, capacity, btc)
        scale = max(1.0, abs(found.margin_usd))
        assert found.amount == pytest.approx(btc, rel=1e-9, abs=1e-12)
        assert mined(site, found.schedule) == pytest.approx(btc, rel=1e-9, abs=1e-12)
        assert schedule_value(site, found.schedule) == pytest.approx(found.margin_usd, rel=1e-9, abs=1e-7)
        assert found.margin_usd == pytest.approx(told(site, capacity, btc), rel=1e-7, abs=1e-5)
        worth = found.margin_usd + found.premium * found.amount
        assert found.cut.at(capacity) == pytest.approx(worth, rel=1e-8, abs=1e-8 * scale)


def feasible(site: SiteNode, capacity: Capacity) -> bool:
    return bool((site.no_load_mw @ capacity.fitted <= site.site_limit_mw).all())


@examples(50)
@given(nested_sites(), st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_nested_sites_mine_what_is_asked_at_the_least_loss(site: SiteNode, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    site, capacity = counted(site, rng), random_capacity(rng, site)
    if feasible(site, capacity):
        check(site, capacity, share, tenants=True)


@examples(50)
@given(crossing_sites(), st.integers(0, 2**32 - 1), st.floats(0.0, 1.0))
def test_crossing_sites_mine_what_is_asked_at_the_least_loss(site: SiteNode, seed: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    site, capacity = counted(site, rng), random_capacity(rng, site)
    if feasible(site, capacity):
        check(site, capacity, share, tenants=True)


HOURS = SiteNode(
    weight_h=np.array([10.0, 20.0]),
    price_usd_per_mwh=np.array([30.0, 80.0]),
    site_limit_mw=np.array([10.0, 10.0]),
    overhead=np.zeros((1, 2)),
    it_limit_mw=np.array([10.0]),
    air_limit_mw=np.full((1, 2), np.inf),
    liquid_limit_mw=np.full((1, 2), np.inf),
    no_load_mw=np.zeros(1),
    firm_air_share=np.ones(1),
    firm_liquid_share=np.zeros(1),
    segment_bay=np.array([0]),
    segment_air_share=np.ones(1),
    segment_liquid_share=np.zeros(1),
    segment_value_usd_per_mwh=np.array([60.0]),
    shed_usd_per_mwh=5000.0,
    segment_btc_per_mwh=np.array([0.001]),
    tenants=one_tenancy_a_bay(bays=1, hours=2),
)
"""One MW earns 60 USD/MWh and mines a thousandth of a Bitcoin; energy costs 30 USD in 10 hours, 80 in 20."""
ONE_MW = Capacity(np.ones(1), np.zeros(1), np.ones(1))


@pytest.mark.parametrize(
    ("btc", "margin_usd", "premium"),
    [(0.0, 0.0, None), (0.005, 150.0, -30_000.0), (0.01, 300.0, None), (0.02, 100.0, 20_000.0), (0.03, -100.0, None)],
)
def test_a_bitcoin_mined_at_a_loss_costs_what_its_energy_does(
    btc: float, margin_usd: float, premium: float | None
) -> None:
    """Cheap hours mine 0.01 at a gain of 30 a MWh, dear ones 0.02 more at a loss of 20: 20 / 0.001 USD per BTC."""
    dispatch = choose_dispatch(HOURS, np.zeros(1, dtype=bool)).dispatch
    found = mine(dispatch, HOURS, ONE_MW, btc)
    assert found.margin_usd == pytest.approx(margin_usd)
    assert found.amount == pytest.approx(btc)
    if premium is not None:
        assert found.premium == pytest.approx(premium)


def test_what_cannot_be_mined_is_mined_as_far_as_it_can() -> None:
    dispatch = choose_dispatch(HOURS, np.zeros(1, dtype=bool)).dispatch
    found: Reached = mine(dispatch, HOURS, ONE_MW, 7.0)
    assert found.amount == pytest.approx(0.03)
    assert found.premium == pytest.approx(largest_premium(HOURS))


def test_where_bitcoin_is_worth_its_price_there_is_nothing_to_count() -> None:
    plain = replace(HOURS, segment_btc_per_mwh=None)
    dispatch = choose_dispatch(plain, np.zeros(1, dtype=bool)).dispatch
    assert largest_premium(plain) == 0.0
    assert mine(dispatch, plain, ONE_MW, 0.0).margin_usd == pytest.approx(300.0)


@pytest.mark.parametrize(
    ("due_usd", "margin_usd", "premium"),
    [(0.0, 100.0, None), (50.0, 150.0, -1.0), (100.0, 200.0, 0.0), (250.0, 150.0, 1 / 3), (400.0, 100.0, None)],
)
def test_what_is_due_later_is_brought_about_at_the_least_loss(
    due_usd: float, margin_usd: float, premium: float | None
) -> None:
    """Three times ten hours: the first earn 10 a MWh beside 10 that are due later, the second lose 10 beside 30 that
    are, the third earn 10. To put off a dollar more costs a third of one; to be rid of one costs one."""
    here = replace(
        HOURS,
        weight_h=np.full(3, 10.0),
        price_usd_per_mwh=np.array([50.0, 70.0, 50.0]),
        overhead=np.zeros((1, 3)),
        site_limit_mw=np.full(3, 10.0),
        air_limit_mw=np.full((1, 3), np.inf),
        liquid_limit_mw=np.full((1, 3), np.inf),
        tenants=one_tenancy_a_bay(bays=1, hours=3),
        segment_btc_per_mwh=None,
        coincident=NodeCoincident(np.array([4]), np.array([[100.0, 300.0, 0.0]]), np.array([10.0, 30.0, 0.0])),
    )
    found = cause(here, np.zeros(1, dtype=bool), ONE_MW, due_usd)
    assert found.amount == pytest.approx(due_usd)
    assert found.margin_usd == pytest.approx(margin_usd)
    assert found.cut.at(ONE_MW) >= margin_usd + found.premium * due_usd - 1e-9
    if premium is not None:
        assert found.premium == pytest.approx(premium, abs=1e-12)
    assert cause(here, np.zeros(1, dtype=bool), ONE_MW, 500.0).amount == pytest.approx(400.0)

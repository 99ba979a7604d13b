"""CONTRACT and POWER: what is signed, where it stands, what it reserves and draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.planning.build import build_monolithic
from solvers.result import Reason
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, tiny_instance
from tests.planning.solving import best, run

BARN = BaySpec("barn", "air_mining", 5.0)
RETROFIT = BaySpec("retrofit", "liquid_gpu", 4.0)
GPU = HallSpec("hall", [RETROFIT])
TENANT = ContractSpec("tenant", 2.0, ["hall/retrofit"], rent_usd_per_mw_month=100.0)


def test_a_contract_that_fits_only_after_conversion_pays_for_it() -> None:
    """Three nodes, ready after one: 2 nodes x 2 MW x 100 of rent against capex of 300, else nothing."""
    hall = HallSpec("hall", [BARN, replace(RETROFIT, capex_usd=300.0, lead_months=1, downtime_months=1)])
    plan = best(tiny_instance(nodes=3, halls=[hall], contracts=[TENANT]))
    assert plan.point.sign[0].tolist() == [0, 1, 0]
    assert plan.usd == pytest.approx(2 * 200 - 300)
    dear = HallSpec("hall", [BARN, replace(hall.bays[1], capex_usd=500.0)])
    assert best(tiny_instance(nodes=3, halls=[dear], contracts=[TENANT])).usd == pytest.approx(0.0)


def test_a_contract_is_signed_once_although_it_may_start_in_many_nodes() -> None:
    plan = best(tiny_instance(nodes=3, halls=[GPU], contracts=[replace(TENANT, term_months=1)]))
    assert plan.point.sign.sum() == 1.0
    assert plan.usd == pytest.approx(200.0)


def test_at_most_one_of_a_group_is_signed() -> None:
    rival = replace(TENANT, name="rival", rent_usd_per_mw_month=150.0)
    together = tiny_instance(halls=[GPU], contracts=[TENANT, rival])
    assert best(together).usd == pytest.approx(500.0)
    either = tiny_instance(halls=[GPU], contracts=[TENANT, rival], groups={"anchor": (["tenant", "rival"], False)})
    plan = best(either)
    assert plan.point.sign[:, 0].tolist() == [0, 1]
    assert plan.usd == pytest.approx(300.0)


def test_a_required_group_is_served_even_at_a_loss() -> None:
    loss = replace(TENANT, signing_capex_usd=250.0)
    group = {"anchor": (["tenant"], True)}
    assert best(tiny_instance(halls=[GPU], contracts=[loss])).usd == pytest.approx(0.0)
    assert best(tiny_instance(halls=[GPU], contracts=[loss], groups=group)).usd == pytest.approx(-50.0)


def test_a_contract_that_must_be_accepted_but_fits_nowhere_is_infeasible() -> None:
    """5 MW in a hall of 4 MW; the columns stay so that a conflict can name CONTRACT.fits_hall."""
    large = replace(TENANT, critical_it_mw=5.0, must_accept=True)
    problem = build_monolithic(tiny_instance(halls=[GPU], contracts=[large])).problem
    assert run(problem).reason is Reason.INFEASIBLE
    assert len(problem.rows["CONTRACT.fits_hall"].index) == 1
    optional = build_monolithic(tiny_instance(halls=[GPU], contracts=[replace(large, must_accept=False)])).problem
    assert len(optional.columns["place"].index) == 0


def test_tranches_stand_in_different_halls() -> None:
    """6 MW in three tranches: two in a hall of 4 MW, one in a hall of 3 MW; whole it fits neither."""
    halls = [GPU, HallSpec("annex", [replace(RETROFIT, it_limit_mw=3.0)])]
    offer = ContractSpec("tenant", 6.0, ["hall/retrofit", "annex/retrofit"], rent_usd_per_mw_month=100.0, tranches=3)
    plan = best(tiny_instance(halls=halls, contracts=[offer]))
    assert plan.point.place[0, :, 0].tolist() == [2, 1]
    assert best(tiny_instance(halls=halls, contracts=[replace(offer, tranches=1)])).usd == pytest.approx(0.0)


def test_contracts_fit_the_hall_by_what_they_contract_not_by_what_they_draw() -> None:
    """Two contracts of 2.5 MW at a load factor of 0.5 draw 2.5 MW together, and only one fits 4 MW."""
    offers = [replace(TENANT, name=name, critical_it_mw=2.5, load_factor=0.5) for name in ("one", "other")]
    assert best(tiny_instance(halls=[GPU], contracts=offers)).point.sign.sum() == 1.0


@pytest.mark.parametrize("loop", ["air", "liquid"])
def test_tenant_heat_must_fit_the_loop_in_the_hottest_hour(loop: str) -> None:
    """2 MW with half of its heat in each loop: 1 MW must fit the lowest limit of every node served."""
    for least, signed in ((1.0, 1.0), (0.9, 0.0)):
        bay = replace(RETROFIT, tenant_air_share=0.5, **{f"{loop}_limit_mw": [3.0, 3.0, 3.0, least]})
        instance = tiny_instance(nodes=2, halls=[HallSpec("hall", [bay])], contracts=[TENANT])
        assert best(instance).point.sign[0, 0] == signed
        rows = build_monolithic(instance).problem.rows
        assert len(rows[f"CONTRACT.fits_{loop}"].index) == (2 if signed else 0)


def test_reserved_power_limits_contracts_although_they_draw_less() -> None:
    """Gross-up of 3: 2 MW reserve 6 of the site's 10 MW, so one of two is signed."""
    offers = [replace(TENANT, name=name, gross_up=3.0) for name in ("one", "other")]
    plan = best(tiny_instance(halls=[GPU], contracts=offers))
    assert plan.point.sign.sum() == 1.0


def test_rent_and_pass_through_are_discounted_as_contracted_and_power_as_operations() -> None:
    """One node of a month: mid-month factors. Energy 2 MW x 2 h x 50, all passed through at spot 40."""
    offer = replace(TENANT, pass_through_share=1.0)
    instance = tiny_instance(
        halls=[GPU], contracts=[offer], price=50.0, spot=40.0, operations_per_year=0.2, contracted_per_year=0.1
    )
    operations, contracted = 1.2 ** (-1 / 24), 1.1 ** (-1 / 24)
    expected = contracted * (200 + 2 * 2 * 40) - operations * 2 * 2 * 50
    assert best(instance).usd == pytest.approx(expected)


def test_firm_load_is_shed_at_its_price_where_the_site_limit_bites() -> None:
    """3 MW of firm load at an overhead of 0.25 need 3.75 MW; with 2.5 MW one MW is shed each hour."""
    bay = replace(RETROFIT, overhead=0.25)
    offer = replace(TENANT, critical_it_mw=3.0, gross_up=0.5, must_accept=True)
    instance = tiny_instance(
        halls=[HallSpec("hall", [bay])], contracts=[offer], site_limit_mw=[2.5], shed_usd_per_mwh=70.0
    )
    plan = best(instance)
    assert plan.model.schedule(plan.x, 0, 0).shed_mw == pytest.approx(np.ones((1, 2)))
    assert plan.usd == pytest.approx(300 - 2 * 70)


def test_a_contract_beyond_the_horizon_adds_its_value_only_if_signed() -> None:
    instance = tiny_instance(halls=[GPU], contracts=[TENANT], contract_tail_usd=1000.0, mining_tail_usd_per_mw=[0.0])
    assert best(instance).usd == pytest.approx(1200.0)

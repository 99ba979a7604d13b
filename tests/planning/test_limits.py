"""COOLING, CASH and TERMINAL: heat that binds in summer only, money, and the years beyond."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.planning.build import build_monolithic
from solvers.result import Reason
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.solving import best, run

BARN = BaySpec("barn", "air_mining", 5.0)
MINERS = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 100.0)], opening={"hall": 5.0})
BOUGHT = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 100.0)], buyable=True, price_usd=150.0, limit_units=9.0)


def test_a_heat_limit_binds_in_summer_only() -> None:
    """Winter 6 MW and summer 3 MW of heat for a hall of 5 MW: rows stand for the summer hours alone."""
    hall = HallSpec("hall", [replace(BARN, air_limit_mw=[6.0, 6.0, 3.0, 3.0])])
    instance = tiny_instance(nodes=2, halls=[hall], models=[MINERS])
    plan = best(instance)
    assert plan.load_mw() == pytest.approx(np.array([[5.0, 5.0], [3.0, 3.0]]))
    assert plan.model.problem.rows["COOLING.air"].index["hour"].tolist() == [2, 3]


def test_two_heat_loops_bind_together() -> None:
    """Half of the heat each way, 2 MW in the air loop and 1 MW in the liquid loop: 2 MW of load."""
    bay = BaySpec("gpu", "liquid_gpu", 5.0, air_limit_mw=2.0, liquid_limit_mw=1.0)
    racks = ModelSpec("rack", {"liquid_gpu": 0.5}, [StepSpec(1.0, 100.0)], opening={"hall": 5.0})
    plan = best(tiny_instance(halls=[HallSpec("hall", [bay])], models=[racks]))
    assert plan.load_mw()[0] == pytest.approx([2.0, 2.0])


def test_purchases_stop_where_cash_would_fall_below_its_minimum() -> None:
    """Cash 1000, minimum 600, price 150 a unit; each earns 200 in the node it is bought in (no limit there).

    With a lead of one month the earnings come too late: two units.
    """
    money = {"opening_cash_usd": 1000.0, "minimum_cash_usd": 600.0}
    late = tiny_instance(nodes=2, halls=[HallSpec("hall", [BARN])], models=[replace(BOUGHT, lead_months=1)], **money)
    plan = best(late)
    assert plan.point.buy_units[0].tolist() == [2.0, 0.0]
    cash = plan.model.problem.columns["cash_musd"]
    assert 1e6 * plan.x[cash.slice] == pytest.approx([700.0, 1100.0])
    now = tiny_instance(halls=[HallSpec("hall", [BARN])], models=[BOUGHT], **money)
    assert best(now).point.buy_units[0, 0] == 5.0


def test_the_capital_budget_is_not_widened_by_sales() -> None:
    """Budget 400 buys two units at 150; selling the old ones brings cash, not budget."""
    old = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(1.0, 1.0)], stored=9.0, resale_usd=100.0)
    hall = HallSpec("hall", [BARN])
    assert best(tiny_instance(halls=[hall], models=[BOUGHT, old], capex_budget_usd=400.0)).point.buy_units.sum() == 2.0
    assert best(tiny_instance(halls=[hall], models=[BOUGHT, old])).point.buy_units.sum() == 5.0


def test_the_budget_counts_installation_conversion_and_signing() -> None:
    """10 to sign, 20 to convert and 5 a unit to install: a budget of 34 lacks one."""
    bays = [BARN, BaySpec("gpu", "liquid_gpu", 5.0, capex_usd=20.0)]
    tenant = ContractSpec("tenant", 1.0, ["hall/gpu"], rent_usd_per_mw_month=1000.0, signing_capex_usd=10.0)
    racks = ModelSpec("rack", {"liquid_gpu": 0.5}, [StepSpec(1.0, 10.0)], stored=1.0, install_usd=5.0)
    halls = [HallSpec("hall", bays)]
    rich = best(tiny_instance(halls=halls, models=[racks], contracts=[tenant], capex_budget_usd=35.0))
    assert rich.usd == pytest.approx(1000 + 20 - 35)
    poor = best(tiny_instance(halls=halls, models=[racks], contracts=[tenant], capex_budget_usd=34.0))
    assert poor.usd == pytest.approx(1000 - 30)


def test_cash_that_falls_below_its_minimum_whatever_is_done_is_infeasible() -> None:
    instance = tiny_instance(nodes=2, fixed_opex_usd=100.0, opening_cash_usd=150.0, minimum_cash_usd=0.0)
    assert run(build_monolithic(instance).problem).reason is Reason.INFEASIBLE


def test_mining_beyond_the_horizon_needs_the_hall_and_the_site() -> None:
    """Tail years worth 7 and 3 a MW, site 4 MW for halls of 5 MW: 4 MW each year."""
    plan = best(tiny_instance(halls=[HallSpec("hall", [BARN])], site_limit_mw=[4.0], mining_tail_usd_per_mw=[7.0, 3.0]))
    assert plan.point.tail_mw[0, :, 0] == pytest.approx([4.0, 4.0])
    assert plan.usd == pytest.approx(4 * 10)


def test_a_contract_still_in_term_takes_its_power_from_the_mining_beyond() -> None:
    """Contract of 3 MW (value 100) on a site of 5 MW beside a mining hall: 2 MW of mining remain, each worth 7."""
    halls = [HallSpec("hall", [BARN]), HallSpec("annex", [BaySpec("gpu", "liquid_gpu", 4.0)])]
    tenant = ContractSpec("tenant", 3.0, ["annex/gpu"])
    plan = best(
        tiny_instance(halls=halls, contracts=[tenant], site_limit_mw=[5.0], contract_tail_usd=100.0,
                      mining_tail_usd_per_mw=[7.0])
    )  # fmt: skip
    assert plan.usd == pytest.approx(100 + 2 * 7)


def test_a_hall_converted_away_from_mining_has_no_mining_beyond() -> None:
    """Rent of 30 against a tail of 5 MW x 7 = 35: not converted; rent of 40: converted."""
    hall = HallSpec("hall", [BARN, BaySpec("gpu", "liquid_gpu", 5.0)])
    for rent, value in ((30.0, 35.0), (40.0, 40.0)):
        tenant = ContractSpec("tenant", 1.0, ["hall/gpu"], rent_usd_per_mw_month=rent)
        plan = best(tiny_instance(halls=[hall], contracts=[tenant], mining_tail_usd_per_mw=[7.0]))
        assert plan.usd == pytest.approx(value)


def test_no_load_draw_of_a_fitted_hall_is_paid_and_takes_power() -> None:
    """1 MW of no load at 10 USD/MWh for 2 h; of the site's 4 MW three are left to machines worth 100."""
    hall = HallSpec("hall", [replace(BARN, no_load_mw=1.0)])
    plan = best(tiny_instance(halls=[hall], models=[MINERS], site_limit_mw=[4.0], price=10.0))
    assert plan.usd == pytest.approx(2 * (3 * 90 - 10))

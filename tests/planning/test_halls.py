"""HALL: conversions, downtime, lead times, slots. One hall of 5 MW unless a test says otherwise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.types import Instance
from allocator.planning.build import build_monolithic
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.cases import quarterly
from tests.planning.solving import best

BARN = BaySpec("barn", "air_mining", 5.0)
MINER = ModelSpec("s21", {"air_mining": 1.0}, [StepSpec(1.0, 30.0)], opening={"hall": 5.0})


def converting(lead_months: int, downtime_months: int, nodes: int = 4, **changes: object) -> Instance:
    """A mining hall that a tenant wants from month 2 on, 720 hours a month, power at 10 USD/MWh."""
    retrofit = BaySpec("retrofit", "liquid_gpu", 4.0, capex_usd=1e5, lead_months=lead_months,
                       downtime_months=downtime_months)  # fmt: skip
    tenant = ContractSpec(
        "tenant", 4.0, ["hall/retrofit"], rent_usd_per_mw_month=100e3, first_service_month=2, last_service_month=2
    )
    return tiny_instance(
        nodes=nodes, steps=1, step_hours=720.0, halls=[HallSpec("hall", [BARN, retrofit])], models=[MINER],
        contracts=[tenant], price=10.0, **changes,  # type: ignore[arg-type]
    )  # fmt: skip


def test_a_hall_mines_until_its_downtime_then_stands_idle_then_hosts() -> None:
    """Two months of lead of which one down: mines in month 0, idle in 1, hosts in 2 and 3.

    5 MW x 720 h x (30 - 10) = 72 000 mined in month 0; 2 x 4 x 100 000 rent; tenants' energy
    2 x 4 x 720 x 10 = 57 600; capex 100 000. The conversion is decided in month 0 or never in time.
    """
    plan = best(converting(lead_months=2, downtime_months=1))
    assert plan.point.convert[1].tolist() == [1, 0, 0, 0]
    assert plan.point.fitted.tolist() == [[1, 0, 0, 0], [0, 0, 1, 1]]
    assert plan.load_mw()[:, 0] == pytest.approx([5, 0, 0, 0])
    assert plan.usd == pytest.approx(72_000 + 800_000 - 57_600 - 100_000)


def test_a_conversion_without_downtime_leaves_no_idle_month() -> None:
    """Lead 2 and no downtime: mines in months 0 and 1."""
    plan = best(converting(lead_months=2, downtime_months=0))
    assert plan.point.fitted.sum(axis=0).tolist() == [1, 1, 1, 1]
    assert plan.load_mw()[:, 0] == pytest.approx([5, 5, 0, 0])


def test_a_conversion_that_cannot_be_ready_inside_the_horizon_is_not_offered() -> None:
    problem = build_monolithic(converting(lead_months=4, downtime_months=1)).problem
    assert len(problem.columns["convert"].index) == 0
    assert not (problem.columns["fitted"].index["bay"] == 1).any()


def test_conversions_are_decided_at_decision_nodes_only() -> None:
    instance = converting(lead_months=1, downtime_months=1, decision=[True, False, True, False])
    assert build_monolithic(instance).problem.columns["convert"].index["node"].tolist() == [0, 2]


def test_lead_times_end_at_the_next_period_and_downtime_idles_the_whole_period() -> None:
    """Quarters; four months of lead, the last one down, fall into the second quarter: ready in the third."""
    instance = converting(lead_months=4, downtime_months=1)
    instance = replace(instance, tree=quarterly(instance))
    convert_first = build_monolithic(instance).problem
    down = convert_first.rows["HALL.downtime"]
    column = convert_first.columns["convert"].start
    rows = convert_first.matrix[down.slice].tocsc()[:, column].nonzero()[0]
    assert down.index["node"].iloc[rows].tolist() == [1]
    ready = convert_first.rows["HALL.delivered"].index
    assert ready["node"].tolist() == [2, 3]


def test_a_hall_converts_no_more_often_than_its_limit() -> None:
    """Two further fit-outs, each with a tenant for one month; one conversion a path, so one tenant."""
    bays = [BaySpec(name, "liquid_gpu", 4.0, lead_months=lead) for name, lead in (("first", 1), ("second", 2))]
    tenants = [
        ContractSpec(name, 4.0, [f"hall/{name}"], rent_usd_per_mw_month=rent, term_months=1, first_service_month=month,
                     last_service_month=month)
        for name, rent, month in (("first", 1e5, 1), ("second", 2e5, 2))
    ]  # fmt: skip
    halls = [HallSpec("hall", [BARN, *bays], max_conversions=1)]
    once = best(tiny_instance(nodes=3, halls=halls, contracts=tenants))
    assert once.usd == pytest.approx(4 * 2e5)
    twice = best(tiny_instance(nodes=3, halls=[replace(halls[0], max_conversions=2)], contracts=tenants))
    assert twice.usd == pytest.approx(4 * 3e5)


def test_machines_take_rack_positions() -> None:
    """Ten slots, three a unit: three units of the better machine run although power is left."""
    hall = HallSpec("hall", [replace(BARN, slots=10.0)])
    plan = best(tiny_instance(halls=[hall], models=[replace(MINER, slots=3.0, opening={}, stored=5.0)]))
    assert plan.point.installed_units.tolist() == [[3.0]]


def test_two_models_share_the_rack_positions_of_a_hall() -> None:
    """Ten slots: one unit of 6 slots worth 300 and one of 5 worth 200 do not fit together."""
    hall = HallSpec("hall", [replace(BARN, slots=10.0)])
    models = [
        ModelSpec(name, {"air_mining": 1.0}, [StepSpec(1.0, value)], slots=slots, stored=1.0)
        for name, value, slots in (("large", 150.0, 6.0), ("small", 100.0, 5.0))
    ]
    plan = best(tiny_instance(halls=[hall], models=models))
    assert plan.point.installed_units.tolist() == [[1.0], [0.0]]
    assert plan.usd == pytest.approx(300.0)


def test_conversion_capex_is_paid_evenly_over_the_lead_months() -> None:
    """100 000 over two months; cash of the nodes shows it. Nothing is owed at the horizon."""
    instance = converting(lead_months=2, downtime_months=1, opening_cash_usd=1e6)
    plan = best(instance)
    family = plan.model.problem.columns["cash_musd"]
    cash = 1e6 * plan.x[family.slice]
    assert cash[0] == pytest.approx(1e6 + 72_000 - 50_000)
    assert cash[1] - cash[0] == pytest.approx(-50_000)
    assert np.diff(cash)[1:] == pytest.approx([400_000 - 28_800] * 2)

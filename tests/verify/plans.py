"""A plan made by hand that has something of everything.

`works()` is two sites, six months: a barn that becomes a GPU hall, a yard that mines, a dock with tenants; machines
bought, delivered, undelivered, moved, stored and sold; contracts placed over two sites, ending, refused; an hour too
hot for the tenants; a battery that arrives for the last month; load offered to two ancillary services.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.risk import WorstPaths
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from allocator.planning.point import PlanPoint
from tests.instance.factory import (
    BaySpec,
    ContractSpec,
    FeederSpec,
    HallSpec,
    ModelSpec,
    PlantSpec,
    StepSpec,
    tiny_instance,
)
from tests.instance.reserves import ServiceSpec, with_reserves
from tests.plan.factory import still_point
from tests.verify.draft import Draft

NODES, STEPS = 6, 3
BATTERY = Battery(
    charge_mw=0.5,
    discharge_mw=0.4,
    energy_mwh=90.0,
    charge_efficiency=0.9,
    discharge_efficiency=0.8,
    opening_mwh=10.0,
    wear_usd_per_mwh=2.0,
    kept_share_per_h=0.9999,
    capture_share=0.75,
)
HOT = 4 * STEPS + 1
"""The step, node 4, in which the barn cannot cool its tenants."""


def _hot(usual: float, hot: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    limit = np.full(NODES * STEPS, usual)
    limit[HOT] = hot
    return limit


WORST = WorstPaths(weight=0.25, level=0.5)
"""What the worst paths weigh in the scenario of `works`."""


def works_instance() -> Instance:
    """The scenario of `works`."""
    barn = HallSpec(
        "barn",
        [
            BaySpec("air", "air_mining", 5.0, slots=60.0, overhead=0.05),
            BaySpec(
                "gpu",
                "liquid_gpu",
                4.0,
                slots=40.0,
                overhead=0.2,
                no_load_mw=0.1,
                tenant_air_share=0.2,
                air_limit_mw=_hot(1.2, 0.1),
                liquid_limit_mw=3.5,
                capex_usd=4e6,
                lead_months=2,
                downtime_months=1,
            ),
        ],
    )
    yard = HallSpec(
        "yard",
        [
            BaySpec("air", "air_mining", 6.0, slots=60.0, overhead=_hot(0.04, 0.09), air_limit_mw=_hot(6.0, 4.0)),
            BaySpec(
                "gpu",
                "liquid_gpu",
                5.0,
                slots=40.0,
                overhead=0.2,
                tenant_air_share=0.2,
                capex_usd=9e6,
                lead_months=1,
                downtime_months=1,
            ),
        ],
    )
    dock = HallSpec(
        "dock",
        [
            BaySpec(
                "gpu",
                "liquid_gpu",
                3.0,
                slots=20.0,
                overhead=0.15,
                no_load_mw=0.05,
                tenant_air_share=0.2,
                air_limit_mw=1.2,
                liquid_limit_mw=2.8,
            ),
        ],
        site=1,
    )
    ramp = np.arange(NODES)[None, :, None] * 3.0 + np.array([0.0, 20.0, 45.0])
    spot = 22.0 + ramp + np.array([0.0, 5.0])[:, None, None]
    plain = tiny_instance(
        nodes=NODES,
        steps=STEPS,
        step_hours=240.0,
        site_limit_mw=[12.0, 6.0],
        fixed_opex_usd=10_000.0,
        halls=[barn, yard, dock],
        feeders=[FeederSpec("busway", 9.0, ["barn", "yard"]), FeederSpec("pier", 4.0, ["dock"])],
        plants=[PlantSpec("tower", "air", 9.0, ["barn", "yard"]), PlantSpec("chiller", "liquid", 4.0, ["dock"])],
        models=_models(),
        contracts=_contracts(),
        groups={"anchor": (["tenant", "rival"], False), "needed": (["short"], True)},
        price=spot + 4.0,
        spot=spot,
        shed_usd_per_mwh=800.0,
        decision=[True, True, True, True, False, True],
        operations_per_year=0.12,
        contracted_per_year=0.09,
        opening_cash_usd=20e6,
        minimum_cash_usd=1e6,
        capex_budget_usd=9e6,
        mining_tail_usd_per_mw=[60e3, 30e3],
        contract_tail_usd=1e6,
        batteries=(SiteBattery(BATTERY, np.arange(NODES) == NODES - 1), None),
    )
    return replace(_selling(_beyond(plain)), risk=WORST)


def _selling(plain: Instance) -> Instance:
    """Two services at site 0 that pay too little to change what runs."""
    services = [
        ServiceSpec("fast", 0.5, most_mw=1.0, deployment_share=0.02, deployment_usd_per_mwh=30.0),
        ServiceSpec("slow", 0.3, bays=["yard/air"], most_mw=0.4, qualifying_share=0.5, minimum_usd_per_mw_hour=0.25),
    ]
    return with_reserves(plain, services)


def _models() -> list[ModelSpec]:
    return [
        ModelSpec(
            "s21",
            {"air_mining": 1.0},
            [StepSpec(0.5, 70.0), StepSpec(0.25, 55.0)],
            opening={"barn": 4, "yard": 4},
            stored=2,
            block_units=2,
            slots=5.0,
            buyable=True,
            price_usd=1e5,
            resale_usd=6e4,
            install_usd=500.0,
            lead_months=2,
            refund_share=0.5,
            limit_units=6,
        ),
        ModelSpec(
            "s19",
            {"air_mining": 1.0},
            [StepSpec(0.6, 45.0)],
            opening={"yard": 2},
            block_units=2,
            slots=5.0,
            price_usd=5e4,
            resale_usd=1e4,
        ),
        ModelSpec(
            "rack",
            {"liquid_gpu": 0.1},
            [StepSpec(0.8, 300.0)],
            slots=8.0,
            buyable=True,
            price_usd=2e6,
            resale_usd=1.5e6,
            install_usd=2e4,
            lead_months=1,
            refund_share=0.5,
            gpus=64.0,
        ),
    ]


def _contracts() -> list[ContractSpec]:
    return [
        ContractSpec(
            "tenant",
            2.0,
            ["barn/gpu", "dock/gpu"],
            rent_usd_per_mw_month=150e3,
            tranches=2,
            lead_months=2,
            load_factor=0.8,
            gross_up=1.4,
            outage_h_per_month=50.0,
            outage_usd_per_mwh=100.0,
            pass_through_share=0.5,
            signing_capex_usd=1e5,
            credit_probability=0.9,
            last_service_month=3,
        ),
        ContractSpec("rival", 1.0, ["barn/gpu"], rent_usd_per_mw_month=100e3, lead_months=2),
        ContractSpec(
            "short",
            1.0,
            ["dock/gpu"],
            rent_usd_per_mw_month=90e3,
            term_months=2,
            load_factor=0.9,
            gross_up=1.35,
            must_accept=True,
        ),
        ContractSpec("late", 1.0, ["dock/gpu"], rent_usd_per_mw_month=100e3, first_service_month=90),
        ContractSpec("annex", 0.5, ["yard/gpu", "dock/gpu"], rent_usd_per_mw_month=80e3),
    ]


def _beyond(plain: Instance) -> Instance:
    """Opex, energy and overhead beyond the horizon, and cooling promised at a design temperature."""
    terminal, bays = plain.terminal, plain.bays
    in_term = terminal.contract_mw.copy()
    in_term[2] = 0.0
    tail = replace(
        terminal,
        contract_usd=terminal.contract_usd * np.array([1.0, 1.0, 0.0, 1.0, 1.0])[:, None],
        contract_energy_usd_per_mw=np.full_like(terminal.contract_energy_usd_per_mw, 2e4),
        contract_mw=in_term,
        overhead=np.array([0.06, 0.22, 0.05, 0.22, 0.16]),
        fixed_opex_usd=np.array([3e5, 1e5]),
    )
    cooled = np.repeat(np.array([[np.inf], [1.2], [6.0], [np.inf], [1.2]]), NODES, axis=1)
    return replace(plain, terminal=tail, bays=replace(bays, firm_air_limit_mw=cooled))


def works_point(instance: Instance) -> PlanPoint:
    """The decisions of `works`.

    Node 0: the barn is to become a GPU hall (idle in 1, ready in 2); `tenant` is signed, one tranche in the barn,
    one in the dock, served from 2; two s21 are ordered (arrive in 2). Node 1: the barn's four s21 go to the store,
    two go to the yard, two are sold; `short` is signed and served in 1 and 2. Node 2: a rack is ordered, it is
    installed in the barn in 3. Node 5: two s21 are ordered and never arrive.
    """
    point = still_point(instance)
    bay = instance.bays.names.index
    point.convert[bay("barn/gpu"), 0] = 1.0
    point.fitted[bay("barn/air"), 1:], point.fitted[bay("barn/gpu"), 2:] = 0.0, 1.0
    point.installed_units[standing(instance, "s21", "barn/air"), 1:] = 0.0
    point.remove_units[0, 0, 1] = 4.0
    point.install_units[0, 1, 1] = 2.0
    point.installed_units[standing(instance, "s21", "yard/air"), 1:] = 6.0
    point.sell_units[0, 1] = 2.0
    point.buy_units[0, 0], point.buy_units[0, 5], point.delivered_units[0, 2] = 2.0, 2.0, 2.0
    point.stored_units[0] = [2, 2, 4, 4, 4, 4]
    point.buy_units[2, 2], point.delivered_units[2, 3], point.install_units[2, 0, 3] = 1.0, 1.0, 1.0
    point.installed_units[standing(instance, "rack", "barn/gpu"), 3:] = 1.0
    point.sign[0, 0], point.place[0, bay("barn/gpu"), 0], point.place[0, bay("dock/gpu"), 0] = 1.0, 1.0, 1.0
    point.sign[2, 1], point.place[2, bay("dock/gpu"), 1] = 1.0, 1.0
    return point


def standing(instance: Instance, model: str, bay: str) -> int:
    """Position of a model in a bay."""
    placements = instance.placements
    pair = (placements.model == instance.models.names.index(model)) & (placements.bay == instance.bays.names.index(bay))
    return int(np.flatnonzero(pair)[0])


@cache
def _works() -> Draft:
    instance = works_instance()
    settled = settle(instance, works_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), _works)


def works() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_works())

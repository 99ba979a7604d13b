"""A plan made by hand whose battery feeds a load in the hour in which a service pays for the rest."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

import numpy as np

from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.instance.reserves import ServiceSpec, with_reserves
from tests.plan.factory import still_point
from tests.verify.draft import Draft

BATTERY = Battery(
    charge_mw=1.0,
    discharge_mw=1.0,
    energy_mwh=24.0,
    charge_efficiency=0.8,
    discharge_efficiency=1.0,
    opening_mwh=0.0,
    wear_usd_per_mwh=10.0,
    kept_share_per_h=1.0,
    capture_share=1.0,
)


def stored_instance() -> Instance:
    """4 MW of machines, two months of two days at 40 and one at 200 USD/MWh, in which a service pays 100 USD."""
    barn = HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])
    miner = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, 120.0)], opening={"barn": 4})
    price = [[[40.0, 40.0, 200.0]] * 2]
    owned = (SiteBattery(BATTERY, np.ones(2, dtype=bool)),)
    plain = tiny_instance(nodes=2, steps=3, step_hours=24.0, halls=[barn], models=[miner], price=price, batteries=owned)
    return with_reserves(plain, [ServiceSpec("fast", [0.0, 0.0, 100.0] * 2)])


@cache
def _stored() -> Draft:
    instance = stored_instance()
    settled = settle(instance, still_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), untouched=_stored)


def stored() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_stored())

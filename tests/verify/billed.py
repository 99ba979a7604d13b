"""A plan made by hand whose site is billed for its peaks."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from tests.instance.demand import with_demand
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.plan.factory import still_point
from tests.verify.draft import Draft


def billed_instance() -> Instance:
    """A MW of the highest draw costs 20,000 USD, of the first and third step 10,000 more. 5 MW were metered before."""
    return with_demand(plain_instance(), opening_mw=5.0)


def plain_instance() -> Instance:
    """3 MW that earn 90 USD/MWh; two months of three steps at 40 and 60 USD/MWh."""
    barn = HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])
    miner = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, 90.0)], opening={"barn": 3})
    price = [[[40.0, 60.0, 40.0]] * 2]
    return tiny_instance(nodes=2, steps=3, step_hours=240.0, halls=[barn], models=[miner], price=price)


@cache
def _billed() -> Draft:
    instance = billed_instance()
    point = replace(still_point(instance), peak_mw=np.array([[3.0, 3.0], [2.0, 2.0]]))
    settled = settle(instance, point).settled
    return Draft(instance, settled.point, dict(settled.schedules), untouched=_billed)


def billed() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_billed())

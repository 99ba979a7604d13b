"""A plan made by hand whose company sells hashprice ahead, buys a collar and holds blocks of power, one for own use."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from tests.instance.blocks import with_blocks
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.instance.hedges import with_hedges
from tests.plan.factory import still_point
from tests.planning.cases import two_branches
from tests.verify.draft import Draft

PRICE_USD = np.array([60e3, 72e3, 48e3])


def hedged_instance() -> Instance:
    """One barn of two MW; a month, then one of two futures; energy at 20 and 30 USD/MWh."""
    barn = HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])
    miner = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, PRICE_USD * 8e-4, 50.0)], opening={"barn": 2})
    plain = tiny_instance(
        nodes=3, steps=2, step_hours=360.0, halls=[barn], models=[miner], price=[[[20.0, 30.0]] * 3],
        btc_price_usd=PRICE_USD, opening_cash_usd=1e6, minimum_cash_usd=0.0,
    )  # fmt: skip
    plain = replace(plain, finance=replace(plain.finance, risk_free_per_year=0.04))
    return with_blocks(with_hedges(two_branches(plain)))


@cache
def _hedged() -> Draft:
    instance = hedged_instance()
    point = replace(still_point(instance), hedge_lots=np.array([[2.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    settled = settle(instance, point).settled
    return Draft(instance, settled.point, dict(settled.schedules), _hedged)


def hedged() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_hedged())

"""A plan made by hand whose company holds Bitcoin: half of the production is kept, a schedule sells from holdings."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

import numpy as np

from allocator.instance.treasury_state import Treasury
from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.plan.factory import still_point
from tests.verify.draft import Draft

PRICE_USD = np.array([60e3, 54e3, 66e3])
PH_PER_MW = 50.0
"""One MW mines 0.0004 x 50 / 24 BTC an hour: a Bitcoin in 1,200 hours."""


def vault_instance() -> Instance:
    """One barn of two MW, three months, energy at 20 and 30 USD/MWh."""
    barn = HallSpec("barn", [BaySpec("air", "air_mining", 5.0)])
    earned = PRICE_USD * 4e-4 * PH_PER_MW / 24.0
    miner = ModelSpec("miner", {"air_mining": 1.0}, [StepSpec(1.0, earned, PH_PER_MW)], opening={"barn": 2})
    plain = tiny_instance(
        nodes=3, steps=2, step_hours=360.0, halls=[barn], models=[miner], price=[[[20.0, 30.0]] * 3],
        btc_price_usd=PRICE_USD, opening_cash_usd=1e6, minimum_cash_usd=0.0,
    )  # fmt: skip
    finance = replace(plain.finance, risk_free_per_year=0.04)
    return replace(plain, treasury=vault_treasury(), finance=finance)


def vault_treasury() -> Treasury:
    """1.2 BTC a month; 0.6 of it are kept in the first two, 2 and 1 sold from 20; the first month takes 3 at most."""
    return Treasury(
        opening_btc=20.0,
        floor_btc=10.0,
        spot_price_usd=60e3,
        keep_least_share=np.array([0.5, 0.5, 0.0]),
        keep_most_share=np.array([0.5, 0.5, 0.0]),
        sell_least_btc=np.array([2.0, 1.0, 0.0]),
        sell_most_btc=np.array([2.0, 1.0, 0.0]),
        buy_most_btc=np.array([0.0, 0.0, 0.0]),
        purchase_fee_share=0.01,
        sale_limit_btc=np.array([3.0, np.inf, np.inf]),
        part_btc=np.zeros((0, 3)),
        part_cost_share=np.zeros(0),
        settlement_share=np.array([0.2, 0.2, 0.2]),
        haircut_share=0.1,
        discount=np.array([1.0, 0.9, 0.8]),
    )


@cache
def _vault() -> Draft:
    instance = vault_instance()
    settled = settle(instance, still_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), _vault)


def vault() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_vault())

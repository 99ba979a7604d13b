"""A difference between plan and actual, split into terms that add up to it.

Cost of energy, M the meter's MWh and p = USD / M, planned (0) and actual (1):

    p1 M1 + other - p0 M0 = (M1 - M0) p0 + (p1 - p0) M1 + other

Revenue of mining, y = BTC / M and P the price of a Bitcoin:

    P1 B1 - P0 B0 = (M1 - M0) y0 P0 + (y1 - y0) M1 P0 + (P1 - P0) B1

A ratio that does not exist on one side is that of the other.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from allocator.nightly.actuals.planned import Planned
from allocator.scenario.actuals import ActualLine


@dataclass(frozen=True)
class Terms:
    """USD; terms of what is not known are None together.

    Attributes:
        volume_usd: more or less MWh than planned. price_usd: dearer or cheaper ones. other_usd: what is billed besides.
        cost_usd: their sum, actual less planned.
        run_usd, yield_usd, btc_price_usd: revenue by more MWh, by more Bitcoin a MWh, by the price of a Bitcoin.
        revenue_usd: their sum.
    """

    volume_usd: float | None = None
    price_usd: float | None = None
    other_usd: float | None = None
    cost_usd: float | None = None
    run_usd: float | None = None
    yield_usd: float | None = None
    btc_price_usd: float | None = None
    revenue_usd: float | None = None


def terms(plan: Planned, actual: ActualLine) -> Terms:
    """Of one site and period."""
    return Terms(*_cost(plan, actual), *_revenue(plan, actual))


_NONE = (None, None, None, None)
_Four = tuple[float | None, float | None, float | None, float | None]


def _cost(plan: Planned, actual: ActualLine) -> _Four:
    if actual.energy_usd is None:
        return _NONE
    before, after = _ratios(plan.energy_usd, plan.meter_mwh, actual.energy_usd, actual.meter_mwh)
    volume = (actual.meter_mwh - plan.meter_mwh) * before
    price = (after - before) * actual.meter_mwh
    other = actual.other_usd
    if plan.meter_mwh == 0 or actual.meter_mwh == 0:  # money without energy has no price
        other += actual.energy_usd - plan.energy_usd - volume - price
    return volume, price, other, math.fsum((volume, price, other))


def _revenue(plan: Planned, actual: ActualLine) -> _Four:
    if actual.pool_btc is None or plan.btc_usd is None:
        return _NONE
    before, after = _ratios(plan.btc, plan.meter_mwh, actual.pool_btc, actual.meter_mwh)
    run = (actual.meter_mwh - plan.meter_mwh) * before * plan.btc_usd
    paid = plan.btc_usd if actual.btc_usd is None else actual.btc_usd
    price = (paid - plan.btc_usd) * actual.pool_btc
    gained = (actual.pool_btc - plan.btc) * plan.btc_usd - run
    if plan.meter_mwh and actual.meter_mwh:
        gained = (after - before) * actual.meter_mwh * plan.btc_usd
    return run, gained, price, math.fsum((run, gained, price))


def _ratios(planned: float, planned_mwh: float, actual: float, actual_mwh: float) -> tuple[float, float]:
    before = planned / planned_mwh if planned_mwh else None
    after = actual / actual_mwh if actual_mwh else None
    one = before if before is not None else after if after is not None else 0.0
    return one, after if after is not None else one

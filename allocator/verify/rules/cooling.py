"""COOLING: heat of machines and tenants against what each loop rejects at the hour's temperature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import HourCase, HourRule
from allocator.verify.check import Check


def air(case: HourCase) -> Iterator[Check]:
    """Heat to air stays within what the hall's air side rejects in the hour."""
    hours = case.hours
    heat = _heat(case, hours.segment_air_share, hours.firm_air_share)
    yield _within(case, "heat to air", heat, hours.air_limit_mw)


def liquid(case: HourCase) -> Iterator[Check]:
    """Heat to the liquid loop stays within what the loop rejects in the hour."""
    hours = case.hours
    heat = _heat(case, hours.segment_liquid_share, hours.firm_liquid_share)
    yield _within(case, "heat to the liquid loop", heat, hours.liquid_limit_mw)


HOUR_RULES: dict[str, HourRule] = {"COOLING.air": air, "COOLING.liquid": liquid}


def _heat(case: HourCase, machine_share: Floats, tenant_share: Floats) -> Floats:
    """Heat of one loop, (B, T)."""
    heat = tenant_share[:, None] * (case.firm_mw - case.shed_mw)
    np.add.at(heat, case.segment_bay, machine_share[:, None] * case.load_mw)
    return heat


def _within(case: HourCase, says: str, heat: Floats, limit_mw: Floats) -> Check:
    limit = np.where(case.fitted[:, None] > 0, limit_mw, 0.0)
    axes, tolerance = (case.bays, case.utc), tolerances.limit_mw(limit)
    return Check(says, "MW", axes, heat, limit, "at_most", tolerance, worst_of="hours")

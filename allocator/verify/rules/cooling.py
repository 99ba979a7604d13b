"""COOLING: heat of machines and tenants against what each loop rejects at the hour's temperature."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.grouped import add_by
from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import HourCase, HourRule
from allocator.verify.check import Check


def air(case: HourCase) -> Iterator[Check]:
    """Heat to air stays within what the hall's air side rejects in the hour."""
    yield _within(case, "heat to air", _air(case), _when_fitted(case, case.hours.air_limit_mw))


def liquid(case: HourCase) -> Iterator[Check]:
    """Heat to the liquid loop stays within what the loop rejects in the hour."""
    yield _within(case, "heat to the liquid loop", _liquid(case), _when_fitted(case, case.hours.liquid_limit_mw))


def plant(case: HourCase) -> Iterator[Check]:
    """The halls of a plant give it no more heat of its loop together than it rejects in the hour."""
    limit = np.array([p.limit_mw for p in case.hours.plants]).reshape(-1, case.hours.hours)
    axes, tolerance = ({"plant": [p.name for p in case.hours.plants]}, case.utc), tolerances.limit_mw(limit)
    found = plant_heat(case)
    yield Check("heat to the plant", "MW", axes, found, limit, "at_most", tolerance, worst_of="hours")


HOUR_RULES: dict[str, HourRule] = {"COOLING.air": air, "COOLING.liquid": liquid, "COOLING.plant": plant}


def plant_heat(case: HourCase) -> Floats:
    """Heat that each plant is given, (K, T)."""
    heat = {"air": _air(case), "liquid": _liquid(case)}
    given = [heat[plant.loop][plant.inside].sum(axis=0) for plant in case.hours.plants]
    return np.array(given).reshape(-1, case.hours.hours)


def air_room(case: HourCase) -> Floats:
    """Heat the air side could still reject, (B, T)."""
    return _when_fitted(case, case.hours.air_limit_mw) - _air(case)


def liquid_room(case: HourCase) -> Floats:
    """Heat the liquid loop could still reject, (B, T)."""
    return _when_fitted(case, case.hours.liquid_limit_mw) - _liquid(case)


def _air(case: HourCase) -> Floats:
    return _heat(case, case.hours.segment_air_share, case.hours.firm_air_share)


def _liquid(case: HourCase) -> Floats:
    return _heat(case, case.hours.segment_liquid_share, case.hours.firm_liquid_share)


def _when_fitted(case: HourCase, limit_mw: Floats) -> Floats:
    return np.where(case.fitted[:, None] > 0, limit_mw, 0.0)


def _heat(case: HourCase, machine_share: Floats, tenant_share: Floats) -> Floats:
    """Heat of one loop, (B, T)."""
    heat = tenant_share[:, None] * (case.firm_mw - case.shed_mw)
    add_by(heat, case.segment_bay, machine_share[:, None] * case.load_mw)
    return heat


def _within(case: HourCase, says: str, heat: Floats, limit: Floats) -> Check:
    axes, tolerance = (case.bays, case.utc), tolerances.limit_mw(limit)
    return Check(says, "MW", axes, heat, limit, "at_most", tolerance, worst_of="hours")

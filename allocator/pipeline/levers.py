"""Limits and obligations that could be lifted, each with its rows in the model and its price in USD."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.pipeline.later import LATE
from allocator.planning.context import USD_PER_MUSD
from solvers.problem import Family, Problem
from solvers.repair import Lever

Price = Callable[[Instance, int], float]
"""(instance, position on the axis of the lever) -> USD by unit."""


@dataclass(frozen=True)
class Movable:
    """How rows of one family are moved.

    Attributes:
        lever: rows of the same lever and the same position on `axis` move together; axis "": all of them do.
        side: the side that moves. price: of one unit in words of the scenario. whole: whether only whole units are had.
    """

    lever: str
    axis: str
    side: Literal["lower", "upper"]
    price: Price
    whole: bool = False


def _stated(name: str) -> Price:
    return lambda instance, _: float(getattr(instance.repair_prices, name))


def _par(_: Instance, __: int) -> float:
    """A dollar of a MUSD row."""
    return USD_PER_MUSD


def _plant(instance: Instance, plant: int) -> float:
    return _stated(f"{instance.plants.loop[plant]}_cooling_usd_per_mw")(instance, plant)


def _dropped(instance: Instance, contract: int) -> float:
    return 0.0 if instance.repair_prices is None else float(instance.repair_prices.dropped_contract_usd[contract])


def _later(instance: Instance, contract: int) -> float:
    return 0.0 if instance.repair_prices is None else float(instance.repair_prices.later_month_usd[contract])


def _group(instance: Instance, group: int) -> float:
    return min(_dropped(instance, contract) for contract in instance.compatibility.exclusive[group])


_SITE = _stated("site_power_usd_per_mw")
_FEEDER = _stated("feeder_power_usd_per_mw")
_CHANCE = _stated("probability_usd")

MOVABLE: Mapping[str, tuple[Movable, ...]] = {
    "CONTRACT.fits_hall": (Movable("hall", "bay", "upper", _stated("hall_power_usd_per_mw")),),
    "CONTRACT.fits_air": (Movable("air", "bay", "upper", _stated("air_cooling_usd_per_mw")),),
    "CONTRACT.fits_liquid": (Movable("liquid", "bay", "upper", _stated("liquid_cooling_usd_per_mw")),),
    "CONTRACT.fits_feeder": (Movable("feeder", "feeder", "upper", _FEEDER),),
    "CONTRACT.fits_plant": (Movable("plant", "plant", "upper", _plant),),
    "POWER.hall": (Movable("hall", "bay", "upper", _stated("hall_power_usd_per_mw")),),
    "COOLING.air": (Movable("air", "bay", "upper", _stated("air_cooling_usd_per_mw")),),
    "COOLING.liquid": (Movable("liquid", "bay", "upper", _stated("liquid_cooling_usd_per_mw")),),
    "COOLING.plant": (Movable("plant", "plant", "upper", _plant),),
    "POWER.reserved": (Movable("site", "site", "upper", _SITE),),
    "POWER.site": (Movable("site", "site", "upper", _SITE),),
    "POWER.feeder": (Movable("feeder", "feeder", "upper", _FEEDER),),
    "POWER.energy": (Movable("energy", "site", "upper", _stated("energy_budget_usd_per_mwh_per_month")),),
    "TERMINAL.site": (Movable("site", "site", "upper", _SITE),),
    "TERMINAL.feeder": (Movable("feeder", "feeder", "upper", _FEEDER),),
    "TERMINAL.plant": (Movable("plant", "plant", "upper", _plant),),
    "HOSTING.capacity": (Movable("hosting", "agreement", "upper", _stated("hosting_usd_per_mw")),),
    "HALL.slots": (Movable("slots", "bay", "upper", _stated("slot_usd")),),
    "HALL.once": (Movable("conversions", "hall", "upper", _stated("conversion_usd"), whole=True),),
    "LOAN.schedule": (Movable("loan limit", "loan", "upper", _par),),
    "LOAN.call": (Movable("loan call", "loan", "lower", _par),),
    "LOAN.cured": (Movable("loan call", "loan", "lower", _par),),
    "LOAN.headroom": (Movable("loan headroom", "loan", "lower", _par),),
    "COVENANT.liquidity": (Movable("covenant", "covenant", "lower", _par),),
    "COVENANT.coverage": (Movable("covenant", "covenant", "lower", _par),),
    "COVENANT.leverage": (Movable("covenant", "covenant", "lower", _par),),
    "CASH.minimum": (Movable("cash", "", "lower", _par),),
    "CASH.budget": (Movable("budget", "", "upper", _par),),
    "CHANCE.month": (Movable("chance of a month", "event", "upper", _CHANCE),),
    "CHANCE.paths": (Movable("chance of a path", "event", "upper", _CHANCE),),
    "CONTRACT.once": (Movable("contract", "contract", "lower", _dropped, whole=True),),
    LATE: (Movable("start", "contract", "upper", _later),),
    "CONTRACT.exclusive": (
        Movable("group at most", "group", "upper", _group, whole=True),
        Movable("group at least", "group", "lower", _group, whole=True),
    ),
}
"""Rows that a person could lift, by family: those of one limit move together, promises, hours and what is beyond the
horizon, and once for all months."""


def levers_of(instance: Instance, problem: Problem) -> list[Lever]:
    """Every limit and obligation of the problem that could be lifted, with its price in MUSD by unit.

    Empty where the instance does not know what lifting limits costs.
    """
    if instance.repair_prices is None:
        return []
    found: dict[tuple[str, int], list[tuple[Movable, Ints, Family]]] = {}
    for name, ways in MOVABLE.items():
        for movable in ways if name in problem.rows else ():
            for position, rows in _by_position(instance, problem, problem.rows[name], movable):
                found.setdefault((movable.lever, position), []).append((movable, rows, problem.rows[name]))
    return [_lever(instance, position, parts) for (_, position), parts in found.items()]


def _by_position(instance: Instance, problem: Problem, family: Family, movable: Movable) -> Iterator[tuple[int, Ints]]:
    """Rows of the family whose side is a limit, by position on the axis of the lever."""
    bound = (problem.row_lower if movable.side == "lower" else problem.row_upper)[family.slice]
    limited = np.flatnonzero(np.isfinite(bound))
    position = _positions(instance, family, movable.axis)[limited]
    for each in np.unique(position).tolist():
        yield each, family.start + limited[position == each]


def _positions(instance: Instance, family: Family, axis: str) -> Ints:
    index = family.index
    if not axis:
        return np.zeros(len(index), dtype=np.int64)
    if axis not in index:
        return np.asarray(instance.hours.pair_of(index["hour"].to_numpy())[0])
    return index[axis].to_numpy(dtype=np.int64)


def _lever(instance: Instance, position: int, parts: list[tuple[Movable, Ints, Family]]) -> Lever:
    first = parts[0][0]
    rows = np.concatenate([rows for _, rows, _ in parts])
    unit = np.concatenate([_per_unit(instance, rows, family) for _, rows, family in parts])
    return Lever(first.price(instance, position) / USD_PER_MUSD, rows, unit, first.side, first.whole)


def _per_unit(instance: Instance, rows: Ints, family: Family) -> Floats:
    """An energy budget of a month counts in every month of a node."""
    if family.name != "POWER.energy":
        return np.ones(len(rows))
    return np.asarray(instance.tree.months[family.index["node"].to_numpy()[rows - family.start]], dtype=np.float64)

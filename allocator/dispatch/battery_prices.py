"""What a larger battery would be worth: prices of its bounds in a solved linear program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats, Ints
from solvers.problem import Problem


@dataclass(frozen=True)
class BatteryPrices:
    """Worth of one more unit in each step of a battery, R steps, hour weights included.

    Attributes:
        hour: label of the step. power: of one more MW taken and given. energy: of one more MWh stored.
    """

    hour: Ints
    power: Floats
    energy: Floats


def battery_prices(problem: Problem, column_duals: Floats) -> BatteryPrices:
    """From the duals of the columns (columns,) of a problem that holds hours; bounds that are no limit have no price.

    A step that ends a run, or whose price lets nothing be given, holds its column at one value: more of the battery
    changes nothing there.
    """
    family = problem.columns.get("charge_mw")
    if family is None:
        return BatteryPrices(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0))
    free = problem.upper > problem.lower
    worth = np.where(free, np.maximum(column_duals, 0.0), 0.0)
    charge, discharge, stored = (
        worth[problem.columns[name].slice] for name in ("charge_mw", "discharge_mw", "stored_mwh")
    )
    return BatteryPrices(family.index["hour"].to_numpy(), charge + discharge, stored)

"""Prices of what a battery stores: they cover it, and lie in order."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.week.check.told import Broken, Told, exceeded


def stored(told: Told) -> Iterator[Broken]:
    """Every rule of the table, where the site has a battery."""
    owned = next((part.here.battery for part in told.structure.parts if part.here.battery is not None), None)
    table, utc = told.stored, told.structure.utc
    if owned is None:
        return
    cells = len(table) // len(utc)
    if not cells or not np.array_equal(table["utc"].to_numpy(dtype="datetime64[s]"), np.repeat(utc, cells)):
        yield Broken("STORED.cells", "battery", float("nan"), "", "not every step has the same cells")
        return
    low, high, take, give = (
        table[name].to_numpy(dtype=float).reshape(len(utc), cells).T
        for name in ("from_mwh", "to_mwh", "take_below_usd_per_mwh", "give_above_usd_per_mwh")
    )
    whole = np.full((1, len(utc)), owned.battery.energy_mwh)
    off = np.abs(np.concatenate([low, whole]) - np.concatenate([0.0 * whole, high]))
    yield from exceeded("STORED.cells", off, 0.0, "MWh", ["battery"] * len(off), utc)
    names = ["battery"] * cells
    yield from exceeded("STORED.order", take, give, "USD/MWh", names, utc)
    for prices in (take, give):
        yield from exceeded("STORED.falls", prices[1:], prices[:-1], "USD/MWh", names[1:], utc)

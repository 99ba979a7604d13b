"""Which machines may go on mining beyond the horizon, and what one costs there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.equipment import Fleet
from allocator.instance.machine import UnitStep, grown, top_power_kw
from allocator.instance.terminal_mining import Machine
from allocator.instance.tree import Floats, NodeTree
from allocator.scenario.resolve import ResolvedAsic


def tail_machines(fleet: Fleet, bays: int, tree: NodeTree, on_order: Floats) -> list[list[Machine]]:
    """By bay: ASICs that fit there and may be bought, or of which the company owns or has ordered some at the start.

    Capital is the purchase price at the end of the horizon plus installation, also for machines owned already: what
    they would bring on resale then is counted as equipment. `on_order`: machines ordered before the start, (M,).
    """
    models, placements = fleet.models, fleet.placements
    owned = (
        models.opening_stored_units
        + on_order
        + np.bincount(placements.model, weights=placements.opening_units, minlength=len(models.names))
    )
    by_model = [
        _machine(machine, of_unit, tree.horizon_years)
        if isinstance(machine, ResolvedAsic) and (machine.entry.buyable or owned[e] > 0)
        else None
        for e, (machine, of_unit) in enumerate(zip(fleet.machines.values(), fleet.steps, strict=True))
    ]
    found: list[list[Machine]] = [[] for _ in range(bays)]
    for e, b in zip(placements.model.tolist(), placements.bay.tolist(), strict=True):
        machine = by_model[e]
        if machine is not None:
            found[b].append(machine)
    return found


def _machine(machine: ResolvedAsic, steps: Sequence[UnitStep], horizon_years: float) -> Machine:
    price = grown(machine, machine.price_usd, np.array([horizon_years]))
    return Machine(
        steps=tuple((step.mw, step.ph_per_mw) for step in steps),
        power_mw=top_power_kw(machine) / 1e3,
        capital_usd=float(price[0]) + machine.entry.install_usd,
        maintenance_usd_per_mwh=machine.entry.maintenance_usd_per_mwh,
    )

"""Equipment on its axes: models with their prices, the bays they may stand in, and segments with earnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.halls import BayOption
from allocator.instance.machine import Resolved, UnitStep, grown, top_power_kw, top_th_per_s, unit_steps
from allocator.instance.market_state import MarketState
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Models, Placements, Segments
from allocator.scenario.equipment import STORAGE
from allocator.scenario.equipment import Fleet as FleetEntry
from allocator.scenario.resolve import ResolvedGpu


@dataclass(frozen=True)
class Fleet:
    """Everything about equipment.

    Attributes:
        machines: by name, in the order of the file. steps: of one unit, by model.
        models, placements, segments: as in the instance.
    """

    machines: Mapping[str, Resolved]
    steps: tuple[tuple[UnitStep, ...], ...]
    models: Models
    placements: Placements
    segments: Segments


def compile_fleet(
    machines: Mapping[str, Resolved],
    opening: Sequence[FleetEntry],
    market: MarketState,
    options: Sequence[BayOption],
    hall_names: Sequence[str],
    tree: NodeTree,
    price_factor: Mapping[str, Floats],
) -> Fleet:
    """Models, placements and segments of a scenario's equipment and opening fleets.

    `price_factor`: by model, what it costs at each node over its stated price, (N,).
    """
    steps = tuple(unit_steps(machine, market) for machine in machines.values())
    placements = compile_placements(machines, options, hall_names, opening)
    return Fleet(
        machines=machines,
        steps=steps,
        models=compile_models(machines, opening, tree, price_factor),
        placements=placements,
        segments=compile_segments(list(machines.values()), steps, placements, options, tree),
    )


def compile_models(
    machines: Mapping[str, Resolved], fleets: Sequence[FleetEntry], tree: NodeTree, price_factor: Mapping[str, Floats]
) -> Models:
    """Models in the order of the file; prices and resale grow alike, to the start of each node, and move alike.

    Where the tree branches, resale is at most the lowest price on the way so far, so that no machine is bought to be
    resold when prices rise.
    """
    entries = [machine.entry for machine in machines.values()]
    years = tree.first_month / 12.0
    price = _by_node([grown(m, m.price_usd, years) * price_factor[name] for name, m in machines.items()], tree)
    resale = _by_node([grown(m, m.entry.resale_usd, years) * price_factor[name] for name, m in machines.items()], tree)
    return Models(
        names=tuple(machines),
        block_units=np.array([e.block_units for e in entries], dtype=np.int64),
        slots_per_unit=np.array([e.slots_per_unit for e in entries], dtype=float),
        price_usd=price,
        resale_usd=np.minimum(resale, lowest_so_far(price, tree)) if len(tree.leaves) > 1 else resale,
        install_usd=np.array([e.install_usd for e in entries], dtype=float),
        lead_months=np.array([e.lead_months for e in entries], dtype=np.int64),
        refund_share=np.array([e.refund_share for e in entries], dtype=float),
        purchase_limit_units=np.array([np.inf if e.max_units is None else e.max_units for e in entries], dtype=float),
        buyable=np.array([e.buyable for e in entries], dtype=np.bool_),
        opening_stored_units=np.array([_units(fleets, name, STORAGE) for name in machines], dtype=float),
        hash_th_per_s=np.array([top_th_per_s(m) for m in machines.values()], dtype=float),
        power_kw=np.array([top_power_kw(m) for m in machines.values()], dtype=float),
        gpus=np.array([m.gpus if isinstance(m, ResolvedGpu) else 0 for m in machines.values()], dtype=float),
    )


def lowest_so_far(values: Floats, tree: NodeTree) -> Floats:
    """The least of the values (M, N) on the way to each node, the node included."""
    lowest = values.copy()
    for node, parent in enumerate(tree.parent.tolist()):
        if parent >= 0:
            lowest[:, node] = np.minimum(lowest[:, node], lowest[:, parent])
    return lowest


def _by_node(rows: list[Floats], tree: NodeTree) -> Floats:
    return np.array(rows, dtype=float).reshape(len(rows), len(tree))


def _units(fleets: Sequence[FleetEntry], equipment: str, hall: str) -> int:
    here = (fleet for fleet in fleets if (fleet.equipment, fleet.hall) == (equipment, hall))
    return sum(fleet.units for fleet in here if fleet.arrives is None)


def compile_placements(
    machines: Mapping[str, Resolved],
    options: Sequence[BayOption],
    hall_names: Sequence[str],
    fleets: Sequence[FleetEntry],
) -> Placements:
    """Compatible (model, bay) pairs, bay by bay; opening units stand in the opening bay of their hall."""
    pairs = [
        (e, b, _units(fleets, name, hall_names[bay.hall]) if bay.is_opening else 0)
        for b, bay in enumerate(options)
        for e, (name, machine) in enumerate(machines.items())
        if bay.fit_out.kind in machine.fit_out_kinds
    ]
    return Placements(
        model=np.array([e for e, _, _ in pairs], dtype=np.int64),
        bay=np.array([b for _, b, _ in pairs], dtype=np.int64),
        opening_units=np.array([units for _, _, units in pairs], dtype=float),
    )


def compile_segments(
    machines: Sequence[Resolved],
    steps: Sequence[tuple[UnitStep, ...]],
    placements: Placements,
    options: Sequence[BayOption],
    tree: NodeTree,
) -> Segments:
    """Every step of every placement, in the order of the placements: by site, bay, model, step."""
    rows = [
        (p, b, i, step, machines[e].air_heat_share)
        for p, (e, b) in enumerate(zip(placements.model.tolist(), placements.bay.tolist(), strict=True))
        for i, step in enumerate(steps[e])
    ]
    air = np.array([share for *_, share in rows], dtype=float)
    return Segments(
        placement=np.array([p for p, *_ in rows], dtype=np.int64),
        bay=np.array([b for _, b, *_ in rows], dtype=np.int64),
        site=np.array([options[b].site for _, b, *_ in rows], dtype=np.int64),
        step=np.array([i for _, _, i, *_ in rows], dtype=np.int64),
        mw_per_unit=np.array([step.mw for *_, step, _ in rows], dtype=float),
        hash_ph_per_mw=np.array([step.ph_per_mw for *_, step, _ in rows], dtype=float),
        air_share=air,
        liquid_share=1.0 - air,
        value_usd_per_mwh=_by_node([step.usd_per_mwh for *_, step, _ in rows], tree),
    )

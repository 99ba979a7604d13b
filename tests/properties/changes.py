"""Instances that differ in one thing from another."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace

import numpy as np

from allocator.instance.types import Instance, Segments
from tests.properties.permuting import taken


def scaled_money(instance: Instance, factor: float) -> Instance:
    """Every amount of money times a factor: all fields whose unit is USD or USD per something."""
    parts = {f.name: getattr(instance, f.name) for f in fields(instance)}
    changed = {name: _scaled(part, factor) for name, part in parts.items() if is_dataclass(part)}
    batteries = tuple(b and replace(b, battery=_scaled(b.battery, factor)) for b in instance.batteries)
    return replace(instance, **changed, batteries=batteries)


def _scaled(part: object, factor: float) -> object:
    values = {f.name: getattr(part, f.name) for f in fields(part)}
    money = {name: _times(value, factor) for name, value in values.items() if "usd" in name}
    return replace(part, **money, **{name: _scaled(v, factor) for name, v in values.items() if is_dataclass(v)})


def _times(value: object, factor: float) -> object:
    """An amount, an array of amounts or a tuple of such arrays, times a factor."""
    return tuple(_times(each, factor) for each in value) if isinstance(value, tuple) else value * factor


def dearer_hash(instance: Instance, factor: float) -> Instance:
    """What mining machines earn times a factor, within the horizon and beyond it."""
    segments, terminal = instance.segments, instance.terminal
    mines = instance.models.gpus[instance.placements.model[segments.placement]] == 0
    value = np.where(mines[:, None], segments.value_usd_per_mwh * factor, segments.value_usd_per_mwh)
    return replace(
        instance,
        segments=replace(segments, value_usd_per_mwh=value),
        terminal=replace(terminal, mining_usd_per_mw=terminal.mining_usd_per_mw * factor),
    )


def split_model(instance: Instance, model: int) -> Instance:
    """One model becomes two that are alike; its machines and its purchase limit are shared out in whole blocks."""
    models, placements, segments = instance.models, instance.placements, instance.segments
    count = len(models.names)
    copied = np.flatnonzero(placements.model == model)
    doubled = np.append(np.arange(count), model)
    two = taken(models, doubled)
    first, second = _halves(models, "opening_stored_units", model), _halves(models, "purchase_limit_units", model)
    opening = placements.opening_units[copied]
    half = _whole_half(opening, models.block_units[model])
    places = np.append(placements.model, np.full(len(copied), count))
    standing = np.append(placements.opening_units, opening - half)
    standing[copied] = half
    return replace(
        instance,
        models=replace(two, opening_stored_units=first, purchase_limit_units=second),
        placements=replace(
            placements, model=places, bay=np.append(placements.bay, placements.bay[copied]), opening_units=standing
        ),
        segments=_with_copies(segments, copied, len(placements.model)),
    )


def _halves(models: object, name: str, model: int) -> np.ndarray:
    values = getattr(models, name)
    half = _whole_half(values[model], models.block_units[model])
    rest = values[model] - half if np.isfinite(half) else np.inf
    shared = np.append(values, rest)
    shared[model] = half
    return shared


def _whole_half(units: np.ndarray | float, block: int) -> np.ndarray:
    return np.floor(np.asarray(units) / block / 2) * block


def _with_copies(segments: Segments, copied: np.ndarray, placements: int) -> Segments:
    """The segments of some placements again, for their copies, in the order the types ask for."""
    new_placement = {int(p): placements + k for k, p in enumerate(copied)}
    again = np.flatnonzero(np.isin(segments.placement, copied))
    doubled = taken(segments, np.append(np.arange(len(segments.placement)), again))
    moved = doubled.placement.copy()
    moved[len(segments.placement) :] = [new_placement[int(p)] for p in segments.placement[again]]
    doubled = replace(doubled, placement=moved)
    return taken(doubled, np.lexsort([doubled.step, doubled.placement, doubled.bay, doubled.site]))


def with_worse_twin(instance: Instance, contract: int) -> Instance:
    """A contract like another one but for less rent and more capex; one of the two at most, and never both groups."""
    count = len(instance.offers.names)
    doubled = np.append(np.arange(count), contract)
    offers = taken(instance.offers, doubled)
    offers.signing_capex_usd[count] += 1e4
    offers.must_accept[count] = False
    return replace(
        instance,
        offers=offers,
        compatibility=_with_twin_allowed(instance, contract),
        service=_with_twin_served(instance, contract),
        terminal=replace(
            instance.terminal,
            contract_usd=instance.terminal.contract_usd[doubled],
            contract_energy_usd_per_mw=instance.terminal.contract_energy_usd_per_mw[doubled],
            contract_mw=instance.terminal.contract_mw[doubled],
        ),
    )


def _with_twin_allowed(instance: Instance, contract: int) -> object:
    old, twin = instance.compatibility, len(instance.offers.names)
    bays = old.bay[old.contract == contract]
    joined = tuple((*group, twin) if contract in group else group for group in old.exclusive)
    return replace(
        old,
        contract=np.append(old.contract, np.full(len(bays), twin)),
        bay=np.append(old.bay, bays),
        exclusive=(*joined, (contract, twin)),
        group_names=(*old.group_names, "twins"),
        group_required=(*old.group_required, False),
    )


def _with_twin_served(instance: Instance, contract: int) -> object:
    old, twin = instance.service, len(instance.offers.names)
    again = np.flatnonzero(old.contract == contract)
    served = taken(old, np.append(np.arange(len(old.contract)), again))
    served.contract[len(old.contract) :] = twin
    served.rent_usd[len(old.contract) :] *= 0.9
    return served

"""The same instance with its sites, halls, fit-outs, models and contracts in another order, under other names."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TypeVar

import numpy as np

from allocator.instance.hour_store import HourStore
from allocator.instance.pass_through import PassThrough
from allocator.instance.tree import Ints
from allocator.instance.types import Compatibility, Instance

Part = TypeVar("Part")


def permuted(instance: Instance, rng: np.random.Generator) -> Instance:
    """Shuffle every axis but time; a site's halls, and a hall's bays, stay together as the types ask."""
    site = rng.permutation(len(instance.sites.names))
    hall = _grouped(rng, instance.halls.site, site)
    bay = _grouped(rng, instance.bays.hall, hall)
    model, contract = (rng.permutation(len(part.names)) for part in (instance.models, instance.offers))
    new_site, new_hall, new_bay, new_model, new_contract = map(_inverse, (site, hall, bay, model, contract))

    old = instance.placements
    placement = np.lexsort([new_model[old.model], new_bay[old.bay]])
    new_placement = _inverse(placement)
    segment = np.lexsort([instance.segments.step, new_placement[instance.segments.placement]])
    halls = taken(instance.halls, hall)
    bays = taken(instance.bays, bay)
    placements = taken(old, placement)
    segments = taken(instance.segments, segment)
    return replace(
        instance,
        sites=taken(instance.sites, site),
        halls=replace(halls, site=new_site[halls.site], opening_bay=new_bay[halls.opening_bay]),
        bays=replace(bays, hall=new_hall[bays.hall], site=new_site[bays.site]),
        models=taken(instance.models, model),
        placements=replace(placements, model=new_model[placements.model], bay=new_bay[placements.bay]),
        segments=replace(
            segments,
            placement=new_placement[segments.placement],
            bay=new_bay[segments.bay],
            site=new_site[segments.site],
        ),
        offers=taken(instance.offers, contract),
        compatibility=_compatibility(instance.compatibility, new_contract, new_bay),
        service=replace(instance.service, contract=new_contract[instance.service.contract]),
        pass_through=PassThrough(instance.pass_through.usd_per_mw[bay]),
        terminal=replace(
            instance.terminal,
            contract_usd=instance.terminal.contract_usd[contract],
            contract_energy_usd_per_mw=instance.terminal.contract_energy_usd_per_mw[contract][:, :, bay],
            contract_mw=instance.terminal.contract_mw[contract],
            mining_usd_per_mw=instance.terminal.mining_usd_per_mw[bay],
            overhead=instance.terminal.overhead[bay],
            fixed_opex_usd=instance.terminal.fixed_opex_usd[site],
            energy_limit_mw=instance.terminal.energy_limit_mw[site],
        ),
        hours=_hours(instance, site, bay),
        batteries=tuple(instance.batteries[s] for s in site) if instance.batteries else (),
        feeders=replace(instance.feeders, site=new_site[instance.feeders.site], bay=new_bay[instance.feeders.bay]),
        plants=replace(
            instance.plants,
            site=new_site[instance.plants.site],
            bay=new_bay[instance.plants.bay],
            limit_mw=tuple(instance.plants.limit_mw[s] for s in site) if instance.plants.names else (),
        ),
    )


def taken(part: Part, order: Ints) -> Part:
    """A part whose every field has one leading axis, in another order; names are made new."""
    changed = {f.name: _taken(f.name, getattr(part, f.name), order) for f in fields(part)}
    return replace(part, **changed)


def _taken(name: str, values: object, order: Ints) -> object:
    if isinstance(values, tuple):
        return tuple(f"new {values[k]}" if name == "names" else values[k] for k in order)
    return values[order]


def _grouped(rng: np.random.Generator, owner: Ints, owners: Ints) -> Ints:
    """Members shuffled within their owner, owners in the order given."""
    return np.concatenate([rng.permutation(np.flatnonzero(owner == one)) for one in owners])


def _inverse(order: Ints) -> Ints:
    return np.argsort(order)


def _compatibility(old: Compatibility, new_contract: Ints, new_bay: Ints) -> Compatibility:
    return replace(
        old,
        contract=new_contract[old.contract],
        bay=new_bay[old.bay],
        exclusive=tuple(tuple(int(new_contract[c]) for c in group) for group in old.exclusive),
    )


def _hours(instance: Instance, site: Ints, bay: Ints) -> HourStore:
    old = instance.hours
    pairs = (site[:, None] * old.periods + np.arange(old.periods)).ravel()
    hours = np.concatenate([np.arange(old.offset[k], old.offset[k + 1]) for k in pairs])
    flat = ("utc", "weight_h", "step_h", "opens", "spot_usd_per_mwh", "price_usd_per_mwh", "ambient_c")
    by_bay = ("overhead", "air_limit_mw", "liquid_limit_mw")
    return replace(
        old,
        offset=np.concatenate([[0], np.cumsum(np.diff(old.offset)[pairs])]),
        **{name: getattr(old, name)[hours] for name in flat},
        **{name: tuple(_of_site(instance, getattr(old, name), s, bay) for s in site) for name in by_bay},
        spot_factor=old.spot_factor[site],
        shed_usd_per_mwh=old.shed_usd_per_mwh[site],
    )


def _of_site(instance: Instance, tables: tuple[np.ndarray, ...], site: int, bay: Ints) -> np.ndarray:
    """Rows of a site's table in the new order of its bays."""
    before = np.flatnonzero(instance.bays.site == site)
    after = [b for b in bay if instance.bays.site[b] == site]
    return tables[site][np.searchsorted(before, after)]

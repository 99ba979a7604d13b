"""Toy instances in which something was decided before the start."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.types import Instance


def decided_before(instance: Instance, seed: int) -> Instance:
    """A conversion under way, machines on order, and a contract signed, all of which stands in the hall converted or,
    seldom, in another one."""
    rng = np.random.default_rng(seed)
    bay = int(rng.choice(np.flatnonzero(instance.bays.convertible)))
    instance = _on_order(_under_way(instance, bay, int(rng.integers(0, 2))), rng)
    return _signed(instance, bay, rng)


def _under_way(instance: Instance, bay: int, lead: int) -> Instance:
    leads, down = instance.bays.lead_months.copy(), instance.bays.downtime_months.copy()
    leads[bay], down[bay] = lead, min(lead, 1)
    most = np.maximum(instance.halls.max_conversions, 1)
    return replace(
        instance,
        bays=replace(instance.bays, lead_months=leads, downtime_months=down),
        halls=replace(instance.halls, max_conversions=most),
        opening=replace(instance.opening, under_way=np.array([bay])),
    )


def _on_order(instance: Instance, rng: np.random.Generator) -> Instance:
    model = int(rng.integers(0, len(instance.models.names)))
    units = 2.0 * instance.models.block_units[model]
    opening = replace(
        instance.opening, model=np.array([model, model]), month=np.array([0, 2]), units=np.array([units, units])
    )
    return replace(instance, opening=opening)


def _signed(instance: Instance, converted: int, rng: np.random.Generator) -> Instance:
    """The contract, if some can be signed at the root: there and nowhere else, all of it in one bay."""
    service, old = instance.service, instance.compatibility
    possible = np.unique(service.contract[service.signed == 0])
    if not len(possible):
        return instance
    contract = int(rng.choice(possible))
    allowed = old.bay[old.contract == contract]
    bay = converted if converted in allowed and rng.random() < 0.8 else int(rng.choice(allowed))
    ready = int(instance.bays.lead_months[bay]) * (bay == converted)
    kept = (service.contract != contract) | ((service.signed == 0) & (instance.tree.first_month[service.node] >= ready))
    columns = {name: values[kept] for name, values in vars(service).items()}
    must, tranches = instance.offers.must_accept.copy(), int(instance.offers.tranches[contract])
    must[contract] = True
    stands = (old.contract != contract) | (old.bay == bay)
    return replace(
        instance,
        service=replace(service, **columns),
        offers=replace(instance.offers, must_accept=must),
        compatibility=replace(old, contract=old.contract[stands], bay=old.bay[stands]),
        opening=replace(
            instance.opening,
            signed=np.array([contract]),
            served_months=np.array([0]),
            contract=np.array([contract]),
            bay=np.array([bay]),
            tranches=np.array([tranches]),
        ),
    )

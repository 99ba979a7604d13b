"""What a contract is worth by itself, and what the hours give up for it; discounted and expected, USD."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.dispatch.interface import Cut
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled


def standalone_usd(instance: Instance, contract: int, signed: int) -> float:
    """Rent of a contract signed at a node, beyond the horizon included, less its signing capex."""
    finance, service, tree = instance.finance, instance.service, instance.tree
    rows = (service.contract == contract) & (service.signed == signed)
    node = service.node[rows]
    weight = finance.discount_contracted[node] * tree.probability[node]
    capex = instance.offers.signing_capex_usd[contract] * finance.discount_operations[signed]
    beyond = instance.terminal.contract_usd[contract, signed] - capex
    return float((service.rent_usd[rows] * weight).sum() + beyond * tree.probability[signed])


def energy_usd(settled: Settled, cuts: Mapping[tuple[int, int], Cut], contract: int, signed: int, bay: int) -> float:
    """Pass-through less what the hours give up for the whole load in one bay, beyond the horizon included.

    The cuts bound the hours from above, so this is the most it can come to.
    """
    instance, service, finance = settled.instance, settled.instance.service, settled.instance.finance
    site = int(instance.bays.site[bay])
    own = int(instance.tenancies.of[contract, bay]) - instance.tenancies.first(site)
    total = 0.0
    for row in np.flatnonzero((service.contract == contract) & (service.signed == signed)):
        node = int(service.node[row])
        passed = instance.offers.pass_through_share[contract] * instance.pass_through.usd_per_mw[bay, node]
        given = cuts[site, node].firm_usd_per_mw[own] * finance.discount_operations[node]
        usd_per_mw = passed * finance.discount_contracted[node] + given
        total += float(service.metered_mw[row] * usd_per_mw * instance.tree.probability[node])
    beyond = instance.terminal.contract_energy_usd_per_mw[contract, signed, bay]
    return total - float(beyond * instance.offers.critical_it_mw[contract] * instance.tree.probability[signed])


def contract_usd(settled: Settled, cuts: Mapping[tuple[int, int], Cut], contract: int, signed: int, bay: int) -> float:
    """Most a contract brings when all of it stands in one bay."""
    return standalone_usd(settled.instance, contract, signed) + energy_usd(settled, cuts, contract, signed, bay)

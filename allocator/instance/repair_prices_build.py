"""Prices of repairs from what a scenario states of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.contracts import Terms
from allocator.instance.repair_prices import RepairPrices
from allocator.scenario.contracts import Colocation
from allocator.scenario.repair_costs import RepairCosts


def compile_repair_prices(
    costs: RepairCosts | None, contracts: Sequence[Colocation], terms: Sequence[Terms]
) -> RepairPrices:
    """Stated prices; a contract without one is worth all rent over its term, not discounted; a month of delay is
    worth the rent of one."""
    stated = costs or RepairCosts()
    dropped = [
        stated.dropped_contract_usd.get(contract.name, float(each.rent_in_service().sum()))
        for contract, each in zip(contracts, terms, strict=True)
    ]
    later = [
        stated.later_month_usd.get(contract.name, contract.rent_usd_per_kw_month * 1000.0 * contract.critical_it_mw)
        for contract in contracts
    ]
    single = stated.model_dump(exclude={"dropped_contract_usd", "later_month_usd"})
    return RepairPrices(
        **single,
        dropped_contract_usd=np.array(dropped, dtype=float),
        later_month_usd=np.array(later, dtype=float),
    )

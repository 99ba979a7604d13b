"""Value beyond the horizon: every use over the same tail years, discounted to the start of the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.contracts import Terms
from allocator.instance.finance import discount
from allocator.instance.hour_store import HourStore
from allocator.instance.last_year import LastYear, last_year
from allocator.instance.terminal_contracts import ContractTail, contract_tail
from allocator.instance.terminal_mining import Machine, mining_usd_per_mw, mining_year
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Bays, Terminal
from allocator.scenario.fit_outs import MINING_KINDS


@dataclass(frozen=True)
class Tail:
    """What is assumed beyond the horizon.

    Attributes:
        years: Y, tail years valued.
        hashprice_usd_per_ph_day: gross hashprice of each tail year, (Y,).
        mining_net_share: (1 - pool fee) * (1 - sale fee).
        operations_per_year, contracted_per_year: discount rates.
    """

    years: int
    hashprice_usd_per_ph_day: Floats
    mining_net_share: float
    operations_per_year: float
    contracted_per_year: float


def compile_terminal(
    tail: Tail,
    tree: NodeTree,
    hours: HourStore,
    bays: Bays,
    contracts: Sequence[Terms],
    machines: Sequence[Sequence[Machine]],
    fixed_opex_usd_per_year: Floats,
    energy_limit_mw: Floats,
) -> Terminal:
    """Contracts run to the end of their term (or of the tail), mining bays go on mining, fixed opex goes on.

    Yearly flows beyond the horizon stand at the middle of their year, those of contracts at the middle of their
    month. Energy costs what it cost in the last twelve months of the horizon. There is no price of renewal: when
    a term ends, its bay earns nothing more.

    Args:
        machines: by bay, the models that may mine there beyond the horizon. fixed_opex_usd_per_year: (S,).
        energy_limit_mw: gross draw that each site's energy budget lets it hold all year, (S,).
    """
    samples = [last_year(tree, hours, site) for site in range(len(hours.overhead))]
    factors = discount(tail.operations_per_year, tree.horizon_years + np.arange(tail.years) + 0.5)
    rents = contract_tail(tree, contracts, tail.contracted_per_year, tail.years)
    return Terminal(
        years=tail.years,
        contract_usd=rents.rent_usd,
        contract_energy_usd_per_mw=_contract_energy(rents, contracts, samples),
        contract_mw=rents.contracted_mw,
        mining_usd_per_mw=_mining(tail, bays, samples, machines) * factors,
        overhead=np.concatenate([sample.overhead for sample in samples]),
        fixed_opex_usd=fixed_opex_usd_per_year * factors.sum(),
        energy_limit_mw=energy_limit_mw,
    )


def _contract_energy(rents: ContractTail, contracts: Sequence[Terms], samples: Sequence[LastYear]) -> Floats:
    """Metered hours of a contracted MW * average of (price - pass-through share * spot) * (1 + overhead), (C, N, B)."""
    cost = np.concatenate([sample.average(sample.cost_usd_per_mwh) for sample in samples])
    spot = np.concatenate([sample.average(sample.spot_usd_per_mwh) for sample in samples])
    share = np.array([terms.pass_through_share for terms in contracts])
    net = cost - share[:, None] * spot
    return np.asarray(rents.metered_hours[:, :, None] * net[:, None, :])


def _mining(tail: Tail, bays: Bays, samples: Sequence[LastYear], machines: Sequence[Sequence[Machine]]) -> Floats:
    """Undiscounted value of one IT MW of each bay in each tail year, (B, Y); 0 for bays that do not mine."""
    values = np.zeros((len(bays.kind), tail.years))
    for b in np.flatnonzero(np.isin(bays.kind, MINING_KINDS)).tolist():
        sample = samples[int(bays.site[b])]
        own = b - int(np.argmax(bays.site == bays.site[b]))
        limit = sample.air_limit_mw if bays.kind[b] == "air_mining" else sample.liquid_limit_mw
        year = mining_year(sample, own, limit[own], float(bays.it_limit_mw[b]))
        values[b] = mining_usd_per_mw(
            year, machines[b], tail.hashprice_usd_per_ph_day, tail.mining_net_share, tail.operations_per_year
        )
    return values

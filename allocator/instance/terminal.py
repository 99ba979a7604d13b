"""Value beyond the horizon: every use over the same tail years, discounted to the start of the horizon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.finance import discount
from allocator.instance.hour_store import HourStore
from allocator.instance.last_year import HOURS_PER_YEAR, LastYear, last_year
from allocator.instance.terminal_contracts import ContractTail
from allocator.instance.terminal_mining import Machine, mining_usd_per_mw, mining_year
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.types import Bays, Terminal
from allocator.scenario.fit_outs import MINING_KINDS


@dataclass(frozen=True)
class Tail:
    """What is assumed beyond the horizon.

    Attributes:
        years: Y, tail years valued.
        hashprice_usd_per_ph_day: gross hashprice of each tail year on its stated path, (Y,).
        hashprice_factor: what each leaf expects over that path, (N, Y). spot_factor: of each site, (S, N); both count
            at leaves only.
        machine_price_elasticity: how prices of machines follow the hashprice factor.
        mining_net_share: (1 - pool fee) * (1 - sale fee).
        operations_per_year, contracted_per_year: discount rates.
    """

    years: int
    hashprice_usd_per_ph_day: Floats
    hashprice_factor: Floats
    spot_factor: Floats
    machine_price_elasticity: float
    mining_net_share: float
    operations_per_year: float
    contracted_per_year: float


@dataclass(frozen=True)
class Beyond:
    """Assumptions, and what contracts bring beyond the horizon; pass_through_share: of each contract, (C,)."""

    tail: Tail
    rents: ContractTail
    pass_through_share: Floats


def compile_terminal(
    beyond: Beyond,
    tree: NodeTree,
    hours: HourStore,
    bays: Bays,
    machines: Sequence[Sequence[Machine]],
    fixed_opex_usd_per_year: Floats,
    energy_limit_mw: Floats,
) -> Terminal:
    """Contracts run to the end of their term (or of the tail), mining bays go on mining, fixed opex goes on.

    Yearly flows beyond the horizon stand at the middle of their year, those of contracts at the middle of their
    month. Energy costs what it cost in the last twelve months of the horizon, spot times what a leaf expects of it.
    Load beyond is steady, so that every MW of it pays all demand charges of its site.
    There is no price of renewal: when a term ends, its bay earns nothing more.

    Args:
        machines: by bay, the models that may mine there beyond the horizon. fixed_opex_usd_per_year: (S,).
        energy_limit_mw: gross draw that each site's energy budget lets it hold all year, (S,).
    """
    samples = [last_year(tree, hours, site) for site in range(len(hours.overhead))]
    tail, rents = beyond.tail, beyond.rents
    factors = discount(tail.operations_per_year, tree.horizon_years + np.arange(tail.years) + 0.5)
    return Terminal(
        years=tail.years,
        contract_usd=rents.rent_usd,
        contract_energy_usd_per_mw=_contract_energy(beyond, samples, _expected_spot(tail, tree)),
        contract_mw=rents.contracted_mw,
        mining_usd_per_mw=_mining(tail, tree, bays, samples, machines) * factors[:, None],
        overhead=np.concatenate([sample.overhead for sample in samples]),
        fixed_opex_usd=fixed_opex_usd_per_year * factors.sum(),
        energy_limit_mw=energy_limit_mw,
    )


def _expected_spot(tail: Tail, tree: NodeTree) -> Floats:
    """Mean over the leaves below each node of the spot factor beyond the horizon, (S, N)."""
    ends = np.isin(np.arange(len(tree)), tree.leaves)
    total = np.where(ends, tail.spot_factor * tree.probability, 0.0)
    for node in range(len(tree) - 1, 0, -1):
        if tree.parent[node] >= 0:
            total[:, tree.parent[node]] += total[:, node]
    return np.asarray(total / tree.probability)


def _contract_energy(beyond: Beyond, samples: Sequence[LastYear], spot_factor: Floats) -> Floats:
    """Metered hours of a contracted MW * average of (price - pass-through share * spot) * (1 + overhead), (C, N, B).

    Spot is that of the sample year times the factor expected where the contract is signed; adders stay as they are.
    """
    cost = np.concatenate([sample.average(sample.cost_usd_per_mwh) + _demand(sample) for sample in samples])
    spot = np.concatenate([sample.average(sample.spot_usd_per_mwh) for sample in samples])
    of_bay = np.repeat(np.arange(len(samples)), [len(sample.overhead) for sample in samples])
    paid = (1.0 - beyond.pass_through_share)[:, None, None] * spot_factor[of_bay].T
    net = (cost - spot) + paid * spot
    return np.asarray(beyond.rents.metered_hours[:, :, None] * net)


def _demand(sample: LastYear) -> Floats:
    """Demand charges of steady load, USD per MWh of IT load, (b,)."""
    return np.asarray((1.0 + sample.overhead) * sample.demand_usd_per_mw_year / HOURS_PER_YEAR)


def _mining(
    tail: Tail, tree: NodeTree, bays: Bays, samples: Sequence[LastYear], machines: Sequence[Sequence[Machine]]
) -> Floats:
    """Undiscounted value of one IT MW of each bay in each tail year, (B, Y, N); 0 for bays that do not mine and at
    nodes that are no leaves.
    """
    values = np.zeros((len(bays.kind), tail.years, len(tree)))
    for site, sample in enumerate(samples):
        own = np.flatnonzero((bays.site == site) & np.isin(bays.kind, MINING_KINDS)).tolist()
        for level in np.unique(tail.spot_factor[site, tree.leaves]) if own else ():
            leaves = tree.leaves[tail.spot_factor[site, tree.leaves] == level]
            priced = sample.at_spot_factor(float(level))
            for b in own:
                values[b, :, leaves] = _bay_mining(tail, bays, priced, b, machines[b], leaves)
    return values


def _bay_mining(
    tail: Tail, bays: Bays, sample: LastYear, bay: int, machines: Sequence[Machine], leaves: Ints
) -> Floats:
    """Undiscounted value of one IT MW of a bay in each tail year at some leaves, (leaves, Y)."""
    own = bay - int(np.argmax(bays.site == bays.site[bay]))
    limit = sample.air_limit_mw if bays.kind[bay] == "air_mining" else sample.liquid_limit_mw
    year = mining_year(sample, own, limit[own], float(bays.it_limit_mw[bay]))
    factor = tail.hashprice_factor[leaves].ravel()
    hashprice = np.tile(tail.hashprice_usd_per_ph_day, len(leaves)) * factor
    capital = factor**tail.machine_price_elasticity
    worth = mining_usd_per_mw(year, machines, hashprice, tail.mining_net_share, tail.operations_per_year, capital)
    return worth.reshape(len(leaves), tail.years)

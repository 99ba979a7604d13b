"""An instance over other nodes: copies of its own, in another tree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.demand import Demand
from allocator.instance.hosting import Hosting
from allocator.instance.hour_store import HourStore
from allocator.instance.market_state import MarketState, Network
from allocator.instance.tree import NodeTree
from allocator.instance.types import Instance, Service


def along(instance: Instance, leaf: int) -> Instance:
    """The way to a leaf as a chain: what it would be to know the branches."""
    way = instance.tree.path(leaf)
    return over(instance, way, range(-1, len(way) - 1), np.ones(len(way)))


def with_twin_branches(chain: Instance, after: int, probability: float) -> Instance:
    """A chain that branches after a node into two copies of the rest of itself."""
    rest = list(range(after + 1, len(chain.tree)))
    second = len(chain.tree)
    parents = [*range(-1, second - 1), after, *range(second, second + len(rest) - 1)]
    share = [*[1.0] * (after + 1), *[probability] * len(rest), *[1.0 - probability] * len(rest)]
    return over(chain, [*range(second), *rest], parents, np.array(share))


def over(instance: Instance, source: Sequence[int], parents: Sequence[int], probability: np.ndarray) -> Instance:
    """Node n of the new tree is a copy of node source[n]; a way through it follows a way through the old one."""
    at = np.asarray(source)
    tree = _tree(instance.tree, at, np.asarray(parents), probability)
    bays, models, terminal, finance = instance.bays, instance.models, instance.terminal, instance.finance
    return replace(
        instance,
        tree=tree,
        market=_market(instance.market, at),
        sites=replace(
            instance.sites,
            fixed_opex_usd=instance.sites.fixed_opex_usd[:, at],
            energy_budget_mwh=instance.sites.energy_budget_mwh[:, at],
        ),
        bays=replace(
            bays,
            firm_overhead=bays.firm_overhead[:, at],
            firm_air_limit_mw=bays.firm_air_limit_mw[:, at],
            firm_liquid_limit_mw=bays.firm_liquid_limit_mw[:, at],
            capex_usd=bays.capex_usd[:, at],
        ),
        models=replace(models, price_usd=models.price_usd[:, at], resale_usd=models.resale_usd[:, at]),
        segments=replace(instance.segments, value_usd_per_mwh=instance.segments.value_usd_per_mwh[:, at]),
        service=_service(instance.service, tree, at),
        pass_through=replace(instance.pass_through, usd_per_mw=instance.pass_through.usd_per_mw[:, at]),
        terminal=replace(
            terminal,
            contract_usd=terminal.contract_usd[:, at],
            contract_energy_usd_per_mw=terminal.contract_energy_usd_per_mw[:, at],
            contract_mw=terminal.contract_mw[:, at],
            mining_usd_per_mw=terminal.mining_usd_per_mw[:, :, at],
        ),
        finance=replace(
            finance,
            discount_operations=finance.discount_operations[at],
            discount_contracted=finance.discount_contracted[at],
        ),
        hours=_hours(instance.hours, at),
        batteries=tuple(b and replace(b, available=b.available[at]) for b in instance.batteries),
        hosting=_by_node(instance.hosting, len(instance.tree), at),
        demand=_demand(instance.demand, tree, at),
    )


def _demand(demand: Demand, tree: NodeTree, at: np.ndarray) -> Demand:
    if not demand.names:
        return demand
    known = {tuple(row) for row in demand.reach.tolist()}
    reach = [
        (k, m, n)
        for k in range(len(demand.names))
        for n in range(len(tree))
        for m in tree.path(n)[:-1]
        if (k, at[m], at[n]) in known
    ]
    by_node = {name: getattr(demand, name)[:, at] for name in ("usd_per_mw", "billed", "least_mw")}
    return replace(demand, reach=np.array(reach, dtype=np.int64).reshape(-1, 3), **by_node)


def _by_node(hosting: Hosting, nodes: int, at: np.ndarray) -> Hosting:
    """Agreements over other nodes: every array of theirs whose last axis is the node."""
    moved = {name: values[:, at] for name, values in vars(hosting).items() if np.shape(values)[1:] == (nodes,)}
    return replace(hosting, **moved)


def _tree(old: NodeTree, at: np.ndarray, parents: np.ndarray, probability: np.ndarray) -> NodeTree:
    return replace(
        old,
        name=tuple(f"{old.name[k]}, node {n}" for n, k in enumerate(at)),
        parent=parents,
        probability=probability,
        first_month=old.first_month[at],
        months=old.months[at],
        hours=old.hours[at],
        mid_years=old.mid_years[at],
        decision=old.decision[at],
    )


def _market(old: MarketState, at: np.ndarray) -> MarketState:
    behind = None if old.network is None else Network(**{name: path[at] for name, path in vars(old.network).items()})
    return replace(
        old,
        hashprice_usd_per_ph_day=old.hashprice_usd_per_ph_day[at],
        rentals={name: replace(r, usd_per_gpu_hour=r.usd_per_gpu_hour[at]) for name, r in old.rentals.items()},
        network=behind,
    )


def _service(old: Service, tree: NodeTree, at: np.ndarray) -> Service:
    """Rows of the old service between copies that lie on one way."""
    rows = [
        (row, m, n)
        for row, (before, after) in enumerate(zip(old.signed, old.node, strict=True))
        for n in np.flatnonzero(at == after)
        for m in tree.path(int(n))
        if at[m] == before
    ]
    row, signed, node = (
        (np.array(column, int) for column in zip(*rows, strict=True)) if rows else [np.empty(0, int)] * 3
    )
    taken = {name: values[row] for name, values in vars(old).items()}
    return Service(**{**taken, "signed": signed, "node": node})


def _hours(old: HourStore, at: np.ndarray) -> HourStore:
    """Copies of a node share its hours."""
    return replace(old, period=old.period[at], spot_factor=old.spot_factor[:, at])

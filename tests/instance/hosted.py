"""Hosting agreements put onto a hand-made instance: some of its sites, each with one hall of one bay, become hosted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allocator.instance.hosting import Hosting, before
from allocator.instance.types import Instance
from tests.instance.specs import FAR


@dataclass(frozen=True)
class HostSpec:
    """An agreement over the hall of that name, from `first_month` up to `end_month`; money by node: a number or (N,).

    `first_month` below 0: in force before the horizon. `may_end`: whether it may end early at decision nodes.
    """

    hall: str
    capacity_mw: float = 1e6
    first_month: int = -1
    end_month: int = FAR
    notice_months: int = 0
    may_end: bool = True
    end_fee_usd: npt.ArrayLike = 0.0
    management_usd: npt.ArrayLike = 0.0
    deposit_usd: float = 0.0
    removal_usd: float = 0.0
    tariff_usd_per_mwh: npt.ArrayLike = 0.0
    relief_usd_per_mwh: npt.ArrayLike = 0.0
    revenue_share: float = 0.0
    take_mwh: npt.ArrayLike = 0.0
    untaken_usd_per_mwh: npt.ArrayLike = 0.0
    tail_usd: float = 0.0
    tail_deposit_usd: float = 0.0


def hosted(instance: Instance, specs: Sequence[HostSpec]) -> Instance:
    """The instance with these agreements; what their halls are worth beyond the horizon is in `tail_usd` alone."""
    tree, nodes = instance.tree, len(instance.tree)
    hall = np.array([instance.halls.names.index(spec.hall) for spec in specs])
    first, end = (np.array([getattr(s, name) for s in specs])[:, None] for name in ("first_month", "end_month"))
    in_term = (first <= tree.first_month) & (tree.first_month + tree.months <= end)
    begun = first[:, 0] < 0

    def by_node(name: str) -> np.ndarray:
        return np.array([np.broadcast_to(np.asarray(getattr(spec, name), float), nodes) for spec in specs])

    def at_leaves(name: str) -> np.ndarray:
        return np.where(in_term & np.isin(np.arange(nodes), tree.leaves), by_node(name), 0.0)

    hosting = Hosting(
        names=tuple(instance.sites.names[int(instance.halls.site[h])] for h in hall),
        site=instance.halls.site[hall],
        hall=hall,
        bay=instance.halls.opening_bay[hall],
        capacity_mw=np.array([spec.capacity_mw for spec in specs]),
        in_term=in_term,
        begun=begun,
        notice_months=np.array([spec.notice_months for spec in specs]),
        may_end=in_term & tree.decision & np.array([spec.may_end for spec in specs])[:, None],
        end_fee_usd=by_node("end_fee_usd"),
        management_usd=by_node("management_usd"),
        deposit_usd=np.array([spec.deposit_usd for spec in specs]),
        pays_deposit=in_term & ~before(in_term, begun, tree),
        removal_usd_per_unit=np.array([spec.removal_usd for spec in specs]),
        tariff_usd_per_mwh=by_node("tariff_usd_per_mwh"),
        relief_usd_per_mwh=by_node("relief_usd_per_mwh"),
        revenue_share=np.array([spec.revenue_share for spec in specs]),
        closed_h=np.zeros(in_term.shape),
        take_mwh=by_node("take_mwh"),
        untaken_usd_per_mwh=by_node("untaken_usd_per_mwh"),
        tail_usd=at_leaves("tail_usd"),
        tail_deposit_usd=at_leaves("tail_deposit_usd"),
    )
    tail = instance.terminal.mining_usd_per_mw.copy()
    tail[hosting.bay] = 0.0
    return replace(instance, hosting=hosting, terminal=replace(instance.terminal, mining_usd_per_mw=tail))


def with_closed_steps(instance: Instance, every: int = 3) -> Instance:
    """The instance whose hosts give no power in every third of the steps."""
    hours, tree = instance.hours, instance.tree
    is_open, closed = np.ones(len(hours.weight_h)), np.zeros(instance.hosting.in_term.shape)
    for g, site in enumerate(instance.hosting.site.tolist()):
        for node in range(len(tree)):
            steps = hours.steps(site, node)
            is_open[steps] = np.arange(steps.stop - steps.start) % every > 0
            closed[g, node] = hours.weight_h[steps] @ (1.0 - is_open[steps])
    hosting = replace(instance.hosting, closed_h=closed)
    return replace(instance, hours=replace(hours, open_steps=is_open), hosting=hosting)

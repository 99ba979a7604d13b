"""Values of all site-nodes at a point of the master, with a cut for each.

Every site-node keeps its own dispatch for the whole run, so that linear programs stay warm and nothing is
rebuilt. Work goes through one `concurrent.futures.Executor`; results come back in the order of the
site-nodes whatever the number of workers, so that sums and cuts do not depend on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np

from allocator.dispatch.choose import DispatchChoice, choose_dispatch, tenant_bays
from allocator.dispatch.frontier import cause, mine
from allocator.dispatch.interface import Capacity, Cut, Schedule
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance

_Of = tuple[float, float, float, Cut]
"""Margin, Bitcoin mined, premium and cut of one site-node."""

Chooser = Callable[[SiteNode, Bools], DispatchChoice]


@dataclass(frozen=True)
class Priced:
    """Values in USD and cuts of all site-nodes, site by site, node by node; arrays have shape (S * N,).

    Attributes:
        values_usd: margins. mined_btc: what these operations mine, nan where a Bitcoin is worth its price.
        premium_usd_per_btc: of each cut, which bounds margin + premium * mined.
    """

    values_usd: Floats
    mined_btc: Floats
    premium_usd_per_btc: Floats
    cuts: tuple[Cut, ...]


@dataclass(frozen=True)
class Operated:
    """Operations of all site-nodes, hour by hour where they cause charges of coincident peaks.

    Attributes:
        priced: as of `Oracle.price`; its cuts bound margin + premium of Bitcoin * mined + later_premium * due.
        due_usd: what each cause adds, (E,). later_premium: what a dollar due costs in margin, (S * N,).
    """

    priced: Priced
    due_usd: Floats
    later_premium: Floats


class Oracle:
    """Solves the hours of every site-node of an instance.

    Args:
        instance: the compiled scenario.
        executor: where chunks of site-nodes are solved; it must share memory with this process (threads: the
            compiled kernel and HiGHS release the interpreter lock). None solves them here, one after the other.
        chunks: how many pieces the site-nodes are cut into.
        choose: how a site-node's dispatch is chosen.
    """

    def __init__(
        self, instance: Instance, executor: Executor | None = None, chunks: int = 1, choose: Chooser = choose_dispatch
    ) -> None:
        pairs = list(np.ndindex(len(instance.sites.names), len(instance.tree)))
        self._nodes = [site_node(instance, site, node) for site, node in pairs]
        self._choices = [
            choose(here, tenant_bays(instance, site)) for here, (site, _) in zip(self._nodes, pairs, strict=True)
        ]
        self._tenant_bay = [tenant_bays(instance, site) for site, _ in pairs]
        self._causes = len(instance.coincident.peak)
        self._executor = executor
        self._chunks = np.array_split(np.arange(len(self._choices)), max(1, chunks))

    def methods(self) -> dict[str, int]:
        """How many site-nodes are solved which way."""
        return dict(Counter(choice.method.value for choice in self._choices))

    def price(self, capacities: Sequence[Capacity], mined_btc: Floats) -> Priced:
        """Value and cut of every site-node at its capacity, mining what is stated (S * N,); nan: what is best."""
        priced = [one for chunk in self._map(capacities, mined_btc) for one in chunk]
        values, mined, premium, cuts = zip(*priced, strict=True)
        return Priced(np.array(values), np.array(mined), np.array(premium), cuts)

    def operate(self, priced: Priced, capacities: Sequence[Capacity], mined_btc: Floats, asked_usd: Floats) -> Operated:
        """What was priced, run hour by hour where it causes charges of coincident peaks.

        The causes of a site-node add `asked_usd` in all, (S * N,); nan: what is best. Where production is asked for,
        it alone is.
        """
        every = list(zip(priced.values_usd, priced.mined_btc, priced.premium_usd_per_btc, priced.cuts, strict=True))
        due, later = np.zeros(self._causes), np.zeros(len(self._nodes))
        for k, here in enumerate(self._nodes):
            if here.coincident is not None:
                every[k], later[k], schedule = self._cause(k, capacities[k], float(mined_btc[k]), float(asked_usd[k]))
                due[here.coincident.cause] = here.coincident.due_usd(schedule.grid_mw)
        values, mined, premium, cuts = zip(*every, strict=True)
        return Operated(Priced(np.array(values), np.array(mined), np.array(premium), cuts), due, later)

    def _cause(self, k: int, capacity: Capacity, mined_btc: float, asked_usd: float) -> tuple[_Of, float, Schedule]:
        here, dispatch = self._nodes[k], self._choices[k].dispatch
        if not np.isnan(mined_btc):
            kept = mine(dispatch, here, capacity, mined_btc)
            return (kept.margin_usd, kept.amount, kept.premium, kept.cut), 0.0, kept.schedule
        if np.isnan(asked_usd):
            best = dispatch.solve(capacity)
            return (best.value_usd, np.nan, 0.0, best.cut), 0.0, best.schedule
        found = cause(here, self._tenant_bay[k], capacity, asked_usd)
        return (found.margin_usd, np.nan, 0.0, found.cut), found.premium, found.schedule

    def _map(self, capacities: Sequence[Capacity], mined_btc: Floats) -> list[list[_Of]]:
        def solve(chunk: Sequence[int]) -> list[_Of]:
            return [self._price(k, capacities[k], float(mined_btc[k])) for k in chunk]

        chunks = [chunk.tolist() for chunk in self._chunks]
        return list(self._executor.map(solve, chunks) if self._executor else map(solve, chunks))

    def _price(self, k: int, capacity: Capacity, mined_btc: float) -> _Of:
        dispatch = self._choices[k].dispatch
        if np.isnan(mined_btc):
            value, cut = dispatch.price(capacity)
            return value, np.nan, 0.0, cut
        found = mine(dispatch, self._nodes[k], capacity, mined_btc)
        return found.margin_usd, found.amount, found.premium, found.cut

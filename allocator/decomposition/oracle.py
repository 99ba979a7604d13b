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
from allocator.dispatch.interface import Capacity, Cut
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance

Chooser = Callable[[SiteNode, Bools], DispatchChoice]


@dataclass(frozen=True)
class Priced:
    """Values in USD and cuts of all site-nodes, site by site, node by node; values have shape (S * N,)."""

    values_usd: Floats
    cuts: tuple[Cut, ...]


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
        self._choices = [
            choose(site_node(instance, site, node), tenant_bays(instance, site))
            for site in range(len(instance.sites.names))
            for node in range(len(instance.tree))
        ]
        self._executor = executor
        self._chunks = np.array_split(np.arange(len(self._choices)), max(1, chunks))

    def methods(self) -> dict[str, int]:
        """How many site-nodes are solved which way."""
        return dict(Counter(choice.method.value for choice in self._choices))

    def price(self, capacities: Sequence[Capacity]) -> Priced:
        """Value and cut of every site-node at its capacity."""
        priced = [pair for chunk in self._map(capacities) for pair in chunk]
        return Priced(np.array([value for value, _ in priced]), tuple(cut for _, cut in priced))

    def _map(self, capacities: Sequence[Capacity]) -> list[list[tuple[float, Cut]]]:
        def solve(chunk: Sequence[int]) -> list[tuple[float, Cut]]:
            return [self._choices[k].dispatch.price(capacities[k]) for k in chunk]

        chunks = [chunk.tolist() for chunk in self._chunks]
        return list(self._executor.map(solve, chunks) if self._executor else map(solve, chunks))

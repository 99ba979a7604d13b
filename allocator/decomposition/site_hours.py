"""The hours of site-nodes as work: what is asked of one, and what comes back, wherever it is worked out.

An answer depends on what is asked and on nothing else, so it is the same to the last digit whoever gives it, and may be
asked for again. A linear program would carry its basis from one solve to the next; so the basis comes back with every
answer and goes along with the next question. What is large stays where it is: the instance is sent to a worker once,
and whoever built the rows of a site-node keeps them for the next time.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from allocator.dispatch.choose import DispatchChoice, DispatchMethod, choose_dispatch, tenant_bays
from allocator.dispatch.frontier import Reached, cause, mine
from allocator.dispatch.interface import Capacity, Cut, SiteNodeDispatch, Start
from allocator.instance.site_node import SiteNode, site_node
from allocator.instance.tree import Bools, Floats, Ints
from allocator.instance.types import Instance

AT_A_TIME = 64
"""Site-nodes in merit order that are asked together: as long as one linear program takes, longer than asking."""


class OneSiteNode:
    """A site-node, and how its hours are solved."""

    def __init__(self, instance: Instance, site: int, node: int) -> None:
        self.here: SiteNode = site_node(instance, site, node)
        self.tenant_bay: Bools = tenant_bays(instance, site)
        self.alone = threading.Lock()

    @cached_property
    def choice(self) -> DispatchChoice:
        return choose_dispatch(self.here, self.tenant_bay)

    @property
    def dispatch(self) -> SiteNodeDispatch:
        return self.choice.dispatch


@dataclass(frozen=True)
class Answer:
    """What the hours of a site-node say; see `oracle.Operated` for the names.

    Attributes:
        due_usd: of each of its causes. start: for the next question.
    """

    margin_usd: float
    mined_btc: float
    premium_usd_per_btc: float
    cut: Cut
    start: Start
    later_premium: float = 0.0
    due_usd: Floats = field(default_factory=lambda: np.zeros(0))


class Question(Protocol):
    """What is asked of a site-node."""

    def answered(self, one: OneSiteNode) -> Answer:
        """Work it out."""
        ...


@dataclass(frozen=True)
class Price:
    """Value and cut at a capacity, mining what is stated; nan: what is best."""

    capacity: Capacity
    mined_btc: float
    start: Start

    def answered(self, one: OneSiteNode) -> Answer:
        """Work it out."""
        dispatch = one.dispatch
        dispatch.start_from(self.start)
        if np.isnan(self.mined_btc):
            value, cut = dispatch.price(self.capacity)
            return Answer(value, np.nan, 0.0, cut, dispatch.start())
        found = mine(dispatch, one.here, self.capacity, self.mined_btc)
        return Answer(found.margin_usd, found.amount, found.premium, found.cut, dispatch.start())


@dataclass(frozen=True)
class Operate:
    """Hours run one by one where they cause charges of coincident peaks.

    Its causes add `due_usd` in all; nan: what is best. Where production is asked for, it alone is.
    """

    capacity: Capacity
    mined_btc: float
    due_usd: float
    start: Start

    def answered(self, one: OneSiteNode) -> Answer:
        """Work it out."""
        dispatch = one.dispatch
        dispatch.start_from(self.start)
        if not np.isnan(self.mined_btc):
            kept = mine(dispatch, one.here, self.capacity, self.mined_btc)
            return self._answer(one, kept, mined=(kept.amount, kept.premium))
        if np.isnan(self.due_usd):
            best = dispatch.solve(self.capacity)
            return self._answer(one, Reached(best.value_usd, np.nan, 0.0, best.schedule, best.cut))
        found = cause(one.here, one.tenant_bay, self.capacity, self.due_usd)
        return self._answer(one, found, later=found.premium)

    def _answer(
        self, one: OneSiteNode, found: Reached, mined: tuple[float, float] = (np.nan, 0.0), later: float = 0.0
    ) -> Answer:
        causes = one.here.coincident
        due = np.zeros(0) if causes is None else causes.due_usd(found.schedule.grid_mw)
        return Answer(found.margin_usd, *mined, found.cut, one.dispatch.start(), later, due)


@dataclass(frozen=True)
class Batch:
    """Questions that go to one worker together.

    Attributes:
        number: of the batch. site_nodes: whom they are for, as many.
    """

    number: int
    site_nodes: tuple[int, ...]
    questions: tuple[Question, ...]


Answered = tuple[tuple[int, Answer], ...]
"""By site-node."""


class SiteHours:
    """Answers for every site-node of an instance; site-node k is site * N + node."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._built: dict[int, OneSiteNode] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"_instance": self._instance, "_built": {}}

    def __len__(self) -> int:
        return len(self._instance.sites.names) * len(self._instance.tree)

    def __call__(self, batch: Batch) -> Answered:
        return tuple((k, self._answered(k, asked)) for k, asked in zip(batch.site_nodes, batch.questions, strict=True))

    def of(self, k: int) -> OneSiteNode:
        """A site-node; what was built for it stays."""
        found = self._built.get(k)
        return found or self._built.setdefault(k, OneSiteNode(self._instance, *divmod(k, len(self._instance.tree))))

    def methods(self) -> dict[str, int]:
        """How many site-nodes are solved which way."""
        return dict(Counter(self.of(k).choice.method.value for k in range(len(self))))

    @cached_property
    def linear(self) -> Bools:
        """Which site-nodes need the linear program, (S * N,)."""
        return np.array([self.of(k).choice.method is DispatchMethod.LINEAR for k in range(len(self))])

    def batches(self) -> list[Ints]:
        """Site-nodes that are asked together, in order: they do not depend on how many workers there are."""
        share = np.where(self.linear, 1.0, 1.0 / AT_A_TIME)
        return _runs(np.floor(np.cumsum(share) - share + 1e-9))

    def says(self, site_nodes: Sequence[int]) -> str:
        """Some site-nodes in words."""
        sites = sorted({self._instance.sites.names[k // len(self._instance.tree)] for k in site_nodes})
        return f"the hours of {', '.join(sites)}"

    def _answered(self, k: int, asked: Question) -> Answer:
        one = self.of(k)
        with one.alone:
            return asked.answered(one)


def _runs(labels: Floats) -> list[Ints]:
    """Positions of equal neighbours."""
    return np.split(np.arange(len(labels)), np.flatnonzero(np.diff(labels)) + 1)

"""The start of a node of a plan: where it lies, and what came before it.

The state at that moment is the one in which the node before ends. First nodes of different futures open alike, whatever
comes then; later, and where each of the futures given knows all that comes, somebody has to say which one has come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.inputs import copied_inputs
from allocator.pipeline.solve import demand_best_hours, instance_in, plan_in
from allocator.plan.plan import Plan
from allocator.roll.came import NOBODY_SAYS, Came, chosen
from allocator.scenario.load import LoadedScenario
from allocator.scenario.months import Month
from allocator.scenario.uncertainty import Given, Uncertainty


@dataclass(frozen=True)
class AtNode:
    """A plan, seen from the start of one of its nodes.

    Attributes:
        nodes: positions of nodes that begin in the month and open alike; the first one stands for them.
        really_owed_usd: on loans, by name, where that is known; it counts instead of what the plan owes.
        node, parent: position of the node and of the one before it, -1 for none. month: in which the node begins.
        before: names of the nodes that lie before it.
    """

    plan: Plan
    loaded: LoadedScenario
    instance: Instance
    nodes: tuple[int, ...]
    month: Month
    really_owed_usd: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def node(self) -> int:
        return self.nodes[0]

    @property
    def parent(self) -> int:
        return int(self.instance.tree.parent[self.node])

    @property
    def before(self) -> list[str]:
        tree = self.instance.tree
        return [] if self.parent < 0 else [tree.name[node] for node in tree.path(self.parent)]

    @property
    def name_before(self) -> str:
        """What ends as the node begins: the node before, or the time before the plan."""
        tree = self.instance.tree
        return tree.name[self.parent] if self.parent >= 0 else f"the time before {tree.name[self.node]}"

    @property
    def months_on(self) -> int:
        """Months from the start of the plan to that of the node."""
        return int(self.instance.tree.first_month[self.node])

    def table(self, name: str) -> pd.DataFrame:
        """A table of the plan."""
        return self.plan.tables[name]

    def earlier(self, name: str, column: str = "node") -> pd.DataFrame:
        """Rows of a table that belong to nodes before the node."""
        table = self.plan.tables[name]
        return table[table[column].isin(self.before)]

    def last(self, name: str) -> pd.DataFrame:
        """Rows of a table that belong to the node before."""
        table = self.plan.tables[name]
        return table[table["node"].isin(self.before[-1:])]


def at_month(folder: Path, month: Month, came: Came = NOBODY_SAYS) -> AtNode:
    """The plan of a folder at the node that begins in a month.

    Raises:
        BadInputError: the folder is no plan, or as `at_start_of`.
    """
    plan = plan_in(folder)
    return at_start_of(plan, copied_inputs(folder), instance_in(folder, plan.meta), month, came)


def in_month(folder: Path, month: Month, came: Callable[[], Came]) -> AtNode:
    """The plan of a folder at the latest node that has begun by a month; `came` is asked where futures differ.

    Raises:
        BadInputError: the folder is no plan, its first month lies later, or as `at_start_of`.
    """
    plan = plan_in(folder)
    loaded, instance = copied_inputs(folder), instance_in(folder, plan.meta)
    start, tree = Month.parse(instance.tree.start_month), instance.tree
    begun = tree.first_month[tree.first_month <= month.since(start)]
    if not len(begun):
        raise BadInputError(f"the plan starts in {start}, after {month}")
    first = int(begun.max())
    several = np.count_nonzero(tree.first_month == first) > 1
    return at_start_of(plan, loaded, instance, start.plus(first), came() if several else NOBODY_SAYS)


def at_start_of(
    plan: Plan, loaded: LoadedScenario, instance: Instance, month: Month, came: Came = NOBODY_SAYS
) -> AtNode:  # fmt: skip
    """A plan of a scenario and its instance at the node that begins in a month, the first one too.

    Raises:
        BadInputError: its hours follow one strike price, no node begins in the month, or futures differ before it and
            nothing says which one has come.
    """
    demand_best_hours(plan.meta)
    tree = instance.tree
    begun = np.flatnonzero(tree.first_month == month.since(Month.parse(tree.start_month))).tolist()
    if not begun:
        months = [tree.calendar_month(first) for first in movable(instance)]
        possible = f"{months[0]} to {months[-1]}, at the start of a period" if months else "nowhere"
        told = f"the plan cannot be moved on to {month}, in which no period begins"
        raise BadInputError(told, [f"it can be moved to {possible}"])
    groups = _alike(loaded.scenario.uncertainty, instance, begun)
    return AtNode(plan, loaded, instance, tuple(groups[chosen(instance, groups, came, str(month))]), month)


def _alike(uncertainty: Uncertainty | None, instance: Instance, begun: Sequence[int]) -> dict[int, list[int]]:
    """Nodes that begin in a month by what tells their futures apart: futures that are given know in a node all that
    comes, and those that are sampled what came before it."""
    known = isinstance(uncertainty, Given) and instance.tree.first_month[begun[0]] >= uncertainty.known_month
    groups: dict[int, list[int]] = {}
    for node in begun:
        parent = int(instance.tree.parent[node])
        groups.setdefault(node if known or parent < 0 else parent, []).append(node)
    return groups


def movable(instance: Instance) -> list[int]:
    """Months from the start in which a node begins, the start itself not counted."""
    tree = instance.tree
    return sorted({int(month) for month in tree.first_month[tree.parent >= 0]})

"""The start of a node of a plan: where it lies, and what came before it.

The state at that moment is the one in which the node before ends. So it is known up to the first nodes of different
futures: they open alike, whatever comes then.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.inputs import copied_inputs
from allocator.pipeline.solve import demand_best_hours, instance_in, plan_in
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario
from allocator.scenario.months import Month

CERTAIN = 1.0 - 1e-9


@dataclass(frozen=True)
class AtNode:
    """A plan, seen from the start of one of its nodes.

    Attributes:
        node, parent: position of the node and of the one before it, -1 for none. month: in which the node begins.
        before: names of the nodes that lie before it.
    """

    plan: Plan
    loaded: LoadedScenario
    instance: Instance
    node: int
    month: Month

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


def at_month(folder: Path, month: Month) -> AtNode:
    """The plan of a folder at the node that begins in a month.

    Raises:
        BadInputError: the folder is no plan, or as `at_start_of`.
    """
    plan = plan_in(folder)
    return at_start_of(plan, copied_inputs(folder), instance_in(folder, plan.meta), month)


def at_start_of(plan: Plan, loaded: LoadedScenario, instance: Instance, month: Month) -> AtNode:
    """A plan of a scenario and its instance at the node that begins in a month, the first one too.

    Raises:
        BadInputError: its hours follow one strike price, or no node begins in the month that all futures reach alike.
    """
    demand_best_hours(plan.meta)
    tree, start = instance.tree, Month.parse(instance.tree.start_month)
    begun = np.flatnonzero(tree.first_month == month.since(start))
    alike = [int(node) for node in begun if tree.parent[node] < 0 or tree.probability[tree.parent[node]] >= CERTAIN]
    if not alike:
        months = [str(start.plus(first)) for first in movable(instance)]
        told = f"to {month}, as futures differ before it" if len(begun) else f"to {month}, in which no period begins"
        possible = f"{months[0]} to {months[-1]}, at the start of a period" if months else "nowhere"
        raise BadInputError(f"the plan cannot be moved on {told}", [f"it can be moved to {possible}"])
    return AtNode(plan, loaded, instance, alike[0], month)


def movable(instance: Instance) -> list[int]:
    """Months from the start in which a node begins that all futures reach alike, the start itself not counted."""
    tree = instance.tree
    later = np.flatnonzero(tree.parent >= 0)
    return sorted({int(tree.first_month[node]) for node in later if tree.probability[tree.parent[node]] >= CERTAIN})

"""A PuLP problem while it is being written: rows by family, and the sums that families share."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from types import SimpleNamespace
from typing import Any

import numpy as np
import pulp

from allocator.instance.risk import WorstChildren
from allocator.instance.types import Instance
from tests.reference.relations import leaves, path

USD_PER_MUSD = 1e6
FAR_BEYOND = float("inf")
"""A limit nobody reaches."""

Member = tuple[int, ...]
Columns = dict[Member, pulp.LpVariable]


def plain(part: object) -> SimpleNamespace:
    """The fields of an instance or of a part of it, arrays as lists of Python numbers."""
    return SimpleNamespace(**{f.name: _plain(getattr(part, f.name)) for f in fields(part)})


def _plain(value: object) -> object:
    if hasattr(value, "__dataclass_fields__"):
        return plain(value)
    if isinstance(value, tuple):
        return tuple(_plain(item) for item in value)
    return value.tolist() if isinstance(value, np.ndarray) else value


class Draft:
    """Columns by family and member; terms of the cash, capital and value of the plan, USD.

    Attributes:
        given: the instance in Python numbers; array[i, j] reads array[i][j].
        nested: whether the worst children weigh, and not the worst paths.
        nodes, decisions: all nodes; those in which decisions may be taken.
        paths: leaf -> nodes from the root to it.
        cash_usd, capex_usd: terms by node, undiscounted. value_usd: terms by node, discounted.
        income_usd: terms of operating income by (site, node), undiscounted.
        beyond_usd: terms of value beyond the horizon that a tax takes part of, by leaf.
        penalty_usd: expected prices of limits that may be broken.
        rows: members of every family. hours: every hour, once they are written.
    """

    def __init__(self, instance: Instance) -> None:
        self.given = plain(instance)
        self.nested = isinstance(instance.risk, WorstChildren)
        self.problem = pulp.LpProblem("reference", pulp.LpMaximize)
        self.columns: dict[str, Columns] = {}
        self.rows: dict[str, list[Member]] = {}
        self.cash_usd: dict[int, list[pulp.LpAffineExpression]] = defaultdict(list)
        self.capex_usd: dict[int, list[pulp.LpAffineExpression]] = defaultdict(list)
        self.income_usd: dict[Member, list[pulp.LpAffineExpression]] = defaultdict(list)
        self.beyond_usd: dict[int, list[pulp.LpAffineExpression]] = defaultdict(list)
        self.penalty_usd: list[pulp.LpAffineExpression] = []
        self.value_usd: dict[int, list[pulp.LpAffineExpression]] = defaultdict(list)
        self.hours: list[Any] = []
        self.nodes = range(len(instance.tree))
        self.decisions = [n for n in self.nodes if instance.tree.decision[n]]
        self.paths = {leaf: path(instance.tree, leaf) for leaf in leaves(instance.tree)}

    def add(self, family: str, members: list[Member], upper: float | None = None, whole: bool = False) -> Columns:
        """Columns >= 0 of a family; called again, it adds members."""
        kind = pulp.LpInteger if whole else pulp.LpContinuous
        made = {m: pulp.LpVariable(f"{family}_{'_'.join(map(str, m))}", 0.0, upper, kind) for m in members}
        self.columns.setdefault(family, {}).update(made)
        return self.columns[family]

    def add_free(self, family: str, members: list[Member]) -> Columns:
        """Columns of either sign."""
        self.columns[family] = {m: pulp.LpVariable(f"{family}_{'_'.join(map(str, m))}") for m in members}
        return self.columns[family]

    def add_free_more(self, family: str, member: Member) -> pulp.LpVariable:
        """One more column of either sign."""
        made = pulp.LpVariable(f"{family}_{'_'.join(map(str, member))}".replace("-", "m"))
        self.columns.setdefault(family, {})[member] = made
        return made

    def row(self, family: str, member: Member, constraint: pulp.LpConstraint) -> None:
        """One row of a family."""
        self.rows.setdefault(family, []).append(member)
        self.problem.addConstraint(constraint, f"{family}[{','.join(map(str, member))}]")

    def earn(self, node: int, discount: list[float], usd: pulp.LpAffineExpression) -> None:
        """Money that comes in (negative: goes out) in a node; `discount` is the factor of every node."""
        self.cash_usd[node].append(usd)
        self.value_usd[node].append(discount[node] * usd)

    def operate(self, site: int, node: int, usd: pulp.LpAffineExpression) -> None:
        """What operations of a site earn in a node; it counts as its income."""
        self.income_usd[site, node].append(usd)
        self.earn(node, self.given.finance.discount_operations, usd)

    def pay_capital(self, node: int, usd: pulp.LpAffineExpression) -> None:
        """Capital that goes out in a node; it counts against the budget."""
        self.capex_usd[node].append(usd)
        self.earn(node, self.given.finance.discount_operations, -1.0 * usd)

    def at_horizon(self, leaf: int, usd: pulp.LpAffineExpression) -> None:
        """Value beyond the horizon, discounted already, on the way that ends in the leaf."""
        self.value_usd[leaf].append(usd)

    def beyond(self, leaf: int, usd: pulp.LpAffineExpression) -> None:
        """The same of what operations leave, of which a tax takes its part."""
        self.beyond_usd[leaf].append(usd)
        self.at_horizon(leaf, usd)

    def bays_of_hall(self, hall: int) -> list[int]:
        """Fit-outs a hall may have."""
        return [b for b, at in enumerate(self.given.bays.hall) if at == hall]

    def bays_of_site(self, site: int) -> list[int]:
        """Fit-outs the halls of a site may have."""
        return [b for b, at in enumerate(self.given.bays.site) if at == site]

    def way_to(self, node: int) -> list[int]:
        """Nodes from the root to the node."""
        return path(self.given.tree, node)

    def parent(self, node: int) -> int | None:
        """The parent, None at a root."""
        parent = self.given.tree.parent[node]
        return parent if parent >= 0 else None

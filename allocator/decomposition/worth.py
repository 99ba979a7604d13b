"""What a point of a master is worth where its hours earn something else than its columns say."""

from __future__ import annotations

import numpy as np

from allocator.instance.risk import Expectation, Risk, WorstPaths
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.planning.build import PlanningModel


def worth_musd(planning: PlanningModel, x: Floats, more_musd: Floats) -> float:
    """Objective at x with that much more of each operating margin, (theta_musd,); cash rows are not looked at."""
    problem, instance = planning.problem, planning.instance
    stated, node = problem.objective(x), problem.columns["theta_musd"].index["node"].to_numpy()
    if isinstance(instance.risk, Expectation):
        return stated + float(problem.cost[problem.columns["theta_musd"].slice] @ more_musd)
    own, tree = _own_musd(planning, x), instance.tree
    more = np.bincount(node, more_musd * instance.finance.discount_operations[node], minlength=len(tree))
    return stated + _valued(instance.risk, tree, own + more) - _valued(instance.risk, tree, own)


def _own_musd(planning: PlanningModel, x: Floats) -> Floats:
    """Net present value of each node at x, (N,)."""
    columns, parent = planning.problem.columns, planning.instance.tree.parent
    if "own_musd" in columns:
        return np.asarray(x[columns["own_musd"].slice])
    value = x[columns["value_musd"].slice]
    return np.asarray(value - np.where(parent >= 0, value[parent], 0.0))


def _valued(risk: Risk, tree: NodeTree, own: Floats) -> float:
    """Value of what the nodes earn, (N,), under the risk that is stated."""
    if isinstance(risk, WorstPaths):
        along = own.copy()
        for node, parent in enumerate(tree.parent.tolist()):
            along[node] += along[parent] if parent >= 0 else 0.0
        return _mixed(risk, tree.probability[tree.leaves], along[tree.leaves])
    worth = own.copy()
    for node, children in reversed(list(enumerate(tree.children()))):
        worth[node] += _mixed(risk, tree.chance_share[children], worth[children])
    roots: Ints = np.flatnonzero(tree.parent < 0)
    return _mixed(risk, tree.chance_share[roots], worth[roots])


def _mixed(risk: Risk, chance: Floats, values: Floats) -> float:
    """(1 - weight) x mean + weight x mean of the worst 1 - level; 0 of none."""
    assert not isinstance(risk, Expectation)
    order = np.argsort(values, kind="stable")
    taken = np.clip(1.0 - risk.level - (np.cumsum(chance[order]) - chance[order]), 0.0, chance[order])
    worst = float(taken @ values[order]) / (1.0 - risk.level)
    return (1.0 - risk.weight) * float(chance @ values) + risk.weight * worst

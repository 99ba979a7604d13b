"""How much the worst paths of a tree weigh in the objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import NodeTree
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.risk import RiskView


@dataclass(frozen=True)
class Expectation:
    """Only the expected net present value counts."""


@dataclass(frozen=True)
class WorstPaths:
    """(1 - weight) x expected value + weight x mean of the worst paths.

    Attributes:
        weight: of the worst paths, 0 < weight < 1.
        level: the worst 1 - level of all paths count, 0 < level < 1.
    """

    weight: float
    level: float


@dataclass(frozen=True)
class WorstChildren:
    """At every branching (1 - weight) x expected value of the children + weight x mean of the worst of them.

    Attributes:
        weight: of the worst children at each branching, 0 < weight < 1.
        level: the worst 1 - level of the children of a node count, 0 < level < 1.
    """

    weight: float
    level: float


Risk = Expectation | WorstPaths | WorstChildren

EXPECTATION = Expectation()
RESOLUTION = 1e-9
"""Slack of a level against the share of the least likely path."""


def compile_risk(stated: RiskView | None, tree: NodeTree) -> Risk:
    """What the worst paths weigh.

    Raises:
        ScenarioFaults: the tree has no two paths, or its paths, or the children of a node where they count, are too few
            to tell the worst of them apart.
    """
    if stated is None or stated.tail_weight == 0.0:
        return EXPECTATION
    paths = len(tree.leaves)
    if paths < 2:
        fault = Fault("risk", "one path", "a tree with more than one path", "state uncertainty, or leave risk out")
        raise ScenarioFaults([fault])
    if stated.nested:
        _check_children(stated.tail_level, tree)
        return WorstChildren(stated.tail_weight, stated.tail_level)
    _check_level(stated.tail_level, float(tree.probability[tree.leaves].min()), f"{paths} paths")
    return WorstPaths(stated.tail_weight, stated.tail_level)


def _check_children(level: float, tree: NodeTree) -> None:
    """The worst of the children must be told apart wherever the tree branches."""
    least = int(np.argmin(tree.chance_share))
    brothers = int((tree.parent == tree.parent[least]).sum())
    node = "the start" if tree.parent[least] < 0 else tree.name[int(tree.parent[least])]
    _check_level(level, float(tree.chance_share[least]), f"{brothers} children of {node}")


def _check_level(level: float, least: float, members: str) -> None:
    finest = 1.0 - least
    if level > finest + RESOLUTION:
        expected = f"at most {finest:.6g}: beyond it the worst share is finer than the least likely of {members}"
        raise ScenarioFaults([Fault("risk.tail_level", f"{level}", expected, "lower the level, or ask for more paths")])

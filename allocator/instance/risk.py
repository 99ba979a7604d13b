"""How much the worst paths of a tree weigh in the objective."""

from __future__ import annotations

from dataclasses import dataclass

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


Risk = Expectation | WorstPaths

EXPECTATION = Expectation()
RESOLUTION = 1e-9
"""Slack of a level against the share of the least likely path."""


def compile_risk(stated: RiskView | None, tree: NodeTree) -> Risk:
    """What the worst paths weigh.

    Raises:
        ScenarioFaults: the tree has no two paths, or its paths are too few to tell the worst of them apart.
    """
    if stated is None or stated.tail_weight == 0.0:
        return EXPECTATION
    paths, found = len(tree.leaves), f"{stated.tail_level}"
    if paths < 2:
        fault = Fault("risk", "one path", "a tree with more than one path", "state uncertainty, or leave risk out")
        raise ScenarioFaults([fault])
    finest = 1.0 - float(tree.probability[tree.leaves].min())
    if stated.tail_level > finest + RESOLUTION:
        expected = f"at most {finest:.6g}: beyond it the worst share is finer than the least likely of {paths} paths"
        raise ScenarioFaults([Fault("risk.tail_level", found, expected, "lower the level, or ask for more paths")])
    return WorstPaths(stated.tail_weight, stated.tail_level)

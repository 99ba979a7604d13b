"""How much the worst paths of a tree weigh in the objective."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats


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


def finest_level(leaf_probability: Floats) -> float:
    """Highest level that the leaves can resolve: beyond it the worst share is finer than the least likely path.

    `leaf_probability` (leaves,).
    """
    return 1.0 - float(np.min(leaf_probability))

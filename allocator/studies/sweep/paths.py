"""Probabilities of what may happen anywhere on a path through a plan's tree."""

from __future__ import annotations

import math
from collections.abc import Collection

import pandas as pd


def chance_of_any(nodes: pd.DataFrame, marked: Collection[str]) -> float:
    """Probability of the paths that pass a marked node; `nodes` is that table of a plan, parents first."""
    passed, counted = set[str](), list[float]()
    for node, parent, probability in zip(nodes["node"], nodes["parent"], nodes["probability"], strict=True):
        if parent in passed:
            passed.add(node)
        elif node in marked:
            passed.add(node)
            counted.append(float(probability))
    return math.fsum(counted)

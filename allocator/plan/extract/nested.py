"""Table nested_values: what every node is worth as seen from it, from the leaves back to the start."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocator.instance.risk import Risk, WorstChildren
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.plan.extract.paths import worst_share
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import TABLES


def nested_table(tree: NodeTree, cash_flow: pd.DataFrame, risk: Risk) -> pd.DataFrame:
    """Table `nested_values`: no rows unless the risk is nested."""
    if not isinstance(risk, WorstChildren):
        return from_rows(TABLES["nested_values"], [])
    usd = cash_flow["amount_usd"] * cash_flow["discount_factor"]
    of_node = {str(node): math.fsum(amounts) for node, amounts in usd.groupby(cash_flow["node"])}
    own, value, share = [of_node.get(name, 0.0) for name in tree.name], np.zeros(len(tree)), np.zeros(len(tree))
    for node, children in reversed(list(enumerate(tree.children()))):
        value[node] = own[node] + _seen(tree, children, value, share, risk)
    _seen(tree, np.flatnonzero(tree.parent < 0), value, share, risk)
    return frame(
        TABLES["nested_values"],
        {
            "node": tree.name,
            "own_usd": np.array(own),
            "chance_share": tree.chance_share,
            "worst_share": share,
            "value_usd": value,
        },
    )


def _seen(tree: NodeTree, children: Ints, value: Floats, share: Floats, risk: WorstChildren) -> float:
    """Worth of children to what precedes them; notes which part of each is among the worst."""
    if not len(children):
        return 0.0
    chance = tree.chance_share[children]
    share[children] = worst_share(chance, value[children], risk.level)
    return mixed_usd(chance, share[children], value[children], risk)


def mixed_usd(chance: Floats, share: Floats, value: Floats, risk: WorstChildren) -> float:
    """(1 - weight) x expected value + weight x mean of the worst, of children of these chances and worst shares."""
    weights = chance * (1.0 - risk.weight + risk.weight * share / (1.0 - risk.level))
    return math.fsum(weights * value)


def nested_value_usd(nested_values: pd.DataFrame, tree: NodeTree, risk: WorstChildren) -> float:
    """Worth of the start."""
    roots = nested_values[tree.parent < 0]
    chance, share, value = (roots[name].to_numpy() for name in ("chance_share", "worst_share", "value_usd"))
    return mixed_usd(chance, share, value, risk)

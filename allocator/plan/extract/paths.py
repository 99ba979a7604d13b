"""Table paths: what each way through the tree is worth, and which of them are the worst."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from allocator.instance.risk import Risk, WorstPaths
from allocator.instance.tree import Floats, NodeTree
from allocator.plan.frames import frame
from allocator.plan.schema import TABLES


def paths_table(tree: NodeTree, cash_flow: pd.DataFrame, risk: Risk) -> pd.DataFrame:
    """Table `paths`: lines of the cash flow added up from the root to each leaf."""
    leaves = tree.leaves.tolist()
    whole = path_values_usd(tree, cash_flow)
    return frame(
        TABLES["paths"],
        {
            "leaf": [tree.name[leaf] for leaf in leaves],
            "probability": tree.probability[leaves],
            "npv_usd": whole,
            "without_terminal_usd": path_values_usd(tree, cash_flow[cash_flow["when"] == "period"]),
            "worst_share": _among_worst(tree.probability[leaves], whole, risk),
        },
    )


def path_values_usd(tree: NodeTree, cash_flow: pd.DataFrame) -> Floats:
    """Discounted value of the lines on the way to each leaf, (leaves,), exact sums."""
    usd = cash_flow["amount_usd"] * cash_flow["discount_factor"]
    of_node = {str(node): amounts.tolist() for node, amounts in usd.groupby(cash_flow["node"])}
    ways = [[tree.name[node] for node in tree.path(int(leaf))] for leaf in tree.leaves]
    return np.array([math.fsum(amount for node in way for amount in of_node.get(node, ())) for way in ways])


def _among_worst(probability: Floats, values: Floats, risk: Risk) -> Floats:
    """`worst_share` of the paths, (leaves,); 0 unless the worst paths weigh."""
    return worst_share(probability, values, risk.level) if isinstance(risk, WorstPaths) else np.zeros(len(values))


def worst_share(probability: Floats, values: Floats, level: float) -> Floats:
    """Share of each one's probability that lies among the worst 1 - level of all, (K,)."""
    share, left = np.zeros(len(values)), 1.0 - level
    for one in np.argsort(values, kind="stable"):
        taken = min(left, float(probability[one]))
        share[one] = taken / probability[one]
        left -= taken
    return share


def mean_of_worst_usd(paths: pd.DataFrame) -> float:
    """Conditional value at risk: mean of the paths weighted with probability x worst share; NaN without a risk."""
    weight = paths["probability"] * paths["worst_share"]
    total = math.fsum(weight)
    return math.fsum(weight * paths["npv_usd"]) / total if total > 0 else math.nan

"""RISK: value along each path, how far it falls below a quantile, and the objective."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft


def objective(d: Draft) -> None:
    """Expected value, or a mix of it and of the mean of the worst 1 - level of the paths."""
    probability, stated = d.given.tree.probability, vars(d.given.risk)
    expected = pulp.lpSum(probability[n] * usd for n, terms in d.value_usd.items() for usd in terms)
    weight = stated.get("weight", 0.0)
    worst = _mean_of_worst(d, stated["level"]) if stated else pulp.LpAffineExpression()
    d.problem.setObjective(
        ((1.0 - weight) / USD_PER_MUSD) * expected + weight * worst - pulp.lpSum(d.penalty_usd) * (1 / USD_PER_MUSD)
    )


def _mean_of_worst(d: Draft, level: float) -> pulp.LpAffineExpression:
    """RISK.value[n], MUSD: value[n] = value[a(n)] + value of n. RISK.tail[leaf]: below >= quantile - value[leaf]."""
    value = d.add_free("value", [(n,) for n in d.nodes])
    quantile = d.add_free("quantile", [()])[()]
    below = d.add("below", [(leaf,) for leaf in d.paths])
    for n in d.nodes:
        before = d.parent(n)
        was = value[(before,)] if before is not None else 0.0
        d.row("RISK.value", (n,), value[(n,)] == was + pulp.lpSum(d.value_usd[n]) * (1 / USD_PER_MUSD))
    for leaf in d.paths:
        d.row("RISK.tail", (leaf,), below[(leaf,)] >= quantile - value[(leaf,)])
    missing = pulp.lpSum(d.given.tree.probability[leaf] * below[(leaf,)] for leaf in d.paths)
    return quantile - missing * (1 / (1 - level))

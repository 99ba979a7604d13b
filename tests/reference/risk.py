"""RISK and NESTED: value along each path or as seen from each node, and the objective."""

from __future__ import annotations

import pulp

from tests.reference.draft import USD_PER_MUSD, Draft


def objective(d: Draft) -> None:
    """Expected value, or a mix of it and of the mean of the worst 1 - level of the paths, or of children throughout."""
    probability, stated = d.given.tree.probability, vars(d.given.risk)
    expected = pulp.lpSum(probability[n] * usd for n, terms in d.value_usd.items() for usd in terms)
    weight = stated.get("weight", 0.0)
    if d.nested:
        valued = _seen(d, weight, stated["level"], None)
    else:
        worst = _mean_of_worst(d, stated["level"]) if stated else pulp.LpAffineExpression()
        valued = ((1.0 - weight) / USD_PER_MUSD) * expected + weight * worst
    d.problem.setObjective(valued - pulp.lpSum(d.penalty_usd) * (1 / USD_PER_MUSD))


def _seen(d: Draft, weight: float, level: float, n: int | None) -> pulp.LpAffineExpression:
    """What the children of a node (None: the start) and all after them are worth as seen from it, MUSD.

    NESTED.own[n]: own[n] = value of n. NESTED.value[n]: worth[n] <= own[n] + the same of its children.
    NESTED.below[c]: below >= quantile - worth[c].
    """
    children = [c for c in d.nodes if d.parent(c) == n]
    for c in children:
        own, worth = (d.add_free_more(name, (c,)) for name in ("own", "worth"))
        d.row("NESTED.own", (c,), own == pulp.lpSum(d.value_usd[c]) * (1 / USD_PER_MUSD))
        d.row("NESTED.value", (c,), worth <= own + _seen(d, weight, level, c))
    values = {c: d.columns["worth"][(c,)] for c in children}
    if len(children) < 2:
        return pulp.lpSum(values.values())
    total = sum(d.given.tree.probability[c] for c in children)
    chance = {c: d.given.tree.probability[c] / total for c in children}
    quantile = d.add_free_more("quantile", (-1 if n is None else n,))
    below = d.add("below", [(c,) for c in children])
    for c in children:
        d.row("NESTED.below", (c,), below[(c,)] >= quantile - values[c])
    missing = pulp.lpSum(chance[c] * below[(c,)] for c in children) * (1 / (1 - level))
    expected = pulp.lpSum(chance[c] * values[c] for c in children)
    return (1.0 - weight) * expected + weight * (quantile - missing)


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

"""The cheapest repairs of an infeasible scenario, in USD and in its own words."""

from __future__ import annotations

import numpy as np

from allocator.instance.types import Instance
from allocator.pipeline.infeasible import amount_text, located, months_text, node_of, told_of
from allocator.pipeline.later import LATE, told_late
from allocator.pipeline.levers import levers_of
from allocator.pipeline.told import Index, Told
from allocator.planning.context import USD_PER_MUSD
from solvers.labels import row_name
from solvers.problem import Problem
from solvers.repair import Ints, Lever, Repair, cheapest_repairs

MOST_WAYS = 3
"""The cheapest way, and two that differ from it."""
SECONDS = 60.0
"""For the search of all of them."""


def priced_repairs(instance: Instance, problem: Problem, seconds: float = SECONDS) -> list[str]:
    """The cheapest way to restore feasibility and up to two others, one line each, in order of cost.

    Empty where no limit or obligation that could be lifted restores it.
    """
    levers = levers_of(instance, problem)
    ways = cheapest_repairs(problem, levers, MOST_WAYS, seconds) if levers else []
    lines = []
    for rank, way in enumerate(ways):
        steps = [_step(instance, problem, levers[lever], way.rows[lever], by) for lever, by in way.amounts.items()]
        lines.append(f"{'or instead' if rank else 'to restore'}: {'; and '.join(steps)}{_closing(way, rank)}")
    return lines


def _closing(way: Repair, rank: int) -> str:
    total = f"; in all {_usd(way.total)}" if len(way.amounts) > 1 else ""
    if not way.proven:
        return f"{total} (the cheapest found in time)"
    return total if rank else f"{total} (the cheapest)"


def _step(instance: Instance, problem: Problem, lever: Lever, broken: Ints, amount: float) -> str:
    """What to lift, by how much, in which months, and at which price."""
    told, nodes = _words(instance, problem, lever, broken)
    by = amount * USD_PER_MUSD if told.unit == "USD" else amount
    what = told.restore.replace("{amount}", amount_text(by, told.unit)) + months_text(instance, nodes)
    return what + _price(lever, amount, told.unit)


def _words(instance: Instance, problem: Problem, lever: Lever, broken: Ints) -> tuple[Told, list[int]]:
    """What a row of the lever that has words says, one that is broken if possible; nodes of the broken rows."""
    nodes = [node_of(where) for _, where in (_row(instance, problem, row) for row in broken.tolist())]
    for row in np.concatenate([broken, lever.rows]).tolist():
        family, where = _row(instance, problem, row)
        told = told_late(instance, where) if family == LATE else told_of(instance, family, where, lever.side)
        if told is not None:
            return told, nodes
    raise ValueError(f"rows of {row_name(problem, int(lever.rows[0]))[0]} have a price and no words")


def _row(instance: Instance, problem: Problem, row: int) -> tuple[str, Index]:
    family, index = row_name(problem, row)
    return family, located(instance, index)


def _price(lever: Lever, amount: float, unit: str) -> str:
    """A dollar of cash, budget or debt counts as a dollar, which its amount says already."""
    if unit == "USD":
        return ", counted dollar for dollar"
    each = f" at {_usd(lever.price)} each MW" if unit == "MW" else ""
    return f", {_usd(lever.price * amount)}{each}"


def _usd(musd: float) -> str:
    return f"${musd * USD_PER_MUSD:,.0f}"

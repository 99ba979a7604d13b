"""The treasury decided again on what the hours really earn and mine: a linear program, decisions held."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.planning.build import build_master
from allocator.planning.capacity_map import make_capacity_map
from allocator.planning.context import USD_PER_MUSD
from allocator.planning.point import BtcTrades, PlanPoint, btc_trades, whole_columns
from solvers.backends.highs import HighsSession
from solvers.options import SolveOptions

EXACT = SolveOptions(feasibility_tolerance=1e-9)


@dataclass(frozen=True)
class Production:
    """What the hours of every site and node earn, mine, and would pay for one more Bitcoin, (S, N) each."""

    margin_usd: Floats
    mined_btc: Floats
    premium_usd_per_btc: Floats

    @staticmethod
    def none(instance: Instance) -> Production:
        """Arrays to be filled."""
        shape = (len(instance.sites.names), len(instance.tree))
        return Production(np.zeros(shape), np.zeros(shape), np.zeros(shape))


def traded(instance: Instance, point: PlanPoint, done: Production) -> BtcTrades | None:
    """The best trades with these decisions and this production; None without a treasury.

    Raises:
        ValueError: no trades keep the rules, so the point is no plan.
    """
    if instance.treasury is None:
        return None
    problem = build_master(instance).problem
    lower, upper = problem.lower.copy(), problem.upper.copy()
    link = make_capacity_map(instance, problem)
    counted = link.mined >= 0
    for columns, values in (
        whole_columns(instance, problem, point),
        (link.theta.ravel(), done.margin_usd.ravel() / USD_PER_MUSD),
        (link.mined[counted], done.mined_btc[counted]),
    ):
        lower[columns] = upper[columns] = values
    held = replace(problem, lower=lower, upper=upper, integer=np.zeros_like(problem.integer))
    result = HighsSession(held, EXACT).solve()
    if not result.has_point:
        raise ValueError("with the hours as they run, no trades of Bitcoin keep the rules of the treasury")
    found = btc_trades(instance, problem, result.point())
    assert found is not None
    return replace(found, mined_btc=done.mined_btc, premium_usd_per_btc=done.premium_usd_per_btc)

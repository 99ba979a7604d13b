"""The plan of the baseline `fixed_strike`: decisions of as_is, hours run by one price of power.

All machines run in every hour whose power costs at most one strike price, the same for all sites and the whole
horizon, and stop in all others (`dispatch/strike.py`). The strike price is the best of all prices that occur, chosen
in hindsight for the most expected discounted value of the hours. Bitcoin, loans and shares are decided again on what
the hours earn.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from allocator.dispatch.choose import tenant_bays
from allocator.dispatch.strike import StrikeDispatch, best_strike_usd_per_mwh, both_ways, gain, no_rule
from allocator.instance.site_node import site_node
from allocator.instance.tree import Bools
from allocator.instance.types import Instance
from allocator.pipeline.assemble import Assembled, derived
from allocator.pipeline.errors import EngineError, InfeasibleError
from allocator.pipeline.evidence import Evidence
from allocator.pipeline.method import Answer, SolveRequest
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.settle import MakeDispatch, Operation, settle
from allocator.plan.extract.settled import capacity, tenancy_mw
from allocator.plan.marginal import no_marginal_values
from allocator.planning.point import PlanPoint

CANNOT = "machines cannot be run by one strike price"
UNPRICED = "no marginal values: hours follow a rule, and are not the best ones"
SHORT_USD = 0.01


def assemble_by_strike(
    instance: Instance, answer: Answer, request: SolveRequest, choice: str, watch: Stopwatch
) -> Assembled:
    """As `assemble`, with hours by the rule at its best strike price; the bound is that of the answer.

    Raises:
        EngineError: as `assemble`. InfeasibleError: hours of some site cannot be told apart by their prices, or
            the rule earns too little to pay what is due.
    """
    if answer.x is None:
        raise EngineError(f"engine {answer.engine} stopped as {answer.reason.value} and gave no point")
    _demand_a_rule(instance)
    with watch.phase("settle"):
        point = replace(answer.planning.point(answer.x), trades=None, due_usd=None)
        strike = best_strike(instance, point)
        make_dispatch = dispatch_at(strike)
        operation = _settled(instance, point, make_dispatch)
    evidence = Evidence(no_marginal_values(), None, (told(strike, run_share(instance, strike)), UNPRICED))
    asked = replace(request, explains=False)
    found = derived(instance, replace(answer, objective_usd=None), operation, evidence, asked, choice, watch, strike)
    _demand_cash(instance, found.plan.tables["cash"])
    return replace(found, make_dispatch=make_dispatch)


def best_strike(instance: Instance, point: PlanPoint) -> float:
    """USD/MWh; see `best_strike_usd_per_mwh`."""
    firm, tree = tenancy_mw(instance, point), instance.tree
    worth = tree.probability * instance.finance.discount_operations
    gains = []
    for site, node in np.ndindex(len(instance.sites.names), len(tree)):
        hours, here = site_node(instance, site, node), capacity(instance, point, firm, site, node)
        runs, stops = both_ways(hours, _mines(instance, site), tenant_bays(instance, site), here)
        gains.append(gain(hours, runs, stops, float(worth[node])))
    return best_strike_usd_per_mwh(gains)


def dispatch_at(strike_usd_per_mwh: float) -> MakeDispatch:
    """The rule at that price, for every site and node."""

    def make(instance: Instance, site: int, node: int) -> StrikeDispatch:
        hours = site_node(instance, site, node)
        return StrikeDispatch(hours, _mines(instance, site), tenant_bays(instance, site), strike_usd_per_mwh)

    return make


def run_share(instance: Instance, strike_usd_per_mwh: float) -> float:
    """Expected share of the hours of all sites in which machines run."""
    run = total = 0.0
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        hours = site_node(instance, site, node)
        weight = instance.tree.probability[node] * hours.weight_h
        run += float(weight[hours.price_usd_per_mwh <= strike_usd_per_mwh].sum())
        total += float(weight.sum())
    return run / total


def told(strike_usd_per_mwh: float, share: float) -> str:
    """What the plan says of its strike price."""
    return (
        f"baseline fixed_strike: all machines run at full power in hours whose power costs at most "
        f"{strike_usd_per_mwh:.2f} USD/MWh, adders included ({100 * share:.1f} % of hours), and stop in all others; "
        "of all prices that occur this one is worth most in hindsight, by the expected discounted value of the hours"
    )


def _mines(instance: Instance, site: int) -> Bools:
    return np.asarray(instance.segments.hash_ph_per_mw[instance.segments.site == site] > 0)


def _demand_a_rule(instance: Instance) -> None:
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        reason = no_rule(site_node(instance, site, node))
        if reason is not None:
            raise InfeasibleError(CANNOT, [f"{instance.sites.names[site]}: {reason}"])


def _settled(instance: Instance, point: PlanPoint, make_dispatch: MakeDispatch) -> Operation:
    try:
        return settle(instance, point, make_dispatch)
    except ValueError as error:
        raise InfeasibleError(CANNOT, [str(error)]) from error


def _demand_cash(instance: Instance, cash: pd.DataFrame) -> None:
    """Cash that may not fall short does not."""
    if instance.finance.may_fall_short:
        return
    missing = float((cash["minimum_usd"] - cash["closing_usd"]).max())
    if missing > SHORT_USD:
        raise InfeasibleError(CANNOT, [f"cash would fall ${missing:,.0f} below its minimum"])

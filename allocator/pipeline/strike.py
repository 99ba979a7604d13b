"""The plans of the baselines by a strike price: decisions of as_is, hours run by one price of power.

All machines run in every hour whose power costs at most the strike price and stop in all others
(`dispatch/strike.py`). Under `fixed_strike` it is the same for all sites and the whole horizon; under `indexed_strike`
it moves from node to node as what a MWh of mining earns does (`instance/hash_index.py`), which is known when a node
begins. It is the best of all prices that occur, chosen in hindsight for the most expected discounted value of the
hours. Bitcoin, loans and shares are decided again on what the hours earn.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from allocator.dispatch.choose import tenant_bays
from allocator.dispatch.strike import StrikeDispatch, best_strike_usd_per_mwh, both_ways, gain, is_run, no_rule
from allocator.instance.hash_index import hash_index
from allocator.instance.site_node import site_node
from allocator.instance.tree import Bools, Floats
from allocator.instance.types import Instance
from allocator.pipeline.assemble import Assembled, derived
from allocator.pipeline.baselines import FIXED_STRIKE, INDEXED_STRIKE
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
    instance: Instance, answer: Answer, request: SolveRequest, choice: str, watch: Stopwatch, is_indexed: bool = False
) -> Assembled:
    """As `assemble`, with hours by the rule at its best strike price; the bound is that of the answer.

    `is_indexed`: the price follows what mining earns.

    Raises:
        EngineError: as `assemble`. InfeasibleError: hours of some site cannot be told apart by their prices, or
            the rule earns too little to pay what is due.
    """
    if answer.x is None:
        raise EngineError(f"engine {answer.engine} stopped as {answer.reason.value} and gave no point")
    _demand_a_rule(instance)
    with watch.phase("settle"):
        point = replace(answer.planning.point(answer.x), trades=None, due_usd=None)
        index = hash_index(instance) if is_indexed else np.ones(len(instance.tree))
        strike = best_strike(instance, point, index)
        strikes = strike * index
        make_dispatch = dispatch_at(strikes)
        operation = _settled(instance, point, make_dispatch)
    said = told(strikes, run_share(instance, strikes), INDEXED_STRIKE if is_indexed else FIXED_STRIKE)
    evidence = Evidence(no_marginal_values(), None, (said, UNPRICED))
    asked = replace(request, explains=False)
    found = derived(instance, replace(answer, objective_usd=None), operation, evidence, asked, choice, watch)
    _demand_cash(instance, found.plan.tables["cash"])
    head = replace(found.plan.meta, strike_usd_per_mwh=strike, strike_follows_hashprice=is_indexed)
    return replace(found, plan=replace(found.plan, meta=head), make_dispatch=make_dispatch)


def best_strike(instance: Instance, point: PlanPoint, index: Floats) -> float:
    """USD/MWh at an index of 1, which is that of each node, (N,); see `best_strike_usd_per_mwh`."""
    firm, tree = tenancy_mw(instance, point), instance.tree
    worth = tree.probability * instance.finance.discount_operations
    gains = []
    for site, node in np.ndindex(len(instance.sites.names), len(tree)):
        hours, here = site_node(instance, site, node), capacity(instance, point, firm, site, node)
        runs, stops = both_ways(hours, _mines(instance, site), tenant_bays(instance, site), here)
        gains.append(gain(hours, runs, stops, float(worth[node]), float(index[node])))
    return best_strike_usd_per_mwh(gains)


def dispatch_at(strike_usd_per_mwh: Floats) -> MakeDispatch:
    """The rule at the price of each node, (N,), for every site."""

    def make(instance: Instance, site: int, node: int) -> StrikeDispatch:
        hours = site_node(instance, site, node)
        strike = float(strike_usd_per_mwh[node])
        return StrikeDispatch(hours, _mines(instance, site), tenant_bays(instance, site), strike)

    return make


def run_share(instance: Instance, strike_usd_per_mwh: Floats) -> float:
    """Expected share of the hours of all sites in which machines run at the price of each node, (N,)."""
    run = total = 0.0
    for site, node in np.ndindex(len(instance.sites.names), len(instance.tree)):
        hours = site_node(instance, site, node)
        weight = instance.tree.probability[node] * hours.weight_h
        run += float(weight[is_run(hours, float(strike_usd_per_mwh[node]))].sum())
        total += float(weight.sum())
    return run / total


def told(strike_usd_per_mwh: Floats, share: float, name: str) -> str:
    """What the plan of a baseline says of its strike price in each node, (N,)."""
    least, most, first = strike_usd_per_mwh.min(), strike_usd_per_mwh.max(), strike_usd_per_mwh[0]
    moves = f" at the start, from {least:.2f} to {most:.2f} as hashprice moves" if name == INDEXED_STRIKE else ""
    return (
        f"baseline {name}: all machines run at full power in hours whose power costs at most "
        f"{first:.2f} USD/MWh{moves}, adders included ({100 * share:.1f} % of hours), and stop in all others; "
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

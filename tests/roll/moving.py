"""Hand scenarios moved on by their plans, and what the old plan is worth from then on."""

from __future__ import annotations

import math
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.plan.lines import LINES
from allocator.roll.at_node import AtNode, at_start_of
from allocator.roll.came import Came
from allocator.roll.roll import Rolled, roll
from allocator.scenario.load import load_scenario
from tests.scenarios.cases import TIGHT_GAP, hand_case, instance_of, solved


@cache
def seen_from(name: str, months: int, future: str = "") -> AtNode:
    """The optimal plan of a hand scenario, from some months after its start, where one of its futures has come."""
    folder = hand_case(name).folder
    loaded = load_scenario(folder)
    month = loaded.scenario.horizon.start.plus(months)
    return at_start_of(solved(folder, "monolithic").plan, loaded, instance_of(folder), month, Came(future))


@cache
def moved(name: str, months: int, future: str = "") -> Rolled:
    """The scenario as it stands then."""
    folder = Path(tempfile.mkdtemp())
    return roll(seen_from(name, months, future), folder / name)


@cache
def solved_again(name: str, months: int, future: str = "") -> Outcome:
    """Its optimal plan."""
    request = SolveRequest(method="monolithic", relative_gap=TIGHT_GAP, explains=False)
    return solve_scenario(moved(name, months, future).loaded, request=request)


def later(at: AtNode) -> pd.DataFrame:
    """Cash flows of the plan from the node on, in the future that has come."""
    tree, flows = at.instance.tree, at.table("cash_flow")
    inside = tree.within(np.array(at.nodes))
    return flows[flows["node"].isin({name for name, own in zip(tree.name, inside, strict=True) if own})]


def left_usd(at: AtNode) -> float:
    """What the old plan's cash flows from the node on are worth at its start, in the future that has come: each class
    at its own rate, and contracts beyond the horizon, whose line states them discounted, at that of contracts."""
    left, rates = later(at), at.loaded.scenario.discount
    chance = float(at.instance.tree.probability[list(at.nodes)].sum())
    per_year = {
        "operations": rates.operations_per_year,
        "horizon": rates.operations_per_year,
        "contracted": rates.contracted_per_year,
        "financing": rates.risk_free_per_year,
        "btc": rates.btc_per_year or 0.0,
    }
    beyond = dict.fromkeys(("terminal_contract_rent", "terminal_contract_energy"), rates.contracted_per_year)
    rate = {name: beyond.get(name, per_year.get(line.discount, 0.0)) for name, line in LINES.items()}
    years, views = at.months_on / 12.0, _without_view(at)
    flows = zip(left["line"], left["node"], left["discounted_usd"], strict=True)
    return (
        math.fsum(
            usd * (1.0 + rate[line]) ** years * (views[node] if LINES[line].discount == "btc" else 1.0)
            for line, node, usd in flows
        )
        / chance
    )


def _without_view(at: AtNode) -> dict[str, float]:
    """By how much Bitcoin is discounted less in each node: its price today over what is expected for the time, as seen
    from the node and as seen from the start; 1 at a stated rate."""
    tree, treasury, stated = at.instance.tree, at.instance.treasury, at.loaded.scenario.treasury
    if treasury is None or stated is None or at.loaded.scenario.discount.btc_per_year is not None:
        return dict.fromkeys(tree.name, 1.0)
    price, inside = at.instance.btc_price_usd, tree.within(np.array(at.nodes))
    came = _mean(at, np.isin(np.arange(len(tree)), at.nodes))
    today = came if stated.btc_price_usd is None else stated.btc_price_usd * came / float(price[0])
    then = [tree.first_month == month for month in tree.first_month]
    return {
        name: today / treasury.spot_price_usd * _mean(at, own) / _mean(at, own & inside) if within else 1.0
        for name, own, within in zip(tree.name, then, inside, strict=True)
    }


def _mean(at: AtNode, nodes: Bools) -> float:
    """Expected price of Bitcoin in some nodes."""
    return float(np.average(at.instance.btc_price_usd[nodes], weights=at.instance.tree.probability[nodes]))

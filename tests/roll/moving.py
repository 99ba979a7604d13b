"""Hand scenarios moved on by their plans, and what the old plan is worth from then on."""

from __future__ import annotations

import math
import tempfile
from functools import cache
from pathlib import Path

from allocator.pipeline.method import SolveRequest
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.plan.lines import LINES
from allocator.roll.at_node import AtNode, at_start_of
from allocator.roll.bitcoin import expected_growth
from allocator.roll.roll import Rolled, roll
from allocator.scenario.load import load_scenario
from tests.scenarios.cases import TIGHT_GAP, hand_case, instance_of, solved


@cache
def seen_from(name: str, months: int) -> AtNode:
    """The optimal plan of a hand scenario, from some months after its start."""
    folder = hand_case(name).folder
    loaded = load_scenario(folder)
    month = loaded.scenario.horizon.start.plus(months)
    return at_start_of(solved(folder, "monolithic").plan, loaded, instance_of(folder), month)


@cache
def moved(name: str, months: int) -> Rolled:
    """The scenario as it stands then."""
    folder = Path(tempfile.mkdtemp())
    return roll(seen_from(name, months), folder / name)


@cache
def solved_again(name: str, months: int) -> Outcome:
    """Its optimal plan."""
    return solve_scenario(
        moved(name, months).loaded, request=SolveRequest(method="monolithic", relative_gap=TIGHT_GAP, explains=False)
    )


def left_usd(at: AtNode) -> float:
    """What the old plan's cash flows from the node on are worth at its start: each class at its own rate, and contracts
    beyond the horizon, whose line states them discounted, at that of contracts."""
    flows, rates = at.table("cash_flow"), at.loaded.scenario.discount
    left = flows[~flows["node"].isin(at.before)]
    per_year = {
        "operations": rates.operations_per_year,
        "horizon": rates.operations_per_year,
        "contracted": rates.contracted_per_year,
        "financing": rates.risk_free_per_year,
        "btc": rates.btc_per_year or 0.0,
    }
    growth = expected_growth(at) if rates.btc_per_year is None and at.instance.treasury is not None else 1.0
    beyond = dict.fromkeys(("terminal_contract_rent", "terminal_contract_energy"), rates.contracted_per_year)
    rate = {name: beyond.get(name, per_year.get(line.discount, 0.0)) for name, line in LINES.items()}
    years = at.months_on / 12.0
    moved_by = {
        name: (growth if LINES[name].discount == "btc" else 1.0) * (1.0 + rate[name]) ** years for name in LINES
    }
    return math.fsum(usd * moved_by[line] for line, usd in zip(left["line"], left["discounted_usd"], strict=True))

"""Nested risk on a tree that branches twice, worked out by hand.

Eight old machines draw 4 MW, and a ninth may be ordered where the first branching has led, to run a month later: it
costs 8,000 USD. A megawatt earns 50 USD/MWh before power, and a month has 720 h. Both branchings are even.

                power, USD/MWh   old machines, USD   the ninth, USD
    root        30               57,600
    up          10               115,200
      up high   10               115,200             14,400
      up low    40               28,800              3,600
    down        45               14,400
      down low  45               14,400              1,800
      down high 15               100,800             12,600

In `up` the ninth gains 9,000 - 8,000 on average and loses 4,400 in the worse half; in `down` it loses either way. With
half the weight on the worse half, the paths through `down` are the worse half of all paths: seen from the root, `up` is
free to gamble, and 187,200 / 2 + 129,600 / 2 = 158,400 without the order becomes 158,650 with it. Seen from `up` the
order is a bad one, and nested risk does not make it:

    up   115,200 + (72,000 + 28,800) / 2 = 165,600        down  14,400 + (57,600 + 14,400) / 2 = 50,400
    root  57,600 + ((165,600 + 50,400) / 2 + 50,400) / 2 = 136,800
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.instance.risk import EXPECTATION, Risk, WorstChildren, WorstPaths, compile_risk
from allocator.instance.types import Instance
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.risk import RiskView
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.planning.solving import best
from tests.reference.cases import branched

UP = 1
POWER = np.array([30.0, 10.0, 45.0, 10.0, 40.0, 45.0, 15.0])
PARENTS = (-1, 0, 0, 1, 1, 2, 2)
PATHS, CHILDREN = WorstPaths(weight=0.5, level=0.5), WorstChildren(weight=0.5, level=0.5)


def company(risk: Risk, parents: tuple[int, ...] = PARENTS, power: np.ndarray = POWER, first: bool = False) -> Instance:
    """The tree above; `first`: whether the ninth may be ordered at the root."""
    old = ModelSpec("old", {"air_mining": 1.0}, [StepSpec(0.5, 50.0)], opening={"barn": 8})
    ninth = ModelSpec(
        "ninth",
        {"air_mining": 1.0},
        [StepSpec(0.5, 50.0)],
        buyable=True,
        price_usd=8000.0,
        lead_months=1,
        limit_units=1,
    )
    decision = [True] * len(parents) if first else [False, *[True] * (len(parents) - 1)]
    chain = tiny_instance(
        nodes=len(parents),
        steps=1,
        step_hours=720.0,
        halls=[HallSpec("barn", [BaySpec("barn", "air_mining", 5.0)])],
        models=[old, ninth],
        price=power[None, :, None],
        decision=decision,
    )
    return replace(branched(chain, parents, dict.fromkeys(range(len(parents)), 1.0)), risk=risk)


def from_up(risk: Risk) -> Instance:
    """What is left of the tree once it has gone up."""
    return company(risk, (-1, 0, 0), POWER[[1, 3, 4]], first=True)


def ordered(instance: Instance, node: int) -> bool:
    return bool(best(instance).point.buy_units[1, node])


def test_nested_risk_orders_nothing_and_is_worth_what_the_hand_says() -> None:
    found = best(company(CHILDREN))
    assert found.usd == pytest.approx(136_800.0)
    assert not found.point.buy_units.any()


def test_the_worst_of_all_paths_order_where_the_path_is_good_already() -> None:
    found = best(company(PATHS))
    assert found.usd == pytest.approx(158_650.0)
    assert found.point.buy_units[1, UP] == 1.0


def test_a_later_decision_is_the_best_as_seen_from_its_node_only_where_risk_is_nested() -> None:
    assert ordered(company(PATHS), UP) != ordered(from_up(PATHS), 0)
    assert ordered(company(CHILDREN), UP) == ordered(from_up(CHILDREN), 0)


def test_where_the_tree_branches_once_both_are_the_same() -> None:
    assert best(from_up(CHILDREN)).usd == pytest.approx(best(from_up(PATHS)).usd)


def test_with_little_weight_it_is_the_expectation() -> None:
    found = best(company(WorstChildren(weight=1e-9, level=0.5))).usd
    assert found == pytest.approx(best(company(EXPECTATION)).usd, rel=1e-6)


def test_near_the_whole_weight_on_the_worst_half_it_is_the_worst_path() -> None:
    found = best(company(WorstChildren(weight=1.0 - 1e-9, level=0.5))).usd
    assert found == pytest.approx(57_600 + 14_400 + 14_400, rel=1e-6)


def test_what_follows_for_certain_only_adds_up() -> None:
    """A tree that branches once, after a month that is known: the mix of its two paths."""
    late = best(company(CHILDREN, (-1, 0, 1, 1), POWER[[0, 1, 3, 4]])).usd
    assert late == pytest.approx(57_600 + 165_600)


def test_no_weight_is_no_risk_and_a_level_that_children_cannot_resolve_is_refused() -> None:
    tree = company(PATHS).tree
    assert compile_risk(RiskView(tail_weight=0.0, tail_level=0.9, nested=True), tree) is EXPECTATION
    assert compile_risk(RiskView(tail_weight=0.5, tail_level=0.5, nested=True), tree) == CHILDREN
    assert isinstance(compile_risk(RiskView(tail_weight=0.5, tail_level=0.7), tree), WorstPaths)
    with pytest.raises(ScenarioFaults, match=r"at most 0\.5: beyond it .* the least likely of 2 children of node0"):
        compile_risk(RiskView(tail_weight=0.5, tail_level=0.7, nested=True), tree)

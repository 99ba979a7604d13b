"""Plans of hand scenarios on the paths of their own trees: every kind of line comes out as the plan has it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allocator.pipeline.solve import compiled
from allocator.plan.schema import LINES
from allocator.scenario.load import load_scenario
from allocator.studies.evaluate import evaluate_on
from allocator.studies.path_covenants import LEAST_BREACH_USD
from allocator.studies.path_money import AS_PLANNED, COUNTED_AGAIN
from tests.scenarios.cases import SCENARIOS, names, solved
from tests.studies.replay import own_paths

QUICK = ("covenants", "kept_bitcoin", "liquidation", "outage_allowance", "thin_market")
"""Lenders that ask, production kept, a lender that sells, tenants that go short, a market that gives way; the others
together are slow."""


def test_of_every_line_it_is_said_whether_it_moves_with_the_market() -> None:
    assert sorted((*AS_PLANNED, *COUNTED_AGAIN)) == sorted(LINES)


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in names("hand")]
)
def test_a_plan_is_worth_on_its_own_paths_what_it_says(name: str) -> None:
    folder = SCENARIOS / "hand" / name
    loaded, plan = load_scenario(folder), solved(folder, "auto").plan
    instance = compiled(loaded)
    found = evaluate_on(loaded, instance, plan, own_paths(loaded, instance), seed=1)
    own, closing = plan.tables["paths"], plan.tables["cash"]["closing_usd"].to_numpy()
    assert found.npv_usd == pytest.approx(own["npv_usd"].to_numpy(), abs=0.01)
    assert found.within_usd == pytest.approx(own["without_terminal_usd"].to_numpy(), abs=0.01)
    assert found.cash_usd == pytest.approx(closing[found.node_of], abs=0.01)
    tests = plan.tables["covenants"]
    missed = tests[tests["headroom_usd"] < -LEAST_BREACH_USD]
    for name, broken in zip(found.breaches.names, found.breaches.broken, strict=True):
        at = missed.loc[missed["covenant"] == name, "node"]
        assert broken.tolist() == np.isin(np.array(instance.tree.name)[found.node_of], at).tolist()


def test_power_that_costs_more_breaks_a_covenant_that_was_just_kept() -> None:
    """43,200 USD of income in June cover the 36,000 that are due 1.2 times; at a tenth more for power 40,320 do not."""
    folder = SCENARIOS / "hand" / "covenants"
    loaded, plan = load_scenario(folder), solved(folder, "auto").plan
    instance = compiled(loaded)
    own = own_paths(loaded, instance)
    found = evaluate_on(loaded, instance, plan, replace(own, spot_factor=1.1 * own.spot_factor), seed=1)
    coverage = found.breaches.names.index("coverage")
    assert found.breaches.tested[coverage].tolist() == [[False, False, True]]
    assert found.breaches.broken[coverage].tolist() == [[False, False, True]]

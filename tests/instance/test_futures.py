"""From the section on uncertainty to trees: markets, power, machines, delays and what leaves expect, by hand."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance.site_node import site_node
from allocator.instance.types import Instance
from allocator.scenario.faults import ScenarioFaults
from tests.instance.scenario_files import compiled, document

NETWORK = {"kind": "network", "btc_price_usd": 60000.0, "difficulty": 1.4e14, "fee_share_of_subsidy": 0.01,
           "pool_fee_share": 0.0, "sale_fee_share": 0.0, "halving_dates": ["2028-04-20"]}  # fmt: skip
PRICE = {"changes": {"kind": "jump_diffusion", "treatment": "branched", "volatility_per_year": 0.6}}
DIFFICULTY = {"treatment": "branched", "elasticity": 0.8, "half_life_months": 4.0, "volatility_per_year": 0.1}
REVERTING = {"treatment": "branched", "half_life_months": 6.0, "volatility_per_year": 0.4}


def monthly(uncertainty: dict[str, Any], bitcoin: dict[str, Any] | None = NETWORK) -> dict[str, Any]:
    """The small scenario with a node a month."""
    changed = document()
    del changed["horizon"]["periods"]
    changed["uncertainty"] = uncertainty
    if bitcoin is not None:
        changed["bitcoin"] = dict(bitcoin)
    return changed


def sampled(**fields: Any) -> dict[str, Any]:
    return {"kind": "sampled", "seed": 3, "branching": [{"month": 1, "children": 3}, {"month": 2, "children": 2}],
            "btc_price": PRICE, "difficulty": DIFFICULTY, **fields}  # fmt: skip


def fan(*scenarios: dict[str, Any], known_month: int = 1) -> dict[str, Any]:
    return {"kind": "given", "known_month": known_month, "scenarios": list(scenarios)}


def children(instance: Instance, node: int) -> np.ndarray:
    return np.flatnonzero(instance.tree.parent == node)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Price, difficulty, rental and power of the one site branch."""
    power = {"texas": {**REVERTING, "sites": ["west"]}}
    changed = monthly(sampled(gpu_rental={"h100": REVERTING}, power=power))
    return compiled(tmp_path_factory.mktemp("tree"), changed)


def test_nodes_are_named_by_period_and_by_the_branches_that_lead_there(tree: Instance) -> None:
    assert tree.tree.name[:5] == ("2028-03", "2028-04/1", "2028-04/2", "2028-04/3", "2028-05/1.1")
    assert len(set(tree.tree.name)) == len(tree.tree) == 10
    assert tree.tree.parent.tolist() == [-1, 0, 0, 0, 1, 1, 2, 2, 3, 3]
    assert tree.tree.first_month.tolist() == [0, 1, 1, 1, 2, 2, 2, 2, 2, 2]
    assert tree.tree.probability[tree.tree.leaves].sum() == pytest.approx(1.0)


def test_the_price_of_every_node_is_the_mean_of_its_children(tree: Instance) -> None:
    price, probability = tree.market.btc_price_usd, tree.tree.probability
    assert price is not None
    assert price[0] == pytest.approx(60000.0)
    for node in range(4):
        below = children(tree, node)
        assert probability[below] @ price[below] / probability[node] == pytest.approx(price[node])
        assert price[below].min() < price[node] < price[below].max()
    assert (np.diff(price[children(tree, 0)]) < 0).all()


def test_hashprice_is_what_bitcoin_mined_is_worth(tree: Instance) -> None:
    network = tree.market.network
    assert network is not None
    assert tree.market.hashprice_usd_per_ph_day == pytest.approx(network.btc_price_usd * network.btc_per_ph_day)
    earned = 86400e15 * 3.125 * 1.01 / (network.difficulty[0] * 2**32)
    assert network.btc_per_ph_day[0] == pytest.approx(earned)
    assert tree.segments.value_usd_per_mwh[0, 1] == pytest.approx(
        tree.market.hashprice_usd_per_ph_day[1] / (0.024 * 15) - 2.0
    )


def test_every_series_has_its_stated_path_as_expectation(tree: Instance, tmp_path: Path) -> None:
    straight = compiled(tmp_path, monthly({"kind": "given", "known_month": 1, "scenarios": [ONE]}))
    for month in range(3):
        here = tree.tree.first_month == month
        weight = tree.tree.probability[here]
        for own, stated in (
            (tree.market.hashprice_usd_per_ph_day, straight.market.hashprice_usd_per_ph_day),
            (tree.market.rentals["h100"].usd_per_gpu_hour, straight.market.rentals["h100"].usd_per_gpu_hour),
            (tree.hours.spot_factor[0], straight.hours.spot_factor[0]),
        ):
            assert weight @ own[here] == pytest.approx(stated[month])


ONE: dict[str, Any] = {"name": "one", "probability": 1.0}


def test_a_stem_holds_its_scenarios_together_and_knows_their_mean(tmp_path: Path) -> None:
    """Bull parts from flat and bear in April, which part from each other in May: one node of theirs in between."""
    paths = {"bull": (0.5, 7e4), "flat": (0.2, 6e4), "bear": (0.3, 4e4)}
    futures = [{"name": name, "probability": chance, "btc_price_usd": usd} for name, (chance, usd) in paths.items()]
    stems = [{"name": "low", "known_month": 2, "members": ["flat", "bear"]}]
    found = compiled(tmp_path, monthly({**fan(*futures), "stems": stems}, NETWORK))
    assert found.tree.name == ("2028-03", "2028-04/bull", "2028-04/low", "2028-05/bull", "2028-05/flat", "2028-05/bear")
    assert found.tree.parent.tolist() == [-1, 0, 0, 1, 2, 2]
    assert found.tree.probability.tolist() == pytest.approx([1.0, 0.5, 0.5, 0.5, 0.2, 0.3])
    assert found.btc_price_usd.tolist() == pytest.approx([5.9e4, 7e4, 4.8e4, 7e4, 6e4, 4e4])
    (remark,) = [remark for remark in found.remarks if "told apart" in remark]
    assert "from 2028-04 on, those of low from 2028-05 on" in remark


def test_nodes_of_a_month_share_its_hours_and_pay_their_own_spot(tree: Instance) -> None:
    up, down = site_node(tree, 0, 1), site_node(tree, 0, 2)
    assert np.shares_memory(up.overhead, down.overhead)
    factor = tree.hours.spot_factor[0, 1:3]
    assert factor[0] != factor[1]
    spot = 1.1 * 50.0
    assert [up.price_usd_per_mwh[-1], down.price_usd_per_mwh[-1]] == pytest.approx(spot * factor + 5.0)
    assert tree.pass_through.usd_per_mw[1, 1:3] == pytest.approx(spot * factor * 1.2 * 720, rel=1e-2)


def test_prices_of_machines_follow_what_they_earn(tree: Instance, tmp_path: Path) -> None:
    grown = 2000.0 * 0.8 ** (tree.tree.first_month / 12)
    hashprice, weight = tree.market.hashprice_usd_per_ph_day, tree.tree.probability
    month = [tree.tree.first_month == m for m in range(3)]
    stated = np.array([weight[month[m]] @ hashprice[month[m]] for m in tree.tree.first_month])
    assert tree.models.price_usd[0] == pytest.approx(grown * hashprice / stated)
    still = compiled(tmp_path, monthly(sampled(machine_price_elasticity=0.0)))
    assert still.models.price_usd[0] == pytest.approx(2000.0 * 0.8 ** (still.tree.first_month / 12))


def test_no_machine_is_worth_more_than_it_cost_before(tree: Instance) -> None:
    for node in range(len(tree.tree)):
        way = tree.tree.path(node)
        assert (tree.models.resale_usd[:, node] <= tree.models.price_usd[:, way].min(axis=1) + 1e-9).all()


def test_leaves_expect_mining_beyond_the_horizon_by_their_own_state(tmp_path: Path) -> None:
    """Where difficulty never answers, hashprice stays as far off; where it answers soon, leaves agree."""

    def worth(elasticity: float, half_life_months: float) -> tuple[np.ndarray, np.ndarray]:
        answer = {
            **DIFFICULTY,
            "elasticity": elasticity,
            "half_life_months": half_life_months,
            "volatility_per_year": 0,
        }
        stated = sampled(difficulty=answer, branching=[{"month": 1, "children": 3}], machine_price_elasticity=0.0)
        instance = compiled(tmp_path, monthly(stated, {**NETWORK, "btc_price_usd": 200e3}))
        leaves = instance.tree.leaves
        assert (instance.terminal.mining_usd_per_mw[:, :, : leaves[0]] == 0.0).all()
        return instance.terminal.mining_usd_per_mw[0, 0, leaves], instance.market.hashprice_usd_per_ph_day[leaves]

    stays, hashprice = worth(0.0, 1.0)
    assert (np.argsort(stays) == np.argsort(hashprice)).all()
    assert np.ptp(stays) > 0.2 * stays.mean()
    agreed, _ = worth(1.0, 0.5)
    assert np.ptp(agreed) < 1e-3 * agreed.mean()


def test_without_a_view_the_price_is_expected_to_grow_at_its_rate(tmp_path: Path) -> None:
    changed = monthly(sampled())
    changed["discount"]["btc_per_year"] = 0.2
    instance = compiled(tmp_path, changed)
    price, tree = instance.market.btc_price_usd, instance.tree
    assert price is not None
    for month in range(3):
        here = tree.first_month == month
        assert tree.probability[here] @ price[here] == pytest.approx(60000.0 * 1.2 ** ((month + 0.5) / 12))
    assert not any("view on Bitcoin" in remark for remark in instance.remarks)


def test_a_view_is_printed_with_the_growth_at_which_it_breaks_even(tmp_path: Path) -> None:
    changed = monthly(sampled(btc_price={**PRICE, "expected": {"growth_per_year": 0.3}}))
    changed["discount"]["btc_per_year"] = 0.1
    (view,) = [remark for remark in compiled(tmp_path, changed).remarks if "view on Bitcoin" in remark]
    assert "moves +30 % a year" in view
    assert "breaks even at +10 % a year" in view


def test_a_view_that_pays_for_sure_is_refused(tmp_path: Path) -> None:
    calm = {"changes": {**PRICE["changes"], "volatility_per_year": 0.01}, "expected": {"growth_per_year": 1.0}}
    changed = monthly(sampled(btc_price=calm))
    assert compiled(tmp_path, changed).market.btc_price_usd is not None  # worth the same whenever it is sold
    changed["discount"]["btc_per_year"] = 0.1
    with pytest.raises(ScenarioFaults, match="a sure gain: after 2028-03 every price of Bitcoin lies"):
        compiled(tmp_path, changed)


def test_averaged_series_are_named(tmp_path: Path) -> None:
    instance = compiled(tmp_path, monthly(sampled(gpu_rental={"h100": {**REVERTING, "treatment": "averaged"}})))
    assert np.ptp(instance.market.rentals["h100"].usd_per_gpu_hour) == pytest.approx(0.0, abs=1e-12)
    assert any(remark.endswith("loans: gpu_rental.h100") for remark in instance.remarks)


def test_a_hashprice_alone_may_branch(tmp_path: Path) -> None:
    law = {"kind": "reverting", **REVERTING}
    stated = {"kind": "sampled", "seed": 1, "branching": [{"month": 1, "children": 2}], "hashprice": law}
    instance = compiled(tmp_path, monthly(stated, None))
    assert instance.market.network is None
    up, down = instance.market.hashprice_usd_per_ph_day[1:3]
    assert up > 48.0 > down
    assert instance.tree.probability[1:3] @ [up, down] == pytest.approx(48.0)


def test_history_is_drawn_from_the_changes_stated(tmp_path: Path) -> None:
    changes = {"kind": "historical", "treatment": "branched", "block_months": 1,
               "monthly_log_changes": [math.log(2.0), -math.log(2.0)] * 3}  # fmt: skip
    stated = sampled(btc_price={"changes": changes}, branching=[{"month": 1, "children": 2}])
    price = compiled(tmp_path, monthly(stated)).market.btc_price_usd
    assert price is not None
    assert price[1] / price[2] == pytest.approx(4.0)
    assert price[1:3] == pytest.approx([96000.0, 24000.0], rel=0.02)


def test_a_delay_that_becomes_known_splits_every_node(tmp_path: Path) -> None:
    delay = {"treatment": "branched", "known_month": 1,
             "outcomes": [{"months": 0, "probability": 0.6}, {"months": 1, "probability": 0.4}]}  # fmt: skip
    instance = compiled(tmp_path, monthly(sampled(branching=[{"month": 2, "children": 2}], delivery_delay=delay)))
    tree = instance.tree
    assert tree.name[:5] == ("2028-03", "2028-04/1", "2028-04/2", "2028-05/1.1", "2028-05/2.1")
    assert tree.name[5:] == ("2028-05/1.2", "2028-05/2.2")
    assert tree.probability[1:3].tolist() == pytest.approx([0.6, 0.4])
    price = instance.market.btc_price_usd
    assert price is not None
    assert price[[3, 5]] == pytest.approx(price[[4, 6]])
    service = instance.service
    tenant = [(m, n) for c, m, n in zip(service.contract, service.signed, service.node, strict=True) if c == 0]
    assert (0, 1) in tenant
    assert (0, 2) not in tenant
    assert {(0, 4), (0, 6)} <= set(tenant)


def test_scenarios_of_a_fan_share_nodes_at_their_mean_until_they_are_told_apart(tmp_path: Path) -> None:
    up = {"name": "up", "probability": 0.25, "btc_price_usd": {"by_month": [60e3, 80e3, 120e3]}}
    down = {"name": "down", "probability": 0.75, "btc_price_usd": {"by_month": [60e3, 40e3, 30e3]},
            "difficulty": 1.2e14, "gpu_rental": {"h100": 3.0}, "spot_factor": {"west": 0.5},
            "delivery_delay_months": 1}  # fmt: skip
    instance = compiled(tmp_path, monthly(fan(up, down, known_month=2)))
    tree, market = instance.tree, instance.market
    assert tree.name == ("2028-03", "2028-04", "2028-05/up", "2028-05/down")
    assert tree.parent.tolist() == [-1, 0, 1, 1]
    assert tree.probability.tolist() == [1.0, 1.0, 0.25, 0.75]
    assert market.network is not None
    assert market.network.btc_price_usd == pytest.approx([60e3, 50e3, 120e3, 30e3])
    assert market.network.difficulty == pytest.approx([1.25e14, 1.25e14, 1.4e14, 1.2e14])
    assert market.rentals["h100"].usd_per_gpu_hour == pytest.approx([2.75, 2.75, 2.0, 3.0])
    assert instance.hours.spot_factor[0] == pytest.approx([0.625, 0.625, 1.0, 0.5])
    assert any("told apart from 2028-05 on" in remark for remark in instance.remarks)


def test_nodes_longer_than_a_month_can_branch(tmp_path: Path) -> None:
    changed = monthly(sampled(branching=[{"month": 1, "children": 2}]))
    changed["horizon"]["periods"] = [{"months": 1, "count": 1}, {"months": 2, "count": 1}]
    instance = compiled(tmp_path, changed)
    assert instance.tree.name == ("2028-03", "2028-04/1", "2028-04/2")
    assert instance.hours.offset.tolist() == [0, 743, 743 + 720 + 744]
    assert instance.tree.hours.tolist() == [743, 1464, 1464]

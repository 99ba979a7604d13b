"""VSS and EVPI against hand sums on two futures, and their order on others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allocator.instance.compile import as_drawn, compile_instance
from allocator.instance.futures import Futures
from allocator.instance.reshape import apart, mean_path
from allocator.pipeline.method import DEFAULTS
from allocator.pipeline.progress import Stopwatch
from allocator.pipeline.solve import answered
from allocator.scenario.load import LoadedScenario, load_scenario
from allocator.studies.value_of_tree import value_of_tree
from tests.cli.conftest import Command
from tests.studies.conftest import WORST_PATHS, read_scenario, write_scenario

FORCED_SALE = WORST_PATHS.parent / "forced_sale"
EXACT = replace(DEFAULTS, relative_gap=0.0)


def two_branches(cash_usd: float = 1e6) -> dict[str, Any]:
    """Hashprice is 40 in May; in June 20 or 60, each with probability 1/2. Power costs 100 USD/MWh.

    A megawatt of new machines (60 PH/s) ordered in May for 250 x 43.2 = 10,800 USD runs in June: at 60 it earns
    60 x 60 / 24 - 100 = 50 USD/MWh, 36,000 USD in 720 hours; at 40 nothing; at 20 it stands still. Old machines
    (30 PH/s) never pay for their power.

        on the tree       order: 36,000 / 2 - 10,800                       7,200
        mean path         June at 40: no order                                 0
        known from May    order where June is 60: (36,000 - 10,800) / 2   12,600
    """
    document = read_scenario(WORST_PATHS)
    del document["risk"]
    document["finance"] = {"opening_cash_usd": cash_usd}
    document["bitcoin"]["usd_per_ph_day"] = 40
    document["sites"][0]["price"]["adder_usd_per_mwh"] = 100
    document["equipment"]["new"] |= {"price_usd": 43.2, "install_usd": 0}
    document["uncertainty"]["scenarios"] = [
        {"name": "low", "probability": 0.5, "hashprice_usd_per_ph_day": {"by_month": [40, 20]}},
        {"name": "high", "probability": 0.5, "hashprice_usd_per_ph_day": {"by_month": [40, 60]}},
    ]
    return document


def loaded(document: dict[str, Any], home: Path) -> LoadedScenario:
    return load_scenario(write_scenario(document, WORST_PATHS, home))


@pytest.mark.parametrize("method", ["monolithic", "decomposed"])
def test_two_futures_are_worth_what_the_hand_says(method: str, tmp_path: Path) -> None:
    found = value_of_tree(loaded(two_branches(), tmp_path), replace(EXACT, method=method), most_paths=10, seed=1)
    assert found.first_of_mean is not None
    assert found.known is not None
    for figure, value in (
        (found.tree, 7200.0),
        (found.first_of_mean, 0.0),
        (found.known, 12_600.0),
        (found.vss, 7200.0),
        (found.evpi, 5400.0),
    ):
        assert (figure.low, figure.high) == pytest.approx((value, value), abs=0.01)
    assert found.tail_weight == 0.0
    assert found.vss_with_trades is None
    assert found.evpi_trading is None


def test_first_decisions_that_leave_no_plan_say_so(tmp_path: Path) -> None:
    """June at 60, the mean of 20 and 100, orders for 10,800 USD and earns 36,000. At 20 they are gone, and 9,100 are
    left, less than is asked for. Without the order the old machines earn 25 x 720 at 100, and 100 go out for opex.
    """
    document = two_branches(cash_usd=20_000.0)
    document["finance"]["minimum_cash_usd"] = 9_150.0
    document["uncertainty"]["scenarios"][1]["hashprice_usd_per_ph_day"] = {"by_month": [40, 100]}
    document["sites"][0]["fixed_opex_usd_per_month"] = {"by_month": [0, 100]}
    found = value_of_tree(loaded(document, tmp_path), EXACT, most_paths=10, seed=1)
    assert found.first_of_mean is None
    assert found.vss.high == np.inf
    assert found.tree.high == pytest.approx(18_000.0 / 2.0 - 100.0, abs=0.01)


def four_paths(home: Path) -> LoadedScenario:
    return load_scenario(write_scenario(read_scenario(WORST_PATHS), WORST_PATHS, home))


def test_knowing_every_path_is_each_path_by_itself(tmp_path: Path) -> None:
    scenario = four_paths(tmp_path)
    plain = replace(scenario, scenario=scenario.scenario.model_copy(update={"risk": None}))

    def worth(leaves: list[int], chance: list[float]) -> float:
        def shape(futures: Futures) -> Futures:
            return apart(futures, futures.tree.leaves[leaves], np.array(chance))

        return float(answered(compile_instance(plain, shape), EXACT, Stopwatch()).objective_usd or 0.0)

    alone = [worth([leaf], [1.0]) for leaf in range(4)]
    assert alone == pytest.approx([73_800.0, 91_800.0, 127_800.0, 289_800.0])
    assert worth([0, 1, 2, 3], [0.25] * 4) == pytest.approx(np.mean(alone))


def test_a_fan_is_worth_no_more_than_knowing_and_no_less_than_the_mean_plan(tmp_path: Path) -> None:
    """Half of the weight lies on the worst half. On the tree nothing is ordered, 96,300; the mean path orders, 87,300.
    Known paths earn 73,800, 91,800, 127,800 and 289,800: 145,800 on average and 82,800 on the worst two, 114,300.
    """
    found = value_of_tree(four_paths(tmp_path), EXACT, most_paths=10, seed=1)
    assert found.first_of_mean is not None
    assert found.known is not None
    assert found.first_of_mean.low <= found.tree.high + 1e-6
    assert found.tree.low <= found.known.high + 1e-6
    assert (found.tree.low, found.tree.high) == pytest.approx((96_300.0, 96_300.0))
    assert (found.vss.low, found.vss.high) == pytest.approx((9_000.0, 9_000.0))
    assert (found.evpi.low, found.evpi.high) == pytest.approx((18_000.0, 18_000.0))


def test_drawn_paths_give_an_interval_that_holds_the_whole(tmp_path: Path) -> None:
    """Without a risk the order is made; knowing spares 54,000 and 18,000 USD on two paths of four."""
    document = read_scenario(WORST_PATHS)
    del document["risk"]
    found = value_of_tree(loaded(document, tmp_path), EXACT, most_paths=3, seed=1)
    assert found.known is None
    assert 1 <= found.paths <= 3
    assert found.evpi.low <= 18_000.0 <= found.evpi.high


def test_drawn_paths_bound_what_knowing_is_worth_to_the_cautious(tmp_path: Path) -> None:
    """Weights 3/8, 3/8, 1/8, 1/8; knowing gains 0, 0, 18,000 and 126,000 USD over no order: 18,000 in all."""
    found = value_of_tree(four_paths(tmp_path), EXACT, most_paths=3, seed=7)
    assert found.known is None
    assert found.evpi.low == 0.0
    assert found.evpi.high >= 18_000.0


def test_bitcoin_traded_at_will_is_held_on_known_paths_and_bets_stand_apart() -> None:
    """`forced_sale`: 20 BTC are sold today, 2,370,000 USD. The mean path sells none, since its price does not fall, and
    has nothing else to decide. Known paths with 20 BTC sold are worth the same; free to trade, all 100 are sold at
    58,500 USD where the price falls and none where it rises: (2,250,000 + 3,900,000) / 2.
    """
    found = value_of_tree(load_scenario(FORCED_SALE), EXACT, most_paths=10, seed=1)
    assert found.known_trading is not None
    assert found.evpi_trading is not None
    for figure, value in (
        (found.tree, 2_370_000.0),
        (found.vss, 0.0),
        (found.evpi, 0.0),
        (found.known_trading, 3_075_000.0),
        (found.evpi_trading, 705_000.0),
    ):
        assert (figure.low, figure.high) == pytest.approx((value, value), abs=5.0)
    assert found.first_trades_of_mean is None
    assert found.vss_with_trades is not None
    assert found.vss_with_trades.high == np.inf


def test_the_mean_path_is_the_expectation_of_the_tree(tmp_path: Path) -> None:
    scenario = loaded(two_branches(), tmp_path)
    plain = replace(scenario, scenario=scenario.scenario.model_copy(update={"risk": None}))
    tree, single = compile_instance(plain, as_drawn), compile_instance(plain, mean_path)
    assert single.market.hashprice_usd_per_ph_day.tolist() == [40.0, 40.0]
    assert single.tree.parent.tolist() == [-1, 0]
    assert single.hours.spot_factor.shape == (1, 2)
    assert len(tree.tree) == 3


def test_what_has_no_value_of_a_tree_is_told(command: Command) -> None:
    for scenario, words in (("thin_market", "nothing is uncertain"), ("hedged_hashprice", "hedges are on offer")):
        ran = command("value-of-tree", WORST_PATHS.parent / scenario)
        assert ran.code == 2
        assert words in ran.err


def test_the_page_and_the_object_say_what_was_found(command: Command) -> None:
    shown = command("value-of-tree", WORST_PATHS, "--quiet")
    assert shown.code == 0
    assert "to know the future (EVPI)" in shown.out
    assert "value with 50 % of the weight on the worst paths" in shown.out

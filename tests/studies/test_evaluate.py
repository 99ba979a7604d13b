"""A plan on fresh paths: exact on the paths of its own tree, and equal to closed forms where there are some."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from allocator.instance.fresh_paths import draw_paths
from allocator.scenario.uncertainty import Sampled
from allocator.studies.evaluate import Evaluation, evaluate, evaluate_on
from tests.studies.cases import Solved, of_everything, of_hashprice, solved
from tests.studies.conftest import BTC_VOLATILITY, VOLATILITY
from tests.studies.replay import own_paths


@pytest.fixture(scope="module", params=[of_hashprice, of_everything])
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Solved:
    make: Callable[[], dict[str, Any]] = request.param
    return solved(make, tmp_path_factory.mktemp("case") / make.__name__)


@pytest.fixture(scope="module")
def replayed(case: Solved) -> Evaluation:
    return evaluate_on(case.loaded, case.instance, case.plan, own_paths(case.loaded, case.instance), seed=1)


def test_the_paths_of_its_own_tree_are_worth_what_the_plan_says(case: Solved, replayed: Evaluation) -> None:
    """Every line that moves with the market is counted again here; at the tree's own market it comes out the same."""
    own = case.plan.tables["paths"]
    assert replayed.npv_usd == pytest.approx(own["npv_usd"].to_numpy(), rel=1e-9)
    assert replayed.within_usd == pytest.approx(own["without_terminal_usd"].to_numpy(), rel=1e-9)


def test_a_path_of_the_tree_is_followed_node_by_node_and_so_is_its_cash(case: Solved, replayed: Evaluation) -> None:
    tree = case.instance.tree
    assert replayed.node_of.tolist() == [tree.path(int(leaf)) for leaf in tree.leaves]
    closing = case.plan.tables["cash"]["closing_usd"].to_numpy()
    assert replayed.cash_usd == pytest.approx(closing[replayed.node_of], rel=1e-9)


def test_where_hours_were_dispatched_at_the_market_of_a_path_nothing_is_lost(case: Solved) -> None:
    """One path: its markets are among those looked at, so that schedules must earn what dispatching there does."""
    stated = case.loaded.scenario.uncertainty
    assert isinstance(stated, Sampled)
    paths = draw_paths(case.loaded, stated, 1, 3, case.instance.terminal.years)
    found = evaluate_on(case.loaded, case.instance, case.plan, paths, seed=3)
    assert found.hours_looked_at == len(case.instance.tree.path(int(found.node_of[0, -1])))
    assert 0.0 <= found.hours_loss_share < 1e-9


def test_fresh_paths_move_around_the_stated_ones(case: Solved) -> None:
    stated = case.loaded.scenario.uncertainty
    assert isinstance(stated, Sampled)
    paths = draw_paths(case.loaded, stated, 20_000, 5, case.instance.terminal.years)
    found = paths.market.hashprice_usd_per_ph_day
    error = found.std(axis=0) / np.sqrt(len(found))
    assert (np.abs(found.mean(axis=0) - paths.stated.hashprice_usd_per_ph_day) <= 4.0 * error + 1e-9).all()
    expected = paths.tail_hashprice_factor
    assert (np.abs(expected.mean(axis=0) - 1.0) <= 4.0 * expected.std(axis=0) / np.sqrt(len(expected))).all()


PATHS = 4000


@pytest.fixture(scope="module")
def mined(mined_plan: Path) -> Evaluation:
    return evaluate(mined_plan, PATHS, seed=2)


def test_cash_runs_short_as_often_as_the_law_of_hashprice_says(mined: Evaluation) -> None:
    """P(60 F < 40) for a lognormal F of mean one; in May, before June pays, every path is short."""
    spread = VOLATILITY / np.sqrt(12.0)
    truth = norm.cdf((np.log(40.0 / 60.0) + spread**2 / 2.0) / spread)
    short = (mined.missing_usd > 0).mean(axis=0)
    assert short[0] == 1.0
    assert short[1] == pytest.approx(truth, abs=4.0 * np.sqrt(truth * (1.0 - truth) / PATHS))


def test_expectation_and_mean_of_the_worst_are_those_of_the_law(mined: Evaluation) -> None:
    spread = VOLATILITY / np.sqrt(12.0)
    worst = 60.0 * norm.cdf(norm.ppf(0.1) - spread) / 0.1
    own = np.sort(mined.npv_usd)[: PATHS // 10].mean()
    assert mined.npv_usd.mean() == pytest.approx(55_800 + 900 * 60, abs=4.0 * mined.npv_usd.std() / np.sqrt(PATHS))
    assert own == pytest.approx(55_800 + 900 * worst, rel=0.01)


def test_hours_that_never_stop_lose_nothing(mined: Evaluation) -> None:
    assert mined.hours_loss_share < 1e-9


def test_margin_calls_come_as_often_as_the_law_of_the_price_says(pledged_plan: Path) -> None:
    """P(owed > level * 54,000 F * collateral) for a lognormal F of mean one, without and with free Bitcoin posted."""
    found, spread = evaluate(pledged_plan, PATHS, seed=4), BTC_VOLATILITY / np.sqrt(12.0)
    loan, held = (found.plan.tables[name].iloc[0] for name in ("loans", "treasury"))
    collateral = found.plan.tables["collateral"].iloc[0]["closing_btc"]
    assert found.calls is not None

    def below(level: float, btc: float) -> float:
        factor = loan["closing_usd"] / (level * 54_000.0 * btc)
        return float(norm.cdf((np.log(factor) + spread**2 / 2.0) / spread))

    for hits, truth in (
        (found.calls.called, below(0.75, collateral)),
        (found.calls.unmet, below(0.75, held["closing_btc"])),
        (found.calls.liquidated, below(0.85, held["closing_btc"])),
    ):
        assert not hits[:, 0].any()
        assert hits[:, 1].mean() == pytest.approx(truth, abs=4.0 * np.sqrt(truth * (1.0 - truth) / PATHS) + 1e-12)


def test_the_same_seed_gives_the_same_paths_and_another_one_others(case: Solved) -> None:
    stated = case.loaded.scenario.uncertainty
    assert isinstance(stated, Sampled)
    one, same, other = (
        draw_paths(case.loaded, stated, 50, seed, 2).market.hashprice_usd_per_ph_day for seed in (1, 1, 2)
    )
    assert (one == same).all()
    assert (one[:, 1:] != other[:, 1:]).any()

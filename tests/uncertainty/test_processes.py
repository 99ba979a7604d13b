"""Draws against exact means, and the dynamics of each process by hand."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.uncertainty.model import LogLinearModel, make_model
from allocator.uncertainty.processes import Historical, JumpDiffusion, Jumps, PriceResponse, Reverting, kept_share
from allocator.uncertainty.shocks import GaussianShocks, HistoricalShocks, JumpShocks, Shocks
from allocator.uncertainty.simulate import log_mean_by_month, simulate
from tests.uncertainty.markets import miner, price_alone

HISTORY = np.array([0.1, -0.2, 0.05, 0.3, -0.15])
SOURCES = {
    "gaussian": GaussianShocks(np.array([[0.04, 0.01], [0.01, 0.02]])),
    "jumps": JumpShocks(0.2, -0.1, 0.15, np.array([1.0, 0.5])),
    "history": HistoricalShocks(np.stack([HISTORY, -HISTORY], axis=1), 2),
}


@pytest.mark.parametrize("name", SOURCES)
def test_the_stated_mean_of_an_exponential_is_that_of_many_draws(name: str) -> None:
    source: Shocks = SOURCES[name]
    weights = np.array([[1.0, 0.2], [0.7, 0.4], [0.5, -0.3]])
    drawn = source.draw(np.random.default_rng(1), 200_000, 3)
    values = np.exp(np.einsum("smd,md->s", drawn, weights))
    error = 5.0 * values.std() / np.sqrt(len(values))
    assert np.exp(source.log_mean(weights)) == pytest.approx(values.mean(), abs=error)


def test_blocks_keep_consecutive_months_together_and_wrap_around() -> None:
    source = HistoricalShocks(HISTORY[:, None], 3)
    drawn = source.draw(np.random.default_rng(0), 500, 4)[:, :, 0]
    position = np.array([[int(np.argmin(np.abs(HISTORY - value))) for value in path] for path in drawn])
    assert (np.diff(position[:, :3]) % 5 == 1).all()
    assert len(np.unique((position[:, 3] - position[:, 2]) % 5)) == 5  # a new block begins anywhere


def test_a_halved_half_life_keeps_half_after_its_months() -> None:
    assert kept_share(4.0) ** 4 == pytest.approx(0.5)


def test_difficulty_follows_price_by_hand() -> None:
    """One price shock of 0.1, half-life of a month, elasticity 0.8: difficulty 0, 0.04, 0.06, ... to 0.08."""
    model = make_model({"btc_price": JumpDiffusion(0.5), "difficulty": PriceResponse(0.8, 1.0, 0.1)}, np.eye(2))
    state, difficulty = np.array([0.1, 0.1]), []
    for _ in range(4):
        difficulty.append(state[0] - state[1])
        state = model.transition @ state
    assert difficulty == pytest.approx([0.0, 0.04, 0.06, 0.07])


def test_without_a_response_hashprice_moves_as_price_does() -> None:
    paths = np.log(simulate(price_alone(), [6], 50, 3))
    assert paths[..., 1] == pytest.approx(paths[..., 0])


def test_a_correlated_pair_is_correlated() -> None:
    correlation = np.array([[1.0, -0.6], [-0.6, 1.0]])
    model = make_model({"a": Reverting(6.0, 0.3), "b": Reverting(6.0, 0.5)}, correlation)
    first = np.log(simulate(model, [1], 40_000, 5))[:, 1]
    assert np.corrcoef(first.T)[0, 1] == pytest.approx(-0.6, abs=0.02)
    assert first.std(axis=0) == pytest.approx(np.array([0.3, 0.5]) / np.sqrt(12), rel=0.02)


def test_an_averaged_series_answers_the_others_and_no_shock_of_its_own() -> None:
    processes = {"btc_price": JumpDiffusion(0.5), "difficulty": PriceResponse(0.8, 4.0, 0.3), "x": Reverting(6.0, 0.4)}
    model = make_model(processes, np.eye(3), averaged=("difficulty", "x"))
    paths = np.log(simulate(model, [1, 1], 200, 5))
    assert np.ptp(paths[:, 1, 0] - paths[:, 1, 1]) == pytest.approx(0.0, abs=1e-12)  # difficulty had no time to move
    gap = paths[:, 2, 0] - paths[:, 2, 1]
    assert np.corrcoef(gap, paths[:, 1, 0])[0, 1] == pytest.approx(1.0)
    assert np.ptp(paths[..., 2]) == 0.0


def test_history_leaves_nothing_to_correlate() -> None:
    processes = {"btc_price": Historical(HISTORY, 2), "x": Reverting(6.0, 0.4)}
    with pytest.raises(ValueError, match="btc_price is drawn from history"):
        make_model(processes, np.array([[1.0, 0.1], [0.1, 1.0]]))


def test_series_of_history_share_their_months() -> None:
    processes = {"btc_price": Historical(HISTORY, 2), "x": Historical(2.0 * HISTORY, 2)}
    drawn = make_model(processes, np.eye(2)).draw(np.random.default_rng(2), 20, 4)
    assert drawn[..., 2] == pytest.approx(2.0 * drawn[..., 0])


@pytest.mark.parametrize("model", [miner(), price_alone()], ids=["miner", "price"])
def test_factors_have_an_expectation_of_one_in_every_month(model: LogLinearModel) -> None:
    paths = simulate(model, [3, 5], 60_000, 7)
    error = 5.0 * paths.std(axis=0) / np.sqrt(len(paths))
    assert (np.abs(paths.mean(axis=0) - 1.0) <= error + 1e-12).all()


def test_means_by_month_do_not_depend_on_the_stages_of_independent_shocks() -> None:
    whole, parts = (log_mean_by_month(miner(), stages) for stages in ([8], [3, 1, 4]))
    assert whole == pytest.approx(parts)


def test_the_same_seed_gives_the_same_paths() -> None:
    one, same, other = (simulate(miner(), [4], 10, seed) for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one[:, 1:] != other[:, 1:]).all()


def test_jumps_make_the_price_fall_more_often_far() -> None:
    jumpy = make_model({"btc_price": JumpDiffusion(0.3, Jumps(3.0, -0.2, 0.05))}, np.eye(1))
    logs = np.log(simulate(jumpy, [1], 20_000, 1))[:, 1, 0]
    assert ((logs - logs.mean()) ** 3).mean() / logs.std() ** 3 < -0.5

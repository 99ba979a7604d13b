"""Trees: exact conditional means, no riskless gain, and ever closer to their process as they grow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given

from allocator.uncertainty.generate import StagePlan, StateTree, generate
from allocator.uncertainty.model import LogLinearModel, make_model
from allocator.uncertainty.processes import JumpDiffusion, Reverting
from allocator.uncertainty.quality import measure_fit, wasserstein
from allocator.uncertainty.reduce import reduce_sample
from allocator.uncertainty.widths import share_out, widths
from tests.quick import examples
from tests.uncertainty.markets import means_of_children, miner, models, plans, price_alone

MONTHLY = StagePlan(tuple(range(6)), (1, 3, 1, 3, 1, 2), 1000, 11)


@pytest.fixture(scope="module")
def tree() -> StateTree:
    return generate(miner(), MONTHLY)


@given(models(), plans())
@examples(20)
def test_conditional_means_are_exact_and_no_child_pays_for_sure(model: LogLinearModel, plan: StagePlan) -> None:
    tree = generate(model, plan)
    assert len(tree) <= plan.max_nodes
    for period in range(len(plan.first_month)):
        here = tree.period == period
        assert tree.probability[here].sum() == pytest.approx(1.0)
        assert tree.probability[here] @ tree.factor[here] == pytest.approx(np.ones(len(tree.names)))
    price = tree.names.index("btc_price")
    for node, mean in means_of_children(tree).items():
        assert mean[price] == pytest.approx(tree.factor[node, price])
        children = tree.factor[tree.parent == node, price]
        alike = np.ptp(children) <= 1e-12 * children.max()
        assert alike or children.min() < tree.factor[node, price] < children.max()


def test_every_series_has_the_conditional_mean_of_its_model(tree: StateTree) -> None:
    """Up to one factor a period, which brings the expectation to the stated path."""
    model, first = miner(), np.array(MONTHLY.first_month)
    scale: dict[int, list[np.ndarray]] = {}
    for node, mean in means_of_children(tree).items():
        known = tree.known[node]
        months = int(first[tree.period[node] + 1] - first[tree.period[known]])
        owed = np.exp(model.after(months) @ tree.state[node] + model.log_mean(months))
        scale.setdefault(int(tree.period[node]), []).append(mean / owed)
    for ratios in scale.values():
        assert np.ptp(np.stack(ratios), axis=0) == pytest.approx(np.zeros(len(tree.names)), abs=1e-12)


def test_a_deviation_decays_where_nothing_becomes_known() -> None:
    """Nodes with one child follow the mean: a rental rate that is up falls back towards its path."""
    model = make_model({"rental": Reverting(2.0, 0.6)}, np.eye(1))
    tree = generate(model, StagePlan((0, 1, 3, 5), (1, 2, 1, 1), 100, 0))
    up = int(np.argmax(tree.factor[1:3, 0])) + 1
    later = [up, int(np.flatnonzero(tree.parent == up)[0])]
    later.append(int(np.flatnonzero(tree.parent == later[1])[0]))
    over = np.log(tree.factor[later, 0])
    assert over[0] > over[1] > over[2] > 0.0
    assert (tree.known[later] == up).all()


def test_what_happens_between_branchings_shows_at_the_next_one() -> None:
    """Three months without a branching and one child after another hold the variance of three months."""
    tree = generate(price_alone(0.6), StagePlan((0, 1, 2, 3), (1, 1, 1, 4), 100, 0))
    last = tree.period == 3
    logs, weight = np.log(tree.factor[last, 0]), tree.probability[last]
    assert np.sqrt(weight @ (logs - weight @ logs) ** 2) == pytest.approx(0.6 * np.sqrt(3 / 12), rel=0.03)
    assert tree.factor[:3] == pytest.approx(1.0)


def test_the_same_seed_gives_the_same_tree(tree: StateTree) -> None:
    again, other = generate(miner(), MONTHLY), generate(miner(), replace(MONTHLY, seed=12))
    assert (again.factor == tree.factor).all()
    assert (again.parent == tree.parent).all()
    assert not np.array_equal(other.factor, tree.factor)


def test_correlations_of_series_survive_few_children() -> None:
    """Two children cannot show two independent series at once; over many nodes they come out independent."""
    model = make_model({"a": JumpDiffusion(0.5), "b": JumpDiffusion(0.5)}, np.array([[1.0, 0.3], [0.3, 1.0]]))
    tree = generate(model, StagePlan(tuple(range(9)), (1, *[2] * 8), 2000, 3))
    last = tree.period == 8
    logs, weight = np.log(tree.factor[last]), tree.probability[last]
    spread = np.cov(logs.T, aweights=weight, ddof=0)
    assert spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]) == pytest.approx(0.3, abs=0.15)
    assert np.sqrt(np.diag(spread)) == pytest.approx(0.5 * np.sqrt(8 / 12), rel=0.05)


def test_errors_of_moments_and_transport_fall_with_nodes() -> None:
    fits = []
    for children in (2, 4, 12):
        plan = StagePlan((0, 1, 4), (1, children, children), 1000, 5)
        fits.append(measure_fit(miner(), plan, generate(miner(), plan), seed=1))
    distances = [fit.table["distance"].mean() for fit in fits]
    assert distances[0] > distances[1] > distances[2]
    assert fits[0].path_distance > fits[1].path_distance > fits[2].path_distance
    for fit in fits:
        assert fit.table["mean_error"].abs().max() < 1e-12
        assert (fit.table["deviation_tree"] / fit.table["deviation_sample"] - 1.0).abs().max() < 0.1


def test_the_distance_on_the_line_by_hand() -> None:
    """Half at 0 and half at 2 against points 1 and 2: one half moves by one."""
    assert wasserstein(np.array([0.0, 2.0]), np.array([0.5, 0.5]), np.array([1.0, 2.0])) == pytest.approx(0.5)
    assert wasserstein(np.array([3.0]), np.ones(1), np.array([1.0, 2.0, 6.0])) == pytest.approx((2 + 1 + 3) / 3)


def test_reduced_points_have_the_moments_of_the_sample() -> None:
    sample = np.random.default_rng(0).normal(size=(4000, 2)) @ np.array([[0.3, 0.1], [0.0, 0.2]])
    reduced = reduce_sample(sample, 6, np.random.default_rng(1), np.cov(sample.T))
    assert reduced.probability.sum() == pytest.approx(1.0)
    assert reduced.probability @ reduced.points == pytest.approx(sample.mean(axis=0))
    assert np.sqrt(np.diag(reduced.covariance)) == pytest.approx(sample.std(axis=0))


def test_a_sample_of_one_value_has_one_child() -> None:
    reduced = reduce_sample(np.full((50, 2), 0.7), 3, np.random.default_rng(0), np.zeros((2, 2)))
    assert reduced.probability.tolist() == [1.0]
    assert reduced.points == pytest.approx(np.array([[0.7, 0.7]]))


def test_no_point_is_stretched_beyond_the_sample() -> None:
    """A rare jump: the child that stands for it may not be thrown farther than any jump drawn."""
    rng = np.random.default_rng(2)
    jump = np.where(rng.random(2000) < 0.01, -2.0, 0.0) + rng.normal(0, 0.01, 2000)
    sample = np.stack([jump, rng.normal(0, 0.5, 2000)])
    reduced = reduce_sample(sample.T, 2, rng, np.cov(sample))
    mean = sample.mean(axis=1)
    assert (np.abs(reduced.points - mean).max(axis=0) <= np.abs(sample.T - mean).max(axis=0) + 1e-12).all()


def test_widths_multiply_until_they_do_not_fit() -> None:
    assert widths([1, 3, 1, 2], 100).tolist() == [1, 3, 3, 6]
    thinned = widths([1, 3, 3, 3, 3], 40)
    assert thinned.sum() <= 40
    assert (np.diff(thinned) >= 0).all()
    assert thinned[1] > 1
    with pytest.raises(ValueError, match="5 nodes of a tree that never branches do not fit 4"):
        widths([1] * 5, 4)


def test_children_go_where_probability_is() -> None:
    assert share_out(5, np.array([0.7, 0.2, 0.1]), 3).tolist() == [2, 2, 1]
    assert share_out(6, np.array([0.7, 0.2, 0.1]), 3).tolist() == [3, 2, 1]
    assert share_out(9, np.array([0.7, 0.2, 0.1]), 3).tolist() == [3, 3, 3]
    assert share_out(3, np.array([0.7, 0.2, 0.1]), 1).tolist() == [1, 1, 1]

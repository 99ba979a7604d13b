"""Markets for tests: fixed ones, and hypothesis strategies that draw any."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from allocator.scenario.correlation import nearest_possible
from allocator.uncertainty.generate import StagePlan, StateTree
from allocator.uncertainty.model import LogLinearModel, make_model
from allocator.uncertainty.processes import Historical, JumpDiffusion, Jumps, PriceResponse, Reverting


def miner() -> LogLinearModel:
    """Price with jumps, difficulty that answers it, fees and one rental market, correlated."""
    processes = {
        "btc_price": JumpDiffusion(0.5, Jumps(2.0, -0.1, 0.15)),
        "difficulty": PriceResponse(0.8, 4.0, 0.12),
        "fee_share": Reverting(6.0, 0.8),
        "gpu_rental.h100": Reverting(12.0, 0.4),
    }
    correlation = np.eye(4)
    correlation[0, 3] = correlation[3, 0] = 0.4
    correlation[0, 2] = correlation[2, 0] = 0.2
    return make_model(processes, correlation)


def price_alone(volatility_per_year: float = 0.6) -> LogLinearModel:
    """Geometric Brownian motion."""
    return make_model({"btc_price": JumpDiffusion(volatility_per_year)}, np.eye(1))


@st.composite
def models(draw: st.DrawFn) -> LogLinearModel:
    """Any mix of processes, with any correlation of those that have shocks of their own."""
    volatility = st.floats(0.05, 1.0)
    jumps = st.one_of(st.none(), st.builds(Jumps, st.floats(0.0, 4.0), st.floats(-0.3, 0.3), st.floats(0.0, 0.3)))
    half_life = st.floats(0.5, 60.0)
    history = st.lists(st.floats(-0.4, 0.4), min_size=3, max_size=40).map(np.array)
    response = st.builds(PriceResponse, st.floats(0.0, 1.2), half_life, volatility)
    price = draw(
        st.one_of(st.builds(JumpDiffusion, volatility, jumps), st.builds(Historical, history, st.integers(1, 5)))
    )
    processes = {"btc_price": price, "difficulty": draw(response)}
    for name in draw(st.sets(st.sampled_from(["fee_share", "gpu_rental.h100", "power.west"]))):
        processes[name] = draw(st.builds(Reverting, half_life, volatility))
    return make_model(processes, _correlation(draw, processes))


def _correlation(draw: st.DrawFn, processes: dict[str, object]) -> np.ndarray:
    seed = draw(st.integers(0, 2**16))
    raw = np.random.default_rng(seed).uniform(-1.0, 1.0, (len(processes), len(processes)))
    matrix = nearest_possible((raw + raw.T) / 2 - np.diag(np.diag(raw)) + np.eye(len(processes)))
    for k, process in enumerate(processes.values()):
        if isinstance(process, Historical):
            matrix[k, :] = matrix[:, k] = 0.0
            matrix[k, k] = 1.0
    return matrix


@st.composite
def plans(draw: st.DrawFn) -> StagePlan:
    """Two to five periods of one to four months, with one to four children each, and a limit that may bind."""
    months = draw(st.lists(st.integers(1, 4), min_size=2, max_size=5))
    children = [1, *draw(st.lists(st.integers(1, 4), min_size=len(months) - 1, max_size=len(months) - 1))]
    first = np.concatenate([[0], np.cumsum(months)[:-1]])
    limit = draw(st.integers(len(months), 120))
    return StagePlan(tuple(first.tolist()), tuple(children), limit, draw(st.integers(0, 2**31)))


def means_of_children(tree: StateTree) -> dict[int, np.ndarray]:
    """Conditional mean of every factor over the children of each node that has some."""
    found = {}
    for node in range(len(tree)):
        children = np.flatnonzero(tree.parent == node)
        if len(children):
            found[node] = tree.probability[children] @ tree.factor[children] / tree.probability[node]
    return found

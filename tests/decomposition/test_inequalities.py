"""The functions behind the inequalities keep what they promise; that no row cuts off a plan is in test_equal."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allocator.decomposition.inequalities import ORDERS, cliques, dual_feasible, valid_inequalities
from allocator.planning.build import build_master
from allocator.planning.capacity_map import columns_of
from tests.instance.factory import BaySpec, ContractSpec, HallSpec, tiny_instance
from tests.quick import examples

UNITS = 60
"""Sizes are whole shares of this, so that many sums fill the limit exactly."""
orders = st.sampled_from(ORDERS)


@examples(300)
@given(st.lists(st.integers(1, UNITS), min_size=1, max_size=12), orders)
def test_what_fits_a_limit_fits_it_after_the_function(units: list[int], order: int) -> None:
    kept = [u for u, total in zip(units, np.cumsum(units), strict=True) if total <= UNITS]
    assert dual_feasible(np.array(kept) / UNITS, order).sum() <= 1.0 + 1e-9


@examples(100)
@given(st.floats(0.0, 3.0), orders)
def test_values_are_shares(size: float, order: int) -> None:
    assert 0.0 <= dual_feasible(np.array([size]), order)[0] <= 1.0


def test_more_than_half_counts_as_whole_and_half_as_half() -> None:
    assert dual_feasible(np.array([0.4, 0.5, 0.51, 1.7]), 1).tolist() == [0.0, 0.5, 1.0, 1.0]


@examples(200)
@given(st.sets(st.tuples(st.integers(0, 7), st.integers(0, 7)).filter(lambda pair: pair[0] < pair[1])))
def test_cliques_are_mutual_rivals_hold_every_pair_and_cannot_grow(pairs: set[tuple[int, int]]) -> None:
    rivals = {k: frozenset(a + b - k for a, b in pairs if k in (a, b)) for k in range(8)}
    found = [set(clique) for clique in cliques(rivals)]
    assert all(clique - {one} <= rivals[one] for clique in found for one in clique)
    assert all(any(set(pair) <= clique for clique in found) for pair in pairs)
    assert not any(clique <= rivals[k] for clique in found for k in rivals)


def rows_of_two(second_mw: float, one_of: bool = False) -> set[tuple[tuple[float, float, float], float]]:
    """Rows that hold both contracts, one of 8 MW, in a bay of 10 MW at the last node: coefficients and upper side."""
    hall = HallSpec("hall", [BaySpec("gpu", "liquid_gpu", 10.0)])
    tenants = [ContractSpec(name, mw, ["hall/gpu"]) for name, mw in (("large", 8.0), ("small", second_mw))]
    instance = tiny_instance(
        nodes=2, halls=[hall], contracts=tenants, groups={"sizes": (("large", "small"), False)} if one_of else {}
    )
    master = build_master(instance)
    rows = valid_inequalities(master)
    place = columns_of(master.problem, "place", ("contract", "bay", "node"), (2, 1, 2))[:, 0, 0]
    fitted = columns_of(master.problem, "fitted", ("bay", "node"), (1, 2))[0, 1]
    dense = rows.matrix.toarray()[:, [*place, fitted]]
    return {(tuple(row), float(upper)) for row, upper in zip(dense, rows.upper, strict=True) if row.all()}


def test_a_small_contract_that_does_not_fit_beside_a_large_one_is_its_rival() -> None:
    assert ((1.0, 1.0, -1.0), 0.0) in rows_of_two(3.0)
    assert ((1.0, 1.0, -1.0), 0.0) not in rows_of_two(2.0)


def test_contracts_of_which_one_may_be_signed_are_rivals_wherever_they_fit() -> None:
    assert ((1.0, 1.0, -1.0), 0.0) in rows_of_two(1.0, one_of=True)

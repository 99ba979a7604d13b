"""Month arithmetic of the verifier, by hand, on a chain with a coarse end and on a tree that branches."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from allocator.instance.tree import NodeTree
from allocator.verify.timeline import Timeline


def _tree(parent: list[int], first: list[int], months: list[int]) -> NodeTree:
    count = len(parent)
    return NodeTree(
        name=tuple(f"n{n}" for n in range(count)),
        parent=np.array(parent),
        probability=np.ones(count),
        first_month=np.array(first),
        months=np.array(months),
        hours=np.ones(count),
        mid_years=np.zeros(count),
        decision=np.ones(count, dtype=bool),
        horizon_years=1.0,
        start_month="2027-01",
    )


COARSE = Timeline(_tree([-1, 0, 1, 2], [0, 1, 2, 5], [1, 1, 3, 3]))
"""Two months, then two quarters."""

FORK = Timeline(_tree([-1, 0, 0, 1, 2], [0, 1, 1, 2, 2], [1, 1, 1, 1, 1]))
"""0 branches to 1 and 2; 3 follows 1, 4 follows 2."""


def _pairs(relation: npt.NDArray[np.generic]) -> list[tuple[int, ...]]:
    return [tuple(pair) for pair in np.argwhere(relation).tolist()]


def test_what_takes_no_time_is_ready_at_once() -> None:
    assert _pairs(COARSE.ready(0)) == [(0, 0), (1, 1), (2, 2), (3, 3)]


def test_what_falls_due_inside_a_node_is_ready_in_the_next() -> None:
    assert _pairs(COARSE.ready(2)) == [(0, 2), (1, 3), (2, 3)]


def test_what_falls_due_after_the_horizon_is_never_ready() -> None:
    assert not COARSE.ready(6).any()


def test_it_is_ready_on_every_branch() -> None:
    assert _pairs(FORK.ready(2)) == [(0, 3), (0, 4)]
    assert _pairs(FORK.ready(1)) == [(0, 1), (0, 2), (1, 3), (2, 4)]


def test_months_of_a_window_are_counted_node_by_node() -> None:
    assert COARSE.overlap(1, 4)[0].tolist() == [0, 1, 2, 0]
    assert COARSE.overlap(0, 6)[2].tolist() == [0, 0, 3, 3]


def test_a_window_of_no_months_touches_nothing() -> None:
    assert not COARSE.overlap(3, 3).any()


def test_values_are_carried_from_the_parent_and_the_opening() -> None:
    assert FORK.carry(np.array([[1.0, 2.0, 3.0, 4.0, 5.0]]), np.array([9.0])).tolist() == [[9.0, 1.0, 1.0, 2.0, 3.0]]


def test_values_add_up_along_the_path_of_each_node() -> None:
    assert FORK.along(np.array([1.0, 2.0, 3.0, 4.0, 5.0])).tolist() == [1.0, 3.0, 4.0, 7.0, 9.0]

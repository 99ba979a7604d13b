"""The chain of nodes, and lead times turned into relations between nodes."""

import numpy as np
import pytest

from allocator.instance.months import month_grid
from allocator.instance.tree import NodeTree
from allocator.instance.tree_build import chain


def make(periods: list[int], every: int = 1) -> NodeTree:
    return chain(month_grid("2027-01", sum(periods), "America/Chicago"), periods, every)


def pairs(tree: NodeTree, kind: str, *months: int) -> set[tuple[int, int]]:
    """Of a kind, told all together and one by one."""
    frame, of = getattr(tree, kind)(*months), getattr(tree, f"{kind}_from")
    found = set(zip(frame["made"].tolist(), frame["node"].tolist(), strict=True))
    assert {(made, node) for made in range(len(tree)) for node in of(made, *months).tolist()} == found
    return found


def test_hours_of_a_quarter_are_those_of_its_months() -> None:
    assert make([3, 1]).hours.tolist() == [744 + 672 + 743, 720]


def test_names_parents_and_mid_years() -> None:
    tree = make([1, 1, 4])
    assert tree.name == ("2027-01", "2027-02", "2027-03")
    assert tree.parent.tolist() == [-1, 0, 1]
    assert tree.mid_years == pytest.approx([0.5 / 12, 1.5 / 12, 4 / 12])
    assert tree.horizon_years == 0.5
    assert tree.calendar_month(5) == "2027-06"


def test_monthly_nodes_decide_on_every_third_month() -> None:
    assert np.flatnonzero(make([1] * 8, every=3).decision).tolist() == [0, 3, 6]


def test_a_coarse_node_decides_only_where_it_begins_on_a_decision_date() -> None:
    tree = make([2, 2, 2, 2], every=3)  # starts 0, 2, 4, 6
    assert tree.decision.tolist() == [True, False, False, True]


def test_what_is_ready_inside_a_coarse_node_counts_from_the_next_one() -> None:
    tree = make([1, 1, 3, 3])  # starts 0, 1, 2, 5
    assert pairs(tree, "ready", 3) == {(0, 3), (1, 3), (2, 3)}
    assert pairs(tree, "ready", 2) == {(0, 2), (1, 3), (2, 3)}
    assert pairs(tree, "ready", 0) == {(0, 0), (1, 1), (2, 2), (3, 3)}


def test_downtime_touches_every_node_it_overlaps() -> None:
    tree = make([1, 1, 3, 3])
    # A lead of 3 with a downtime of 2: idle in months 1 and 2 after the decision.
    assert pairs(tree, "during", 1, 3) == {(0, 1), (0, 2), (1, 2), (2, 2), (3, 3)}


def test_without_downtime_nothing_is_idle() -> None:
    assert pairs(make([1, 1, 1]), "during", 2, 2) == set()
    assert pairs(make([1, 3]), "during", 2, 2) == set()


def test_below_holds_a_node_and_its_descendants_only() -> None:
    fan = NodeTree(
        name=("a", "b", "c", "d"),
        parent=np.array([-1, 0, 0, 2]),
        probability=np.array([1.0, 0.5, 0.5, 0.5]),
        first_month=np.array([0, 1, 1, 2]),
        months=np.ones(4, np.int64),
        hours=np.full(4, 730.0),
        mid_years=np.zeros(4),
        decision=np.ones(4, np.bool_),
        horizon_years=0.25,
        start_month="2027-01",
    )
    assert fan.below().astype(int).tolist() == [[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]]
    assert fan.leaves.tolist() == [1, 3]
    assert fan.path(3) == [0, 2, 3]

"""What a branch is worth: nothing where both sides are alike, never more than knowing the side in advance."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests.properties.nodes import along, with_twin_branches
from tests.properties.toys import TOLERANCE, optimum, same
from tests.reference.cases import awkward, chain, converted_twice, tree

CHAINS = {"chain 5": chain(5), "chain 6": chain(6), **{f"awkward {s}": awkward(chain(100 + s), s) for s in (0, 10, 12)}}
TREES = {
    "tree 2": tree(2),
    "tree 3": tree(3),
    "converted twice": converted_twice(2),
    **{f"awkward {s}": awkward(tree(200 + s), s) for s in (7, 9, 13)},
}


@pytest.mark.parametrize("name", CHAINS)
def test_branches_that_are_alike_are_worth_what_the_chain_is(name: str) -> None:
    straight = CHAINS[name]
    for after in (0, len(straight.tree) - 2):
        assert optimum(with_twin_branches(straight, after, 0.3)) == same(optimum(straight))


@cache
def known(name: str) -> tuple[float, float]:
    """Optimum of a tree, and the mean of what its ways would be worth to one who knows the branches."""
    instance = TREES[name]
    leaves = instance.tree.leaves
    best = [optimum(along(instance, int(leaf))) for leaf in leaves]
    return optimum(instance), float(np.dot(instance.tree.probability[leaves], best))


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_worth_no_more_than_knowing_its_branches(name: str) -> None:
    adaptive, clairvoyant = known(name)
    assert adaptive <= clairvoyant + TOLERANCE * max(1.0, abs(clairvoyant))


def test_knowing_the_branches_is_worth_something_somewhere() -> None:
    assert any(adaptive < clairvoyant - 1e-3 for adaptive, clairvoyant in map(known, TREES))

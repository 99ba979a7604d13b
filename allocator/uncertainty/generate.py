"""A tree of what can be known: conditional sampling stage by stage, reduced, with exact conditional means.

What a node knows is the state of the market when it begins. Where the tree branches, the months since it branched
last are drawn from there, reduced to a few children (`reduce`), and all children of a node are moved together until
every series has exactly the conditional mean of the model (Klaassen, 2002, on why: a tree that misses it offers gains
that do not exist). A series without reversion is taken without drift, so that its conditional mean is where it stands:
drift lies in its stated path, and months drawn in blocks from history have one that depends on where blocks begin.
Between branchings nothing becomes known: a node has one child, at the conditional mean, and what happened in the
meantime shows at the next branching. At last each period is scaled so that every series has its stated
path as its expectation; for a series without reversion that changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.uncertainty.model import LogLinearModel
from allocator.uncertainty.reduce import Reducer
from allocator.uncertainty.types import Floats, Ints
from allocator.uncertainty.widths import share_out, widths

SMALLEST_SAMPLE, LARGEST_SAMPLE = 600, 20_000
"""Points drawn at a node that branches: the largest sample times its probability, but not fewer than the smallest."""


@dataclass(frozen=True)
class StagePlan:
    """Periods in order.

    Attributes:
        first_month: month in which each begins, (P,). children: of a node of the period before, (P,); children[0] is 1.
        max_nodes: most nodes, counting each as many times as `copies` says of its period, (P,); None: once.
        seed: of every draw.
    """

    first_month: tuple[int, ...]
    children: tuple[int, ...]
    max_nodes: int
    seed: int
    copies: tuple[int, ...] | None = None


@dataclass(frozen=True)
class StateTree:
    """Nodes period by period, parents before children.

    Attributes:
        names: of the series, (D,); children of a node stand in falling order of the first one.
        period, parent, probability: (N,); parent -1 at the root.
        known: the node, itself or an ancestor, whose state is the last one known, (N,).
        state: logarithms where they are known: the state of node known[n], (N, D).
        factor: of each series over its stated path, (N, D).
    """

    names: tuple[str, ...]
    period: Ints
    parent: Ints
    probability: Floats
    known: Ints
    state: Floats
    factor: Floats

    def __len__(self) -> int:
        return len(self.parent)


@dataclass(frozen=True)
class _Node:
    period: int
    parent: int
    probability: float
    known: int
    state: Floats
    log_factor: Floats


def generate(model: LogLinearModel, plan: StagePlan) -> StateTree:
    """The tree of a model over the periods of a plan; the same seed gives the same tree.

    Raises:
        ValueError: the periods do not fit `max_nodes`.
    """
    target = widths(plan.children, plan.max_nodes, plan.copies)
    law, reducer = _Law(model), Reducer(len(model.names))
    zero = np.zeros(len(model.names))
    nodes = [_Node(0, -1, 1.0, 0, zero, zero)]
    front = [0]
    for period in range(1, len(plan.first_month)):
        probability = np.array([nodes[n].probability for n in front])
        count = share_out(int(target[period]), probability, plan.children[period])
        made: list[_Node] = []
        for place, (parent, children) in enumerate(zip(front, count.tolist(), strict=True)):
            rng = np.random.default_rng([plan.seed, period, place])
            made += _children(law, reducer, plan, nodes, parent, children, len(nodes) + len(made), rng)
        front = list(range(len(nodes), len(nodes) + len(made)))
        nodes += _scaled(made)
    return _tree(model.names, nodes)


class _Law:
    """What a model says of a number of months ahead, kept once it is known."""

    def __init__(self, model: LogLinearModel) -> None:
        self._model = model
        self._known: dict[int, tuple[Floats, Floats]] = {}

    def expected(self, state: Floats, months: int) -> tuple[Floats, Floats]:
        """What is left of a state, and log E[exp(state)], both after some months, (D,)."""
        if months not in self._known:
            gain = np.where(self._model.wanders, 0.0, self._model.log_mean(months))
            self._known[months] = self._model.after(months), gain
        after, gain = self._known[months]
        left = after @ state
        return left, left + gain

    def sample(self, months: int, probability: float, rng: np.random.Generator) -> Floats:
        """What the shocks of some months may come to, (S, D)."""
        count = max(SMALLEST_SAMPLE, int(LARGEST_SAMPLE * probability))
        return self._model.gather(self._model.draw(rng, count, months))


def _children(
    law: _Law,
    reducer: Reducer,
    plan: StagePlan,
    nodes: Sequence[_Node],
    parent: int,
    children: int,
    first: int,
    rng: np.random.Generator,
) -> Iterator[_Node]:
    known, period = nodes[parent].known, nodes[parent].period + 1
    months = plan.first_month[period] - plan.first_month[nodes[known].period]
    probability = nodes[parent].probability
    start, mean = law.expected(nodes[known].state, months)
    if children == 1:
        yield _Node(period, parent, probability, known, nodes[known].state, mean)
        return
    reduced = reducer.reduce(law.sample(months, probability, rng), children, probability, rng)
    order = np.argsort(-reduced.points[:, 0], kind="stable")
    shares, state = reduced.probability[order], start + reduced.points[order]
    state = state + (mean - _log_mean(shares, state))
    for k, share in enumerate(shares.tolist()):
        yield _Node(period, parent, probability * share, first + k, state[k], state[k])


def _scaled(made: Sequence[_Node]) -> list[_Node]:
    """Nodes of one period with every series at an expectation of one."""
    excess = _log_mean(np.array([node.probability for node in made]), np.stack([node.log_factor for node in made]))
    return [_Node(n.period, n.parent, n.probability, n.known, n.state, np.asarray(n.log_factor - excess)) for n in made]


def _log_mean(probability: Floats, logs: Floats) -> Floats:
    """log of the expectation of exp(logs), (D,); logs (K, D)."""
    largest = logs.max(axis=0)
    return np.asarray(largest + np.log(probability @ np.exp(logs - largest)))


def _tree(names: tuple[str, ...], nodes: Sequence[_Node]) -> StateTree:
    return StateTree(
        names=names,
        period=np.array([node.period for node in nodes], dtype=np.int64),
        parent=np.array([node.parent for node in nodes], dtype=np.int64),
        probability=np.array([node.probability for node in nodes]),
        known=np.array([node.known for node in nodes], dtype=np.int64),
        state=np.stack([node.state for node in nodes]),
        factor=np.exp(np.stack([node.log_factor for node in nodes])),
    )

"""Relations between the nodes of a tree, one node at a time."""

from __future__ import annotations

from allocator.instance.tree import NodeTree


def path(tree: NodeTree, node: int) -> list[int]:
    """The node and all its ancestors, the root first."""
    parent = int(tree.parent[node])
    return [*path(tree, parent), node] if parent >= 0 else [node]


def leaves(tree: NodeTree) -> list[int]:
    """Nodes that are nobody's parent."""
    return sorted(set(range(len(tree))) - {int(p) for p in tree.parent})


def ready(tree: NodeTree, way: list[int], made: int, lead: int) -> int | None:
    """The node on the way, `made` or later, in which what is decided at `made` first counts; None if in none."""
    due = tree.first_month[made] + lead
    return next((n for n in way[way.index(made) :] if tree.first_month[n] >= due), None)


def months_within(tree: NodeTree, node: int, begin: int, end: int) -> int:
    """How many months of the node lie in [begin, end)."""
    first = tree.first_month[node]
    return sum(begin <= month < end for month in range(first, first + tree.months[node]))


def paid_share(tree: NodeTree, made: int, node: int, lead: int) -> float:
    """Share of what is decided at `made`, paid evenly over its lead months, that falls due at `node`."""
    if lead == 0:
        return float(made == node)
    begin = tree.first_month[made]
    return months_within(tree, node, begin, begin + lead) / lead

"""Coincident peaks put on small instances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.coincident import Coincident
from allocator.instance.coincident_build import put_off_share
from allocator.instance.types import Instance


def with_coincident(instance: Instance, usd_per_mw: float = 4e3, opening_usd: float = 0.0) -> Instance:
    """A peak of the first site that may fall into every other step of every node, due in the first month after it: paid
    by the children, owed at the end by leaves. What was caused before is due in the first month."""
    tree, hours = instance.tree, instance.hours
    nodes = np.arange(len(tree))
    children = [(e, int(m)) for e in nodes for m in np.flatnonzero(tree.parent == e)]
    leaves, ends = set(tree.leaves.tolist()), tree.first_month + tree.months
    late = 1.05 ** -(ends / 12.0)
    due = []
    for node in nodes.tolist():
        steps = hours.steps(0, node)
        counts = np.arange(steps.stop - steps.start) % 2 == 0
        due.append(np.where(counts, usd_per_mw / counts.sum(), 0.0))
    stated = Coincident(
        names=("system",),
        site=np.zeros(1, dtype=np.int64),
        peak=np.zeros(len(nodes), dtype=np.int64),
        node=nodes,
        due_month=np.asarray(ends, dtype=np.int64),
        due_usd_per_mw=tuple(due),
        put_off_share=np.zeros(len(nodes)),
        paid=np.array(children, dtype=np.int64).reshape(-1, 2),
        left=np.array([(e, e) for e in nodes.tolist() if e in leaves], dtype=np.int64).reshape(-1, 2),
        late_discount=late,
        opening_usd=np.array([opening_usd]),
        opening_paid=np.array([(0, int(n)) for n in np.flatnonzero(tree.first_month == 0)], dtype=np.int64).reshape(
            -1, 2
        ),
        opening_left=np.zeros((0, 2), dtype=np.int64),
        opening_discount=1.0,
    )
    share = put_off_share(stated, tree, instance.finance.discount_operations)
    return replace(instance, coincident=replace(stated, put_off_share=share))

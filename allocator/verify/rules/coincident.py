"""COINCIDENT: what is due for peaks of the system is what the hours cause."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Ints
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows


def due(case: Case) -> Iterator[Check]:
    """What is due is the draw of every hour at its part of the rate, the draw expected at the peaks is its mean, and a
    dollar put off is worth more or less than its discount says only where cash may be short."""
    frame, stated, cause = case.tables["coincident_peaks"], case.instance.coincident, _causes(case)
    at, expected = rows(frame, "node", "site", "peak", "due_month"), case.energy.due_usd[cause]
    yield Check("due", "USD", at, frame["due_usd"].to_numpy(), expected, tolerance=tolerances.usd(expected))
    rate = np.array([usd.sum() for usd in stated.due_usd_per_mw], dtype=float)[cause]
    mw, tolerance = expected / rate, tolerances.POWER_MW
    yield Check("draw at the peaks", "MW", at, frame["expected_mw"].to_numpy(), mw, tolerance=tolerance)
    premium = frame["later_premium_share"].to_numpy()
    yield Check("premium", "share", at, premium, premium if _may_be_short(case) else np.zeros_like(premium))


RULES: dict[str, PlanRule] = {"COINCIDENT.due": due}


def _may_be_short(case: Case) -> bool:
    """Whether cash comes down to its minimum somewhere, or a treasury, lenders or shares may want it elsewhere."""
    instance, cash = case.instance, case.tables["cash"]
    spare = cash["closing_usd"].to_numpy() - cash["minimum_usd"].to_numpy()
    parts = (instance.treasury, instance.debt, instance.covenants, instance.equity)
    return bool((spare <= tolerances.usd(spare)).any()) or any(part is not None for part in parts)


def _causes(case: Case) -> Ints:
    """Cause of each row of the table."""
    frame, stated, instance = case.tables["coincident_peaks"], case.instance.coincident, case.instance
    sites, tree = instance.sites.names, instance.tree
    keys = zip(stated.peak.tolist(), stated.node.tolist(), stated.due_month.tolist(), strict=True)
    found = {
        (tree.name[node], sites[int(stated.site[peak])], stated.names[peak], tree.calendar_month(month)): cause
        for cause, (peak, node, month) in enumerate(keys)
    }
    told = zip(frame["node"], frame["site"], frame["peak"], frame["due_month"], strict=True)
    return np.array([found.get(key, 0) for key in told], dtype=np.int64)

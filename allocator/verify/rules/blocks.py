"""BLOCK: blocks of power for own use: what is delivered, paid and drawn of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check, rows


def used(case: Case) -> Iterator[Check]:
    """What is drawn of blocks is what the site draws in their hours, no more than they deliver, and costs its spot."""
    frame = case.tables["power_blocks"]
    cell, at = (case.axes.site_at(frame["site"]), case.axes.node_at(frame["node"])), rows(frame, "node", "site")
    delivered, paid = _delivered_mwh(case)[cell], case.instance.blocks.paid_usd
    owed = paid[cell] if case.instance.blocks.mw else np.zeros(len(frame))
    for column, unit, expected, tolerance in (
        ("delivered_mwh", "MWh", delivered, tolerances.mwh),
        ("paid_usd", "USD", owed, tolerances.usd),
        ("used_mwh", "MWh", case.energy.block_mwh[cell], tolerances.mwh),
        ("replaced_usd", "USD", case.energy.replaced_usd[cell], tolerances.usd),
    ):
        yield Check(column, unit, at, frame[column].to_numpy(), expected, tolerance=tolerance(expected))


RULES: dict[str, PlanRule] = {"BLOCK.used": used}


def _delivered_mwh(case: Case) -> Floats:
    """Energy of the blocks of each site in each node, (S, N)."""
    hours, blocks = case.instance.hours, case.instance.blocks
    total = np.zeros(case.energy.block_mwh.shape)
    for site, mw in enumerate(blocks.mw):
        for node in range(len(case.instance.tree)):
            total[site, node] = hours.weight_h[hours.steps(site, node)] @ mw[hours.own_steps(site, node)]
    return total

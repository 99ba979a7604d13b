"""Table power_blocks, and the money of blocks of power for own use."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from allocator.dispatch.blocks import block_usd
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def blocks_table(settled: Settled) -> pd.DataFrame:
    """Table `power_blocks`."""
    instance = settled.instance
    rows = []
    for site, node in _delivering(settled):
        here, grid = settled.hours(site, node), settled.schedules[site, node].grid_mw
        assert here.block is not None
        rows.append(
            {
                "node": instance.tree.name[node],
                "site": instance.sites.names[site],
                "delivered_mwh": float(here.weight_h @ here.block.mw),
                "paid_usd": float(instance.blocks.paid_usd[site, node]),
                "used_mwh": float(here.weight_h @ here.block.used_mw(grid)),
                "replaced_usd": block_usd(here, grid),
            }
        )
    return from_rows(TABLES["power_blocks"], rows)


def block_entries(settled: Settled) -> Iterator[Entry]:
    """What blocks cost, and the spot energy that they replace."""
    for site, node in _delivering(settled):
        yield Entry("block_energy", node, site, "", -float(settled.instance.blocks.paid_usd[site, node]))
        used = block_usd(settled.hours(site, node), settled.schedules[site, node].grid_mw)
        yield Entry("block_used", node, site, "", used)


def _delivering(settled: Settled) -> list[tuple[int, int]]:
    """(site, node) of every node in which a block delivers, by node, then site."""
    instance = settled.instance
    sites = range(len(instance.sites.names) if instance.blocks.mw else 0)
    return [(s, n) for n in range(len(instance.tree)) for s in sites if settled.hours(s, n).block is not None]

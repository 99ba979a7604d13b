"""Blocks of power that are not resold: what they deliver in each step, and what they cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.delivery import in_block
from allocator.instance.hour_store import HourStore
from allocator.instance.tree import Floats, NodeTree
from allocator.scenario.sites import Site

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class Blocks:
    """Of all blocks of each site together.

    Attributes:
        mw: delivered in each of the site's own steps, (T_s,) by site; empty: no site has a block.
        paid_usd: fixed price of what is delivered in each node, (S, N).
    """

    mw: tuple[Floats, ...]
    paid_usd: Floats


NO_BLOCKS = Blocks((), np.zeros((0, 0)))


@dataclass(frozen=True)
class NodeBlock:
    """Of one site in one node, (T,) each.

    Attributes:
        mw: delivered. worth_usd_per_mwh: spot that a MWh of it replaces, 0 where spot is negative.
    """

    mw: Floats
    worth_usd_per_mwh: Floats

    def used_mw(self, grid_mw: Floats) -> Floats:
        """What of it the site draws, (T,), none in hours of negative spot; grid_mw (T,)."""
        return np.where(self.worth_usd_per_mwh > 0.0, np.clip(grid_mw, 0.0, self.mw), 0.0)


def compile_blocks(sites: Sequence[Site], hosts: int, hours: HourStore, time_zone: str, tree: NodeTree) -> Blocks:
    """Blocks of the company's own sites; `hosts` sites without any come after them."""
    if not any(site.power_blocks for site in sites):
        return NO_BLOCKS
    every, paid = [], np.zeros((len(sites) + hosts, len(tree)))
    for s in range(len(sites) + hosts):
        first, end = int(hours.offset[s * hours.periods]), int(hours.offset[(s + 1) * hours.periods])
        mw = np.zeros(end - first)
        for block in sites[s].power_blocks if s < len(sites) else ():
            own = block.mw * in_block(block, hours.utc[first:end], time_zone)
            mw += own
            for node in range(len(tree)):
                energy = hours.weight_h[hours.steps(s, node)] @ own[hours.own_steps(s, node)]
                paid[s, node] += block.fixed_usd_per_mwh * energy
        every.append(mw)
    return Blocks(tuple(every), paid)


def node_block(instance: Instance, site: int, node: int) -> NodeBlock | None:
    """None where nothing is delivered."""
    if not instance.blocks.mw:
        return None
    mw = instance.blocks.mw[site][instance.hours.own_steps(site, node)]
    return NodeBlock(mw, np.maximum(instance.hours.spot(site, node), 0.0)) if mw.any() else None


def blocks_usd(instance: Instance) -> Floats:
    """What blocks cost at each site and node, used or not, (S, N)."""
    shape = len(instance.sites.names), len(instance.tree)
    return instance.blocks.paid_usd if instance.blocks.mw else np.zeros(shape)

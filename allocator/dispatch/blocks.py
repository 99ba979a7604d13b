"""BLOCK: power bought at a fixed price for own use.

Purpose
    A block is paid whether it is used or not and is not resold. What the site draws in its hours comes from it first,
    so that a MWh within it costs no spot; in hours of negative spot it is left untaken. The marginal cost of energy so
    never falls as load rises.

Sets
    t hours of a site in a node; only those in which a block delivers and spot is above zero.

Parameters
    w[t]   | hours a step stands for | h
    B[s,t] | delivered by all blocks of the site | MW
    a[s,t] | spot that a MWh of it replaces; adders are paid on it as on all energy | USD/MWh
    C[s,n] | fixed price of what is delivered in the node | USD

Variables
    block_mw[s,t] | used of the blocks | MW | 0 .. B[s,t] | dispatch

Constraints
    BLOCK.used[s,t] | block_mw[s,t] <= G[s,t]
        | Only what is drawn can be used; G is the left side of POWER.site. | design 4
    adds to margin_usd[s,n] | sum_t w[t] a[s,t] block_mw[s,t]
        | Spot that need not be bought. | design 4
    adds to cash_usd[n], operations class | - sum_s C[s,n]
        | The fixed price, a constant that no operation changes. | design 4
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.ledger import HourLedger
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats, Ints
from solvers.model import Model


@dataclass(frozen=True)
class BlockHours:
    """Steps in which a block delivers and spot is above zero, (R,) each.

    Attributes:
        step: position in the table of steps. pair: of its site-node. mw: delivered. usd_per_mw: worth, weight included.
    """

    step: Ints
    pair: Ints
    mw: Floats
    usd_per_mw: Floats


def block_hours(nodes: Sequence[SiteNode]) -> BlockHours:
    """The table of some site-nodes, whose steps are numbered on."""
    step, pair, mw, usd, first = [], [], [], [], 0
    for k, here in enumerate(nodes):
        if here.block is not None:
            at = np.flatnonzero((here.block.mw > 0.0) & (here.block.worth_usd_per_mwh > 0.0))
            step.append(first + at)
            pair.append(np.full(len(at), k))
            mw.append(here.block.mw[at])
            usd.append((here.weight_h * here.block.worth_usd_per_mwh)[at])
        first += here.hours
    none = np.zeros(0)
    return BlockHours(
        np.concatenate([none, *step]).astype(np.int64),
        np.concatenate([none, *pair]).astype(np.int64),
        np.concatenate([none, *mw]),
        np.concatenate([none, *usd]),
    )


def add(model: Model, blocks: BlockHours, steps: pd.DataFrame, pairs: pd.DataFrame, ledger: HourLedger) -> None:
    """Columns, rows and worth of what is used; all draw at the meter stands in the ledger."""
    if not len(blocks.step):
        return
    index = steps.iloc[blocks.step].reset_index(drop=True)
    used = model.variables("block_mw", index, upper=blocks.mw).expr
    model.rows("BLOCK.used", used - ledger.drawn_mw.pick(blocks.step, index) <= 0.0)
    worth = (used * blocks.usd_per_mw).pick(np.arange(len(used)), pairs.iloc[blocks.pair].reset_index(drop=True))
    ledger.margin_usd += worth.sum_by(pairs, empty="zero")


def block_usd(here: SiteNode, grid_mw: Floats) -> float:
    """Spot that the blocks of a site-node spare at a draw of grid_mw, (T,)."""
    if here.block is None:
        return 0.0
    return float((here.weight_h * here.block.worth_usd_per_mwh) @ here.block.used_mw(grid_mw))


def most_spared_usd(here: SiteNode) -> float:
    """The most that can be."""
    return 0.0 if here.block is None else block_usd(here, np.full(here.hours, np.inf))


def spared_usd_per_mwh(here: SiteNode) -> Floats:
    """What a gross MWh within the blocks spares in each step, (T,)."""
    if here.block is None:
        return np.zeros(here.hours)
    return np.where(here.block.mw > 0.0, here.block.worth_usd_per_mwh, 0.0)

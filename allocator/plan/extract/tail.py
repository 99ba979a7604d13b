"""Table tail: mining beyond the horizon."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def tail_table(settled: Settled) -> pd.DataFrame:
    """Table `tail`."""
    instance = settled.instance
    rows = [
        {
            "leaf": instance.tree.name[leaf],
            "hall": instance.halls.names[int(instance.bays.hall[bay])],
            "fit_out": instance.bays.fit_out[bay],
            "year": year + 1,
            "mining_mw": mw,
            "value_usd": mw * float(instance.terminal.mining_usd_per_mw[bay, year, leaf]),
        }
        for leaf, bay, year, mw in _loads(settled)
    ]
    return from_rows(TABLES["tail"], rows)


def tail_entries(settled: Settled) -> Iterator[Entry]:
    """Mining beyond the horizon by bay, and fixed opex beyond it, as worth on its last day."""
    instance = settled.instance
    at_horizon = 1.0 / instance.finance.discount_horizon
    for leaf, bay, year, mw in _loads(settled):
        worth = mw * float(instance.terminal.mining_usd_per_mw[bay, year, leaf]) * at_horizon
        yield Entry("terminal_mining", leaf, int(instance.bays.site[bay]), instance.bays.names[bay], worth)
    for leaf in instance.tree.leaves.tolist():
        for site, opex in enumerate(instance.terminal.fixed_opex_usd):
            yield Entry("terminal_fixed_opex", leaf, site, "", -float(opex) * at_horizon)


def _loads(settled: Settled) -> Iterator[tuple[int, int, int, float]]:
    """(leaf node, bay, year, MW) with load, by leaf, bay, year."""
    for position, leaf in enumerate(settled.instance.tree.leaves.tolist()):
        load = settled.point.tail_mw[:, :, position]
        for bay, year in np.argwhere(load > 0):
            yield leaf, int(bay), int(year), float(load[bay, year])

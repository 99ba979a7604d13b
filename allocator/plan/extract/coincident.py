"""Table coincident_peaks, and when what the hours cause at peaks of the system is paid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


def due_usd(settled: Settled) -> Floats:
    """What each cause adds to what is due, (E,)."""
    stated = settled.instance.coincident
    found = np.zeros(len(stated.peak))
    for site, node in {(int(stated.site[k]), int(n)) for k, n in zip(stated.peak, stated.node, strict=True)}:
        here = settled.hours(site, node).coincident
        if here is not None:
            found[here.cause] = here.due_usd(settled.schedules[site, node].grid_mw)
    return found


def coincident_table(settled: Settled) -> pd.DataFrame:
    """Table `coincident_peaks`."""
    instance, stated, due = settled.instance, settled.instance.coincident, due_usd(settled)
    later = settled.point.later_premium
    rows = []
    for e in np.lexsort((stated.due_month, stated.peak, stated.node)).tolist():
        peak, node = int(stated.peak[e]), int(stated.node[e])
        site = int(stated.site[peak])
        rows.append(
            {
                "node": instance.tree.name[node],
                "site": instance.sites.names[site],
                "peak": stated.names[peak],
                "due_month": instance.tree.calendar_month(int(stated.due_month[e])),
                "expected_mw": float(due[e] / stated.due_usd_per_mw[e].sum()),
                "due_usd": float(due[e]),
                "later_premium_share": 0.0 if later is None else float(later[site, node]),
            }
        )
    return from_rows(TABLES["coincident_peaks"], rows)


def coincident_entries(settled: Settled) -> Iterator[Entry]:
    """What is put off when it is caused, paid in a later January, or owed at the end of the horizon."""
    instance, stated, due = settled.instance, settled.instance.coincident, due_usd(settled)
    horizon = instance.finance.discount_horizon
    for e, usd in enumerate((stated.put_off_share * due).tolist()):
        yield _entry(settled, "coincident_put_off", int(stated.peak[e]), int(stated.node[e]), usd)
    for peak, node, usd in _amounts(stated.peak, due, stated.paid):
        yield _entry(settled, "coincident_paid", peak, node, -usd)
    for peak, leaf, usd in _amounts(stated.peak, due * stated.late_discount / horizon, stated.left):
        yield _entry(settled, "terminal_coincident", peak, leaf, -usd)
    every = np.arange(len(stated.names))
    for peak, node, usd in _amounts(every, stated.opening_usd, stated.opening_paid):
        yield _entry(settled, "coincident_paid", peak, node, -usd)
    for peak, leaf, usd in _amounts(every, stated.opening_usd * stated.opening_discount / horizon, stated.opening_left):
        yield _entry(settled, "terminal_coincident", peak, leaf, -usd)


def _amounts(peak: Ints, usd: Floats, at: Ints) -> Iterator[tuple[int, int, float]]:
    """(peak, node, USD) of amounts at (member, node)."""
    for member, node in at.tolist():
        yield int(peak[member]), node, float(usd[member])


def _entry(settled: Settled, line: str, peak: int, node: int, usd: float) -> Entry:
    stated = settled.instance.coincident
    return Entry(line, node, int(stated.site[peak]), stated.names[peak], usd)

"""Table prepayments, and the money of what tenants pay ahead."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES

COLUMNS = ("received_usd", "earned_usd", "refunded_usd", "penalty_usd", "unearned_usd")


def prepayments_table(settled: Settled) -> pd.DataFrame:
    """Table `prepayments`."""
    instance, ahead = settled.instance, settled.instance.prepayments
    rows = [
        {
            "node": instance.tree.name[int(ahead.node[row])],
            "contract": instance.offers.names[int(ahead.contract[row])],
            **{column: float(getattr(ahead, column)[row]) for column in COLUMNS},
        }
        for row in _signed(settled)
    ]
    return from_rows(TABLES["prepayments"], rows)


def prepayment_entries(settled: Settled) -> Iterator[Entry]:
    """What moves in every node, and what is owed at the end."""
    instance, ahead = settled.instance, settled.instance.prepayments
    leaves = set(instance.tree.leaves.tolist())
    for row in _signed(settled):
        node, name = int(ahead.node[row]), instance.offers.names[int(ahead.contract[row])]
        yield Entry("prepayment_received", node, COMPANY, name, float(ahead.received_usd[row]))
        yield Entry("prepayment_earned", node, COMPANY, name, -float(ahead.earned_usd[row]))
        yield Entry("prepayment_refunded", node, COMPANY, name, -float(ahead.refunded_usd[row]))
        yield Entry("prepayment_penalty", node, COMPANY, name, -float(ahead.penalty_usd[row]))
        if node in leaves:
            yield Entry("terminal_prepayment", node, COMPANY, name, -float(ahead.unearned_usd[row]))


def _signed(settled: Settled) -> list[int]:
    """Rows of contracts that are signed, by node, then contract."""
    ahead = settled.instance.prepayments
    rows = np.flatnonzero(settled.point.sign[ahead.contract, ahead.signed] > 0.5)
    return [int(row) for row in rows[np.lexsort((ahead.contract[rows], ahead.node[rows]))]]

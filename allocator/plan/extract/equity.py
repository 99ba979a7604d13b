"""Table equity, and the money of new shares."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from allocator.instance.tree import Floats
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import frame, from_rows
from allocator.plan.schema import TABLES


def equity_table(settled: Settled) -> pd.DataFrame:
    """Table `equity`."""
    equity, issued = settled.instance.equity, settled.point.issued_usd
    if equity is None or issued is None:
        return from_rows(TABLES["equity"], [])
    columns = {
        "issued_usd": issued,
        "fees_usd": equity.fee_share * issued,
        "claim_usd": equity.claim_per_usd * issued,
    }
    return frame(TABLES["equity"], {"node": list(settled.instance.tree.name), **columns})


def equity_entries(settled: Settled) -> Iterator[Entry]:
    """What buyers pay, what it costs, and what they hold at the end of every path."""
    instance, issued = settled.instance, settled.point.issued_usd
    equity, tree = instance.equity, instance.tree
    if equity is None or issued is None:
        return
    held = issued * equity.left_share(instance.finance.risk_free_per_year, tree)
    before = equity.opening_claim_usd * (1.0 + instance.finance.risk_free_per_year) ** tree.horizon_years
    at_end = {leaf: -float(before + held[tree.path(leaf)].sum()) for leaf in tree.leaves.tolist()}
    yield from _entries("equity_issued", issued)
    yield from _entries("equity_fees", -equity.fee_share * issued)
    for leaf, amount in at_end.items():
        yield Entry("terminal_new_owners", leaf, COMPANY, "", amount)


def _entries(line: str, amounts: Floats) -> Iterator[Entry]:
    for node, amount in enumerate(amounts.tolist()):
        yield Entry(line, node, COMPANY, "", amount)

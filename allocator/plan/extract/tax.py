"""Table tax, and its money: what the flows of every path come to, year by year, losses used as soon as they may be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pandas as pd

from allocator.instance.tax import Tax
from allocator.instance.tree import Floats, NodeTree
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.frames import frame, from_rows
from allocator.plan.lines import TAXED_BEYOND, TAXED_LINES
from allocator.plan.schema import CAPITAL_LINES, TABLES

Columns = dict[str, Floats]


def tax_columns(tax: Tax, tree: NodeTree, entries: Iterable[Entry]) -> Columns:
    """Columns of table `tax`, (N,) each, from all other flows."""
    flow, capital = np.zeros(len(tree)), np.zeros(len(tree))
    for entry in entries:
        if entry.line in TAXED_LINES:
            flow[entry.node] += entry.amount_usd
        elif entry.line in CAPITAL_LINES:
            capital[entry.node] -= entry.amount_usd
    written, left = _written_off(tax, tree, capital)
    income = flow - written
    return {"written_off_usd": written, "income_usd": income, **_years(tax, tree, income), "unwritten_usd": left}


def tax_table(tree: NodeTree, columns: Columns | None) -> pd.DataFrame:
    """Table `tax`; no row without a tax."""
    if columns is None:
        return from_rows(TABLES["tax"], [])
    return frame(TABLES["tax"], {"node": list(tree.name), **columns})


def tax_entries(tax: Tax, tree: NodeTree, columns: Columns, entries: Iterable[Entry]) -> Iterator[Entry]:
    """What is paid in years that are over, and what the end of the horizon leaves to be paid."""
    paid = np.where(tax.is_paid, columns["tax_usd"], 0.0)
    for node in np.flatnonzero(paid).tolist():
        yield Entry("tax_paid", node, COMPANY, "", -float(paid[node]))
    beyond = np.zeros(len(tree))
    for entry in entries:
        if entry.line in TAXED_BEYOND:
            beyond[entry.node] += entry.amount_usd
    accrued = columns["tax_usd"] - paid
    for leaf in tree.leaves.tolist():
        later = tax.rate_share * (beyond[leaf] - columns["unwritten_usd"][leaf])
        yield Entry("terminal_tax", leaf, COMPANY, "", -float(accrued[leaf] + later))


def _written_off(tax: Tax, tree: NodeTree, capital: Floats) -> tuple[Floats, Floats]:
    """What is written off in every node, and what is left at its end."""
    written, left = tax.opening_written_off_usd.copy(), tax.opening_left_usd.copy()
    for node in range(len(tree)):
        for made in tree.path(node):
            before, after = (
                min(1.0, max(0, int(month - tree.first_month[made])) / tax.write_off_months)
                for month in (tree.first_month[node], tree.first_month[node] + tree.months[node])
            )
            written[node] += capital[made] * (after - before)
            left[node] += capital[made] * (1.0 - after)
    return written, left


def _years(tax: Tax, tree: NodeTree, income: Floats) -> Columns:
    year_income, used, owed, carried = (np.zeros(len(tree)) for _ in range(4))
    for node, parent in enumerate(tree.parent.tolist()):
        same = parent >= 0 and tax.year[parent] == tax.year[node]
        opening = tax.opening_income_usd if tax.year[node] == tax.year[0] else 0.0
        year_income[node] = income[node] + (year_income[parent] if same else opening)
        held = carried[parent] if parent >= 0 else tax.opening_loss_usd
        carried[node] = held
        if tax.closes[node]:
            profit = max(0.0, year_income[node])
            used[node] = min(held, tax.loss_cap_share * profit)
            owed[node] = tax.rate_share * (profit - used[node])
            carried[node] = held - used[node] + max(0.0, -year_income[node])
    return {"year_income_usd": year_income, "used_usd": used, "tax_usd": owed, "carried_usd": carried}

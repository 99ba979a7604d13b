"""Convertible notes: where they are put, and how they are settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.loans_state import Debt, Notes
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.scenario.loans import ConvertibleNotes
from allocator.scenario.months import Month


def with_notes(debt: Debt, stated: Sequence[object], tree: NodeTree, start: Month, share_usd: Floats) -> Debt:
    """Debt whose notes are settled: limits end where they are put or mature. `share_usd` (L, N) by loan and node.

    At the first node that ends no earlier than the month of maturity holders take shares where one is worth the
    conversion price, cash where it is not; at that of the put they ask for cash in the same case, and else hold on.
    """
    shape = debt.loans.limit_usd.shape
    limit, due = debt.loans.limit_usd.copy(), debt.loans.falls_due_usd.copy()
    conversion, in_shares = np.zeros(shape[0]), np.zeros(shape, dtype=bool)
    for position, note in enumerate(stated):
        if isinstance(note, ConvertibleNotes):
            left, in_shares[position] = _settled(note, tree, start, share_usd[position])
            before = np.where(tree.parent >= 0, left[tree.parent], True)
            limit[position] = note.opening_principal_usd * left
            due[position] = note.opening_principal_usd * (before & ~left)
            conversion[position] = note.conversion_price_usd
    loans = replace(debt.loans, limit_usd=limit, falls_due_usd=due)
    return replace(debt, loans=loans, notes=Notes(share_usd, conversion, in_shares))


def follows(btc_price_usd: Floats, elasticity: float, tree: NodeTree) -> Floats:
    """Factor of a price that follows Bitcoin, (N,): its mean over all nodes that start together is 1."""
    factor = btc_price_usd**elasticity
    for month in np.unique(tree.first_month):
        own = tree.first_month == month
        factor[own] /= np.average(factor[own], weights=tree.probability[own])
    return factor


def _settled(note: ConvertibleNotes, tree: NodeTree, start: Month, share_usd: Floats) -> tuple[Bools, Bools]:
    """Whether the notes are left at the end of each node, and whether they are settled in shares in it, (N,) each."""
    ends = tree.first_month + tree.months
    matures = note.maturity.since(start) + 1
    put = np.inf if note.put_month is None else note.put_month.since(start) + 1
    left, in_shares = np.zeros(len(tree), dtype=bool), np.zeros(len(tree), dtype=bool)
    for node, parent in enumerate(tree.parent.tolist()):
        held, began = (left[parent], ends[parent]) if parent >= 0 else (True, 0)
        converts = share_usd[node] >= note.conversion_price_usd
        is_put = began < put <= ends[node] and not converts
        left[node] = held and ends[node] < matures and not is_put
        in_shares[node] = held and not left[node] and bool(converts)
    return left, in_shares

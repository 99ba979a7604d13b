"""What was decided before the start and goes on: conversions under way, machines on order, contracts signed.

Each counts as decided at every root, where planning decides it again at what is left of its terms: a conversion with
the lead, the downtime and the capex that remain of it; a contract with the months until its service begins, or from
the month of service that it has reached.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints, NodeTree


@dataclass(frozen=True)
class Opening:
    """Long format; positions are those of the instance.

    Attributes:
        under_way: bays to which a conversion is under way, (U,).
        model, month, units: machines on order: which, month of arrival from the start, how many, (O,) each.
        signed: contracts signed before the start, (K,).
        served_months: months that each of them has served before the start, (K,).
        contract, bay, tranches: where their tranches stand, (R,) each.
    """

    under_way: Ints
    model: Ints
    month: Ints
    units: Floats
    signed: Ints
    served_months: Ints
    contract: Ints
    bay: Ints
    tranches: Ints

    def on_order(self, models: int) -> Floats:
        """Machines on order of each model, (M,)."""
        return np.bincount(self.model, self.units, models).astype(np.float64)

    def arriving(self, models: int, tree: NodeTree) -> Floats:
        """Machines on order that arrive at each node: at the first one of a path that starts no earlier than their
        month, (M, N)."""
        units = np.zeros((models, len(tree)))
        before = np.where(tree.parent >= 0, tree.first_month[tree.parent], -1)
        for model, month, count in zip(self.model, self.month, self.units, strict=True):
            units[model] += np.where((tree.first_month >= month) & (before < month), count, 0.0)
        return units

    def served(self, contracts: int) -> Ints:
        """Months that each contract has served before the start, 0 for those on offer, (C,)."""
        months = np.zeros(contracts, dtype=np.int64)
        months[self.signed] = self.served_months
        return months

    def signed_at(self, contracts: int, tree: NodeTree) -> Bools:
        """True at the roots of contracts signed before the start, (C, N)."""
        return _at_roots(self.signed, contracts, tree)

    def under_way_at(self, bays: int, tree: NodeTree) -> Bools:
        """True at the roots of bays to which a conversion is under way, (B, N)."""
        return _at_roots(self.under_way, bays, tree)

    def most_tranches(self, contract: Ints, bay: Ints, tranches: Ints) -> Ints:
        """Of pairs of a contract and a bay, (R,): tranches that stand there where it was signed before the start, all
        of the contract, `tranches` (C,), where it is on offer."""
        stands = {(int(c), int(b)): int(k) for c, b, k in zip(self.contract, self.bay, self.tranches, strict=True)}
        signed = set(self.signed.tolist())
        pairs = zip(contract.tolist(), bay.tolist(), strict=True)
        return np.array([stands.get((c, b), 0) if c in signed else tranches[c] for c, b in pairs], dtype=np.int64)


def _at_roots(members: Ints, size: int, tree: NodeTree) -> Bools:
    found = np.zeros((size, len(tree)), dtype=np.bool_)
    found[members] = tree.parent < 0
    return found


_NONE: Ints = np.zeros(0, dtype=np.int64)
NOTHING_DECIDED = Opening(_NONE, _NONE, _NONE, np.zeros(0), _NONE, _NONE, _NONE, _NONE, _NONE)
"""Nothing was decided before the start."""

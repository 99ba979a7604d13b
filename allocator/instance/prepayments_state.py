"""What tenants pay ahead, wherever a contract may be signed."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from allocator.instance.tree import Floats, Ints


@dataclass(frozen=True)
class Prepayments:
    """One row per (contract, signing node, node) in which money paid ahead moves or is owed. Long format, (K,).

    Attributes:
        contract, signed, node: positions.
        received_usd: paid by the tenant. earned_usd: credited against its rent. refunded_usd: given back.
        penalty_usd: paid on top, where service is too late. unearned_usd: owed at the end of the node.
        opening_usd: owed at the start, by contract, (C,); none where nothing is.
    """

    contract: Ints
    signed: Ints
    node: Ints
    received_usd: Floats
    earned_usd: Floats
    refunded_usd: Floats
    penalty_usd: Floats
    unearned_usd: Floats
    opening_usd: Floats = field(default_factory=lambda: np.zeros(0))

    def opening(self, contracts: int) -> Floats:
        """Owed at the start, by contract, (C,)."""
        return np.zeros(contracts) if not len(self.opening_usd) else self.opening_usd

    @property
    def cash_usd(self) -> Floats:
        """What moves in the node and is worth nothing by itself: all but the penalty, (K,)."""
        return self.received_usd - self.earned_usd - self.refunded_usd


_NO = np.zeros(0, np.int64)
NO_PREPAYMENTS = Prepayments(_NO, _NO, _NO, *(np.zeros(0) for _ in range(5)))
"""Nobody pays ahead."""

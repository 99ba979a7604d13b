"""Debt of the company at each node: what is owed at most, what it costs, and the collateral behind it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints


@dataclass(frozen=True)
class Loans:
    """L loans.

    Attributes:
        names, kind: of each loan.
        opening_usd: owed at the start, (L,). limit_usd: most that is owed at the end of the node, (L, N).
        falls_due_usd: what of the limit ends in the node: no prepayment, (L, N).
        interest_share: interest on what the parent owed, (L, N). interest_to_end_share: from a leaf to the end of the
            horizon, (L, N).
        undrawn_share: fee on the part of the limit that the parent did not owe, (L, N).
        may_draw: (L, N). may_prepay, prepayment_fee_share: (L,).
    """

    names: tuple[str, ...]
    kind: tuple[str, ...]
    opening_usd: Floats
    limit_usd: Floats
    falls_due_usd: Floats
    interest_share: Floats
    interest_to_end_share: Floats
    undrawn_share: Floats
    may_draw: Bools
    may_prepay: Bools
    prepayment_fee_share: Floats


@dataclass(frozen=True)
class Collateral:
    """K loans secured by Bitcoin.

    Attributes:
        loan: position of each in `Loans`, (K,).
        opening_pledged_btc: (K,).
        initial_ltv, call_ltv, liquidation_ltv, release_ltv: loan over value, (K,).
        penalty_share: what a sale by the lender brings less than the lowest price, (K,).
        call_penalty: price of one USD owed above the call level, outside the value, (K,); inf: no call after the root.
        postable_share: of free Bitcoin that can be posted when a call comes, (K,).
        uncured_penalty: price of one USD owed above the call level after the company has acted, where that may be.
        stress_share: how far the price falls below its average within the node, (N,).
    """

    loan: Ints
    opening_pledged_btc: Floats
    initial_ltv: Floats
    call_ltv: Floats
    liquidation_ltv: Floats
    release_ltv: Floats
    penalty_share: Floats
    call_penalty: Floats
    postable_share: Floats
    uncured_penalty: float
    stress_share: Floats

    def may_be_called(self, parent: Ints) -> Bools:
        """Nodes in which a call that is not met may happen, and the lender may sell, (K, N): none at a root."""
        return np.isfinite(self.call_penalty)[:, None] & (parent >= 0)[None, :]

    def may_stay_uncured(self, parent: Ints) -> Bools:
        """Nodes in which more than the call level may be owed after the company has acted, (K, N)."""
        return self.may_be_called(parent) | (parent < 0)[None, :]


@dataclass(frozen=True)
class Debt:
    """Loans, and the collateral of those that are secured by Bitcoin."""

    loans: Loans
    collateral: Collateral

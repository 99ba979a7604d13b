"""Debt of the company at each node: what is owed at most, what it costs, and the collateral behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

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
        upfront_usd: fee for having the loan, paid where it is first drawn, at a root where something is owed, (L,).
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
    upfront_usd: Floats

    @property
    def unopened(self) -> Bools:
        """Loans whose fee falls due with the first draw, (L,)."""
        return np.asarray((self.upfront_usd > 0) & (self.opening_usd == 0))


@dataclass(frozen=True)
class Extensions:
    """E rights to postpone a maturity.

    Attributes:
        loan: position of each in `Loans`, (E,).
        extra_usd: what may be owed at the end of the node beyond the limit of the loan, if the right is used, (E, N).
        decided: node in which it is decided for the node, -1 where nothing of the right falls into it, (E, N).
        fee_share: of what is owed when it is used, (E,). most_ltv: most that may be owed then over the collateral's
            value, inf without such a condition, (E,).
    """

    loan: Ints
    extra_usd: Floats
    decided: Ints
    fee_share: Floats
    most_ltv: Floats

    def rights(self) -> tuple[Ints, Ints]:
        """Position of the right and node of every decision, (D,) each, in order."""
        pairs = {(k, int(node)) for k, row in enumerate(self.decided) for node in row if node >= 0}
        found = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
        return found[:, 0], found[:, 1]


def no_extensions() -> Extensions:
    """No loan can be extended."""
    nothing = np.zeros((0, 0))
    return Extensions(np.zeros(0, np.int64), nothing, nothing.astype(np.int64), np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Projects:
    """What project loans lend on a conversion, if it is decided; P rows.

    Attributes:
        loan, bay, made, node: the loan, the bay converted to, where it is decided, and where this holds, (P,).
        owed_usd: most that is owed for it at the end of the node, (P,).
        drawn_usd: the same where it is still being built in the node, else 0, (P,).
    """

    loan: Ints
    bay: Ints
    made: Ints
    node: Ints
    owed_usd: Floats
    drawn_usd: Floats


def no_projects() -> Projects:
    """No conversion is lent on."""
    nothing = np.zeros(0, np.int64)
    return Projects(nothing, nothing, nothing, nothing, np.zeros(0), np.zeros(0))


@dataclass(frozen=True)
class Notes:
    """Convertible notes among the loans; (L, N), 0 for other loans.

    Attributes:
        share_usd: price of a share; conversion_usd: principal given up for one, (L,), 0 for other loans.
        paid_in_shares: True where what falls due is settled in shares.
    """

    share_usd: Floats
    conversion_usd: Floats
    paid_in_shares: Bools

    def worth_usd(self, principal_usd: Floats) -> Floats:
        """What the shares are worth that a principal (L, N) turns into; 0 for other loans."""
        note = self.conversion_usd[:, None] > 0
        per_usd = np.divide(self.share_usd, self.conversion_usd[:, None], out=np.zeros_like(self.share_usd), where=note)
        return np.asarray(per_usd * principal_usd)


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
        least_headroom: least that loan over value before acting stays below the call level, (K,); 0: not asked for.
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
    least_headroom: Floats = field(kw_only=True)

    def keeps_headroom(self, parent: Ints) -> Bools:
        """Nodes at which a headroom is asked for, (K, N): none at a root, whose state is given."""
        return (self.least_headroom > 0)[:, None] & (parent >= 0)[None, :]

    def may_be_called(self, parent: Ints) -> Bools:
        """Nodes in which a call that is not met may happen, and the lender may sell, (K, N): none at a root."""
        return np.isfinite(self.call_penalty)[:, None] & (parent >= 0)[None, :]

    def may_stay_uncured(self, parent: Ints) -> Bools:
        """Nodes in which more than the call level may be owed after the company has acted, (K, N)."""
        return self.may_be_called(parent) | (parent < 0)[None, :]


@dataclass(frozen=True)
class Debt:
    """Loans, the collateral of those that are secured by Bitcoin, rights to postpone maturities, what is lent on
    conversions, and what of loans are notes; None: none are."""

    loans: Loans
    collateral: Collateral
    extensions: Extensions = field(default_factory=no_extensions)
    projects: Projects = field(default_factory=no_projects)
    notes: Notes | None = None

    @property
    def is_project(self) -> Bools:
        """Loans whose instalments follow conversions, (L,)."""
        return np.array([kind == "project" for kind in self.loans.kind], dtype=bool)

    def lent_usd(self, convert: Floats) -> Floats:
        """What conversions, 1 where decided in (B, N), let be owed at the end of each node, (L, N); inf for others."""
        most, rows = np.full(self.loans.limit_usd.shape, np.inf), self.projects
        most[self.is_project] = 0.0
        np.add.at(most, (rows.loan, rows.node), convert[rows.bay, rows.made] * rows.owed_usd)
        return most

    @property
    def shares_usd(self) -> Floats:
        """What the shares are worth that settle what falls due in each node, (L, N); no cash moves."""
        if self.notes is None:
            return np.zeros(self.loans.limit_usd.shape)
        return np.where(self.notes.paid_in_shares, self.notes.worth_usd(self.loans.falls_due_usd), 0.0)

    @property
    def given_usd(self) -> Floats:
        """What of it is worth more than the principal, (L, N)."""
        return np.where(self.shares_usd > 0, self.shares_usd - self.loans.falls_due_usd, 0.0)

    def given_at_end_usd(self, leaves: Ints) -> Floats:
        """The same of notes that are left at the end of the horizon, at leaves, (L, N)."""
        given = np.zeros(self.loans.limit_usd.shape)
        if self.notes is not None:
            left = self.loans.limit_usd[:, leaves]
            given[:, leaves] = np.maximum(0.0, self.notes.worth_usd(self.loans.limit_usd)[:, leaves] - left)
        return given

    @property
    def extra_usd(self) -> Floats:
        """What may be owed at the end of each node beyond the limit, where every right is used, (L, N)."""
        extra = np.zeros(self.loans.limit_usd.shape)
        if len(self.extensions.loan):
            extra[self.extensions.loan] = self.extensions.extra_usd
        return extra

    @property
    def most_usd(self) -> Floats:
        """Most that is owed at the end of each node, every right used, (L, N)."""
        return self.loans.limit_usd + self.extra_usd

    def most_before_usd(self, parent: Ints) -> Floats:
        """The same at the end of the node before, or at the start, (L, N)."""
        return self.loans.limit_usd + self.loans.falls_due_usd + self._extra_before(parent)

    def due_usd(self, parent: Ints) -> Floats:
        """What may be paid back in each node and is no prepayment, (L, N): what of the limit ends in it, extended or
        not."""
        ends = np.maximum(0.0, self._extra_before(parent) - self.extra_usd)
        return np.asarray(np.maximum(0.0, self.loans.falls_due_usd) + ends)

    def _extra_before(self, parent: Ints) -> Floats:
        return np.where(parent >= 0, self.extra_usd[:, parent], 0.0)

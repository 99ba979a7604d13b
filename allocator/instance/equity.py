"""New shares at each node: where they may be sold, for how much, and what new owners come to hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.scenario.equity import EquityIssuance
from allocator.scenario.months import Month


@dataclass(frozen=True)
class Equity:
    """What buyers of shares may pay.

    Attributes:
        may_issue: (N,). year: calendar year in which each node starts, (N,).
        most_usd: in one node, and most_usd_per_year, most_usd_in_all along a path; inf: no limit.
        paid_this_year_usd: before the start, in the calendar year in which it lies.
        fee_share: of what buyers pay. claim_per_usd: what they come to hold for each USD, at the same moment.
        opening_claim_usd: what those hold at the start who bought before.
    """

    may_issue: Bools
    year: Ints
    most_usd: float
    most_usd_per_year: float
    most_usd_in_all: float
    fee_share: float
    claim_per_usd: float
    paid_this_year_usd: float = 0.0
    opening_claim_usd: float = 0.0

    @property
    def left_of_year_usd(self) -> Floats:
        """Most that buyers may pay from the start on in the calendar year of each node, (N,)."""
        paid = np.where(self.year == self.year[0], self.paid_this_year_usd, 0.0)
        return np.asarray(np.maximum(0.0, self.most_usd_per_year - paid))

    def left_share(self, risk_free_per_year: float, tree: NodeTree) -> Floats:
        """What one USD paid in each node has become for its buyer by the end of the horizon, (N,).

        A claim grows at the risk-free rate, at which it is discounted: it is worth the same whenever it is looked at.
        """
        years = tree.horizon_years - tree.mid_years
        return np.asarray(self.claim_per_usd * (1.0 + risk_free_per_year) ** years)


def compile_equity(stated: EquityIssuance | None, tree: NodeTree, start: Month) -> Equity | None:
    """Shares that may be sold; None where none may."""
    if stated is None:
        return None
    first = stated.first_month.since(start)

    def limit(most: float | None) -> float:
        return np.inf if most is None else most

    return Equity(
        may_issue=tree.decision & (tree.first_month >= first),
        year=(start.ordinal + tree.first_month) // 12,
        most_usd=limit(stated.most_usd_per_issue),
        most_usd_per_year=limit(stated.most_usd_per_year),
        most_usd_in_all=limit(stated.most_usd),
        fee_share=stated.fee_share,
        claim_per_usd=1.0 / (1.0 - stated.discount_share),
        paid_this_year_usd=stated.opening_year_usd,
        opening_claim_usd=stated.opening_claim_usd,
    )

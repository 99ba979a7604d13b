"""Covenants at each node: where they are tested, over which months, and what they ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints

Kind = Literal["minimum_liquidity", "dscr", "net_debt_to_ebitda"]


@dataclass(frozen=True)
class Windows:
    """What of each node counts in each test on income, long format, (W,).

    Attributes:
        covenant, node: the test. inside: a node on the path to it, itself included, whose months count.
        share: of its months, those that count.
    """

    covenant: Ints
    node: Ints
    inside: Ints
    share: Floats


@dataclass(frozen=True)
class Covenants:
    """C covenants.

    Attributes:
        names, kind: of each. tested: (C, N).
        limit: USD of liquidity, or a ratio, (C,).
        btc_share: what free Bitcoin counts of its price, 0 where it does not, (C,).
        trailing_months: of tests on income, 0 for liquidity, (C,).
        sites: whose income counts, (C, S). loans: whose service counts, (C, L).
        windows: months of tests on income.
        earlier_income_usd, earlier_service_usd: of the months before the horizon that a test reaches, (C, N).
        instalment_limit_usd: what instalments leave of each loan at the end of a node, maturities apart, (L, N).
        may_breach: where a breach has a price, (C, N). penalty: of one USD, outside the value, (C,).
    """

    names: tuple[str, ...]
    kind: tuple[Kind, ...]
    tested: Bools
    limit: Floats
    btc_share: Floats
    trailing_months: Ints
    sites: Bools
    loans: Bools
    windows: Windows
    earlier_income_usd: Floats
    earlier_service_usd: Floats
    instalment_limit_usd: Floats
    may_breach: Bools
    penalty: Floats

    def tested_as(self, *kinds: Kind) -> Bools:
        """Tests of covenants of some kinds, (C, N)."""
        return np.asarray(self.tested & np.array([kind in kinds for kind in self.kind], dtype=bool)[:, None])

    @property
    def carried_per_usd(self) -> Floats:
        """What one dollar of income in the window carries, (C,): debt service, or net debt; 0 for liquidity."""
        return np.array([_carried(*one) for one in zip(self.kind, self.limit, self.trailing_months, strict=True)])


def _carried(kind: Kind, limit: float, months: int) -> float:
    match kind:
        case "minimum_liquidity":
            return 0.0
        case "dscr":
            return 1.0 / float(limit)
        case "net_debt_to_ebitda":
            return float(limit) * 12.0 / float(months)

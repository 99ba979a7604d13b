"""Cash, discounting and what is assumed beyond the horizon."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.chances import ChanceOfShortfall
from allocator.scenario.equity import EquityIssuance
from allocator.scenario.payment_terms import PaymentTerms
from allocator.scenario.record import GrowthPerYear, NonNegative, Number, Positive, Record, Share
from allocator.scenario.unions import branch, by_kind

Rate = Annotated[Number, Field(gt=-0.5, le=1.0)]


class Discount(Record):
    """Annual effective rates; each flow is discounted at the rate of its class."""

    operations_per_year: Rate
    """Mining, GPU rental, equipment and conversions, share per year."""
    contracted_per_year: Rate
    """Contracted colocation rent and its energy, share per year."""
    risk_free_per_year: Rate = 0.0
    """What cash earns, so that holding it costs nothing, share per year."""
    btc_per_year: Rate | None = None
    """Sales, purchases and holdings of Bitcoin, share per year; null: no view, Bitcoin is worth today's price whenever
    it is sold."""


class Hard(Record):
    """A limit that no plan may break."""

    kind: Literal["hard"]
    """Never broken: without a plan that keeps it the scenario is infeasible."""


class Priced(Record):
    """A limit that may be broken at a price; what is broken is reported, and its price stays outside the value."""

    kind: Literal["priced"]
    """Broken where nothing else helps, or where keeping it would cost more than the penalty."""
    penalty_per_usd: Annotated[Positive, Field(ge=1.0, le=1e4)] = 100.0
    """Price of one USD missing at the end of one node, USD per USD, expected and not discounted."""


CashRule = Annotated[
    Annotated[Hard, branch("hard")]
    | Annotated[Priced, branch("priced")]
    | Annotated[ChanceOfShortfall, branch("chance")],
    by_kind("hard", "priced", "chance"),
]
"""kind: hard, priced or chance."""


class Finance(Record):
    """Opening position and what it must respect."""

    opening_cash_usd: Number
    """Cash at the start, USD."""
    unsettled_interest_months: Annotated[NonNegative, Field(le=120.0)] = 0.0
    """Months before the start for which interest on cash and loans, and fees on what is not drawn, are settled with
    those of the first period, months. Of a scenario that has moved on: half of the period before, since periods settle
    at their middle."""
    minimum_cash_usd: Number = 0.0
    """Least cash at the end of a node, USD."""
    minimum_cash_rule: CashRule = Hard(kind="hard")
    """What happens where cash would fall below the minimum."""
    equity: EquityIssuance | None = None
    """Shares that may be sold; null: none."""
    payment_terms: PaymentTerms = PaymentTerms()
    """Days of receipts and payments within a period, for the weekly view of cash."""
    capex_budget_usd: NonNegative | None = None
    """Most capex over the horizon: purchases, installation, conversions and contract capex, USD; null: no limit."""


class Terminal(Record):
    """What is assumed beyond the horizon, for every use over the same years."""

    tail_years: Annotated[int, Field(strict=True, ge=0, le=50)] | None = None
    """Years valued beyond the horizon; null: long enough for the longest contract."""
    hashprice_growth_per_year: GrowthPerYear
    """Annual effective growth of hashprice from its last value, halvings apart, share."""
    halving_hashprice_share: Share
    """What is left of hashprice after a halving, share."""

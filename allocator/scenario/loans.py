"""Debt of the company: loans secured by Bitcoin, term loans, equipment loans, loans for
conversions, and convertible notes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.chances import ChanceOfCall
from allocator.scenario.finance import Hard
from allocator.scenario.months import Month
from allocator.scenario.record import Flag, Name, NonNegative, Positive, Record, Share
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import UncertainValue

Ltv = Annotated[float, Field(strict=True, gt=0.0, le=1.5)]
"""Loan over value of the collateral, share."""


class PricedCall(Record):
    """Margin calls may happen: they are reported and steer the plan by their price, which is no part of its value;
    beyond the liquidation level the lender sells."""

    kind: Literal["priced"]
    """Calls have a price."""
    penalty_per_usd: Annotated[float, Field(strict=True, gt=0.0, le=1e4)] = 0.1
    """Price of one USD owed above the call level at a node, USD per USD, expected and not discounted."""


CallRule = Annotated[
    Annotated[Hard, branch("hard")]
    | Annotated[PricedCall, branch("priced")]
    | Annotated[ChanceOfCall, branch("chance")],
    by_kind("hard", "priced", "chance"),
]
"""kind: hard, priced or chance."""


class Extension(Record):
    """A right to postpone the maturity once, decided in the node in which the loan would fall due. What is owed then
    may stay; nothing more is drawn, and no fee is due on what is not drawn."""

    months: Annotated[int, Field(strict=True, ge=1, le=120)]
    """Months by which it is postponed."""
    fee_share: Share = 0.0
    """Fee, share of what is owed when the right is used."""
    most_ltv: Ltv | None = None
    """Most that may then be owed over the collateral's value, share; null: no such condition. Only for loans secured
    by Bitcoin."""


class _Terms(Record):
    """What every loan has."""

    name: Name
    """Unique among loans."""
    rate_per_year: UncertainValue
    """Interest, annual effective, share per year; paid in every node on what the node before owed. A series where it
    floats with a reference rate."""
    spread_per_year: Share = 0.0
    """On top of `rate_per_year`, share per year."""
    rate_floor_per_year: Share = 0.0
    """Least that `rate_per_year` counts as, share per year; the spread comes on top."""
    upfront_fee_share: Share = 0.0
    """Fee for having the loan, share of the most that may be owed; paid where money is first drawn, in the first node
    where something is owed already."""
    maturity: Month | None = None
    """Month by whose end nothing is owed, YYYY-MM; null: beyond the horizon, where what is left is deducted."""


class _Loan(_Terms):
    """What loans have that exist at the start."""

    opening_principal_usd: NonNegative
    """Owed at the start, USD."""
    may_prepay: Flag = True
    """Whether principal may be paid back before it is due."""
    prepayment_fee_share: Share = 0.0
    """Fee on principal paid back, share of it."""


class TermLoan(_Loan):
    """A loan that is paid back on a schedule; machines may stand behind it, but nothing is tested."""

    kind: Literal["term"]
    """A term loan."""
    repay_usd_by_month: Annotated[tuple[NonNegative, ...], Field(max_length=600)] = ()
    """Principal due in each month from the first month of the horizon, USD; the rest is due at maturity."""
    extension: Extension | None = None
    """A right to postpone the maturity; null: none."""


class EquipmentLoan(_Loan):
    """A loan for machines, paid back in equal monthly parts until its maturity."""

    kind: Literal["equipment"]
    """An equipment loan."""
    maturity: Month
    """Month by whose end nothing is owed, YYYY-MM."""


class BtcBackedLoan(_Loan):
    """A loan secured by Bitcoin, tested at every node: before the company acts, at the lowest price of the period, and
    after it has acted."""

    kind: Literal["btc_backed"]
    """A loan secured by Bitcoin."""
    limit_usd: NonNegative | None = None
    """Most that may be owed until maturity, USD; null: the opening principal, so that nothing is drawn again."""
    commitment_fee_per_year: Share = 0.0
    """Fee on what is not drawn of the limit, share per year."""
    extension: Extension | None = None
    """A right to postpone the maturity; null: none."""
    opening_pledged_btc: NonNegative
    """Bitcoin pledged at the start, BTC; part of what the treasury holds."""
    initial_ltv: Ltv
    """Most that is owed over the collateral's value after money is drawn, share."""
    call_ltv: Ltv
    """Above it the lender calls for margin, share; free Bitcoin that can be posted in time meets the call."""
    call_rule: CallRule = Hard(kind="hard")
    """Whether a call that is not met is out of the question after the start (hard), may happen at a price (priced), or
    only so often (chance)."""
    least_headroom_share: Annotated[float, Field(strict=True, ge=0.0, le=1.5)] = 0.0
    """Least that loan to value before the company acts stays below `call_ltv`, at every node after the first and the
    lowest price of the period, free Bitcoin not counted, share; 0: no such wish."""
    liquidation_ltv: Ltv
    """Above it the lender sells collateral until the loan stands at it, share; where calls are out of the question it
    is only reported."""
    liquidation_penalty_share: Annotated[float, Field(strict=True, ge=0.0, lt=1.0)] = 0.05
    """What the lender's sale brings less than the lowest price of the period, share of it."""
    release_ltv: Ltv
    """Most that is owed over the collateral's value after collateral is released, share."""
    postable_share: Share = 1.0
    """Share of free Bitcoin that the lender takes when a call comes, share."""
    cure_hours: NonNegative = 24.0
    """Hours that a call gives; free Bitcoin counts in the test where `treasury.posting_hours` are no more."""
    custodian: Annotated[str, Field(max_length=200)] = ""
    """Who holds the collateral, and whether the lender may use it; for the reader."""


class ProjectLoan(_Terms):
    """A loan for conversions: drawn while they are built, up to a share of what they have cost so far, and paid back in
    equal monthly parts once they are complete. It may be paid back at any time; what has been paid back is not drawn
    again for a conversion that is complete."""

    kind: Literal["project"]
    """A project loan."""
    limit_usd: Positive
    """Most that may be owed, USD."""
    loan_to_cost_share: Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
    """Most that is drawn of the conversion capex paid so far, share."""
    interest_during_construction: Literal["paid", "drawn"] = "paid"
    """Whether interest on a conversion is paid while it is built, or may be drawn on top of its cost."""
    amortisation_months: Annotated[int, Field(strict=True, ge=1, le=360)]
    """Months from the completion of a conversion over which its part is paid back evenly."""
    sites: tuple[Name, ...] = ()
    """Sites all of whose conversions it pays for."""
    halls: tuple[Name, ...] = ()
    """Halls whose conversions it pays for, besides those of `sites`."""


class ConvertibleNotes(_Terms):
    """Notes that their holders turn into shares where these are worth more than what is owed; not to be paid back
    before. Shares move no cash, and cost what they are worth."""

    kind: Literal["convertible"]
    """Convertible notes."""
    opening_principal_usd: Positive
    """Owed at the start, USD; `rate_per_year` is the coupon, paid in cash."""
    maturity: Month
    """Month in which they are settled, YYYY-MM: in shares where the share price of the node is at or above the
    conversion price, in cash where it is below."""
    put_month: Month | None = None
    """Month in which holders may ask for their cash, YYYY-MM, and do where the share price is below the conversion
    price; null: they may not."""
    conversion_price_usd: Positive
    """Principal given up for a share, USD."""
    share_price_usd: UncertainValue
    """Price of a share, USD; its mean over all futures."""
    btc_elasticity: Annotated[float, Field(strict=True, ge=0.0, le=5.0)] = 0.0
    """By how much the share price of a future stands above that mean, in percent, where Bitcoin stands 1 % above its
    own; 0: it is the same in all futures."""


Loan = Annotated[
    Annotated[BtcBackedLoan, branch("btc_backed")]
    | Annotated[TermLoan, branch("term")]
    | Annotated[EquipmentLoan, branch("equipment")]
    | Annotated[ProjectLoan, branch("project")]
    | Annotated[ConvertibleNotes, branch("convertible")],
    by_kind("btc_backed", "term", "equipment", "project", "convertible"),
]
"""kind: btc_backed, term, equipment, project or convertible."""

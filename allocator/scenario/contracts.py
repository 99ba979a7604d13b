"""Colocation contracts on offer, and groups of which at most one may be signed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import (
    Flag,
    GrowthPerYear,
    LeadMonths,
    Name,
    NonNegative,
    Positive,
    PositiveCount,
    Record,
    Share,
    TermMonths,
)


class Prepayment(Record):
    """Money a tenant pays ahead: a liability until its rent has earned it. It moves cash and is worth nothing by
    itself, as rent counts when it is earned."""

    amount_usd: Positive
    """Received in all, USD."""
    received: Literal["at_signing", "until_service"] = "at_signing"
    """At signature, or evenly over the lead months of the contract."""
    earned_back_months: Annotated[PositiveCount, Field(le=600)]
    """Months of service over which it is credited against rent, evenly, and no faster than rent is earned; what is left
    at the end of the term is refunded."""
    refund_after_months: Annotated[int, Field(strict=True, ge=0, le=120)] | None = None
    """Months that service may be late before the tenant takes back what it has paid; null: it waits. Counted where a
    delay becomes known on the tree, not where it is averaged."""
    penalty_share: Share = 0.0
    """Paid on top of such a refund, share of it."""


class Standing(Record):
    """Where tranches of a contract stand."""

    hall: Name
    """Name of a hall."""
    fit_out: Name
    """Fit-out in which they stand there, one that the contract accepts."""
    tranches: PositiveCount
    """Equal parts of the contract, count."""


class Signed(Record):
    """A contract that was signed before the start; it is kept, and its capex at signature is paid."""

    service_from: Month
    """First month of service, YYYY-MM, before the start or after it: term, ramp and anniversaries count from it."""
    may_be_late: Flag = False
    """Whether delays that `uncertainty` states may still come to it, as they may to contracts on offer."""
    unearned_usd: NonNegative | None = None
    """What of a prepayment is owed to the tenant at the start, USD; to be stated where the contract has one."""
    prepayment_due_usd: NonNegative = 0.0
    """What of a prepayment the tenant has still to pay, evenly until service begins, USD."""
    placed: Annotated[tuple[Standing, ...], Field(min_length=1)]
    """Where all of its tranches stand."""


class Colocation(Record):
    """An offer to host a tenant's machines: rent by contracted kW, power mostly passed through.

    Renewal is not assumed.
    """

    name: Name
    """Unique."""
    kind: Literal["colocation"]
    """The type of contract."""
    critical_it_mw: Positive
    """Contracted critical IT load, MW."""
    tranches: Annotated[PositiveCount, Field(le=1000)] = 1
    """Equal parts that may stand in different halls, count."""
    rent_usd_per_kw_month: NonNegative
    """Rent in the first year of service, USD per contracted kW and calendar month."""
    escalator_per_year: GrowthPerYear = 0.0
    """Growth of the rent at each anniversary of service, share."""
    term_months: TermMonths
    """Months of service."""
    first_service: Month
    """Earliest first month of service, YYYY-MM."""
    last_service: Month
    """Latest first month of service, YYYY-MM."""
    lead_months: LeadMonths = 0
    """From signature to the first month of service at the earliest, months."""
    ramp: Annotated[tuple[Share, ...], Field(max_length=120)] = ()
    """Share of the contracted load that is there in each of the first months of service; then all of it."""
    load_factor: Share
    """Metered load over contracted load, share."""
    gross_up: Annotated[Positive, Field(ge=1.0, le=5.0)]
    """Gross MW reserved at the interconnection per contracted critical IT MW."""
    pass_through_share: Share
    """Share of its energy cost at spot, overhead included, that the tenant pays; nothing for energy it does not get."""
    outage_allowance_h_per_month: Annotated[NonNegative, Field(le=744.0)] = 0.0
    """Hours at full metered load that may be left unserved in each calendar month of service at
    `curtailment_credit_usd_per_mwh`; beyond them the site's `sla_shed_usd_per_mwh` holds. A period of several months
    may use the sum of theirs freely; tranches in different halls have their own. Not counted beyond the horizon."""
    curtailment_credit_usd_per_mwh: NonNegative = 0.0
    """Credit for energy not served within the allowance, USD per MWh of IT load."""
    fit_outs: Annotated[tuple[Name, ...], Field(min_length=1)]
    """Fit-outs it accepts, by name or by kind (air_gpu, liquid_gpu)."""
    sites: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Sites it accepts; null: any."""
    must_accept: Flag = False
    """Whether it is signed already in principle: refusing is not allowed."""
    signing_capex_usd: NonNegative = 0.0
    """Paid at signature, USD."""
    fit_out_capex_usd_per_mw: NonNegative = 0.0
    """Paid at signature for the tenant's own fit-out, USD per contracted MW."""
    credit_probability: Share = 1.0
    """Weight of its cash beyond the horizon, share."""
    prepayment: Prepayment | None = None
    """Money paid ahead; null: none."""
    signed: Signed | None = None
    """Signature before the start; null: it is on offer. Its window, lead and capex then say nothing any more."""


class OneOf(Record):
    """A group of contracts of which at most one may be signed."""

    name: Name
    """Unique."""
    contracts: Annotated[tuple[Name, ...], Field(min_length=2)]
    """Names of its contracts."""
    required: Flag = False
    """Whether exactly one must be signed."""

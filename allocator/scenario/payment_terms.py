"""When money that a plan counts in a period is received and paid within it: for the weekly view of cash alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import Name, Number, Record

Days = Annotated[int, Field(strict=True, ge=0, le=365)]
"""Whole days."""

Due = Literal["daily", "advance", "arrears"]
"""daily: as it is earned; advance: on the first day of each month; arrears: on the first day after it."""


class OpeningItem(Record):
    """A receivable or an invoice of the time before the horizon."""

    name: Name
    """What it is; for the reader."""
    usd: Number
    """Received, or negative: paid, USD. It is no part of the plan's cash, which begins with `opening_cash_usd`."""
    days: Days
    """Days from the start of the horizon until it is received or paid."""


class PaymentTerms(Record):
    """Days of payment, for the thirteen weeks of `allocator treasury`; no decision of a plan depends on them."""

    mining_days: Days = 0
    """Days from mining to the cash of production that is sold."""
    gpu_rental_days: Days = 0
    """Days from a GPU hour to its cash."""
    rent_due: Due = "daily"
    """When rents of tenants fall due: daily, advance or arrears."""
    rent_days: Days = 0
    """Days from then to the cash."""
    power_due: Due = "daily"
    """When power is invoiced, with what tenants pass through: daily, advance or arrears."""
    power_days: Days = 0
    """Days from the invoice to its payment."""
    capex_days: Days = 0
    """Days from an order, or the month of a conversion, to its payment."""
    debt_day_of_month: Annotated[int, Field(strict=True, ge=1, le=28)] = 28
    """Days into each month on which interest, fees and principal are paid."""
    opening_items: Annotated[tuple[OpeningItem, ...], Field(max_length=200)] = ()
    """Receivables and invoices of the time before the horizon."""

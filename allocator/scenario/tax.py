"""A simple tax on income, by calendar year."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.record import NonNegative, Number, PositiveCount, Record, Share

BelowOne = Annotated[float, Field(strict=True, ge=0.0, lt=1.0)]


class BookValue(Record):
    """Capital of the time before that is written off in equal monthly parts."""

    usd: NonNegative
    """Not yet written off at the start, USD."""
    months: PositiveCount
    """Months over which that is written off, months."""


class Tax(Record):
    """Tax on the income of each calendar year of a path: operating income and machines sold, less interest of loans and
    capital written off in equal monthly parts. Losses are carried forward."""

    rate_share: BelowOne
    """Tax on income, share of it."""
    loss_cap_share: Share = 0.8
    """Most of a year's income that losses of earlier years may offset, share."""
    write_off_months: PositiveCount = 60
    """Months over which purchases of machines, installation, conversions and contract capex are written off, months."""
    opening_loss_usd: NonNegative = 0.0
    """Losses carried forward at the start, USD."""
    opening_book_usd: NonNegative = 0.0
    """Capital not yet written off at the start, USD."""
    opening_book_months: PositiveCount = 36
    """Months over which that is written off, months."""
    opening_books: Annotated[tuple[BookValue, ...], Field(max_length=1000)] = ()
    """Further capital not yet written off at the start, of which each part has months of its own."""
    opening_year_income_usd: Number = 0.0
    """Income of the calendar year in which the horizon starts, up to its start, USD."""

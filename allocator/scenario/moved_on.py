"""What has happened to members since the first scenario: `allocator roll` writes it for the next move, which may start
again from a file that does not know it."""

from __future__ import annotations

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import Name, Record


class MovedOn(Record):
    """Members, by name, of which a file that the scenario has moved on from says what is no longer true."""

    loans_over: tuple[Name, ...] = ()
    """Loans that are paid back."""
    loans_extended: tuple[Name, ...] = ()
    """Loans whose maturity was postponed."""
    upfront_fees_paid: tuple[Name, ...] = ()
    """Loans whose upfront fee is paid."""
    contracts_over: tuple[Name, ...] = ()
    """Contracts whose term is over, and those that may not be signed any more since another one of their group was."""
    hosting_over: tuple[Name, ...] = ()
    """Hosting agreements that are over."""
    hosting_until: dict[Name, Month] = Field(default_factory=dict)
    """First month after hosting agreements of which notice was given, YYYY-MM."""

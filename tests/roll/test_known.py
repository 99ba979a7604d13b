"""What a scenario says of its opening is carried, or refused: a new field of that kind has to be thought of here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.scenario.json_schema import json_schema

CARRIED = {
    "opening_cash_usd", "opening_btc", "opening_principal_usd", "opening_pledged_btc", "opening_billed_mw",
    "opening_peak_mw", "opening_owed_usd", "opening_ph_per_s", "opening_mw", "unsettled_interest_months", "under_way",
    "signed", "unearned_usd", "prepayment_due_usd", "arrives", "decisions_from", "opening_loss_usd",
    "opening_book_usd", "opening_books", "opening_year_income_usd", "opening_year_usd", "opening_claim_usd",
    "earlier_income_usd_by_month", "earlier_service_usd_by_month",
}  # fmt: skip
"""By an edit."""
REFUSED = {"opening_items"}
ALIKE = {"opening_stored_share", "opening_book_months"}
"""The same in every period, or of nothing."""
WORDS = (
    "opening",
    "unearned",
    "prepayment_due",
    "earlier",
    "unsettled",
    "under_way",
    "signed",
    "arrives",
    "decisions_from",
)


def test_every_field_of_the_opening_state_is_thought_of() -> None:
    found = {name for name in _fields(json_schema()) if name.startswith(WORDS)}
    assert found == CARRIED | REFUSED | ALIKE


def _fields(part: Any) -> Iterator[str]:
    """Names of every property of a JSON schema."""
    if isinstance(part, dict):
        yield from part.get("properties", {})
        for inner in part.values():
            yield from _fields(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _fields(inner)

"""Nights of the small scenario over several months, each moved on to its own month."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from allocator.nightly.night import Night, NightRequest, night
from allocator.nightly.store.store import place_of
from tests.cli import small


def run_night(home: Path, *moment: int, **asked: Any) -> Night:
    """The night of a day, at two o'clock."""
    request = NightRequest(
        str(home / "scenario"), place_of(str(home / "store")), datetime(*moment, 2, tzinfo=UTC), rolls=True, **asked
    )
    return night(request, lambda _, **facts: None, lambda _: None)


def write_months(home: Path, months: int, *changes: tuple[str, Any]) -> None:
    """The small scenario over some months."""
    shutil.rmtree(home / "scenario", ignore_errors=True)
    days = [date(2027, 6, 1) + timedelta(days=day) for day in range(31 * months)]
    rows = ["day,price_usd_per_mwh,ambient_c", *(f"{day},40,25" for day in days)]
    small.write(home / "scenario", small.changed(("horizon.months", months), *changes), "\n".join(rows) + "\n")

"""A store after many nights is no larger than after some, in every table and on disk."""

from __future__ import annotations

import json
import resource
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.night import NightRequest, night
from allocator.nightly.store.deliveries import EVERY_KIND, delivered, due
from allocator.nightly.store.registry import Answer, Registry
from allocator.nightly.store.retention import retain
from allocator.nightly.store.store import Store, opened, place_of
from allocator.nightly.store.tables import Base
from tests.cli import small
from tests.nightly import nights

FILES, RECORDS = 3, 12


def rows(registry: Registry) -> dict[str, int]:
    """How many rows each table has."""
    with registry.transaction() as session:
        tables = Base.metadata.sorted_tables
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def size_bytes(home: Path) -> int:
    return sum(path.stat().st_size for path in home.rglob("*") if path.is_file() and not path.is_symlink())


def live(store: Store, number: int, home: Path) -> None:
    """A night that leaves something in every table."""
    registry, run, at = store.registry, nights.run_of(number), nights.as_of(number)
    steps = [(f"{number}-{k}", at + timedelta(days=k), at + timedelta(days=k + 1)) for k in range(7)]
    said = [{"id": name, "begins": begins.isoformat(), "ends": ends.isoformat()} for name, begins, ends in steps]
    more = {"setpoints.json": json.dumps({"set_points": said})}
    nights.publish(store, number, more if number == 0 else {**more, "commitments.json": "[]"})
    if number < 2:
        registry.answer([Answer(steps[0][0], "accepted", "", "fleet manager", at)])
    (home / "prices.csv").write_text(f"prices of {number}")
    registry.record_inputs(run, {"prices.csv": (store.shelf.add_input(home / "prices.csv"), 10)})
    registry.record_state(nights.run_of(-number), at, "said", "taken")
    registry.tell("warning", "feed_stale", f"night {number}", run)
    alert = Alert(Severity.WARNING, "feed_stale", f"night {number}")
    delivered(registry, due(registry, "desk", {alert.identity: alert}, run, EVERY_KIND))
    retain(store, FILES, RECORDS)


def test_every_table_has_an_end(tmp_path: Path) -> None:
    found = []
    with opened(place_of(str(tmp_path / "store"))) as (store, _):
        for number in range(26):
            live(store, number, tmp_path)
            if number in (16, 25):
                found.append((rows(store.registry), size_bytes(tmp_path / "store" / "plans")))
        assert store.registry.is_answered(), "an answer that came long ago still says that answers come"
        assert store.registry.last_state(datetime(2099, 1, 1, tzinfo=UTC)) is not None
        assert store.registry.commitments() != []
    assert nights.read(tmp_path / "store") == 25
    early, late = found
    assert late == early
    assert all(late[0].values()), "each of them is asked here"
    held = 2  # the run that committed, and that of the last answer
    assert {late[0][name] - held for name in ("runs", "plans")} == {RECORDS}
    assert (late[0]["states"], late[0]["run_inputs"]) == (RECORDS, FILES)
    assert late[0]["set_points"] < 7 * (FILES + 8)


@pytest.mark.slow
def test_sixty_nights_take_no_more_than_thirty(tmp_path: Path) -> None:
    """Size on disk, rows, and the most memory that the process ever had."""
    small.write(tmp_path / "scenario", small.changed())
    place, found = place_of(str(tmp_path / "store")), []
    for day in range(60):
        prices = small.days().replace(",40,", f",{40 + day / 100},")
        (tmp_path / "scenario" / "days.csv").write_text(prices)
        at = datetime(2027, 6, 1, 2, tzinfo=UTC) + timedelta(hours=12 * day)
        night(NightRequest(str(tmp_path / "scenario"), place, at, keep_nights=5, keep_records=10))
        if day in (29, 59):
            with opened(place) as (store, _):
                found.append(rows(store.registry))
            found.append(size_bytes(tmp_path / "store"))
            found.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    (early, *small_store), (late, *large_store) = found[:3], found[3:]
    assert late.pop("events") <= 10, "one a night towards the end, where the schedule is short"
    assert all(count <= early[name] for name, count in late.items()), (early, late)
    assert all(last < 1.1 * first for first, last in zip(small_store, large_store, strict=True)), found

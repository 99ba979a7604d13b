"""Set-points: what tiers of machines and batteries are to do from when to when, in a form that any manager can take.

Hours that follow one another with the same load, prices and reason are one set-point. Tenants have none: they draw what
they contracted. A set-point is named by a hash of its run, tier and beginning, so that the same night gives
the same names.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from allocator.nightly.bound import Place, place_of
from allocator.nightly.schedule import Row
from allocator.plan.csv_view import escape

FORMAT = "setpoints/2"
MACHINES, BATTERY = "machines", "battery"
ON_PLAN = "price"
LEAST_MW = 1e-6
ID_CHARACTERS = 20


@dataclass(frozen=True)
class SetPoint:
    """One tier, or the battery of a site, for a time.

    Attributes:
        begins, ends: ISO 8601, UTC; it holds from `begins` to before `ends`. target_mw: critical IT load; of a battery
            what it takes at the meter, below 0 what it gives.
        mode: run or off; of a battery charge, discharge or idle.
        reason: price (as the plan has it), or who or what ordered it.
        stop_above_usd_per_mwh, start_below_usd_per_mwh: price of energy at the meter, adders included, beyond which
            the tier earns less than its power costs; None: not known.
        device: machines or battery, which has no hall, fit-out, model and step. stored_mwh: of a battery, at the end.
    """

    id: str
    site: str
    hall: str
    fit_out: str
    model: str
    step: int
    begins: str
    ends: str
    target_mw: float
    mode: str
    reason: str
    stop_above_usd_per_mwh: float | None
    start_below_usd_per_mwh: float | None
    device: str = MACHINES
    stored_mwh: float | None = None


COLUMNS = tuple(SetPoint.__dataclass_fields__)


def set_points(rows: Sequence[Row], bound_by: Mapping[Place, str], run: str) -> tuple[SetPoint, ...]:
    """Of the rows of a schedule, by site, hall, model and step, then time."""
    tiers: dict[tuple[Any, ...], list[tuple[Row, str]]] = {}
    for row in rows:
        place = place_of(row)
        if place is not None:
            tiers.setdefault(place[:-1], []).append((row, bound_by.get(place, ON_PLAN)))
    return tuple(point for own in tiers.values() for point in _points(sorted(own, key=lambda one: one[0].utc), run))


def _points(own: Sequence[tuple[Row, str]], run: str) -> Iterator[SetPoint]:
    first = 0
    for k in range(1, len(own) + 1):
        if k == len(own) or not _goes_on(own[first], own[k - 1], own[k]):
            yield _point(own[first], own[k - 1][0], run)
            first = k


def _goes_on(first: tuple[Row, str], last: tuple[Row, str], then: tuple[Row, str]) -> bool:
    same = abs(first[0].load_mw - then[0].load_mw) <= LEAST_MW and _strikes(first[0]) == _strikes(then[0])
    return same and first[1] == then[1] and _end(last[0]) == datetime.fromisoformat(then[0].utc)


def _strikes(row: Row) -> tuple[float | None, float | None]:
    """Prices above which it stops and below which it starts; both the plain strike price where no week was decided."""
    plain = row.strike_usd_per_mwh
    off, on = (plain if price is None else price for price in (row.strike_off_usd_per_mwh, row.strike_on_usd_per_mwh))
    return None if off is None else round(off, 2), None if on is None else round(on, 2)


def _end(row: Row) -> datetime:
    return datetime.fromisoformat(row.utc) + timedelta(hours=row.hours)


def _point(first: tuple[Row, str], last: Row, run: str) -> SetPoint:
    row, reason = first
    assert row.step is not None
    stop, start = _strikes(row)
    return SetPoint(
        id=name_of(run, row.site, row.hall, row.fit_out, row.model, str(row.step), row.utc),
        site=row.site,
        hall=row.hall,
        fit_out=row.fit_out,
        model=row.model,
        step=row.step,
        begins=row.utc,
        ends=_end(last).isoformat(),
        target_mw=row.load_mw,
        mode="run" if row.load_mw > LEAST_MW else "off",
        reason=reason,
        stop_above_usd_per_mwh=stop,
        start_below_usd_per_mwh=start,
    )


def name_of(*parts: str) -> str:
    """A name that the same night gives again."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:ID_CHARACTERS]


def as_csv(points: Sequence[SetPoint]) -> str:
    """One line a set-point; text that would be a formula is quoted as text."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    for point in points:
        writer.writerow([_cell(value) for value in asdict(point).values()])
    return stream.getvalue()


def as_json(points: Sequence[SetPoint], head: Mapping[str, Any]) -> str:
    """One object: format, head, then set-points."""
    whole = {"format": FORMAT, **head, "set_points": [asdict(point) for point in points]}
    return json.dumps(whole, allow_nan=False) + "\n"


def _cell(value: object) -> object:
    if isinstance(value, str):
        return escape(value)
    return f"{value:.6g}" if isinstance(value, float) else "" if value is None else value

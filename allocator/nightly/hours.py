"""The hours that a night publishes, as files: the plan's, with the weeks of its sites in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.before import Before
from allocator.nightly.bound import Bounded
from allocator.nightly.given import NOTHING, Given
from allocator.nightly.handoff.batteries import battery_points
from allocator.nightly.handoff.set_points import as_csv as points_csv
from allocator.nightly.handoff.set_points import as_json as points_json
from allocator.nightly.handoff.set_points import set_points
from allocator.nightly.money_week import money_of_week
from allocator.nightly.schedule import Schedule, as_csv, as_json, rows_as_csv
from allocator.nightly.store.store import SET_POINTS_JSON
from allocator.nightly.week import BIDS, OpeningOf, not_known, with_weeks
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario

SCHEDULE_CSV, SCHEDULE_JSON, BIDS_CSV = "schedule.csv", "schedule.json", "bids.csv"
SET_POINTS_CSV = "setpoints.csv"


def hours_files(
    planned: Schedule,
    instance: Instance,
    plan: Plan,
    loaded: LoadedScenario,
    as_of: datetime,
    head: Mapping[str, Any],
    before: Before,
    opening_of: OpeningOf = not_known,
    bound: Callable[[Schedule], Bounded] = Bounded,
    given: Given = NOTHING,
) -> tuple[dict[str, str], list[Alert]]:
    """Files by name, as text, and what somebody should know of them.

    Args:
        planned: hours of the plan. loaded: its scenario. before: the schedule that is out.
        opening_of: how each site really stands. bound: holds hours to that, and to what is ordered.
        given: prices that are expected instead.
    """
    held = bound(planned)
    weeks = with_weeks(held.schedule, instance, plan, loaded, as_of, before, opening_of, given)
    last = bound(weeks.schedule)
    found, run = last.schedule, str(head.get("run", ""))
    step_h = {row.site: row.hours for row in found.rows}
    points = (*set_points(found.rows, last.bound_by, run), *battery_points(weeks.sites, step_h, last.idle, run))
    whole = {**head, "sites": weeks.sites, **money_of_week(instance, plan.tables, found)}
    files = {
        SCHEDULE_CSV: as_csv(found),
        SCHEDULE_JSON: as_json(found, whole),
        BIDS_CSV: rows_as_csv(BIDS, weeks.bids),
        SET_POINTS_CSV: points_csv(points),
        SET_POINTS_JSON: points_json(points, head),
    }
    short = [Alert(Severity.WARNING, "schedule_short", remark) for remark in planned.remarks]
    over = dict.fromkeys((*held.over, *last.over))
    return files, [*short, *held.limited, *over, *weeks.alerts]

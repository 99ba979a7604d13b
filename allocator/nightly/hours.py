"""The hours that a night publishes, as files: the plan's, with the weeks of its sites in their place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allocator.instance.types import Instance
from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.before import Before
from allocator.nightly.money_week import money_of_week
from allocator.nightly.schedule import Schedule, as_csv, as_json, rows_as_csv
from allocator.nightly.week import BIDS, OpeningOf, not_known, with_weeks
from allocator.plan.plan import Plan
from allocator.scenario.load import LoadedScenario

SCHEDULE_CSV, SCHEDULE_JSON, BIDS_CSV = "schedule.csv", "schedule.json", "bids.csv"


def hours_files(
    planned: Schedule,
    instance: Instance,
    plan: Plan,
    loaded: LoadedScenario,
    as_of: datetime,
    head: Mapping[str, Any],
    before: Before,
    opening_of: OpeningOf = not_known,
) -> tuple[dict[str, str], list[Alert]]:
    """Files by name, as text, and what somebody should know of them.

    Args:
        planned: hours of the plan. loaded: its scenario. before: the schedule that is out.
        opening_of: how each site really stands.
    """
    weeks = with_weeks(planned, instance, plan, loaded, as_of, before, opening_of)
    found = weeks.schedule
    whole = {**head, "sites": weeks.sites, **money_of_week(instance, plan.tables, found)}
    files = {
        SCHEDULE_CSV: as_csv(found),
        SCHEDULE_JSON: as_json(found, whole),
        BIDS_CSV: rows_as_csv(BIDS, weeks.bids),
    }
    short = [Alert(Severity.WARNING, "schedule_short", remark) for remark in planned.remarks]
    return files, [*short, *weeks.alerts]

"""The hours of a plan decided again, outside a night: nothing is published."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from allocator.nightly.alerts import Alert
from allocator.nightly.before import Before, read_before
from allocator.nightly.given import NOTHING, read_given
from allocator.nightly.hours import SCHEDULE_JSON, hours_files
from allocator.nightly.schedule import schedule
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.solve import compiled, plan_in, scenario_in


@dataclass(frozen=True)
class Again:
    """Files by name, as text; what is said of each site that has a week; what somebody should know."""

    files: dict[str, str]
    sites: list[dict[str, Any]]
    alerts: list[Alert]


def decide_again(folder: Path, as_of: datetime, prices: Path | None, out: Path | None) -> Again:
    """The hours of the plan of a folder from a moment on.

    Args:
        prices: file of prices that are expected instead. out: the schedule that is out.

    Raises:
        BadInputError: the folder holds no plan, the plan no hours from then on, or the schedule cannot be read.
        ScenarioFaults: the file of prices has faults.
    """
    plan = plan_in(folder)
    loaded = scenario_in(folder, plan.meta)
    instance = compiled(loaded)
    given = NOTHING if prices is None else read_given(prices, instance.sites.names)
    before = Before() if out is None else read_before(out)
    if out is not None and not before.loads:
        raise BadInputError(f"{out} is no schedule of a night", ["name a schedule.json, or leave --schedule out"])
    planned = schedule(instance, plan, as_of)
    if not planned.rows:
        raise BadInputError(f"the plan has no hour from {as_of.isoformat()} on", list(planned.remarks))
    head = {"scenario": plan.meta.scenario, "as_of": as_of.isoformat()}
    files, alerts = hours_files(planned, instance, plan, loaded, as_of, head, before, given=given)
    return Again(files, json.loads(files[SCHEDULE_JSON])["sites"], alerts)

"""Set-points of batteries: what each takes or gives at the meter, from the steps of its site's week.

A site whose week was not to be had has none: its battery is left to its own controls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from allocator.nightly.handoff.set_points import BATTERY, LEAST_MW, ON_PLAN, SetPoint, name_of
from allocator.nightly.state.orders import Order


def battery_points(
    sites: Sequence[Mapping[str, Any]], step_h: Mapping[str, float], idle: Sequence[Order], run: str
) -> tuple[SetPoint, ...]:
    """Of the sites of a schedule, by site, then time.

    Args:
        sites: with `storage`, a row a step. step_h: length of steps by site. idle: orders that hold batteries idle.
    """
    found = list[SetPoint]()
    for site in sites:
        name = str(site["site"])
        own = [one for one in idle if one.site == name]
        for row in site.get("storage", ()):
            point = _point(name, row, timedelta(hours=step_h[name]), own, run)
            if found and _goes_on(found[-1], point):
                found[-1] = replace(found[-1], ends=point.ends, stored_mwh=point.stored_mwh)
            else:
                found.append(point)
    return tuple(found)


def _point(site: str, row: Mapping[str, Any], step: timedelta, idle: Sequence[Order], run: str) -> SetPoint:
    begins, mw = datetime.fromisoformat(row["utc"]), float(row["charge_mw"]) - float(row["discharge_mw"])
    by = "; ".join(one.by for one in idle if one.begins < begins + step and begins < one.ends)
    return SetPoint(
        id=name_of(run, site, BATTERY, row["utc"]),
        site=site,
        hall="",
        fit_out="",
        model="",
        step=0,
        begins=row["utc"],
        ends=(begins + step).isoformat(),
        target_mw=mw if abs(mw) > LEAST_MW else 0.0,
        mode="charge" if mw > LEAST_MW else "discharge" if mw < -LEAST_MW else "idle",
        reason=by or ON_PLAN,
        stop_above_usd_per_mwh=None,
        start_below_usd_per_mwh=None,
        device=BATTERY,
        stored_mwh=float(row["stored_mwh"]),
    )


def _goes_on(last: SetPoint, then: SetPoint) -> bool:
    same = (last.site, last.ends, last.mode, last.reason) == (then.site, then.begins, then.mode, then.reason)
    return same and abs(last.target_mw - then.target_mw) <= LEAST_MW

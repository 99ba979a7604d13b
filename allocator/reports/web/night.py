"""The page of a night."""

from __future__ import annotations

from collections import Counter

from allocator.reports.night import NightFiles, sections
from allocator.reports.web.report import Report, Tile


def night_report(found: NightFiles) -> Report:
    """The report of what a night wrote."""
    head = found.schedule
    counts = Counter(str(one["severity"]) for one in found.alerts)
    worst = next((name for name in ("critical", "warning") if counts[name]), "")
    return Report(
        title=str(head["scenario"]),
        kind="Night",
        lead=f"The night of {_short(head['as_of'])} UTC: {head['rung']}.",
        tiles=(
            Tile("Alerts", f"{len(found.alerts):,}", f"{counts['critical']} critical", "bad" if worst else "good"),
            Tile("Hours until", _short(head["until"]) or "none", "UTC"),
        ),
        surety=(f"Plan {str(head['plan'])[:12]}, run {str(head['run'])[:12]}: {head['rung']}.",),
        sections=sections(found),
        facts=(("run", str(head["run"])), ("plan", str(head["plan"]))),
        warnings=tuple(str(one["message"]) for one in found.alerts if one["severity"] == "critical"),
        remarks=tuple(map(str, head["remarks"])),
    )


def _short(stamp: object) -> str:
    return str(stamp)[:16].replace("T", " ")

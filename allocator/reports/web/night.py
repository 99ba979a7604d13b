"""The page of a night, and of a week that was decided again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from allocator.reports.night import NightFiles, sections
from allocator.reports.web.proof import facts, gap_words, surety, warnings
from allocator.reports.web.report import Report, Tile
from allocator.reports.words import written

RUNGS = {
    "solved": "solved tonight",
    "reprojected": "the decisions of the plan before, on today's data",
    "kept": "the plan before, as it was",
}


def night_report(found: NightFiles) -> Report:
    """The report of what a night wrote."""
    head, kind = found.schedule, "Night" if "run" in found.schedule else "Week"
    rung = RUNGS.get(str(head.get("rung", "")), str(head.get("rung", "hours decided again")))
    made = () if found.meta is None else facts(found.meta)
    return Report(
        title=str(head["scenario"]),
        kind=kind,
        lead=f"The {kind.lower()} of {_short(head['as_of'])} UTC: {rung}.",
        tiles=tuple(_tiles(found)),
        surety=tuple(_surety(found)),
        sections=sections(found),
        facts=(*((name, str(head[name])) for name in ("run", "plan") if name in head), *made),
        warnings=tuple(_warnings(found)),
        remarks=tuple(map(str, head["remarks"])),
    )


def _tiles(found: NightFiles) -> Iterator[Tile]:
    counts = Counter(str(one["severity"]) for one in found.alerts)
    bad = counts["critical"] or counts["warning"]
    yield Tile("Alerts", f"{len(found.alerts):,}", f"{counts['critical']} critical", "bad" if bad else "good")
    day, _, hour = _short(found.schedule["until"]).partition(" ")
    yield Tile("Hours until", day or "none", f"{hour} UTC" if hour else "")
    weeks = found.schedule["sites"]
    if weeks:
        worth = sum(float(week["value_usd"]) for week in weeks)
        yield Tile("Margin until then", written(worth, "USD"), "of all sites, at expected prices")
    if found.meta is not None:
        yield Tile("Net present value", written(found.meta.objective_usd, "USD"), "of the plan")
        tone = "" if found.meta.within_gap else "bad"
        asked = f"asked for: {written(found.meta.requested_gap, 'share')}"
        yield Tile("Proven gap", gap_words(found.meta.relative_gap), asked, tone)
        verified = found.meta.verified
        yield Tile("Verified", "yes" if verified else "no", "the plan, every rule", "good" if verified else "bad")


def _surety(found: NightFiles) -> Iterator[str]:
    """The plan's bound, then that of each site's week."""
    if found.meta is None:
        yield "The plan is not beside these files, so that its bound is not known here."
    else:
        yield from surety(found.meta)
    for week in found.schedule["sites"]:
        worth, most = float(week["value_usd"]), float(week["bound_usd"])
        gap = gap_words(max(0.0, most - worth) / max(abs(most), 1.0))
        yield (
            f"Hours of {week['site']}: worth {written(worth, 'USD')} at expected prices, by {week['method']}; nothing "
            f"can bring more than {written(most, 'USD')} under the same restart and off times (gap {gap})."
        )


def _warnings(found: NightFiles) -> Iterator[str]:
    yield from (str(one["message"]) for one in found.alerts if one["severity"] == "critical")
    if found.meta is not None:
        yield from warnings(found.meta)


def _short(stamp: object) -> str:
    return str(stamp)[:16].replace("T", " ")

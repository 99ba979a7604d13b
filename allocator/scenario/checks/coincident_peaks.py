"""Coincident peaks: named once in their site, months once each, hours that are some."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.coincident_peaks import PeakWindow
from allocator.scenario.faults import Fault


def terms(context: Context) -> Iterator[Fault]:
    """Every coincident peak of every site."""
    for site in context.draft.sites:
        path = (*site.path, "coincident_peaks")
        named = [((*path, k, "name"), peak.name) for k, peak in enumerate(site.value.coincident_peaks)]
        yield from context.repeated(named, "coincident peak of a site")
        for k, peak in enumerate(site.value.coincident_peaks):
            if isinstance(peak.hours, PeakWindow) and peak.hours.from_hour == peak.hours.to_hour:
                expected, fix = "another hour than from_hour", "write 0 and 24 for the whole day"
                yield context.places.fault((*path, k, "hours", "to_hour"), peak.hours.to_hour, expected, fix)
            if len(set(peak.months)) < len(peak.months):
                found, fix = f"{list(peak.months)}", "leave out what stands twice"
                yield context.places.fault((*path, k, "months"), found, "every month once", fix)

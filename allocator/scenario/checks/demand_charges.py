"""Demand charges: named once in their site, months once each, hours that are some."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault


def terms(context: Context) -> Iterator[Fault]:
    """Every demand charge of every site."""
    for site in context.draft.sites:
        path = (*site.path, "demand_charges")
        named = [((*path, k, "name"), charge.name) for k, charge in enumerate(site.value.demand_charges)]
        yield from context.repeated(named, "demand charge of a site")
        for k, charge in enumerate(site.value.demand_charges):
            if charge.from_hour == charge.to_hour:
                expected, fix = "another hour than from_hour", "write 0 and 24 for the whole day"
                yield context.places.fault((*path, k, "to_hour"), charge.to_hour, expected, fix)
            if len(set(charge.months)) < len(charge.months):
                found, fix = f"{list(charge.months)}", "leave out what stands twice"
                yield context.places.fault((*path, k, "months"), found, "every month once", fix)
            if charge.opening_peak_mw > site.value.power_limit_mw:
                expected = f"at most the site's power_limit_mw {site.value.power_limit_mw:g}"
                fix = "state the highest draw metered this month, in MW"
                yield context.places.fault((*path, k, "opening_peak_mw"), charge.opening_peak_mw, expected, fix)

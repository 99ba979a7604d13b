"""Blocks of power: named once in their site, months that run forward, hours that are some."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted


def terms(context: Context) -> Iterator[Fault]:
    """Every block of every site."""
    for site in context.draft.sites:
        path = (*site.path, "power_blocks")
        named = [((*path, k, "name"), block.name) for k, block in enumerate(site.value.power_blocks)]
        yield from context.repeated(named, "block of a site")
        for k, block in enumerate(site.value.power_blocks):
            if block.last_month < block.first_month:
                expected = f"not before first_month {block.first_month}"
                found, fix = Quoted(str(block.last_month)), "swap or correct the months"
                yield context.places.fault((*path, k, "last_month"), found, expected, fix)
            if block.from_hour == block.to_hour:
                fix = "write 0 and 24 for the whole day"
                expected = "another hour than from_hour"
                yield context.places.fault((*path, k, "to_hour"), block.to_hour, expected, fix)

"""Deferrable work: named once, over halls of the site that can hold GPU machines which are sold to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks import listed_halls
from allocator.scenario.checks.context import Context
from allocator.scenario.deferrable_work import DeferrableWork
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import GPU_KINDS
from allocator.scenario.places import Quoted
from allocator.scenario.reserves import Reserve
from allocator.scenario.sites import Site


def repeated(context: Context) -> Iterator[Fault]:
    """Work of a site has names of its own; it lists a hall once."""
    yield from listed_halls.repeated(context, _work, "work of a site", "hall of work")


def unknown_halls(context: Context) -> Iterator[Fault]:
    """Work names halls of its own site."""
    yield from listed_halls.unknown(context, _work)


def machines(context: Context) -> Iterator[Fault]:
    """Some hall of the work has, or may have, a fit-out that holds GPU machines."""
    if not context.draft.is_whole("fit_outs"):
        return
    for site in context.draft.sites:
        for part in _work(site):
            kinds = {
                context.kind(option)
                for hall in site.value.halls
                if part.value.halls is None or hall.name in part.value.halls
                for option in hall.options
            }
            if not kinds & set(GPU_KINDS):
                found = Quoted("no fit-out for GPU machines in its halls")
                expected = "a hall that has, or may have, a fit-out of kind " + " or ".join(GPU_KINDS)
                yield context.places.fault(part.path, found, expected, "change halls, or drop the work")


def sold_twice(context: Context) -> Iterator[Fault]:
    """Machines that work are offered to no ancillary service: a call would interrupt what is owed."""
    for site in context.draft.sites:
        for part in _work(site):
            service = next((s.name for s in site.value.reserves if _share_halls(part.value, s)), None)
            if service is not None:
                found = Quoted(f"halls whose GPU machines are offered to {service!r} too")
                fix = "take gpu_cloud out of the uses of the service, or part their halls"
                yield context.places.fault(part.path, found, "machines that no service may interrupt", fix)


def worthless(context: Context) -> Iterator[Fault]:
    """Work that is neither paid nor owed says nothing."""
    for site in context.draft.sites:
        for part in _work(site):
            if part.value.rate_usd_per_mwh + part.value.penalty_usd_per_mwh == 0:
                path, fix = (*part.path, "rate_usd_per_mwh"), "state what is paid or owed, or drop the work"
                yield context.places.fault(path, 0.0, "above 0, here or in penalty_usd_per_mwh", fix)


def _work(site: Part[Site]) -> list[Part[DeferrableWork]]:
    return [Part((*site.path, "deferrable_work", i), work) for i, work in enumerate(site.value.deferrable_work)]


def _share_halls(work: DeferrableWork, service: Reserve) -> bool:
    both = work.halls is None or service.halls is None or bool(set(work.halls) & set(service.halls))
    return "gpu_cloud" in service.uses and both

"""Ancillary services: each named once, over halls of the site that can hold machines that qualify."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import GPU_KINDS, MINING_KINDS, FitOutKind
from allocator.scenario.places import Quoted
from allocator.scenario.reserves import Reserve
from allocator.scenario.sites import Site

KINDS: dict[str, tuple[FitOutKind, ...]] = {"mining": MINING_KINDS, "gpu_cloud": GPU_KINDS}
"""Fit-outs that hold machines of a use."""


def repeated(context: Context) -> Iterator[Fault]:
    """Services of a site have names of their own; a service lists a hall and a use once."""
    for site in context.draft.sites:
        names = [((*part.path, "name"), part.value.name) for part in _services(site)]
        yield from context.repeated(names, "service of a site")
        for part in _services(site):
            halls = [((*part.path, "halls", i), name) for i, name in enumerate(part.value.halls or ())]
            yield from context.repeated(halls, "hall of a service")
            uses = [((*part.path, "uses", i), name) for i, name in enumerate(part.value.uses)]
            yield from context.repeated(uses, "use of a service")


def unknown_halls(context: Context) -> Iterator[Fault]:
    """A service names halls of its own site."""
    for site in context.draft.sites:
        own = [hall.name for hall in site.value.halls]
        for part in _services(site):
            for position, name in enumerate(part.value.halls or ()):
                yield from context.unknown((*part.path, "halls", position), name, own, "a hall of the site")


def machines(context: Context) -> Iterator[Fault]:
    """Some hall of a service has, or may have, a fit-out that holds machines that qualify."""
    if not context.draft.is_whole("fit_outs"):
        return
    for site in context.draft.sites:
        for part in _services(site):
            allowed = {kind for use in part.value.uses for kind in KINDS[use]}
            if not allowed & set(_kinds(context, site.value, part.value)):
                found = Quoted(f"no fit-out for {' or '.join(part.value.uses)} in its halls")
                expected = "a hall that has, or may have, a fit-out of kind " + " or ".join(sorted(allowed))
                yield context.places.fault(part.path, found, expected, "change halls or uses, or drop the service")


def payments(context: Context) -> Iterator[Fault]:
    """Energy is only paid where some of it is called."""
    for site in context.draft.sites:
        for part in _services(site):
            if part.value.deployment_usd_per_mwh > 0 and part.value.deployment_share == 0:
                path = (*part.path, "deployment_usd_per_mwh")
                expected = "0 where deployment_share is 0: nothing is called"
                fix = "state deployment_share, or drop the payment"
                yield context.places.fault(path, part.value.deployment_usd_per_mwh, expected, fix)


def _services(site: Part[Site]) -> list[Part[Reserve]]:
    return [Part((*site.path, "reserves", i), service) for i, service in enumerate(site.value.reserves)]


def _kinds(context: Context, site: Site, service: Reserve) -> Iterator[FitOutKind]:
    for hall in site.halls:
        if service.halls is None or hall.name in service.halls:
            yield from filter(None, (context.kind(option) for option in hall.options))

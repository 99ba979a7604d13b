"""Ancillary services: each named once, over halls of the site that can hold machines that qualify."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks import listed_halls
from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import KINDS_OF_USE, FitOutKind
from allocator.scenario.places import Quoted
from allocator.scenario.reserves import Reserve
from allocator.scenario.sites import Site


def repeated(context: Context) -> Iterator[Fault]:
    """Services of a site have names of their own; a service lists a hall and a use once."""
    yield from listed_halls.repeated(context, _services, "service of a site", "hall of a service")
    for site in context.draft.sites:
        for part in _services(site):
            uses = [((*part.path, "uses", i), name) for i, name in enumerate(part.value.uses)]
            yield from context.repeated(uses, "use of a service")


def unknown_halls(context: Context) -> Iterator[Fault]:
    """A service names halls of its own site."""
    yield from listed_halls.unknown(context, _services)


def machines(context: Context) -> Iterator[Fault]:
    """Some hall of a service has, or may have, a fit-out that holds machines that qualify."""
    if not context.draft.is_whole("fit_outs"):
        return
    for site in context.draft.sites:
        for part in _services(site):
            allowed = {kind for use in part.value.uses for kind in KINDS_OF_USE[use]}
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

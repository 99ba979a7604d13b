"""Feeders and plants: named once, over halls and feeders of their own site; every feeder holds a hall, none itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.shared_limits import Feeder, halls_behind
from allocator.scenario.sites import Site
from allocator.scenario.yaml_reader import Path


def names(context: Context) -> Iterator[Fault]:
    """Feeders have names of their own over all sites, and so have plants."""
    for section, word in (("feeders", "feeder"), ("plants", "plant")):
        yield from context.repeated(context.draft.named_in_sites(section), f"{word} name, over all sites,")


def members(context: Context) -> Iterator[Fault]:
    """Feeders and plants list halls, and feeders other feeders, of their own site; each once."""
    for site in context.draft.sites:
        halls = [hall.name for hall in site.value.halls]
        feeders = [feeder.name for feeder in site.value.feeders]
        for position, feeder in enumerate(site.value.feeders):
            path = (*site.path, "feeders", position)
            yield from _listed(context, (*path, "halls"), feeder.halls, halls, "hall")
            yield from _listed(context, (*path, "feeders"), feeder.feeders, feeders, "feeder")
        for position, plant in enumerate(site.value.plants):
            yield from _listed(context, (*site.path, "plants", position, "halls"), plant.halls, halls, "hall")


def feeders_in_circles(context: Context) -> Iterator[Fault]:
    """No feeder hangs on itself, and a hall hangs on each."""
    for site in context.draft.sites:
        behind = halls_behind(site.value.feeders)
        for position, feeder in enumerate(site.value.feeders):
            path = (*site.path, "feeders", position)
            if feeder.name in _inside(site.value.feeders, feeder):
                found = Quoted(f"feeder {feeder.name!r}, which hangs on itself")
                fix = "take one of the feeders out of the circle"
                yield context.places.fault((*path, "feeders"), found, "feeders that hang on this one", fix)
            elif not behind[feeder.name]:
                found = Quoted(f"feeder {feeder.name!r} without a hall")
                fix = "add halls, or feeders that have some"
                yield context.places.fault(path, found, "at least one hall behind it", fix)


def standing_draw(context: Context) -> Iterator[Fault]:
    """What the halls behind a feeder draw at no load, as they open, stays within its limit."""
    for site in context.draft.sites:
        behind = halls_behind(site.value.feeders)
        for position, feeder in enumerate(site.value.feeders):
            drawn = sum(_no_load_mw(context, site, name) for name in behind[feeder.name])
            if drawn > feeder.limit_mw:
                path, found = (*site.path, "feeders", position, "limit_mw"), Quoted(f"{feeder.limit_mw:g} MW")
                expected = f"at least {drawn:g} MW, what the halls behind it draw at no load as they open"
                yield context.places.fault(path, found, expected, "raise limit_mw, or lower no_load_share")


def _listed(context: Context, path: Path, given: Sequence[str], known: Sequence[str], word: str) -> Iterator[Fault]:
    places = [((*path, k), name) for k, name in enumerate(given)]
    for place, name in places:
        yield from context.unknown(place, name, known, f"a {word} of the same site")
    yield from context.repeated(places, word)


def _inside(feeders: Sequence[Feeder], outer: Feeder) -> set[str]:
    """Feeders that hang on one, directly or through others."""
    by_name = {feeder.name: feeder for feeder in feeders}
    found: set[str] = set()
    open_ones = [*outer.feeders]
    while open_ones:
        name = open_ones.pop()
        if name in by_name and name not in found:
            found.add(name)
            open_ones += by_name[name].feeders
    return found


def _no_load_mw(context: Context, site: Part[Site], hall_name: str) -> float:
    """Draw of a hall at no load in its opening fit-out, as far as both are known."""
    hall = next((hall for hall in site.value.halls if hall.name == hall_name), None)
    option = next((o for o in hall.options if o.fit_out == hall.fit_out), None) if hall else None
    fit_out = context.draft.fit_out(option.fit_out) if option else None
    return option.it_limit_mw * fit_out.no_load_share if option and fit_out else 0.0

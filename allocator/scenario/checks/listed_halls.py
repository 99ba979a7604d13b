"""What a site states under names of its own for some of its halls: ancillary services, deferrable work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.faults import Fault
from allocator.scenario.sites import Site


class Listing(Protocol):
    """A name, and halls of the site; None for all of them."""

    @property
    def name(self) -> str: ...

    @property
    def halls(self) -> Sequence[str] | None: ...


Stated = TypeVar("Stated", bound=Listing)


def repeated(
    context: Context, stated: Callable[[Part[Site]], Sequence[Part[Stated]]], of_site: str, of_hall: str
) -> Iterator[Fault]:
    """Names stand once in a site, halls once in what lists them."""
    for site in context.draft.sites:
        names = [((*part.path, "name"), part.value.name) for part in stated(site)]
        yield from context.repeated(names, of_site)
        for part in stated(site):
            halls = [((*part.path, "halls", i), name) for i, name in enumerate(part.value.halls or ())]
            yield from context.repeated(halls, of_hall)


def unknown(context: Context, stated: Callable[[Part[Site]], Sequence[Part[Stated]]]) -> Iterator[Fault]:
    """Halls that are listed are halls of the site."""
    for site in context.draft.sites:
        own = [hall.name for hall in site.value.halls]
        for part in stated(site):
            for position, name in enumerate(part.value.halls or ()):
                yield from context.unknown((*part.path, "halls", position), name, own, "a hall of the site")

"""Stems of given scenarios: named once, made of scenarios and later stems, each of them in one stem at most."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.checks.uncertainty import HERE, on_grid
from allocator.scenario.faults import Fault
from allocator.scenario.uncertainty import Given


def stems(context: Context) -> Iterator[Fault]:
    """Every stem, its members and its month."""
    stated, horizon = context.draft.uncertainty, context.draft.horizon
    if not isinstance(stated, Given):
        return
    scenarios = [one.name for one in stated.scenarios]
    named = [((HERE, "scenarios", k, "name"), name) for k, name in enumerate(scenarios)]
    named += [((HERE, "stems", k, "name"), stem.name) for k, stem in enumerate(stated.stems)]
    yield from context.repeated(named, "scenario or stem name") if stated.stems else ()
    listed = [
        ((HERE, "stems", k, "members", m), name) for k, s in enumerate(stated.stems) for m, name in enumerate(s.members)
    ]
    known = [*scenarios, *(stem.name for stem in stated.stems)]
    for path, name in listed:
        yield from context.unknown(path, name, known, "the name of a scenario or a stem")
    yield from context.repeated(listed, "scenario or stem, over all stems,")
    for k, stem in enumerate(stated.stems):
        if horizon is not None:
            yield from on_grid(context, horizon, (HERE, "stems", k, "known_month"), stem.known_month)
        yield from _after(context, stated, k)


def _after(context: Context, stated: Given, position: int) -> Iterator[Fault]:
    """A stem parts later than the stem that it belongs to, or than all scenarios."""
    stem = stated.stems[position]
    around = [other.known_month for other in stated.stems if stem.name in other.members]
    before = max([stated.known_month, *around])
    if stem.known_month <= before:
        expected, fix = f"a month after {before}, when it is told from the others", "let it part later, or leave it out"
        yield context.places.fault((HERE, "stems", position, "known_month"), stem.known_month, expected, fix)

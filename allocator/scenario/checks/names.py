"""Names: each once, and each that is referred to must exist."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.equipment import STORAGE
from allocator.scenario.faults import Fault
from allocator.scenario.fit_outs import GPU_KINDS, MINING_KINDS
from allocator.scenario.places import Quoted


def repeated_names(context: Context) -> Iterator[Fault]:
    """Sites, halls (over all sites; a hosting agreement is both), contracts and groups have names of their own."""
    draft = context.draft
    yield from context.repeated([*draft.named("sites"), *draft.named("hosting")], "site name")
    yield from context.repeated(draft.named_halls(), "hall name, over all sites,")
    yield from context.repeated(draft.named("contracts"), "contract name")
    yield from context.repeated(draft.named("one_of"), "group name")


def reserved_names(context: Context) -> Iterator[Fault]:
    """No hall is called storage, no fit-out like a kind that it is not."""
    for path, name in context.draft.named_halls():
        if name == STORAGE:
            found = Quoted(f"a hall named {STORAGE!r}")
            yield context.places.fault(path, found, "another name", f"{STORAGE} means the company's store; rename it")
    for part in context.draft.fit_outs:
        if part.path[-1] in (*GPU_KINDS, *MINING_KINDS, "empty") and part.path[-1] != part.value.kind:
            found = Quoted(f"the name {part.path[-1]!r} for kind {part.value.kind}")
            yield context.places.fault(part.path, found, "a name that is no other kind", "rename the fit-out")


def unknown_fit_outs(context: Context) -> Iterator[Fault]:
    """Halls and contracts name fit-outs of the file; contracts may name a GPU kind instead."""
    known = context.draft.keys("fit_outs")
    for option, _, _ in context.draft.options():
        yield from context.unknown((*option.path, "fit_out"), option.value.fit_out, known, "a name in fit_outs")
    for part in context.draft.contracts:
        for position, name in enumerate(part.value.fit_outs):
            path = (*part.path, "fit_outs", position)
            yield from context.unknown(path, name, [*known, *GPU_KINDS], "a name in fit_outs, air_gpu or liquid_gpu")


def unknown_equipment(context: Context) -> Iterator[Fault]:
    """Fleets name equipment and halls or hosting agreements of the file."""
    halls = [name for _, name in context.draft.named_halls()]
    for fleet in context.draft.fleets:
        known = context.draft.keys("equipment")
        yield from context.unknown((*fleet.path, "equipment"), fleet.value.equipment, known, "a name in equipment")
        yield from context.unknown(
            (*fleet.path, "hall"), fleet.value.hall, [*halls, STORAGE], "a hall, a hosting agreement, or storage"
        )


def unknown_markets(context: Context) -> Iterator[Fault]:
    """GPU systems name a rental market of the file."""
    for part in context.draft.equipment:
        market = part.value.rental_market
        if market is not None:
            known = context.draft.keys("gpu_rental")
            yield from context.unknown((*part.path, "rental_market"), market, known, "a name in gpu_rental")


def unknown_sites_and_contracts(context: Context) -> Iterator[Fault]:
    """Contracts name sites of the file, groups name contracts; each once."""
    sites = [name for _, name in context.draft.named("sites")]
    contracts = [name for _, name in context.draft.named("contracts")]
    for part in context.draft.contracts:
        listed = [((*part.path, "sites", i), name) for i, name in enumerate(part.value.sites or ())]
        for path, name in listed:
            yield from context.unknown(path, name, sites, "the name of a site")
        yield from context.repeated(listed, "site")
        kinds = [((*part.path, "fit_outs", i), name) for i, name in enumerate(part.value.fit_outs)]
        yield from context.repeated(kinds, "fit-out")
    for group in context.draft.one_of:
        members = [((*group.path, "contracts", i), name) for i, name in enumerate(group.value.contracts)]
        for path, name in members:
            yield from context.unknown(path, name, contracts, "the name of a contract")
        yield from context.repeated(members, "contract of a group")

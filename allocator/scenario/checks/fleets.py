"""Equipment that can be resolved, and opening fleets that can stand where the file puts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.equipment import STORAGE, Fleet
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted
from allocator.scenario.resolve import EquipmentError, resolve_equipment
from allocator.scenario.sites import HallOption


def equipment(context: Context) -> Iterator[Fault]:
    """Every entry is complete, with the catalogue's help, and does not contradict itself."""
    for part in context.draft.equipment:
        try:
            resolve_equipment(part.value, context.catalogue)
        except EquipmentError as error:
            for lack in error.shortcomings:
                is_stated = getattr(part.value, lack.field) is not None
                path = (*part.path, lack.field) if is_stated else part.path
                yield context.places.fault(path, Quoted(lack.found), lack.expected, lack.fix)


def repeated_fleets(context: Context) -> Iterator[Fault]:
    """Each model stands once in each hall, and arrives once in a month."""
    pairs = [
        (part.path, f"{part.value.equipment} in {part.value.hall}{_when(part.value)}") for part in context.draft.fleets
    ]
    yield from context.repeated(pairs, "model in a hall")


def _when(fleet: Fleet) -> str:
    return "" if fleet.arrives is None else f" from {fleet.arrives}"


def arrivals(context: Context) -> Iterator[Fault]:
    """What is on order arrives in the store, inside the horizon."""
    horizon = context.draft.horizon
    for part in context.draft.fleets:
        arrives, path = part.value.arrives, (*part.path, "arrives")
        if arrives is None:
            continue
        if part.value.hall != STORAGE:
            found, fix = Quoted(f"an order that arrives in {part.value.hall!r}"), f"write hall: {STORAGE}"
            yield context.places.fault(path, found, "orders arrive in the store", fix)
        if horizon is not None and not horizon.start <= arrives < horizon.end:
            expected = f"a month of the horizon, {horizon.start} to {horizon.end.plus(-1)}"
            yield context.places.fault(path, Quoted(str(arrives)), expected, "leave arrives out if it has arrived")


def blocks(context: Context) -> Iterator[Fault]:
    """Units come in whole blocks."""
    block_units = {part.path[-1]: part.value.block_units for part in context.draft.equipment}
    for fleet in context.draft.fleets:
        block = block_units.get(fleet.value.equipment)
        if block is not None and fleet.value.units % block:
            low = fleet.value.units // block * block
            fix = f"write {low} or {low + block}, or change block_units"
            expected = f"a multiple of block_units, {block}"
            yield context.places.fault((*fleet.path, "units"), fleet.value.units, expected, fix)


def compatibility(context: Context) -> Iterator[Fault]:
    """A fleet stands in a hall whose opening fit-out can take its model."""
    opening = _opening_options(context)
    for fleet in context.draft.fleets:
        model, option = context.resolved(fleet.value.equipment), opening.get(fleet.value.hall)
        kind = context.kind(option) if option else None
        if model is None or option is None or kind is None or kind in model.fit_out_kinds:
            continue
        found = Quoted(f"{fleet.value.equipment!r} in {fleet.value.hall!r}, fitted out as {kind}")
        expected = "a hall fitted out as " + " or ".join(model.fit_out_kinds)
        yield context.places.fault(fleet.path, found, expected, f"choose another hall, or hall: {STORAGE}")


def slots(context: Context) -> Iterator[Fault]:
    """The fleets of a hall fit into its slots, in whole blocks."""
    taken: defaultdict[str, float] = defaultdict(float)
    per_unit = {part.path[-1]: part.value.slots_per_unit for part in context.draft.equipment}
    opening = _opening_options(context)
    for fleet in context.draft.fleets:
        hall = fleet.value.hall
        taken[hall] += fleet.value.units * per_unit.get(fleet.value.equipment, 0.0)
        if hall in opening and taken[hall] > opening[hall].slots + 1e-9:
            found = Quoted(f"{taken[hall]:g} slots taken in {hall!r} with this fleet")
            expected = f"at most {opening[hall].slots} slots"
            yield context.places.fault(
                (*fleet.path, "units"), found, expected, f"move units to another hall or {STORAGE}"
            )


def _opening_options(context: Context) -> dict[str, HallOption]:
    """Hall name to the option it opens in."""
    return {
        hall.name: option.value for option, hall, _ in context.draft.options() if option.value.fit_out == hall.fit_out
    }

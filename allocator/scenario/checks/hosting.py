"""Hosting agreements: their term meets the horizon, and the machines there at the start fit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.draft import Part
from allocator.scenario.equipment import STORAGE
from allocator.scenario.faults import Fault
from allocator.scenario.hosting import HostingAgreement
from allocator.scenario.places import Quoted
from allocator.scenario.resolve import ResolvedAsic

SLACK = 1e-9


def terms(context: Context) -> Iterator[Fault]:
    """The term runs forward and meets the horizon."""
    horizon = context.draft.horizon
    for part in context.draft.hosting:
        agreement, path = part.value, (*part.path, "last_month")
        found = Quoted(str(agreement.last_month))
        if agreement.last_month < agreement.first_month:
            expected = f"not before first_month {agreement.first_month}"
            yield context.places.fault(path, found, expected, "swap or correct the months")
        elif horizon is not None and agreement.end <= horizon.start:
            expected = f"a term that reaches into the horizon, {horizon.start} to {horizon.end.plus(-1)}"
            yield context.places.fault(path, found, expected, "remove the agreement, or state its renewal")
        elif horizon is not None and horizon.end <= agreement.first_month:
            path, expected = (*part.path, "first_month"), f"before {horizon.end}, the end of the horizon"
            fix = "move the month or the horizon"
            yield context.places.fault(path, Quoted(str(agreement.first_month)), expected, fix)


def machines(context: Context) -> Iterator[Fault]:
    """Machines stand there at the start only if the agreement is in force, cools them, feeds them and racks them."""
    by_name = {part.value.name: part for part in context.draft.hosting}
    taken_mw: defaultdict[str, float] = defaultdict(float)
    taken_slots: defaultdict[str, float] = defaultdict(float)
    for fleet in context.draft.fleets:
        part, model = by_name.get(fleet.value.hall), context.resolved(fleet.value.equipment)
        if part is None or model is None or not fleet.value.units:
            continue
        name, agreement, where = fleet.value.equipment, part.value, (*fleet.path, "hall")
        if not isinstance(model, ResolvedAsic) or model.cooling != agreement.cooling:
            found = Quoted(f"{name!r} with {agreement.name!r}, which hosts {agreement.cooling} ASICs")
            yield context.places.fault(where, found, "machines that the host cools", f"choose another, or {STORAGE}")
            continue
        yield from _before_term(context, part, where)
        taken_mw[agreement.name] += fleet.value.units * model.modes[-1][1] / 1e6
        taken_slots[agreement.name] += fleet.value.units * model.entry.slots_per_unit
        units, fix = (*fleet.path, "units"), f"move units to another hall or {STORAGE}"
        if taken_mw[agreement.name] > agreement.capacity_mw + SLACK:
            found = Quoted(f"{taken_mw[agreement.name]:g} MW at {agreement.name!r} with this fleet")
            yield context.places.fault(units, found, f"at most {agreement.capacity_mw:g} MW", fix)
        if agreement.slots is not None and taken_slots[agreement.name] > agreement.slots + SLACK:
            found = Quoted(f"{taken_slots[agreement.name]:g} slots taken at {agreement.name!r} with this fleet")
            yield context.places.fault(units, found, f"at most {agreement.slots} slots", fix)


def _before_term(context: Context, part: Part[HostingAgreement], where: tuple[str | int, ...]) -> Iterator[Fault]:
    horizon, first = context.draft.horizon, part.value.first_month
    if horizon is not None and horizon.start < first:
        found = Quoted(f"{part.value.name!r}, whose term begins in {first}")
        yield context.places.fault(where, found, f"an agreement in force in {horizon.start}", f"write {STORAGE}")

"""Halls: the opening fit-out is among the options, the others say how to get there."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.places import Quoted


def opening_fit_out(context: Context) -> Iterator[Fault]:
    """The opening fit-out is one of the options, and each option stands once."""
    for hall, _ in context.draft.halls():
        names = [option.fit_out for option in hall.value.options]
        expected = "a fit-out among the hall's options"
        yield from context.unknown((*hall.path, "fit_out"), hall.value.fit_out, names, expected)
        listed = [((*hall.path, "options", i, "fit_out"), name) for i, name in enumerate(names)]
        yield from context.repeated(listed, "option of a hall")


def conversions(context: Context) -> Iterator[Fault]:
    """Every option but the opening one says what the conversion takes; downtime lies within the lead time."""
    for option, hall, _ in context.draft.options():
        conversion = option.value.conversion
        if conversion is None:
            if option.value.fit_out != hall.fit_out:
                found = Quoted(f"no conversion into {option.value.fit_out!r}")
                fix = "add conversion: {capex_usd_per_mw, lead_months, downtime_months}"
                yield context.places.fault(option.path, found, "a conversion for all but the opening option", fix)
        elif conversion.downtime_months > conversion.lead_months:
            path = (*option.path, "conversion", "downtime_months")
            expected = f"at most the lead time, {conversion.lead_months} months"
            fix = "lengthen lead_months or shorten downtime_months"
            yield context.places.fault(path, conversion.downtime_months, expected, fix)


def under_way(context: Context) -> Iterator[Fault]:
    """A conversion under way leads to another option, inside the horizon, and stands idle before it is ready."""
    horizon = context.draft.horizon
    for hall, _ in context.draft.halls():
        stated = hall.value.under_way
        if stated is None:
            continue
        path = (*hall.path, "under_way")
        names = [option.fit_out for option in hall.value.options if option.fit_out != hall.value.fit_out]
        yield from context.unknown((*path, "to"), stated.to, names, "an option of the hall that it does not open in")
        if hall.value.max_conversions < 1:
            found, fix = Quoted("a conversion under way, and max_conversions 0"), "write max_conversions: 1"
            yield context.places.fault(path, found, "at least one conversion", fix)
        if horizon is not None and not horizon.start <= stated.ready < horizon.end:
            expected = f"a month of the horizon, {horizon.start} to {horizon.end.plus(-1)}"
            fix = "state the hall as converted where it is ready, or move the month"
            yield context.places.fault((*path, "ready"), Quoted(str(stated.ready)), expected, fix)
        if stated.ready < stated.idle_from:
            expected = f"at most the month it is ready, {stated.ready}"
            yield context.places.fault((*path, "idle_from"), Quoted(str(stated.idle_from)), expected, "correct one")


def tenant_heat(context: Context) -> Iterator[Fault]:
    """A liquid_gpu fit-out states how tenant heat is split."""
    for part in context.draft.fit_outs:
        if part.value.kind == "liquid_gpu" and "tenant_air_share" not in part.value.model_fields_set:
            found = Quoted("no 'tenant_air_share'")
            fix = "add tenant_air_share, for example 0.15"
            yield context.places.fault(part.path, found, "how tenant heat is split between air and liquid", fix)

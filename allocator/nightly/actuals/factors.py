"""Factors by which machines and sites really differ from a scenario, with their spread; never applied by themselves."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from allocator.nightly.actuals.planned import Planned
from allocator.scenario.actuals import ActualLine
from allocator.scenario.catalogue import bundled_catalogue
from allocator.scenario.resolve import ResolvedAsic, resolve_equipment
from allocator.scenario.scenario import Scenario

Pair = tuple[Planned, ActualLine]


@dataclass(frozen=True)
class Factor:
    """One figure over all periods.

    Attributes:
        name: hashrate (actual over planned Bitcoin a MWh), overhead (actual over planned), uptime (share of machines).
        site: "" for all. value: weighted by MWh. spread: standard deviation of periods around it; None for one period.
        periods: how many count.
    """

    name: str
    site: str
    value: float
    spread: float | None
    periods: int


def factors(pairs: Sequence[Pair]) -> tuple[Factor, ...]:
    """Of every site, and of all."""
    sites = list(dict.fromkeys(actual.site for _, actual in pairs))
    found = []
    for site in [*sites, *([""] if len(sites) > 1 else [])]:
        own = [pair for pair in pairs if site in ("", pair[1].site)]
        found += [factor for kind in _KINDS if (factor := _factor(kind, site, own)) is not None]
    return tuple(found)


_KINDS = ("hashrate", "overhead", "uptime")


def _factor(name: str, site: str, pairs: Sequence[Pair]) -> Factor | None:
    values = [(value, actual.meter_mwh) for plan, actual in pairs if (value := _value(name, plan, actual)) is not None]
    whole = math.fsum(weight for _, weight in values)
    if not whole:
        return None
    mean = math.fsum(value * weight for value, weight in values) / whole
    variance = math.fsum(weight * (value - mean) ** 2 for value, weight in values) / whole
    return Factor(name, site, mean, math.sqrt(variance) if len(values) > 1 else None, len(values))


def _value(name: str, plan: Planned, actual: ActualLine) -> float | None:
    if name == "uptime":
        return actual.available_share
    if name == "hashrate":
        known = actual.pool_btc is not None and plan.btc > 0 and actual.meter_mwh > 0
        return (actual.pool_btc or 0.0) / actual.meter_mwh * plan.meter_mwh / plan.btc if known else None
    over = plan.meter_mwh / plan.it_mwh - 1.0 if plan.it_mwh > 0 else 0.0
    return (actual.meter_mwh / actual.it_mwh - 1.0) / over if actual.it_mwh and over > 0 else None


def yaml_lines(found: Sequence[Factor], scenario: Scenario) -> Iterator[str]:
    """What to write into the scenario to plan with these figures."""
    whole = {factor.name: factor.value for factor in _over_all(found)}
    if {"hashrate", "uptime"} & set(whole):
        yield "equipment:"
        yield from _equipment(whole, scenario)
    if "overhead" in whole:
        yield "fit_outs:"
        for name, fit_out in scenario.fit_outs.items():
            curve = ", ".join(f"[{c:g}, {share * whole['overhead']:.4g}]" for c, share in fit_out.overhead)
            yield f"  {name}: {{overhead: [{curve}]}}"


def _over_all(found: Sequence[Factor]) -> list[Factor]:
    """Of all sites together; of the one site where there is one."""
    return [factor for factor in found if not factor.site] or list(found)


def _equipment(whole: Mapping[str, float], scenario: Scenario) -> Iterator[str]:
    for name, entry in scenario.equipment.items():
        machine = resolve_equipment(entry, bundled_catalogue())
        if not isinstance(machine, ResolvedAsic):
            continue
        said = [f"uptime_share: {whole['uptime']:.4g}"] if "uptime" in whole else []
        if "hashrate" in whole:
            modes = ", ".join(f"[{th * whole['hashrate']:.5g}, {watts:g}]" for th, watts in machine.modes)
            said.append(f"modes: [{modes}]")
        yield f"  {name}: {{{', '.join(said)}}}"

"""The gate of a state: each number passes, or is set aside with its reason and what was known before is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from allocator.nightly.state.actual import CASH, Actual
from allocator.scenario.actual_state import StateGate
from allocator.scenario.scenario import Scenario
from allocator.scenario.sites import Site

METER_SHARE = 1.05
"""A meter may read so much of the limit: contracts count averages of quarters of an hour."""
MONTH_H = 744.0
MOST_PH_PER_S, MOST_BTC, MOST_USD = 1e7, 21e6, 1e12
LATEST_H = 1.0
"""A state from further ahead than this is a slip of a clock."""
JUMPING = ("cash_usd", "free_btc", "btc_price_usd", "owed_usd", "pledged_btc", "hashrate_ph_per_s")
"""What does not move much in a day; draws, batteries and peaks do."""


@dataclass(frozen=True)
class SetAside:
    """A number that did not pass, and what is used instead: what was known before, None for nothing."""

    name: str
    value: float
    reason: str
    used: float | None


@dataclass(frozen=True)
class Judged:
    """What is taken, and what is not."""

    taken: Actual
    aside: tuple[SetAside, ...]


def judge(said: Actual, gate: StateGate, scenario: Scenario, good: Actual | None, before: Actual | None) -> Judged:
    """Judge each number of a state.

    Args:
        good: what was taken of the state before, None for none. before: what that state said; a level that it said
            already is believed.
    """
    aside, taken = list[SetAside](), dict[str, float]()
    limits = dict(_limits(scenario))
    for name, value in said.values.items():
        reason = _reason(name, value, limits) or _jump(name, value, gate, good, before)
        if not reason:
            taken[name] = value
            continue
        known = None if good is None else good.values.get(name)
        aside.append(SetAside(name, value, reason, known))
        if known is not None:
            taken[name] = known
    return Judged(replace(said, values=MappingProxyType(taken)), tuple(aside))


def too_old(said: Actual, gate: StateGate, as_of: datetime) -> str:
    """In words, if a state is older than its gate lets pass, or from the future; empty if not."""
    age_h = (as_of - said.as_of).total_seconds() / 3600.0
    if age_h > gate.most_age_h:
        return f"it is {age_h:,.1f} h old, more than {gate.most_age_h:,.1f} h"
    return f"it lies {-age_h:,.1f} h after the moment of the run" if age_h < -LATEST_H else ""


def _limits(scenario: Scenario) -> Iterator[tuple[str, float]]:
    """Largest plausible number by name; those that are not listed have a limit by what they are."""
    for site in scenario.sites:
        here = f"site/{site.name}"
        yield f"{here}/drawn_mw", METER_SHARE * site.power_limit_mw
        yield f"{here}/energy_left_mwh", MONTH_H * site.power_limit_mw
        yield from ((f"{here}/peak/{one}/peak_mw", site.power_limit_mw) for one in _charges(site))
        if site.battery is not None:
            yield f"{here}/battery_stored_mwh", site.battery.energy_mwh


def _charges(site: Site) -> list[str]:
    return [charge.name for charge in site.demand_charges]


_MOST: Mapping[str, float] = MappingProxyType(
    {"usd": MOST_USD, "btc": MOST_BTC, "s": MOST_PH_PER_S},
)
"""By the unit at the end of a name."""


def _reason(name: str, value: float, limits: Mapping[str, float]) -> str:
    most = limits.get(name, _MOST.get(name.rsplit("_", 1)[-1], MOST_USD))
    least = -MOST_USD if name == CASH else 0.0
    return "" if least <= value <= most else f"outside {least:g} to {most:g}"


def _jump(name: str, value: float, gate: StateGate, good: Actual | None, before: Actual | None) -> str:
    if name.rsplit("/", 1)[-1] not in JUMPING or good is None or name not in good.values:
        return ""
    near = _near(gate.most_jump_share)
    said = None if before is None else before.values.get(name)
    if near(value, good.values[name]) or (said is not None and near(value, said)):
        return ""
    return f"jumps by more than {100 * gate.most_jump_share:g} % from {good.values[name]:g}"


def _near(share: float) -> Callable[[float, float], bool]:
    return lambda new, old: abs(new - old) <= share * max(abs(new), abs(old))

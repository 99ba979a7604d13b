"""Prices that break-evens turn: a name of LEVERS, a knob that scales, or the path of a number, times one factor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from allocator.pipeline.errors import BadInputError
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.scenario.places import path_text, suggestion
from allocator.scenario.scenario import Scenario
from allocator.scenario.value_paths import open_places, places_at, split_path, value_at

LEVERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "hashprice": ("bitcoin.usd_per_ph_day",),
        "btc_price": ("bitcoin.btc_price_usd",),
        "power": ("sites[*].price.scale",),
        "gpu_rate": ("gpu_rental.*.usd_per_gpu_hour",),
        "rents": ("contracts[*].rent_usd_per_kw_month",),
    }
)
"""Paths of each lever, to a number or a value that changes over time."""
NEUTRAL: Mapping[str, float] = MappingProxyType({"power": 1.0})
"""Value of the paths of a lever that a file leaves out."""


def scaled(loaded: LoadedScenario, lever: str, factor: float) -> LoadedScenario:
    """The scenario with a lever multiplied.

    Raises:
        BadInputError: it has no such lever. ScenarioFaults: the product makes no valid scenario.
    """
    knob = loaded.scenario.knobs.get(lever)
    if knob is not None and knob.scale is not None:
        return _keeping_hours(loaded, [Setting(lever, factor)])
    settings = [setting for path in LEVERS.get(lever, (lever,)) for setting in _settings(loaded, lever, path, factor)]
    if not settings:
        raise BadInputError(f"the scenario has nothing to scale at {lever!r}", [_instead(loaded, lever)])
    return _keeping_hours(loaded, settings)


def stated(loaded: LoadedScenario, lever: str) -> float | None:
    """The value that a lever multiplies, of the first month where it grows; None where it is not one number."""
    if lever in loaded.scenario.knobs or lever in NEUTRAL:
        return None
    document = loaded.yaml.data
    places = [place for path in LEVERS.get(lever, (lever,)) for place in places_at(document, split_path(path))]
    value = value_at(document, places[0]) if len(places) == 1 else None
    if isinstance(value, Mapping):
        value = value.get("start", value.get("by_month", [None])[0])
    return float(value) if isinstance(value, int | float) else None


def _instead(loaded: LoadedScenario, lever: str) -> str:
    """What to ask for where nothing stands at a lever."""
    if lever in LEVERS:
        places = {name: [places_at(loaded.yaml.data, split_path(path)) for path in LEVERS[name]] for name in LEVERS}
        has = [name for name in LEVERS if name in NEUTRAL or any(places[name])]
        known = ", ".join(dict.fromkeys([*has, *loaded.scenario.knobs]))
        return f"nothing stands at {', '.join(LEVERS[lever])}; it has {known}"
    return suggestion(lever, dict.fromkeys([*LEVERS, *loaded.scenario.knobs]))


def _keeping_hours(loaded: LoadedScenario, settings: Sequence[Setting]) -> LoadedScenario:
    """Changed, with the hours of the plan, which may not be those of its file."""
    changed = with_settings(loaded, settings)
    horizon = changed.scenario.horizon.model_copy(update={"hours": loaded.scenario.horizon.hours})
    scenario: Scenario = changed.scenario.model_copy(update={"horizon": horizon})
    return replace(changed, scenario=scenario)


def _settings(loaded: LoadedScenario, lever: str, path: str, factor: float) -> list[Setting]:
    document, steps = loaded.yaml.data, split_path(path)
    found = {place: value_at(document, place) for place in places_at(document, steps)}
    if lever in NEUTRAL:
        found = dict.fromkeys(open_places(document, steps), NEUTRAL[lever]) | found
    return [Setting(path_text(place), _times(value, factor, lever)) for place, value in found.items()]


def _times(value: Any, factor: float, lever: str) -> Any:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value * factor
    if isinstance(value, Mapping) and "start" in value:
        return {**value, "start": value["start"] * factor}
    if isinstance(value, Mapping) and "by_month" in value:
        return {**value, "by_month": [number * factor for number in value["by_month"]]}
    raise BadInputError(
        f"{lever!r} is no number here, and no value by month or with growth", ["scale its series instead"]
    )

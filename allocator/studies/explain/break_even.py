"""At which price a decision flips: the scenario solved again at scaled prices, the last one on either side told.

A lever is one of LEVERS, the name of a knob that scales, or the path of a number; all of its values are multiplied by
one factor. Factors of a grid are solved first, from 1 outwards; between two neighbours with different decisions the
interval is halved (its factors' geometric mean) until their ratio is within the tolerance. What is told of a decision
is the flip nearest to 1 on either side, as a bracket of two solved factors; a decision may flip back further out, and
within the gap of each solve two plans are alike. A plan that keeps to a baseline is solved again by its rule.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from allocator.pipeline.errors import BadInputError, InfeasibleError, NoPlanError
from allocator.pipeline.forced import Decision, taken
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, ignore
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.scenario.places import path_text, suggestion
from allocator.scenario.scenario import Scenario
from allocator.scenario.value_paths import open_places, places_at, split_path, value_at
from allocator.studies.compared import Compared

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
STEPS = 4
"""Factors of the grid on either side of 1."""


@dataclass(frozen=True)
class Flip:
    """A decision that changes between two solved factors of a lever.

    Attributes:
        is_taken: in the plan, at factor 1 and at `holds_at`; the opposite is decided at `flips_at`.
    """

    decision: Decision
    is_taken: bool
    holds_at: float
    flips_at: float


@dataclass(frozen=True)
class BreakEvens:
    """Flips of one lever, and the factors that were solved; decisions that are not named keep through the range."""

    lever: str
    flips: tuple[Flip, ...]
    solved: tuple[float, ...]
    without_plan: tuple[float, ...]


def break_evens(
    one: Compared,
    lever: str,
    low: float,
    high: float,
    tolerance: float,
    request: SolveRequest,
    on_event: OnEvent = ignore,
) -> BreakEvens:
    """Flips of every contract and conversion between two factors, low < 1 < high.

    Raises:
        BadInputError: there is no such lever in the scenario. ScenarioFaults: a factor makes no valid scenario.
    """
    search = _Search(one, lever, replace(request, explains=False, start=one.plan), on_event)
    grids = [_grid(end) for end in (low, high)]
    for factor in (*grids[0], *grids[1]):
        search.takes(factor)
    flips: list[Flip] = []
    for grid in grids:
        flips += _flips(search, [1.0, *grid], tolerance)
    return BreakEvens(lever, tuple(flips), tuple(sorted(search.known)), tuple(sorted(search.without_plan)))


def _grid(end: float) -> list[float]:
    """Factors from 1, which is left out, to an end, evenly apart in their logarithm."""
    return [math.exp(math.log(end) * (step + 1) / STEPS) for step in range(STEPS)]


def _flips(search: _Search, factors: Sequence[float], tolerance: float) -> list[Flip]:
    """The nearest flip of each decision along factors that lead away from 1."""
    base = search.takes(1.0)
    told: dict[Decision, Flip] = {}
    for inner, outer in pairwise(factors):
        if outer in search.without_plan:
            break
        changed = (search.takes(inner) ^ search.takes(outer)) | (base ^ search.takes(outer))
        for decision in sorted(changed - set(told), key=str):
            holds, flips = _bracket(search, decision, inner, outer, tolerance)
            told[decision] = Flip(decision, decision in base, holds, flips)
    return list(told.values())


def _bracket(search: _Search, decision: Decision, holds: float, flips: float, tolerance: float) -> tuple[float, float]:
    is_taken = decision in search.takes(holds)
    while abs(math.log(flips / holds)) > math.log1p(tolerance):
        middle = math.sqrt(holds * flips)
        if (decision in search.takes(middle)) == is_taken:
            holds = middle
        else:
            flips = middle
    return holds, flips


class _Search:
    """What is decided at each factor, every one solved once."""

    def __init__(self, one: Compared, lever: str, request: SolveRequest, on_event: OnEvent) -> None:
        self._one, self._lever, self._request, self._on_event = one, lever, request, on_event
        self.known: dict[float, frozenset[Decision]] = {1.0: taken(one.plan.tables)}
        self.without_plan: list[float] = []

    def takes(self, factor: float) -> frozenset[Decision]:
        """Decisions at a factor; none where there is no plan."""
        if factor not in self.known:
            self.known[factor] = self._solved(factor)
        return self.known[factor]

    def _solved(self, factor: float) -> frozenset[Decision]:
        try:
            loaded = scaled(self._one.loaded, self._lever, factor)
            return taken(self._one.solved_again(self._request, self._on_event, loaded=loaded).tables)
        except (InfeasibleError, NoPlanError):
            self.without_plan.append(factor)
            return frozenset()


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


def _instead(loaded: LoadedScenario, lever: str) -> str:
    """What to ask for where nothing stands at a lever."""
    if lever in LEVERS:
        places = {name: [places_at(loaded.yaml.data, split_path(path)) for path in LEVERS[name]] for name in LEVERS}
        has = [name for name in LEVERS if name in NEUTRAL or any(places[name])]
        return f"nothing stands at {', '.join(LEVERS[lever])}; it has {', '.join([*has, *loaded.scenario.knobs])}"
    return suggestion(lever, [*LEVERS, *loaded.scenario.knobs])


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

"""What stands in each node of a backtest: one plan throughout, or a plan made anew whenever a node begins.

A plan made anew knows what was known then. Up to its moment every series is as it was recorded; beyond it power costs
what it did in the same hour 364 days before (the same day of the week), and hashprice, Bitcoin, difficulty and rents
stay as they were last; temperatures are as they came. What earlier plans decided in nodes that have begun is held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.pipeline.errors import BadInputError, WriteError
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent
from allocator.pipeline.solve import compiled, solve_scenario
from allocator.pipeline.start import Taken, held_by, taken_by
from allocator.plan.plan import Plan
from allocator.plan.reader import PlanReadError, read_plan
from allocator.plan.schema import partition
from allocator.scenario.load import LoadedScenario
from allocator.scenario.overrides import Setting, with_settings
from allocator.series.clock import HOUR
from allocator.series.specs import Floats, Times
from allocator.series.units import UNITS
from allocator.studies.backtest.history import recorded

KNOWN, PLANS = "known", "plans"
YEAR_BEFORE_H, WEEK_H = 364 * 24, 168
HELD = ("sign", "place", "convert", "buy_blocks", "sell_blocks", "terminate")
"""Families of decisions that stay once their node has begun."""
POWER, WEATHER = ("USD/MWh", "USD/MW/h"), ("C",)

Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Begun:
    """A node of the horizon: its name, position, first hour (UTC) and whether replayed days lie in it."""

    name: str
    position: int
    first: np.datetime64
    replayed: bool


def begun_nodes(instance: Instance, span: tuple[np.datetime64, np.datetime64]) -> list[Begun]:
    """Nodes of a chain up to the last replayed day."""
    store, found = instance.hours, []
    for n, name in enumerate(instance.tree.name):
        utc = store.utc[store.steps(0, n)]
        if utc[0] < span[1]:
            found.append(Begun(str(name), n, utc[0], bool(utc[-1] >= span[0])))
    return found


def replanned(
    loaded: LoadedScenario, nodes: Sequence[Begun], solve: SolveRequest, out: Path, on_event: OnEvent
) -> dict[str, Plan]:
    """The plan in force in each replayed node, and in those before the first of them; kept in `out`/plans.

    Raises:
        BadInputError: series do not reach a year before the first node. PipelineError: a month has no plan.
    """
    plans, last = dict[str, Plan](), None
    first = next(k for k, node in enumerate(nodes) if node.replayed)
    for k, node in enumerate(nodes[first:], first):
        known = as_known(loaded, node.first, out / KNOWN / partition(node.name))
        last = _made(known, out / PLANS / partition(node.name), solve, last, [one.name for one in nodes[:k]], on_event)
        plans[node.name] = last
    return {**{node.name: plans[nodes[first].name] for node in nodes[:first]}, **plans}


def as_known(loaded: LoadedScenario, moment: np.datetime64, home: Path) -> LoadedScenario:
    """The scenario as a planner would have written it at a moment, with its series in `home`."""
    hours, settings = _hours(loaded), []
    ahead = {site.day_ahead.series for site in loaded.scenario.sites if site.day_ahead is not None}
    try:
        home.mkdir(parents=True, exist_ok=True)
        for name, source in loaded.scenario.series.items():
            unit, file = UNITS[source.unit].canonical, f"{partition(name)}.csv"
            values = expected(recorded(loaded, name, hours), hours, moment, unit)
            if name not in ahead and np.isnan(values[hours >= moment]).any():
                raise _too_short(name, moment)
            told = pd.DataFrame({"utc": hours, "value": values})[YEAR_BEFORE_H + WEEK_H :]
            told.to_csv(home / file, index=False)
            stated = {
                "kind": "file",
                "file": file,
                "column": "value",
                "unit": unit,
                "time_column": "utc",
                "time_zone": "UTC",
            }
            settings.append(Setting(f"series.{name}", stated))
    except OSError as error:
        raise WriteError(f"{home} was not written: {error}") from error
    return with_settings(replace(loaded, folder=home), settings)


def expected(values: Floats, utc: Times, moment: np.datetime64, unit: str) -> Floats:
    """A series (T,) as it was expected at a moment; hours without a value take that of a week before, or the last."""
    if unit in WEATHER:
        return _filled(values)
    future = utc >= moment
    found = _filled(np.where(future, np.nan, values), stop=len(utc) - int(future.sum()))
    for t in np.flatnonzero(future):
        found[t] = found[t - YEAR_BEFORE_H] if unit in POWER and t >= YEAR_BEFORE_H else found[t - 1]
    return found


def _too_short(name: str, moment: np.datetime64) -> BadInputError:
    return BadInputError(
        f"series {name} does not reach back a year before {moment}Z, from which later prices would be expected",
        ["give a longer file, or replay one plan throughout"],
    )


def _filled(values: Floats, stop: int | None = None) -> Floats:
    found = values.copy()
    for t in np.flatnonzero(np.isnan(values[:stop])):
        found[t] = (
            found[t - WEEK_H] if t >= WEEK_H and not np.isnan(found[t - WEEK_H]) else found[t - 1] if t else np.nan
        )
    return found


def _hours(loaded: LoadedScenario) -> Times:
    """Hours of the horizon, with a year and a week before."""
    store = compiled(loaded).hours
    first, last = store.utc.min(), store.utc.max()
    return np.arange(first - (YEAR_BEFORE_H + WEEK_H) * HOUR, last + HOUR, HOUR)


def _made(
    known: LoadedScenario, folder: Path, solve: SolveRequest, last: Plan | None, begun: Sequence[str], on_event: OnEvent
) -> Plan:
    """The plan of an earlier run, or one made now that keeps to what was decided."""
    try:
        return read_plan(folder)
    except PlanReadError:
        pass

    def hold(instance: Instance) -> Instance:
        if last is None:
            return instance
        taken: list[Taken] = [one for one in taken_by(instance, last.tables, HELD) if one.node in begun]
        return replace(instance, decided=held_by(instance, taken)[0]) if taken else instance

    return solve_scenario(known, folder, replace(solve, explains=False), on_event, hold).plan

"""Feeders and plants of a scenario as arrays over bays, plants at the temperatures of their site."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.hour_store import HourStore
from allocator.instance.last_year import last_year
from allocator.instance.shared_limits import Feeders, Plants
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.scenario.curves import curve_at
from allocator.scenario.shared_limits import Plant, halls_behind
from allocator.scenario.sites import Site


@dataclass(frozen=True)
class PlantWeather:
    """Temperatures of a site: of its steps (T_s,), those promised by period, and a weighted sample of its last year."""

    steps_c: Floats
    promised_c: Sequence[Floats]
    last_year_c: Floats
    last_year_h: Floats


def compile_shared_limits(
    sites: Sequence[Site], bay_halls: Sequence[str], weather: Sequence[PlantWeather], period: Ints
) -> tuple[Feeders, Plants]:
    """Feeders and plants in the order of the file.

    Args:
        bay_halls: hall of each bay, (B,). weather: by site. period: of each node, (N,).
    """
    return _feeders(sites, bay_halls), _plants(sites, bay_halls, weather, period)


def _feeders(sites: Sequence[Site], bay_halls: Sequence[str]) -> Feeders:
    stated = [(s, feeder) for s, site in enumerate(sites) for feeder in site.feeders]
    behind = {name: halls for site in sites for name, halls in halls_behind(site.feeders).items()}
    feeder, bay = _pairs([behind[feeder.name] for _, feeder in stated], bay_halls)
    return Feeders(
        names=tuple(feeder.name for _, feeder in stated),
        site=np.array([s for s, _ in stated], dtype=np.int64),
        limit_mw=np.array([feeder.limit_mw for _, feeder in stated], dtype=float),
        feeder=feeder,
        bay=bay,
    )


def _plants(sites: Sequence[Site], bay_halls: Sequence[str], weather: Sequence[PlantWeather], period: Ints) -> Plants:
    stated = [(s, plant) for s, site in enumerate(sites) for plant in site.plants]
    plant, bay = _pairs([plant.halls for _, plant in stated], bay_halls)
    periods = len(weather[0].promised_c)
    return Plants(
        names=tuple(plant.name for _, plant in stated),
        site=np.array([s for s, _ in stated], dtype=np.int64),
        loop=tuple(plant.loop for _, plant in stated),
        limit_mw=tuple(
            np.array([_limit(plant, here.steps_c) for plant in site.plants]).reshape(-1, len(here.steps_c))
            for site, here in zip(sites, weather, strict=False)  # hosts come after the company's own sites
        ),
        firm_limit_mw=np.array(
            [[_limit(plant, c).min() for c in weather[s].promised_c] for s, plant in stated]
        ).reshape(len(stated), periods)[:, period],
        tail_limit_mw=np.array(
            [np.average(_limit(plant, weather[s].last_year_c), weights=weather[s].last_year_h) for s, plant in stated]
        ),
        plant=plant,
        bay=bay,
    )


def plant_weather(tree: NodeTree, hours: HourStore, promised_c: Sequence[Sequence[Floats]]) -> list[PlantWeather]:
    """By site; `promised_c`: by site and period, the temperatures at which cooling is promised to tenants."""
    found, first = [], 0
    for site, overhead in enumerate(hours.overhead):
        sample, steps = last_year(tree, hours, site), overhead.shape[1]
        own = hours.ambient_c[first : first + steps]
        found.append(PlantWeather(own, promised_c[site], sample.ambient_c, sample.weight_h))
        first += steps
    return found


def _limit(plant: Plant, ambient_c: Floats) -> Floats:
    return curve_at(plant.heat_limit_mw, ambient_c)


def _pairs(halls: Sequence[Sequence[str] | frozenset[str]], bay_halls: Sequence[str]) -> tuple[Ints, Ints]:
    """(group, bay) of the bays of each group's halls."""
    found = [(g, b) for g, names in enumerate(halls) for b, hall in enumerate(bay_halls) if hall in names]
    table = np.array(found, dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]

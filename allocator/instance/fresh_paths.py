"""Fresh paths of a scenario's processes, period by period, drawn apart from any tree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.equipment import compile_models, lowest_so_far
from allocator.instance.futures import ratio
from allocator.instance.machine import Resolved
from allocator.instance.market_nodes import moved
from allocator.instance.market_state import MarketState
from allocator.instance.months import month_grid
from allocator.instance.sampled import fees_of, level_of, model_of, stated_path
from allocator.instance.series_book import read_book
from allocator.instance.tail import MID_YEAR_MONTHS
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.tree_build import chain
from allocator.scenario.load import LoadedScenario
from allocator.scenario.resolve import ResolvedAsic
from allocator.scenario.uncertainty import Sampled
from allocator.uncertainty.model import LogLinearModel
from allocator.uncertainty.simulate import log_mean_by_month, simulate


@dataclass(frozen=True)
class FreshPaths:
    """K paths over P periods, S sites, Y tail years. As at a node of a tree, a period has the market of its start.

    Attributes:
        straight: the periods, as a chain.
        market: figures of shape (K, P). stated: the paths that the scenario states, (P,).
        spot_factor: spot of each site over its stated one, (S, K, P).
        tail_hashprice_factor: what the end of each path expects of hashprice over its stated path, (K, Y).
        tail_spot_factor: of spot, mean over the tail years, (S, K).
        elasticity: how prices of machines follow what they earn.
    """

    straight: NodeTree
    market: MarketState
    stated: MarketState
    spot_factor: Floats
    tail_hashprice_factor: Floats
    tail_spot_factor: Floats
    elasticity: float

    def __len__(self) -> int:
        return int(self.market.hashprice_usd_per_ph_day.shape[0])

    def machine_prices(self, machines: Mapping[str, Resolved]) -> tuple[Floats, Floats]:
        """What a unit costs and what it brings when sold, USD, (M, K, P) each.

        Both move with what the machine earns; as in a tree, resale is at most the lowest price on the way so far.
        """
        earned = [self._earnings_factor(machine) for machine in machines.values()]
        factor = np.reshape(earned, (len(machines), *self.market.hashprice_usd_per_ph_day.shape)) ** self.elasticity
        one = {name: np.ones(len(self.straight)) for name in machines}
        models = compile_models(machines, (), self.straight, one)
        price, resale = models.price_usd[:, None, :] * factor, models.resale_usd[:, None, :] * factor
        return price, np.minimum(resale, np.minimum.accumulate(price, axis=2))

    def _earnings_factor(self, machine: Resolved) -> Floats:
        if isinstance(machine, ResolvedAsic):
            return ratio(self.market.hashprice_usd_per_ph_day, self.stated.hashprice_usd_per_ph_day)
        own, stated = (market.rentals[machine.rental_market] for market in (self.market, self.stated))
        return ratio(own.usd_per_gpu_hour, stated.usd_per_gpu_hour)


def draw_paths(loaded: LoadedScenario, sampled: Sampled, count: int, seed: int, tail_years: int) -> FreshPaths:
    """Paths of the processes of a scenario; the same seed gives the same paths.

    Raises:
        ScenarioFaults: series that cannot be read.
    """
    scenario, horizon = loaded.scenario, loaded.scenario.horizon
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    straight = chain(grid, horizon.node_months, horizon.decision_every_months, horizon.months_counted)
    stated = stated_path(scenario, sampled, grid, straight, read_book(loaded, grid).monthly)
    model, end = model_of(sampled), horizon.months
    starts = sorted(at.month for at in sampled.branching if at.month < end)
    stages = np.diff([0, *starts, end]).tolist()
    monthly = simulate(model, stages, count, seed)
    factor = dict(zip(model.names, np.moveaxis(monthly[:, straight.first_month], 2, 0), strict=True))
    one = np.ones((count, len(straight)))
    levels = [level_of(sampled, site.name) for site in scenario.sites] + ["" for _ in scenario.hosting]
    years = [end + 12 * year + MID_YEAR_MONTHS for year in range(tail_years)]
    beyond = _beyond(model, stages, monthly, int(straight.first_month[-1]), years)
    return FreshPaths(
        straight=straight,
        market=moved(stated, {**_unmoved(stated, one), **factor}, fees_of(scenario)),
        stated=stated,
        spot_factor=np.stack([factor.get(level, one) for level in levels]),
        tail_hashprice_factor=beyond.get("hashprice", np.ones((count, tail_years))),
        tail_spot_factor=np.stack([_mean(beyond.get(level), count) for level in levels]),
        elasticity=sampled.machine_price_elasticity,
    )


def _unmoved(stated: MarketState, one: Floats) -> dict[str, Floats]:
    """Factors of one, (K, P), for every series that no process may move."""
    return dict.fromkeys(("btc_price", "hashprice", *(f"gpu_rental.{name}" for name in stated.rentals)), one)


def _mean(by_year: Floats | None, count: int) -> Floats:
    return np.ones(count) if by_year is None or not by_year.shape[1] else by_year.mean(axis=1)


def _beyond(
    model: LogLinearModel, stages: Sequence[int], monthly: Floats, known: int, months: Sequence[int]
) -> dict[str, Floats]:
    """Expected factor of every series in some months beyond the horizon, given a path up to month `known`, (K, Y)."""
    before = log_mean_by_month(model, stages)[known]
    state = np.log(monthly[:, known]) + before
    until = _until(stages, known)
    expected = np.ones((len(monthly), len(months), len(model.names)))
    for k, month in enumerate(months):
        mean = log_mean_by_month(model, [*until, month - known])[month]
        ahead = month - known
        expected[:, k] = np.exp(state @ model.after(ahead).T + model.log_mean(ahead) - mean)
    return dict(zip(model.names, np.moveaxis(expected, 2, 0), strict=True))


def _until(stages: Sequence[int], month: int) -> list[int]:
    """The stages up to a month, the last one cut there."""
    bounds = np.concatenate([[0], np.cumsum(stages)])
    inside = [int(bound) for bound in bounds if bound < month]
    return np.diff([*inside, month]).tolist() if month else []


__all__ = ["FreshPaths", "draw_paths", "lowest_so_far"]

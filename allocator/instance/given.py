"""A fan: scenarios given one by one, shared until the month in which they are told apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from allocator.instance.futures import Futures, Outlook, ratio
from allocator.instance.market import compile_market
from allocator.instance.market_nodes import mixed
from allocator.instance.market_state import MarketState
from allocator.instance.months import MonthGrid, Monthly
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.instance.tree_build import tree_on
from allocator.scenario.bitcoin import Hashprice
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Given, GivenScenario


def fan(scenario: Scenario, given: Given, grid: MonthGrid, straight: NodeTree, monthly: Monthly) -> Futures:
    """The fan of a scenario's given futures."""
    probability = np.array([one.probability for one in given.scenarios])
    period, parent, own = _nodes(straight, given.known_month, len(probability))
    weight = np.where(own < 0, probability[:, None], own == np.arange(len(probability))[:, None])
    stated = compile_market(scenario.bitcoin, scenario.gpu_rental, monthly, grid, straight)
    market = mixed([_market(scenario, one, monthly, grid, straight) for one in given.scenarios], weight, period)
    factor = np.array([[one.spot_factor.get(site.name, 1.0) for one in given.scenarios] for site in scenario.sites])
    delays = np.array([one.delivery_delay_months for one in given.scenarios], dtype=np.int64)
    suffix = [f"/{one.name}" for one in given.scenarios] + [""]  # the last one answers for position -1
    names = [straight.name[p] + suffix[s] for p, s in zip(period.tolist(), own.tolist(), strict=True)]
    tree = tree_on(straight, period, parent, np.where(own < 0, 1.0, probability[own]), names)
    spot_factor = np.asarray(factor @ weight)
    before = mixed([stated], np.ones((1, len(period))), period)
    return Futures(
        tree=tree,
        period=period,
        market=market,
        stated=before,
        spot_factor=spot_factor,
        delay_months=np.where(own < 0, 0, delays[own]),
        beyond=_stays(ratio(market.hashprice_usd_per_ph_day, before.hashprice_usd_per_ph_day), spot_factor, scenario),
        remarks=(_remark(given, straight),),
    )


def _nodes(straight: NodeTree, known_month: int, scenarios: int) -> tuple[Ints, Ints, Ints]:
    """Period, parent and scenario (-1: shared) of each node, period by period, (N,) each."""
    shared = int(np.searchsorted(straight.first_month, known_month))
    apart = len(straight) - shared
    period = np.concatenate([np.arange(shared), np.repeat(np.arange(shared, len(straight)), scenarios)])
    own = np.concatenate([np.full(shared, -1), np.tile(np.arange(scenarios), apart)])
    node = np.arange(len(period))
    parent = np.where(node < shared + scenarios, np.minimum(node, shared) - 1, node - scenarios)
    return period.astype(np.int64), parent.astype(np.int64), own.astype(np.int64)


def _market(
    scenario: Scenario, one: GivenScenario, monthly: Monthly, grid: MonthGrid, straight: NodeTree
) -> MarketState:
    """The market of one future by period: its own paths, the scenario's where it states none."""
    bitcoin = scenario.bitcoin
    if isinstance(bitcoin, Hashprice):
        bitcoin = bitcoin.model_copy(update=_stated(usd_per_ph_day=one.hashprice_usd_per_ph_day))
    else:
        bitcoin = bitcoin.model_copy(update=_stated(btc_price_usd=one.btc_price_usd, difficulty=one.difficulty))
    rentals = {
        name: market.model_copy(update=_stated(usd_per_gpu_hour=one.gpu_rental.get(name)))
        for name, market in scenario.gpu_rental.items()
    }
    return compile_market(bitcoin, rentals, monthly, grid, straight)


def _stated(**paths: object) -> Mapping[str, object]:
    return {name: path for name, path in paths.items() if path is not None}


def _stays(hashprice: Floats, spot_factor: Floats, scenario: Scenario) -> Outlook:
    """Outlook the horizon every future goes on as far off the stated path as it ends."""

    def beyond(months: Sequence[int]) -> Mapping[str, Floats]:
        power = {f"power.{site.name}": spot_factor[s] for s, site in enumerate(scenario.sites)}
        return {
            name: np.repeat(values[:, None], len(months), axis=1)
            for name, values in {"hashprice": hashprice, **power}.items()
        }

    return beyond


def _remark(given: Given, straight: NodeTree) -> str:
    month = straight.calendar_month(given.known_month)
    return (
        f"{len(given.scenarios)} given scenarios are told apart from {month} on; from there each knows its whole "
        "future, so the value is an upper bound"
    )

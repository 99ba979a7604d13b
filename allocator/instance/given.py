"""Scenarios given one by one, shared until the month in which they are told apart: a fan, or a tree with stems."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    """The tree of a scenario's given futures."""
    probability = np.array([one.probability for one in given.scenarios])
    groups = [node for p in range(len(straight)) for node in _groups(given, p, int(straight.first_month[p]))]
    weight = np.zeros((len(probability), len(groups)))
    for node, group in enumerate(groups):
        weight[group.members, node] = probability[group.members] / _total(probability, group)
    period = np.array([group.period for group in groups], dtype=np.int64)
    stated = compile_market(scenario.bitcoin, scenario.gpu_rental, monthly, grid, straight)
    market = mixed([_market(scenario, one, monthly, grid, straight) for one in given.scenarios], weight, period)
    factor = np.array([[one.spot_factor.get(site.name, 1.0) for one in given.scenarios] for site in scenario.sites])
    delays = np.array([one.delivery_delay_months for one in given.scenarios], dtype=np.int64)
    names = [straight.name[group.period] + (f"/{group.name}" if group.name else "") for group in groups]
    chance = np.array([_total(probability, group) for group in groups])
    tree = tree_on(straight, period, _parents(groups), chance, names)
    spot_factor = np.asarray(factor @ weight)
    before = mixed([stated], np.ones((1, len(period))), period)
    return Futures(
        tree=tree,
        period=period,
        market=market,
        stated=before,
        spot_factor=spot_factor,
        delay_months=np.array([delays[group.members].min() if group.name else 0 for group in groups], dtype=np.int64),
        beyond=_stays(ratio(market.hashprice_usd_per_ph_day, before.hashprice_usd_per_ph_day), spot_factor, scenario),
        remarks=(_remark(given, straight),),
    )


@dataclass(frozen=True)
class _Group:
    """Scenarios that nobody can tell apart in a period: all of them (name ""), those of a stem, or one."""

    period: int
    name: str
    members: list[int]


def _groups(given: Given, period: int, first_month: int) -> list[_Group]:
    """Groups of a period that starts in a month, in the order of their first scenarios."""
    names = [one.name for one in given.scenarios]
    if first_month < given.known_month:
        return [_Group(period, "", list(range(len(names))))]
    stem_of = {member: stem for stem in given.stems for member in stem.members}
    found: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        group, at = name, name
        while at in stem_of:
            at, until = stem_of[at].name, stem_of[at].known_month
            group = at if first_month < until else group
        found.setdefault(group, []).append(position)
    return [_Group(period, name, members) for name, members in found.items()]


def _total(probability: Floats, group: _Group) -> float:
    return float(probability[group.members].sum()) if group.name else 1.0


def _parents(groups: Sequence[_Group]) -> Ints:
    """The group of the period before that holds the same scenarios; -1 in the first period, (N,)."""
    at = {(group.period, member): node for node, group in enumerate(groups) for member in group.members}
    return np.array([at.get((group.period - 1, group.members[0]), -1) for group in groups], dtype=np.int64)


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
    later = [f"those of {one.name} from {straight.calendar_month(one.known_month)} on" for one in given.stems]
    apart = ", ".join([f"{len(given.scenarios)} given scenarios are told apart from {month} on", *later])
    return f"{apart}; from there each knows its whole future, so the value is an upper bound"

"""Delays of service: whether one may still come to a contract that is signed, and how late offers are by one that has
come."""

from __future__ import annotations

from collections.abc import Mapping

from allocator.instance.futures_build import compile_futures
from allocator.instance.months import month_grid
from allocator.instance.series_book import read_book
from allocator.roll.at_node import AtNode
from allocator.scenario.contracts import Colocation
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Given, Sampled


def may_be_late(at: AtNode, contract: Colocation) -> bool:
    """Whether a delay that is not known yet may still come to a contract of the plan, once it is signed."""
    stated = at.loaded.scenario.uncertainty
    if contract.signed is not None and not contract.signed.may_be_late:
        return False
    if isinstance(stated, Sampled):
        delay = stated.delivery_delay
        if delay is None or (delay.contracts is not None and contract.name not in delay.contracts):
            return False
        return delay.known_month is None or at.months_on <= delay.known_month
    return isinstance(stated, Given) and len(_delays(at, stated)) > 1


def known_months(at: AtNode, scenario: Scenario) -> Mapping[str, int]:
    """Months by which offers of a scenario are late for sure, by contract, once that is known; others are left out."""
    stated = at.loaded.scenario.uncertainty
    offers = [contract.name for contract in scenario.contracts if contract.signed is None]
    if isinstance(stated, Given):
        delays = _delays(at, stated)
        late = delays.pop() if len(delays) == 1 else 0
    elif isinstance(stated, Sampled) and stated.delivery_delay is not None and _is_known(at, stated):
        late, only = _drawn(at), stated.delivery_delay.contracts
        offers = [name for name in offers if only is None or name in only]
    else:
        late = 0
    return dict.fromkeys(offers, late) if late else {}


def _is_known(at: AtNode, stated: Sampled) -> bool:
    delay = stated.delivery_delay
    return delay is not None and delay.known_month is not None and at.months_on > delay.known_month


def _drawn(at: AtNode) -> int:
    """The delay that the path to the node has drawn, months; the tree of a seed is always the same."""
    horizon = at.loaded.scenario.horizon
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    futures = compile_futures(at.loaded.scenario, grid, read_book(at.loaded, grid).monthly)
    return int(futures.delay_months[at.parent])


def _delays(at: AtNode, stated: Given) -> set[int]:
    """Delays of the futures of which the node is a part."""
    names = possible(at)
    return {one.delivery_delay_months for one in stated.scenarios if one.name in names}


def possible(at: AtNode) -> set[str]:
    """Names of futures that are given, of which the node is a part; of none where a plan knows none."""
    stated = at.loaded.scenario.uncertainty
    if not isinstance(stated, Given):
        return set()
    every = {one.name for one in stated.scenarios}
    of_node = at.instance.tree.name[at.node].partition("/")[2]
    stems = {stem.name: members(stated, stem.name) for stem in stated.stems}
    return stems.get(of_node, {of_node} & every) or every


def members(stated: Given, name: str) -> set[str]:
    """Names of the futures of a stem, those of stems in it too; a future is its own."""
    inner = next((stem.members for stem in stated.stems if stem.name == name), None)
    return {name} if inner is None else {one for member in inner for one in members(stated, member)}

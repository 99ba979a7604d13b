"""An operator who may do more, or earns more for the same, is never worse off, and sometimes better."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from allocator.instance.battery import Battery
from allocator.instance.types import Instance
from tests.properties.changes import dearer_hash
from tests.properties.toys import TOYS, each_toy, least, optimum, optimum_of, toy


def with_site_power(old: Instance) -> Instance:
    return replace(old, sites=replace(old.sites, power_limit_mw=old.sites.power_limit_mw * 1.5))


def with_energy(old: Instance) -> Instance:
    sites = replace(old.sites, energy_budget_mwh=old.sites.energy_budget_mwh * 1.5)
    return replace(old, sites=sites, terminal=replace(old.terminal, energy_limit_mw=old.terminal.energy_limit_mw * 1.5))


def with_larger_batteries(old: Instance) -> Instance:
    """What they store to begin with stays."""
    return replace(
        old, batteries=tuple(owned and replace(owned, battery=larger(owned.battery)) for owned in old.batteries)
    )


def larger(old: Battery) -> Battery:
    return replace(
        old,
        charge_mw=old.charge_mw + 0.5,
        discharge_mw=old.discharge_mw + 0.5,
        energy_mwh=old.energy_mwh * 1.5,
        capture_share=(1.0 + old.capture_share) / 2.0,
        wear_usd_per_mwh=old.wear_usd_per_mwh / 2.0,
    )


def with_hall_power(old: Instance) -> Instance:
    return replace(old, bays=replace(old.bays, it_limit_mw=old.bays.it_limit_mw + 0.7))


def with_feeders(old: Instance) -> Instance:
    feeders = old.feeders
    return replace(old, feeders=replace(feeders, limit_mw=1.5 * feeders.limit_mw))


def with_plants(old: Instance) -> Instance:
    plants = old.plants
    more = replace(
        plants,
        limit_mw=tuple(1.5 * limit for limit in plants.limit_mw),
        firm_limit_mw=1.5 * plants.firm_limit_mw,
        tail_limit_mw=1.5 * plants.tail_limit_mw,
    )
    return replace(old, plants=more)


def with_capital(old: Instance) -> Instance:
    return replace(old, finance=replace(old.finance, capex_budget_usd=old.finance.capex_budget_usd * 1.5))


def with_all_capital(old: Instance) -> Instance:
    return replace(old, finance=replace(old.finance, capex_budget_usd=np.inf))


def with_cash(old: Instance) -> Instance:
    return replace(old, finance=replace(old.finance, opening_cash_usd=old.finance.opening_cash_usd + 2e6))


def with_machines_to_buy(old: Instance) -> Instance:
    return replace(old, models=replace(old.models, purchase_limit_units=old.models.purchase_limit_units + 4.0))


def with_hashprice(old: Instance) -> Instance:
    return dearer_hash(old, 1.3)


def with_decisions_at_any_time(old: Instance) -> Instance:
    """Machines and halls; contracts keep to the nodes for which their service is stated."""
    return replace(old, tree=replace(old.tree, decision=np.ones_like(old.tree.decision)))


def free_to_refuse(old: Instance) -> Instance:
    return replace(old, offers=replace(old.offers, must_accept=np.zeros_like(old.offers.must_accept)))


MORE: tuple[Callable[[Instance], Instance], ...] = (
    with_site_power, with_energy, with_hall_power, with_feeders, with_plants, with_capital, with_all_capital, with_cash,
    with_machines_to_buy, with_hashprice, with_larger_batteries, with_decisions_at_any_time, free_to_refuse,
)  # fmt: skip
each_change = pytest.mark.parametrize("change", MORE, ids=lambda change: change.__name__)


@cache
def changed_optimum(change: Callable[[Instance], Instance], name: str) -> float:
    return optimum(change(toy(name)))


@each_toy
@each_change
def test_more_never_hurts(change: Callable[[Instance], Instance], name: str) -> None:
    assert changed_optimum(change, name) >= least(optimum_of(name))


@each_change
def test_more_helps_somewhere(change: Callable[[Instance], Instance]) -> None:
    """So that the test above says something."""
    assert any(changed_optimum(change, name) > optimum_of(name) + 1e-4 for name in TOYS)


@each_toy
def test_having_to_accept_a_contract_never_helps(name: str) -> None:
    free = free_to_refuse(toy(name))
    for contract in range(len(free.offers.names)):
        must = np.arange(len(free.offers.names)) == contract
        bound = replace(free, offers=replace(free.offers, must_accept=must))
        assert optimum(bound) <= -least(-changed_optimum(free_to_refuse, name))


@each_toy
def test_having_to_accept_one_of_a_group_never_helps(name: str) -> None:
    old = toy(name)
    groups = len(old.compatibility.exclusive)
    bound = replace(old, compatibility=replace(old.compatibility, group_required=(True,) * groups))
    assert optimum(bound) <= -least(-optimum_of(name))

"""What does not matter does not change the optimum."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.properties.changes import scaled_money, split_model, with_worse_twin
from tests.properties.permuting import permuted
from tests.properties.toys import TOYS, each_toy, optimum, optimum_of, same, toy


def test_every_toy_has_a_plan() -> None:
    assert all(np.isfinite(optimum_of(name)) for name in TOYS)


@each_toy
def test_order_and_names_do_not_matter(name: str) -> None:
    assert optimum(permuted(toy(name), np.random.default_rng(1))) == same(optimum_of(name))


@each_toy
def test_two_models_that_are_alike_are_worth_what_one_is(name: str) -> None:
    for model in range(len(toy(name).models.names)):
        assert optimum(split_model(toy(name), model)) == same(optimum_of(name))


@each_toy
def test_the_objective_scales_with_money(name: str) -> None:
    assert optimum(scaled_money(toy(name), 1000.0)) / 1000.0 == same(optimum_of(name))


@each_toy
def test_a_contract_that_is_worse_than_another_of_its_group_changes_nothing(name: str) -> None:
    for contract in range(len(toy(name).offers.names)):
        assert optimum(with_worse_twin(toy(name), contract)) == same(optimum_of(name))


@each_toy
def test_a_contract_that_only_costs_changes_nothing(name: str) -> None:
    """The last contract for no rent, now or beyond the horizon, is worth what its absence is worth."""
    old, last = toy(name), len(toy(name).offers.names) - 1
    rent = np.where(old.service.contract == last, 0.0, old.service.rent_usd)
    never = np.where(old.service.contract == last, False, True)
    must, tail = old.offers.must_accept.copy(), old.terminal.contract_usd.copy()
    energy = np.maximum(old.terminal.contract_energy_usd_per_mw, 0.0)
    must[last], tail[last] = False, 0.0
    through = old.offers.pass_through_share.copy()
    through[last] = 0.0
    offers = replace(old.offers, must_accept=must, pass_through_share=through)
    hours = replace(old.hours, price_usd_per_mwh=np.maximum(old.hours.price_usd_per_mwh, 0.0))
    terminal = replace(old.terminal, contract_usd=tail, contract_energy_usd_per_mw=energy)
    costs = replace(old, offers=offers, hours=hours, terminal=terminal, service=replace(old.service, rent_usd=rent))
    absent = replace(costs, service=replace(old.service, **{k: v[never] for k, v in vars(old.service).items()}))
    assert optimum(costs) == same(optimum(absent))

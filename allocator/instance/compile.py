"""From a loaded scenario to the instance: a table of contents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from allocator.instance.batteries import compile_batteries, upper_bound_remarks
from allocator.instance.contracts import Terms, service_table
from allocator.instance.equipment import compile_fleet
from allocator.instance.finance import compile_finance
from allocator.instance.fleet_tail import tail_machines
from allocator.instance.futures import Futures
from allocator.instance.futures_build import compile_futures, price_factors
from allocator.instance.halls import bay_options, compile_bays, compile_halls
from allocator.instance.hours import hour_store, pass_through, periods_of
from allocator.instance.machine import dropped_modes, resolve_all
from allocator.instance.months import month_grid
from allocator.instance.offers import compile_compatibility, compile_offers, terms_of
from allocator.instance.representation import representation_of
from allocator.instance.series_book import read_book
from allocator.instance.sites import (
    compile_sites,
    energy_budget_by_month,
    fixed_opex_by_month,
    foresight_remarks,
    promised_ambient_c,
    site_hours,
    steady_draw_mw,
)
from allocator.instance.tail import compile_tail
from allocator.instance.terminal import Beyond, compile_terminal
from allocator.instance.terminal_contracts import contract_tail, tail_years
from allocator.instance.types import Instance
from allocator.scenario.load import LoadedScenario
from allocator.scenario.scenario import Scenario


def compile_instance(loaded: LoadedScenario) -> Instance:
    """Read the series of a scenario and turn everything into frozen arrays on named axes.

    Raises:
        ScenarioFaults: series that cannot be read or do not cover the horizon, all of them at once.
    """
    scenario, horizon = loaded.scenario, loaded.scenario.horizon
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    book = read_book(loaded, grid)
    futures = compile_futures(scenario, grid, book.monthly)
    tree, market = futures.tree, futures.market
    periods = periods_of(tree, grid)

    options = bay_options(scenario)
    halls = compile_halls(scenario, options)
    of_site = [site_hours(site, book) for site in scenario.sites]
    promised = [promised_ambient_c(site, own, periods) for site, own in zip(scenario.sites, of_site, strict=True)]
    bays = compile_bays(options, tree, book.monthly, promised, periods.of_node)
    shown = representation_of(horizon.hours, grid, horizon.time_zone)
    hours = hour_store(grid.hour_starts, periods, of_site, options, shown, futures.spot_factor)

    machines = resolve_all(scenario.equipment)
    moves = price_factors(machines, futures, scenario.uncertainty)
    fleet = compile_fleet(machines, scenario.fleets, market, options, halls.names, tree, moves)

    terms = [terms_of(contract, horizon.start, scenario.uncertainty) for contract in scenario.contracts]
    opex = fixed_opex_by_month(scenario.sites, book.monthly)
    budget = energy_budget_by_month(scenario.sites, book.monthly)
    beyond = _beyond(scenario, futures, terms)
    terminal = compile_terminal(
        beyond, tree, hours, bays, tail_machines(fleet, len(options), tree), 12.0 * opex[:, -1], steady_draw_mw(budget)
    )
    return Instance(
        name=scenario.name,
        tree=tree,
        market=market,
        sites=compile_sites(scenario.sites, opex, budget, tree),
        halls=halls,
        bays=bays,
        models=fleet.models,
        placements=fleet.placements,
        segments=fleet.segments,
        offers=compile_offers(scenario.contracts, horizon.start),
        compatibility=compile_compatibility(
            scenario.contracts, scenario.one_of, options, [site.name for site in scenario.sites]
        ),
        service=service_table(tree, terms, futures.delay_months),
        pass_through=pass_through(hours),
        terminal=terminal,
        finance=compile_finance(scenario.finance, scenario.discount, tree),
        hours=hours,
        input_hash=loaded.input_hash,
        remarks=(
            *book.remarks,
            *dropped_modes(fleet.machines),
            *foresight_remarks(scenario.sites),
            *upper_bound_remarks(scenario.sites),
            *futures.remarks,
        ),
        batteries=compile_batteries(scenario.sites, tree, horizon.start),
    )


def _beyond(scenario: Scenario, futures: Futures, terms: Sequence[Terms]) -> Beyond:
    years = tail_years(futures.tree, terms, futures.delay_months, scenario.terminal.tail_years)
    per_year = scenario.discount.contracted_per_year
    return Beyond(
        tail=compile_tail(scenario, futures, years),
        rents=contract_tail(futures.tree, terms, futures.delay_months, per_year, years),
        pass_through_share=np.array([one.pass_through_share for one in terms]),
    )

"""From a loaded scenario to the instance: a table of contents."""

from __future__ import annotations

from collections.abc import Sequence

from allocator.instance.contracts import Terms, service_table
from allocator.instance.equipment import compile_fleet
from allocator.instance.finance import compile_finance
from allocator.instance.fleet_tail import tail_machines
from allocator.instance.halls import bay_options, compile_bays, compile_halls
from allocator.instance.hours import hour_store, pass_through, periods_of
from allocator.instance.machine import dropped_modes, resolve_all
from allocator.instance.market import compile_market
from allocator.instance.market_state import MarketState
from allocator.instance.months import month_grid
from allocator.instance.offers import compile_compatibility, compile_offers, terms_of
from allocator.instance.representation import representation_of
from allocator.instance.risk import compile_risk
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
from allocator.instance.terminal import Tail, compile_terminal
from allocator.instance.terminal_contracts import tail_years
from allocator.instance.terminal_mining import tail_hashprice
from allocator.instance.tree import NodeTree
from allocator.instance.tree_build import chain
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
    tree = chain(grid, horizon.node_months, horizon.decision_every_months)
    book = read_book(loaded, grid)
    periods = periods_of(tree, grid)

    options = bay_options(scenario)
    halls = compile_halls(scenario, options)
    of_site = [site_hours(site, book) for site in scenario.sites]
    promised = [promised_ambient_c(site, own, periods) for site, own in zip(scenario.sites, of_site, strict=True)]
    bays = compile_bays(options, tree, book.monthly, promised, periods.of_node)
    hours = hour_store(
        grid.hour_starts, periods, of_site, options, representation_of(horizon.hours, grid, horizon.time_zone)
    )

    market = compile_market(scenario.bitcoin, scenario.gpu_rental, book.monthly, grid, tree)
    fleet = compile_fleet(resolve_all(scenario.equipment), scenario.fleets, market, options, halls.names, tree)

    terms = [terms_of(contract, horizon.start) for contract in scenario.contracts]
    opex = fixed_opex_by_month(scenario.sites, book.monthly)
    budget = energy_budget_by_month(scenario.sites, book.monthly)
    terminal = compile_terminal(
        _tail(scenario, market, tree, terms),
        tree,
        hours,
        bays,
        terms,
        tail_machines(fleet, len(options), tree),
        12.0 * opex[:, -1],
        steady_draw_mw(budget),
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
        service=service_table(tree, terms),
        pass_through=pass_through(hours),
        terminal=terminal,
        finance=compile_finance(scenario.finance, scenario.discount, tree),
        hours=hours,
        risk=compile_risk(scenario.risk, tree),
        input_hash=loaded.input_hash,
        remarks=(*book.remarks, *dropped_modes(fleet.machines), *foresight_remarks(scenario.sites)),
    )


def _tail(scenario: Scenario, market: MarketState, tree: NodeTree, terms: Sequence[Terms]) -> Tail:
    stated, months = scenario.terminal, int((tree.first_month + tree.months).max())
    years = tail_years(tree, terms, stated.tail_years)
    return Tail(
        years=years,
        hashprice_usd_per_ph_day=tail_hashprice(
            float(market.hashprice_usd_per_ph_day[-1]),
            tree.calendar_month(months),
            years,
            stated.hashprice_growth_per_year,
            scenario.bitcoin.halving_dates,
            stated.halving_hashprice_share,
        ),
        mining_net_share=market.mining_net_share,
        operations_per_year=scenario.discount.operations_per_year,
        contracted_per_year=scenario.discount.contracted_per_year,
    )

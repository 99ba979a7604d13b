"""From a loaded scenario to the instance: a table of contents."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.batteries import compile_batteries, upper_bound_remarks
from allocator.instance.blocks import Blocks, compile_blocks
from allocator.instance.chance import compile_chances
from allocator.instance.coincident import Coincident
from allocator.instance.coincident_build import compile_coincident, with_peaks_beyond
from allocator.instance.compile_shared_limits import compile_shared_limits, plant_weather
from allocator.instance.contracts import Terms, service_table
from allocator.instance.covenants import compile_covenants
from allocator.instance.covenants_state import Covenants
from allocator.instance.demand import Demand, compile_demand, demand_usd_per_mw_year
from allocator.instance.equipment import Fleet, compile_fleet
from allocator.instance.equity import Equity, compile_equity
from allocator.instance.finance import compile_finance
from allocator.instance.fleet_tail import tail_machines
from allocator.instance.futures import Futures
from allocator.instance.futures_build import compile_futures, price_factors
from allocator.instance.halls import BayOption, bay_halls, bay_options, compile_bays, compile_halls
from allocator.instance.hedges import Hedges
from allocator.instance.hedges_build import compile_hedges, hedge_remarks
from allocator.instance.hosted_sites import hosted_bays, hosted_hours
from allocator.instance.hosting import Hosting
from allocator.instance.hosting_share import shared, with_closed_hours
from allocator.instance.hosting_tail import months_beyond, with_tail
from allocator.instance.hosting_terms import compile_hosting, cut_short
from allocator.instance.hour_store import HourStore
from allocator.instance.hours import hour_store, pass_through, periods_of
from allocator.instance.jobs_build import compile_jobs, job_remarks
from allocator.instance.loans import compile_debt
from allocator.instance.loans_state import Debt
from allocator.instance.machine import Resolved, dropped_modes, resolve_all
from allocator.instance.months import month_grid
from allocator.instance.offers import compile_compatibility, compile_offers, outage_remarks, terms_of
from allocator.instance.opening_build import compile_opening
from allocator.instance.prepayments import compile_prepayments
from allocator.instance.repair_prices_build import compile_repair_prices
from allocator.instance.representation import representation_of
from allocator.instance.reserves_build import compile_reserves, reserve_remarks
from allocator.instance.restarts import compile_restarts, restart_remarks
from allocator.instance.risk import compile_risk
from allocator.instance.series_book import SeriesBook, read_book
from allocator.instance.shared_limits import Feeders, Plants
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
from allocator.instance.take import with_minimum_take
from allocator.instance.tax import Tax, compile_tax
from allocator.instance.terminal import Beyond, compile_terminal
from allocator.instance.terminal_contracts import contract_tail, tail_years
from allocator.instance.treasury import compile_treasury, view_remarks
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import NodeTree
from allocator.instance.types import Bays, Finance, Halls, Instance
from allocator.scenario.load import LoadedScenario
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Sampled


def as_drawn(futures: Futures) -> Futures:
    """The tree that the scenario asks for."""
    return futures


def compile_instance(loaded: LoadedScenario, reshape: Callable[[Futures], Futures] = as_drawn) -> Instance:
    """Read the series of a scenario and turn everything into frozen arrays on named axes.

    `reshape` puts another tree over the same markets (`reshape`).

    Raises:
        ScenarioFaults: series that cannot be read or do not cover the horizon, all of them at once.
    """
    scenario, horizon = loaded.scenario, loaded.scenario.horizon
    grid = month_grid(str(horizon.start), horizon.months, horizon.time_zone)
    book = read_book(loaded, grid)
    futures = reshape(compile_futures(scenario, grid, book.monthly))
    tree, market = futures.tree, futures.market
    machines = resolve_all(scenario.equipment)
    places = _places(scenario, book, futures, machines)
    options, halls = places.options, places.halls
    coincident, hours = _coincident(scenario, book, tree, places.hours)
    moves = price_factors(machines, futures, scenario.uncertainty)
    fleet = compile_fleet(machines, scenario.fleets, market, options, halls.names, tree, moves)
    hedges = compile_hedges(scenario, market, hours, grid, tree)
    company = _company(scenario, book, futures, places.bays)
    terms = [terms_of(contract, horizon.start, scenario.uncertainty) for contract in scenario.contracts]
    opex = fixed_opex_by_month(scenario, book.monthly)
    budget = energy_budget_by_month(scenario, book.monthly)
    beyond = _beyond(scenario, futures, terms)
    opening = compile_opening(scenario, options, halls.names, tuple(machines))
    miners = tail_machines(fleet, len(options), tree, opening.on_order(len(machines)))
    own = [*miners[: places.own_bays], *([] for _ in scenario.hosting)]
    terminal = compile_terminal(beyond, tree, hours, places.bays, own, 12.0 * opex[:, -1], steady_draw_mw(budget))
    hosting = compile_hosting(scenario.hosting, horizon.start, tree, book, options, market.hashprice_usd_per_ph_day)
    hosting = with_minimum_take(with_closed_hours(hosting, hours, tree), scenario.hosting, book, tree)
    hosting = with_tail(hosting, scenario.hosting, horizon.start, tree, hours, miners[places.own_bays :], beyond.tail)
    return Instance(
        name=scenario.name,
        tree=tree,
        market=market,
        sites=compile_sites(scenario, opex, budget, tree),
        halls=halls,
        bays=places.bays,
        hosting=hosting,
        models=fleet.models,
        placements=fleet.placements,
        segments=shared(fleet.segments, hosting, market),
        offers=compile_offers(scenario.contracts, horizon.start),
        compatibility=compile_compatibility(
            scenario.contracts, scenario.one_of, options, [site.name for site in scenario.sites]
        ),
        service=service_table(tree, terms, futures.delay_months),
        prepayments=compile_prepayments(scenario.contracts, terms, tree, futures.delay_months),
        pass_through=pass_through(hours),
        terminal=terminal,
        hours=hours,
        risk=compile_risk(scenario.risk, tree),
        input_hash=loaded.input_hash,
        remarks=(*_read(loaded, book), *_remarks(scenario, fleet, futures, hosting, company.treasury, hedges)),
        batteries=(*compile_batteries(scenario.sites, tree, horizon.start), *(None for _ in scenario.hosting)),
        opening=opening,
        chances=compile_chances(scenario, company.debt, tree),
        repair_prices=compile_repair_prices(scenario.repair_costs, scenario.contracts, terms),
        **vars(company),
        feeders=places.feeders,
        plants=places.plants,
        reserves=compile_reserves(scenario.sites, places.options, places.halls.names),
        jobs=compile_jobs(scenario.sites, places.options, places.halls.names, tree),
        hedges=hedges,
        **vars(_tariffs(scenario, book, tree, hours, coincident)),
        restarts=compile_restarts(scenario.equipment),
    )


@dataclass(frozen=True)
class _Tariffs:
    """What sites are billed for power besides energy; the fields are those of `Instance`."""

    demand: Demand
    blocks: Blocks
    coincident: Coincident


def _tariffs(
    scenario: Scenario, book: SeriesBook, tree: NodeTree, hours: HourStore, coincident: Coincident
) -> _Tariffs:
    zone, sites = scenario.horizon.time_zone, scenario.sites
    demand = compile_demand(sites, hours, zone, tree, book.monthly)
    return _Tariffs(demand, compile_blocks(sites, len(scenario.hosting), hours, zone, tree), coincident)


def _coincident(scenario: Scenario, book: SeriesBook, tree: NodeTree, hours: HourStore) -> tuple[Coincident, HourStore]:
    """Coincident peaks, and the hours with what they cost beyond the horizon."""
    per_year = scenario.discount.operations_per_year
    found = compile_coincident(scenario.sites, hours, book, tree, per_year, scenario.horizon.time_zone)
    return found, with_peaks_beyond(hours, scenario.sites, found, tree, book, per_year)


def _read(loaded: LoadedScenario, book: SeriesBook) -> tuple[str, ...]:
    """What a reader should know about the inputs: values changed on the way, gaps filled."""
    changed = (f"the scenario's file was changed for this plan: {setting}" for setting in loaded.settings)
    return (*changed, *book.remarks)


def _remarks(
    scenario: Scenario,
    fleet: Fleet,
    futures: Futures,
    hosting: Hosting,
    treasury: Treasury | None,
    hedges: Hedges,
) -> tuple[str, ...]:
    """What a reader of the plan should know of how the scenario was read."""
    return (
        *dropped_modes(fleet.machines),
        *_foresight(scenario),
        *cut_short(hosting, scenario.hosting, scenario.horizon.start, futures.tree),
        *_view(scenario, treasury, futures),
        *hedge_remarks(hedges),
        *futures.remarks,
    )


def _view(scenario: Scenario, treasury: Treasury | None, futures: Futures) -> list[str]:
    """The view on Bitcoin that stated prices hold; prices that are drawn tell theirs among `futures.remarks`."""
    if isinstance(scenario.uncertainty, Sampled) and scenario.uncertainty.btc_price is not None:
        return []
    return view_remarks(treasury, futures.market, scenario.discount.btc_per_year, futures.tree)


@dataclass(frozen=True)
class _Company:
    """Money of the company; the fields are those of `Instance`."""

    finance: Finance
    treasury: Treasury | None
    debt: Debt | None
    covenants: Covenants | None
    equity: Equity | None
    tax: Tax | None


def _company(scenario: Scenario, book: SeriesBook, futures: Futures, bays: Bays) -> _Company:
    tree = futures.tree
    treasury = compile_treasury(scenario.treasury, futures.market, scenario.discount.btc_per_year, tree)
    debt = compile_debt(scenario, book.monthly, book.grid, tree, bays, futures.market.btc_price_usd)
    finance = compile_finance(scenario.finance, scenario.discount, tree)
    covenants = compile_covenants(scenario, tree, finance, debt, treasury)
    equity = compile_equity(scenario.finance.equity, tree, scenario.horizon.start)
    tax = compile_tax(scenario.tax, tree, scenario.horizon.start)
    return _Company(finance, treasury, debt, covenants, equity, tax)


def _foresight(scenario: Scenario) -> tuple[str, ...]:
    """What of the plan is an upper bound, since the hours of a period are solved knowing all of it."""
    sites = scenario.sites
    return (
        *foresight_remarks(sites),
        *upper_bound_remarks(sites),
        *reserve_remarks(sites),
        *job_remarks(sites),
        *outage_remarks(scenario.contracts),
        *restart_remarks(scenario.equipment),
    )


@dataclass(frozen=True)
class _Places:
    """Where machines and tenants may stand, and the hours there; bays of hosts come after `own_bays` of the company."""

    options: list[BayOption]
    own_bays: int
    halls: Halls
    bays: Bays
    hours: HourStore
    feeders: Feeders
    plants: Plants


def _places(scenario: Scenario, book: SeriesBook, futures: Futures, machines: Mapping[str, Resolved]) -> _Places:
    grid, stated, tree = book.grid, scenario.horizon, futures.tree
    periods = periods_of(tree, grid)
    own = bay_options(scenario)
    options = [*own, *hosted_bays(scenario, list(machines.values()))]
    of_site = [site_hours(site, book) for site in scenario.sites]
    promised = [promised_ambient_c(site, here, periods) for site, here in zip(scenario.sites, of_site, strict=True)]
    of_site += [hosted_hours(agreement, book) for agreement in scenario.hosting]
    promised += [[here.ambient_c[:1]] * len(periods.hours) for here in of_site[len(promised) :]]
    chosen = representation_of(stated.hours, grid, stated.time_zone)
    halls = compile_halls(scenario, options)
    at_hosts = np.ones((len(scenario.hosting), len(tree)))
    factor = np.concatenate([futures.spot_factor, at_hosts])
    hours = hour_store(grid.hour_starts, periods, of_site, options, chosen, factor)
    charged = demand_usd_per_mw_year(scenario.sites, len(scenario.hosting), book.monthly)
    hours = replace(hours, demand_usd_per_mw_year=charged)
    feeders, plants = compile_shared_limits(
        scenario.sites, bay_halls(options, halls), plant_weather(tree, hours, promised), periods.of_node
    )
    return _Places(
        options=options,
        own_bays=len(own),
        halls=halls,
        bays=compile_bays(options, tree, book.monthly, promised, periods.of_node),
        hours=hours,
        feeders=feeders,
        plants=plants,
    )


def _beyond(scenario: Scenario, futures: Futures, terms: Sequence[Terms]) -> Beyond:
    hosted = months_beyond(scenario.hosting, scenario.horizon.start, futures.tree)
    years = tail_years(futures.tree, terms, futures.delay_months, scenario.terminal.tail_years, hosted)
    per_year = scenario.discount.contracted_per_year
    return Beyond(
        tail=compile_tail(scenario, futures, years),
        rents=contract_tail(futures.tree, terms, futures.delay_months, per_year, years),
        pass_through_share=np.array([one.pass_through_share for one in terms]),
    )

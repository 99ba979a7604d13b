"""The compiled instance: frozen arrays on named axes, no files, no pydantic.

Axes, each a position: site, hall, bay (a hall in one fit-out), model (equipment), segment (one power-mode
step of a model in a bay), contract, node. Names stand in the `names` of each part, for labels and tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from allocator.instance.battery import SiteBattery
from allocator.instance.blocks import NO_BLOCKS, Blocks
from allocator.instance.chance import NO_CHANCES, Chances
from allocator.instance.coincident import NO_COINCIDENT, Coincident
from allocator.instance.covenants_state import Covenants
from allocator.instance.decided import Decided
from allocator.instance.demand import NO_DEMAND, Demand
from allocator.instance.equity import Equity
from allocator.instance.hedges import Hedges
from allocator.instance.hosting import Hosting
from allocator.instance.hour_store import HourStore
from allocator.instance.jobs import NO_JOBS, Jobs
from allocator.instance.loans_state import Debt
from allocator.instance.market_state import MarketState
from allocator.instance.opening import NOTHING_DECIDED, Opening
from allocator.instance.pass_through import PassThrough
from allocator.instance.prepayments_state import NO_PREPAYMENTS, Prepayments
from allocator.instance.repair_prices import RepairPrices
from allocator.instance.reserves import NO_RESERVES, Reserves
from allocator.instance.restarts import Restarts
from allocator.instance.risk import EXPECTATION, Risk
from allocator.instance.shared_limits import Feeders, Plants, no_feeders, no_plants
from allocator.instance.tax import Tax
from allocator.instance.tenants import Tenancies, make_tenancies
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Bools, Floats, Ints, NodeTree


@dataclass(frozen=True)
class Sites:
    """(S,) names and gross limit at the meter; (S, N) fixed opex and energy budget of each node (inf: none)."""

    names: tuple[str, ...]
    power_limit_mw: Floats
    fixed_opex_usd: Floats
    energy_budget_mwh: Floats


@dataclass(frozen=True)
class Halls:
    """(H,) names, site, opening bay, and how many conversions one path may hold."""

    names: tuple[str, ...]
    site: Ints
    opening_bay: Ints
    max_conversions: Ints


@dataclass(frozen=True)
class Bays:
    """(B,) every hall in every fit-out it may have. Bays of one hall are adjacent, halls of one site too.

    Attributes:
        names: "hall/fit_out"; fit_out: name of the fit-out; hall, site: positions. kind: of the fit-out, empty too.
        it_limit_mw, slots, no_load_mw: limits when fitted.
        firm_air_limit_mw, firm_liquid_limit_mw: cooling that may be promised to tenants, per node (B, N):
            the limit in the hottest hour of the node's full period, or at the site's design ambient.
        firm_overhead: largest overhead at the same temperatures, (B, N).
        firm_air_share, firm_liquid_share: heat split of tenant load, (B,).
        convertible: True where a conversion may lead here, (B,).
        capex_usd: conversion capex, (B, N) by decision node.
        lead_months, downtime_months: whole months from decision to ready; the last downtime_months of
            the lead the hall stands idle, (B,); what is left of both, and of capex, where one is under way.
    """

    names: tuple[str, ...]
    fit_out: tuple[str, ...]
    kind: tuple[str, ...]
    hall: Ints
    site: Ints
    it_limit_mw: Floats
    slots: Floats
    no_load_mw: Floats
    firm_air_limit_mw: Floats
    firm_liquid_limit_mw: Floats
    firm_overhead: Floats
    firm_air_share: Floats
    firm_liquid_share: Floats
    convertible: Bools
    capex_usd: Floats
    lead_months: Ints
    downtime_months: Ints


@dataclass(frozen=True)
class Models:
    """(M,) equipment models. Money per unit by node, (M, N).

    Attributes:
        block_units: indivisible lot in which units are bought, moved and sold.
        slots_per_unit: rack positions one unit takes.
        price_usd, resale_usd: per unit at each node; resale < price everywhere.
        install_usd: per unit installed (freight, racking).
        lead_months: order to delivery.
        refund_share: share of the price an undelivered order is worth at the horizon.
        purchase_limit_units: (M,) most units bought over one path (inf: none). buyable: (M,) may be bought at all.
        opening_stored_units: (M,) units in store at the start.
        hash_th_per_s, power_kw: (M,) at the top mode, hashrate 0 for GPU systems. gpus: per unit, 0 for ASICs.
    """

    names: tuple[str, ...]
    block_units: Ints
    slots_per_unit: Floats
    price_usd: Floats
    resale_usd: Floats
    install_usd: Floats
    lead_months: Ints
    refund_share: Floats
    purchase_limit_units: Floats
    buyable: Bools
    opening_stored_units: Floats
    hash_th_per_s: Floats
    power_kw: Floats
    gpus: Floats


@dataclass(frozen=True)
class Placements:
    """(P,) compatible (model, bay) pairs and the units standing there at the start."""

    model: Ints
    bay: Ints
    opening_units: Floats


@dataclass(frozen=True)
class Segments:
    """(J,) power-mode steps; ordered by site, then bay, then model, then step.

    Attributes:
        placement: which (model, bay) pair. bay, site: positions. step: 0, 1, ...
        mw_per_unit: critical IT MW one unit draws in this step, times uptime share.
        hash_ph_per_mw: PH/s per IT MW of the step (0 for GPU systems).
        air_share, liquid_share: heat split.
        value_usd_per_mwh: net earnings per IT MWh before power, (J, N).
    """

    placement: Ints
    bay: Ints
    site: Ints
    step: Ints
    mw_per_unit: Floats
    hash_ph_per_mw: Floats
    air_share: Floats
    liquid_share: Floats
    value_usd_per_mwh: Floats


@dataclass(frozen=True)
class Offers:
    """(C,) colocation contracts on offer.

    Attributes:
        critical_it_mw: contracted. tranches: equal parts that may stand in different halls.
        load_factor: metered / contracted. gross_up: reserved gross MW per contracted MW.
        lead_months: signature to first service month; what is left of it where signed before the start.
        term_months: service months.
        first_service_month, last_service_month: start window, months from horizon start.
        must_accept: True where refusing is not allowed.
        signing_capex_usd: at signature. credit_probability: weight of cash beyond the horizon.
        pass_through_share: share of energy cost the tenant pays at the site's spot price.
        outage_h_per_month: hours of full load in a month that may go unserved at outage_usd_per_mwh.
    """

    names: tuple[str, ...]
    critical_it_mw: Floats
    tranches: Ints
    load_factor: Floats
    gross_up: Floats
    lead_months: Ints
    term_months: Ints
    first_service_month: Ints
    last_service_month: Ints
    must_accept: Bools
    signing_capex_usd: Floats
    credit_probability: Floats
    pass_through_share: Floats
    outage_h_per_month: Floats
    outage_usd_per_mwh: Floats


@dataclass(frozen=True)
class Service:
    """One row per (contract, signing node, served node): what the contract does there. Long format, (K,).

    Attributes:
        contract, signed, node: positions.
        contracted_mw: critical IT MW reserved. metered_mw: critical IT MW metered (load factor, ramp).
        rent_usd: rent earned in the node.
    """

    contract: Ints
    signed: Ints
    node: Ints
    contracted_mw: Floats
    metered_mw: Floats
    rent_usd: Floats


@dataclass(frozen=True)
class Terminal:
    """Value beyond the horizon, per tail year y = 0..Y-1; discounted to the horizon start already.

    Attributes:
        years: Y.
        contract_usd: (C, N) by signing node: credit-weighted rent beyond the horizon, discounted.
        contract_energy_usd_per_mw: (C, N, B) power cost less pass-through of a MW signed at n in bay b, weighted too.
        contract_mw: (C, N, Y) contracted MW still in term in tail year y (fraction of the year served).
        mining_usd_per_mw: (B, Y, N) worth >= 0 of an IT MW of mining in year y, capital deducted; 0 but at leaves.
        overhead: (B,) overhead used for the tail's site limit.
        fixed_opex_usd: (S,) discounted fixed opex beyond the horizon.
        energy_limit_mw: (S,) gross draw that the site's energy budget lets it hold all year; inf: none.
    """

    years: int
    contract_usd: Floats
    contract_energy_usd_per_mw: Floats
    contract_mw: Floats
    mining_usd_per_mw: Floats
    overhead: Floats
    fixed_opex_usd: Floats
    energy_limit_mw: Floats


@dataclass(frozen=True)
class Finance:
    """Cash and discounting.

    Attributes:
        opening_cash_usd, minimum_cash_usd, capex_budget_usd (inf: none; whole horizon, every path).
        discount_operations, discount_contracted: (N,) factors at mid-period, per node.
        discount_horizon: factor at the end of the horizon (operations class).
        risk_free_per_year: what cash earns, so that holding it costs nothing; annual effective.
        shortfall_penalty: price of one USD below the minimum at the end of a node, outside the value; inf: never below.
    """

    opening_cash_usd: float
    minimum_cash_usd: float
    capex_budget_usd: float
    discount_operations: Floats
    discount_contracted: Floats
    discount_horizon: float
    risk_free_per_year: float = 0.0
    shortfall_penalty: float = np.inf

    @property
    def may_fall_short(self) -> bool:
        """Whether cash may end a node below its minimum, at a price."""
        return bool(np.isfinite(self.shortfall_penalty))


@dataclass(frozen=True)
class Compatibility:
    """Long tables of what may stand where.

    Attributes:
        contract, bay: (R,) contract c may stand in bay b.
        exclusive: for each one-of group, the positions of its contracts.
        group_names, group_required: name of each group; True where exactly one must be signed.
    """

    contract: Ints
    bay: Ints
    exclusive: tuple[tuple[int, ...], ...]
    group_names: tuple[str, ...]
    group_required: tuple[bool, ...]


@dataclass(frozen=True)
class Instance:
    """One scenario, compiled.

    Attributes:
        risk: what the worst paths weigh in the objective.
        remarks: what compilation did that a reader of the plan should know (repaired gaps, dropped modes).
        batteries: of each site, None where it has none, (S,); empty: no site has one.
        treasury: None where no Bitcoin is held and all production is sold. debt: None where there is none.
        prepayments: what tenants pay ahead; none by default.
        covenants: None where there are none. equity: None where no shares may be sold. tax: None: none.
        decided: what a plan can only be made around; None: nothing.
        opening: what was decided before the start and goes on.
        chances: events whose probability is limited. repair_prices: what lifting limits costs; None: not known.
        restarts: of each model, (M,); None: machines stop and start at will.
    """

    name: str
    tree: NodeTree
    market: MarketState
    sites: Sites
    halls: Halls
    bays: Bays
    hosting: Hosting
    models: Models
    placements: Placements
    segments: Segments
    offers: Offers
    compatibility: Compatibility
    service: Service
    pass_through: PassThrough
    terminal: Terminal
    finance: Finance
    hours: HourStore
    hedges: Hedges
    input_hash: str
    risk: Risk = EXPECTATION
    remarks: tuple[str, ...] = ()
    batteries: tuple[SiteBattery | None, ...] = ()
    treasury: Treasury | None = None
    debt: Debt | None = None
    covenants: Covenants | None = None
    equity: Equity | None = None
    tax: Tax | None = None
    decided: Decided | None = None
    opening: Opening = NOTHING_DECIDED
    chances: Chances = NO_CHANCES
    repair_prices: RepairPrices | None = None

    @property
    def btc_price_usd(self) -> Floats:
        """Price of one Bitcoin at each node, (N,); ValueError where the scenario states none."""
        price = self.market.btc_price_usd
        if price is None:
            raise ValueError("the scenario states a hashprice alone, and no price of Bitcoin")
        return price

    @property
    def opening_pledged_btc(self) -> float:
        """Bitcoin pledged at the start, by all loans together."""
        return 0.0 if self.debt is None else float(self.debt.collateral.opening_pledged_btc.sum())

    @property
    def discount_financing(self) -> Floats:
        """Factor of what is drawn, paid back and paid for loans at the middle of each node, at the risk-free rate."""
        return np.asarray((1.0 + self.finance.risk_free_per_year) ** -self.tree.mid_years)

    @property
    def discount_financing_end(self) -> float:
        """The same of what is owed at the end of the horizon."""
        return float((1.0 + self.finance.risk_free_per_year) ** -self.tree.horizon_years)

    @property
    def cash_interest_share(self) -> Floats:
        """What a dollar of cash at the parent has earned by the node, (N,)."""
        return self.tree.accrual(self.finance.risk_free_per_year)

    @cached_property
    def tenancies_served(self) -> Bools:
        """True for tenancies of which some contract may be in service in the node, (K, N)."""
        found = np.zeros((len(self.tenancies.bay), len(self.tree)), dtype=bool)
        tenancy = self.tenancies.of[self.service.contract]
        row, bay = np.nonzero(tenancy >= 0)
        found[tenancy[row, bay], self.service.node[row]] = True
        return found

    @cached_property
    def mined_btc_per_mwh(self) -> Floats:
        """BTC that a MWh of IT load of each segment mines, pool fee deducted, (J, N); 0 where no network is stated."""
        btc_per_ph_day = self.market.btc_per_ph_day
        if btc_per_ph_day is None:
            return np.zeros(self.segments.value_usd_per_mwh.shape)
        net = btc_per_ph_day * (1.0 - self.market.pool_fee_share) / 24.0
        return np.asarray(self.segments.hash_ph_per_mw[:, None] * net)

    feeders: Feeders = field(default_factory=no_feeders)
    plants: Plants = field(default_factory=no_plants)
    reserves: Reserves = NO_RESERVES
    prepayments: Prepayments = NO_PREPAYMENTS
    jobs: Jobs = NO_JOBS
    blocks: Blocks = NO_BLOCKS
    demand: Demand = NO_DEMAND
    restarts: Restarts | None = None
    coincident: Coincident = NO_COINCIDENT

    @cached_property
    def tenancies(self) -> Tenancies:
        """Firm load by bay and terms."""
        return make_tenancies(self.offers, self.compatibility, self.bays.site)

    @property
    def tail_limit_mw(self) -> Floats:
        """Gross draw that each site may hold beyond the horizon: the least of its limit and its energy budget, (S,)."""
        return np.minimum(self.sites.power_limit_mw, self.terminal.energy_limit_mw)

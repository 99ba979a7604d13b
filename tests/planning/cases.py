"""Small instances of the planning tests, and a tree with two branches made from a chain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.battery import Battery, SiteBattery
from allocator.instance.chance import COMPANY, Chances
from allocator.instance.covenants import windows
from allocator.instance.covenants_state import Covenants
from allocator.instance.equity import Equity
from allocator.instance.loans_state import Collateral, Debt, Extensions, Loans, Notes, Projects
from allocator.instance.prepayments_state import Prepayments
from allocator.instance.risk import WorstChildren, WorstPaths
from allocator.instance.tax import Tax, compile_tax
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import NodeTree
from allocator.instance.types import Instance
from allocator.scenario.months import Month
from allocator.scenario.tax import Tax as TaxSection
from tests.instance.blocks import with_blocks
from tests.instance.coincident import with_coincident
from tests.instance.demand import with_demand
from tests.instance.factory import (
    BaySpec,
    ContractSpec,
    FeederSpec,
    HallSpec,
    ModelSpec,
    PlantSpec,
    StepSpec,
    tiny_instance,
)
from tests.instance.hedges import with_hedges
from tests.instance.hosted import HostSpec, hosted
from tests.instance.jobs import JobSpec, with_jobs
from tests.instance.reserves import ServiceSpec, with_reserves


def two_branches(chain: Instance, probability: float = 0.4) -> Instance:
    """A chain of three nodes turned into a root with two children, the first of the stated probability."""
    tree = chain.tree
    months = int(tree.months[0])
    first = np.array([0, months, months])
    branched = replace(
        tree,
        name=("root", "up", "down"),
        parent=np.array([-1, 0, 0]),
        probability=np.array([1.0, probability, 1.0 - probability]),
        first_month=first,
        mid_years=(first + months / 2) / 12,
        horizon_years=2 * months / 12,
    )
    service = chain.service
    follows = np.array([m in branched.path(n) for m, n in zip(service.signed, service.node, strict=True)], dtype=bool)
    return replace(
        chain,
        tree=branched,
        service=replace(service, **{name: values[follows] for name, values in vars(service).items()}),
        finance=replace(
            chain.finance,
            discount_operations=chain.finance.discount_operations[first // months],
            discount_contracted=chain.finance.discount_contracted[first // months],
        ),
    )


def quarterly(chain: Instance) -> NodeTree:
    """The tree of a chain with nodes of three months each."""
    tree = chain.tree
    first = np.arange(len(tree)) * 3
    return replace(tree, first_month=first, months=np.full(len(tree), 3), horizon_years=len(tree) * 3 / 12)


GOLDEN_BATTERY = Battery(
    charge_mw=1.0,
    discharge_mw=0.5,
    energy_mwh=200.0,
    charge_efficiency=0.8,
    discharge_efficiency=0.5,
    opening_mwh=50.0,
    wear_usd_per_mwh=10.0,
    kept_share_per_h=0.999,
    capture_share=0.75,
)
"""Steps of 365 hours: 1 MW taken stores 292 MWh, 0.5 MW given empties 365 MWh, a step of standing keeps 0.694."""


def golden_instance() -> Instance:
    """Root and two branches, two hours each; every row family has a member."""
    barn = BaySpec("barn", "air_mining", 5.0, slots=10.0, overhead=0.05, air_limit_mw=[6.0, 4.0] * 3)
    retrofit = BaySpec(
        "retrofit",
        "liquid_gpu",
        4.0,
        slots=8.0,
        no_load_mw=0.1,
        overhead=0.25,
        air_limit_mw=[1.0, 0.5] * 3,
        liquid_limit_mw=[3.5, 3.0] * 3,
        tenant_air_share=0.15,
        capex_usd=6e6,
        lead_months=1,
        downtime_months=1,
    )
    s21 = ModelSpec(
        "s21",
        {"air_mining": 1.0},
        [StepSpec(0.6, 90.0, 90.0), StepSpec(0.3, 60.0, 60.0)],
        opening={"hall": 4.0, "pad": 2.0},
        block_units=2,
        slots=1.0,
        buyable=True,
        price_usd=[4000.0, 3500.0, 3500.0],
        resale_usd=[3000.0, 2500.0, 2500.0],
        install_usd=30.0,
        lead_months=1,
        refund_share=0.5,
        limit_units=6.0,
    )
    rack = ModelSpec(
        "rack", {"liquid_gpu": 0.1}, [StepSpec(1.0, 400.0)], stored=1.0, slots=4.0, resale_usd=1e6, gpus=72.0
    )
    pad = HallSpec("pad", [BaySpec("pad", "air_mining", 2.5, slots=9.0)], site=1)
    tenant = ContractSpec(
        "tenant",
        2.0,
        ["hall/retrofit"],
        rent_usd_per_mw_month=150e3,
        tranches=2,
        load_factor=0.8,
        gross_up=1.4,
        pass_through_share=1.0,
        outage_h_per_month=200.0,
        outage_usd_per_mwh=80.0,
        signing_capex_usd=2e5,
    )
    rival = ContractSpec("rival", 3.0, ["hall/retrofit"], rent_usd_per_mw_month=120e3, last_service_month=1)
    chain = tiny_instance(
        nodes=3, steps=2, step_hours=365.0, site_limit_mw=[10.0, 3.0],
        halls=[HallSpec("hall", [barn, retrofit]), HallSpec("yard", [barn]), pad],
        feeders=[FeederSpec("busway", 7.0, ["hall", "yard"])],
        plants=[PlantSpec("tower", "air", [9.0, 6.0] * 3, ["hall", "yard"])],
        models=[s21, rack], contracts=[tenant, rival], groups={"either": (["tenant", "rival"], False)},
        price=[[[30.0, 50.0], [20.0, 95.0], [40.0, 60.0]]], spot=25.0, fixed_opex_usd=1e5,
        energy_budget_mwh=[[np.inf, 5000.0, 4000.0], [np.inf] * 3], operations_per_year=0.12, contracted_per_year=0.09,
        opening_cash_usd=20e6, minimum_cash_usd=1e6, capex_budget_usd=10e6,
        mining_tail_usd_per_mw=[50e3], contract_tail_usd=4e6, btc_price_usd=[60e3, 70e3, 50e3],
        batteries=(SiteBattery(GOLDEN_BATTERY, np.array([False, True, False])), None),
    )  # fmt: skip
    terms = {"end_fee_usd": 2e4, "management_usd": 5e3, "deposit_usd": 1e5, "removal_usd": 20.0}
    take = {"take_mwh": [0.0, 600.0, 0.0], "untaken_usd_per_mwh": 70.0}
    agreement = HostSpec("pad", 2.0, notice_months=1, relief_usd_per_mwh=[0.0, 0.0, 8.0], tail_usd=3e5, **terms, **take)
    priced = replace(chain.finance, shortfall_penalty=100.0, risk_free_per_year=0.04)
    services = [
        ServiceSpec("fast", [12.0, 40.0] * 3, most_mw=3.0, deployment_share=0.1, deployment_usd_per_mwh=20.0),
        ServiceSpec("slow", 8.0, bays=["yard/barn"], qualifying_share=0.8),
    ]
    training = JobSpec("training", 400.0, 350.0, 80.0, most_mw=0.8, bays=["hall/retrofit"])
    selling = with_reserves(hosted(two_branches(replace(chain, finance=priced)), [agreement]), services)
    hedged = with_coincident(with_demand(with_blocks(with_hedges(with_jobs(selling, [training])))), 3e3, 1e3)
    rare = Chances(
        loan=np.array([COMPANY, 0]),
        by_month=np.array([0.5, 0.7]),
        of_path=np.array([0.8, 1.0]),
        most_usd=np.array([[5e5] * 3, [2.008e5, 3.024e5, 3.024e5]]),
    )
    company = {"treasury": golden_treasury(), "debt": golden_debt(), "covenants": golden_covenants(hedged.tree)}
    company["tax"] = golden_tax(hedged.tree)
    company["equity"] = Equity(hedged.tree.decision, np.array([2027, 2027, 2027]), 4e5, 5e5, 6e5, 0.03, 1.25)
    company |= {"prepayments": golden_prepayments()}
    return replace(hedged, risk=WorstPaths(weight=0.25, level=0.5), chances=rare, **company)


def golden_nested() -> Instance:
    """The golden instance with its worst children in the place of its worst paths."""
    return replace(golden_instance(), risk=WorstChildren(weight=0.25, level=0.5))


def golden_covenants(tree: NodeTree) -> Covenants:
    """Liquidity everywhere; coverage of one loan by one site over two months, and leverage of all, after the root."""
    tested = np.array([[True, True, True], [False, True, True], [False, True, False]])
    trailing, loans = np.array([0, 2, 3]), len(golden_debt().loans.names)
    served, left = np.ones((3, loans), dtype=bool), np.full((loans, 3), np.inf)
    served[1, 0], left[1] = False, [8e4, 6e4, 6e4]
    return Covenants(
        names=("cash", "cover", "lever"),
        kind=("minimum_liquidity", "dscr", "net_debt_to_ebitda"),
        tested=tested,
        limit=np.array([2e6, 1.25, 4.0]),
        btc_share=np.array([0.6, 0.0, 0.5]),
        trailing_months=trailing,
        sites=np.array([[True, True], [False, True], [True, True]]),
        loans=served,
        windows=windows(tested, trailing, tree),
        earlier_income_usd=np.array([[0.0] * 3, [0.0] * 3, [0.0, 2e5, 0.0]]),
        earlier_service_usd=np.array([[0.0] * 3, [0.0, 1e4, 1e4], [0.0] * 3]),
        instalment_limit_usd=left,
        may_breach=np.array([[True, False, False], [False, True, True], [False, True, False]]),
        penalty=np.array([100.0, 0.1, 0.2]),
    )


def golden_prepayments() -> Prepayments:
    """What `tenant` pays when it signs in the second branch, of which it is credited part and given back part."""
    one = np.ones(1, dtype=np.int64)
    usd = {"received_usd": 3e5, "earned_usd": 5e4, "refunded_usd": 1e4, "penalty_usd": 2e3, "unearned_usd": 2.4e5}
    return Prepayments(0 * one, 2 * one, 2 * one, **{name: value * one for name, value in usd.items()})


def golden_tax(tree: NodeTree) -> Tax:
    """The root closes a year; the months after it are another, cut short."""
    stated = TaxSection(
        rate_share=0.25, loss_cap_share=0.6, write_off_months=4, opening_loss_usd=3e5, opening_book_usd=1e5,
        opening_book_months=2, opening_year_income_usd=2e5,
    )  # fmt: skip
    tax = compile_tax(stated, tree, Month(2027, 12))
    assert tax is not None
    return tax


def golden_debt() -> Debt:
    """A loan secured by Bitcoin with room to draw, priced calls and a right to extend, one that is paid back on a
    schedule, one that has not been opened, and one for a retrofit."""
    limit_usd = np.array([[3e5, 3e5, 2e5], [8e4, 6e4, 6e4], [1e5, 1e5, 1e5], [4e6, 4e6, 4e6]])
    loans = Loans(
        names=("secured", "term", "spare", "works"),
        kind=("btc_backed", "term", "term", "project"),
        opening_usd=np.array([2e5, 1e5, 0.0, 0.0]),
        limit_usd=limit_usd,
        falls_due_usd=np.array([[0.0, 0.0, 1e5], [2e4, 2e4, 2e4], [0.0] * 3, [0.0] * 3]),
        interest_share=np.array([[0.004, 0.008, 0.008], [0.003, 0.006, 0.006], [0.002, 0.004, 0.004], [0.01] * 3]),
        interest_to_end_share=np.full((4, 3), 0.005),
        undrawn_share=np.array([[0.001, 0.002, 0.002], [0.0] * 3, [0.0] * 3, [0.0] * 3]),
        may_draw=np.array([[True, False, True], [False] * 3, [True, False, True], [True] * 3]),
        may_prepay=np.array([True, False, True, True]),
        prepayment_fee_share=np.array([0.01, 0.0, 0.0, 0.0]),
        upfront_usd=np.array([1e3, 0.0, 2e3, 0.0]),
    )
    extensions = Extensions(
        loan=np.array([0]),
        extra_usd=np.array([[0.0, 0.0, 1e5]]),
        decided=np.array([[-1, -1, 2]]),
        fee_share=np.array([0.004]),
        most_ltv=np.array([0.5]),
    )
    collateral = Collateral(
        loan=np.array([0]),
        opening_pledged_btc=np.array([5.0]),
        initial_ltv=np.array([0.6]),
        call_ltv=np.array([0.7]),
        liquidation_ltv=np.array([0.8]),
        release_ltv=np.array([0.5]),
        penalty_share=np.array([0.05]),
        call_penalty=np.array([0.1]),
        postable_share=np.array([0.5]),
        uncured_penalty=100.0,
        stress_share=np.array([0.0, 0.1, 0.2]),
        least_headroom=np.array([0.15]),
    )
    projects = Projects(
        loan=np.array([3, 3, 3]),
        bay=np.array([1, 1, 1]),
        made=np.array([0, 0, 0]),
        node=np.array([0, 1, 2]),
        owed_usd=np.array([3e6, 2.5e6, 2.5e6]),
        drawn_usd=np.array([3e6, 0.0, 0.0]),
    )
    share_usd = np.array([[0.0] * 3, [9.0, 12.0, 15.0], [0.0] * 3, [0.0] * 3])
    in_shares = np.array([[False] * 3, [False, True, False], [False] * 3, [False] * 3])
    notes = Notes(share_usd, np.array([0.0, 10.0, 0.0, 0.0]), in_shares)
    return Debt(loans, collateral, extensions, projects, notes)


def golden_treasury() -> Treasury:
    """Three nodes: some production must be kept and more may be, holdings may be traded, the market is thin."""
    return Treasury(
        opening_btc=20.0,
        floor_btc=15.0,
        spot_price_usd=60e3,
        keep_least_share=np.array([0.1, 0.0, 0.0]),
        keep_most_share=np.array([1.0, 0.5, 0.0]),
        sell_least_btc=np.array([1.0, 0.0, 0.0]),
        sell_most_btc=np.array([np.inf, 2.0, 2.0]),
        buy_most_btc=np.array([np.inf, 0.0, 0.0]),
        purchase_fee_share=0.002,
        sale_limit_btc=np.array([3.0, 3.0, np.inf]),
        part_btc=np.array([[1.0, 1.0, 1.0], [np.inf, np.inf, np.inf]]),
        part_cost_share=np.array([0.001, 0.01]),
        settlement_share=np.array([0.1, 0.1, 0.1]),
        haircut_share=0.05,
        discount=np.array([1.0, 0.9, 1.1]),
    )

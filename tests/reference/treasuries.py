"""Toy instances whose company holds Bitcoin, under every policy, with and without limits of the market."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.chance import COMPANY, Chances
from allocator.instance.covenants import nodes_tested, windows
from allocator.instance.covenants_state import Covenants
from allocator.instance.equity import Equity
from allocator.instance.loans_state import Collateral, Debt, Extensions, Loans, Notes, Projects
from allocator.instance.market_state import MarketState, Network
from allocator.instance.projects import lent_usd
from allocator.instance.tax import compile_tax
from allocator.instance.treasury import bounds, btc_discount
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import NodeTree
from allocator.instance.types import Instance
from allocator.scenario.loans import ProjectLoan
from allocator.scenario.months import Month
from allocator.scenario.tax import Tax as TaxSection
from allocator.scenario.treasury import FixedSchedule, HoldShare, Optimise, Policy, SellProduction

BTC_PER_PH_DAY = 4e-4
SPARE_USD, WORKS_USD = 2e5, 4e6


def holding(instance: Instance, seed: int) -> Instance:
    """The company holds some Bitcoin; machines that rent no GPUs mine what they earn, roughly."""
    rng = np.random.default_rng(seed)
    price = rng.uniform(5e4, 9e4) * rng.uniform(0.7, 1.5, len(instance.tree))
    network = Network(price, np.full(len(price), 1e14), np.full(len(price), BTC_PER_PH_DAY))
    fee = float(rng.choice([0.0, 0.002, 0.02]))
    mines = instance.models.gpus[instance.placements.model[instance.segments.placement]] == 0
    earned = instance.segments.value_usd_per_mwh[:, 0] * mines * rng.choice([1.0, 1.4])
    hash_ph_per_mw = 24.0 * earned / (BTC_PER_PH_DAY * price[0] * (1.0 - fee))
    return replace(
        instance,
        market=MarketState(price * BTC_PER_PH_DAY, 0.0, fee, {}, network),
        segments=replace(instance.segments, hash_ph_per_mw=hash_ph_per_mw),
        treasury=_treasury(instance, price, fee, rng),
        finance=replace(instance.finance, risk_free_per_year=float(rng.choice([0.0, 0.04]))),
    )


def _policy(rng: np.random.Generator, months: int) -> Policy:
    kind = rng.integers(0, 4)
    if kind == 0:
        return SellProduction(kind="sell_production")
    if kind == 1:
        return HoldShare(kind="hold_share", share=float(rng.choice([0.3, 1.0])))
    if kind == 2:
        sold = tuple(rng.uniform(0.0, 3.0, months).tolist())
        return FixedSchedule(kind="fixed_schedule", sell_btc_by_month=sold, hold_share=float(rng.choice([0.0, 0.5])))
    return Optimise(kind="optimise", may_buy=bool(rng.random() < 0.5))


def _treasury(instance: Instance, price: np.ndarray, fee: float, rng: np.random.Generator) -> Treasury:
    tree, nodes = instance.tree, len(instance.tree)
    limited, parted = rng.random(2) < 0.4
    floor = float(rng.choice([0.0, 5.0]))
    months = int((tree.first_month + tree.months).max())
    mined = rng.uniform(0.0, 40.0, nodes)
    return Treasury(
        opening_btc=floor + 3.0 * months,
        floor_btc=floor,
        spot_price_usd=float(price[0]),
        **vars(bounds(_policy(rng, months), tree)),
        purchase_fee_share=0.001,
        sale_limit_btc=mined + 5.0 if limited else np.full(nodes, np.inf),
        part_btc=np.array([rng.uniform(0.5, 5.0, nodes), np.full(nodes, np.inf)]) if parted else np.zeros((0, nodes)),
        part_cost_share=np.array([0.001, 0.05]) if parted else np.zeros(0),
        settlement_share=np.full(nodes, float(rng.choice([0.0, 0.2]))),
        haircut_share=float(rng.choice([fee, 0.1])),
        discount=btc_discount(float(price[0]), price, None if rng.random() < 0.5 else 0.08, tree),
    )


def indebted(instance: Instance, seed: int) -> Instance:
    """A company that holds Bitcoin, owes a loan behind which some of it stands, and one that it pays back."""
    held, rng = holding(instance, seed), np.random.default_rng(10_000 + seed)
    assert held.treasury is not None
    tree, nodes = held.tree, len(held.tree)
    price = held.btc_price_usd
    opening = 20.0 + rng.uniform(0.0, 40.0)
    pledged = opening * rng.uniform(0.3, 1.0)
    owed = pledged * price[0] * rng.uniform(0.1, 0.9)
    limit = owed * float(rng.choice([1.0, 1.5]))
    matures = rng.random() < 0.4
    ends = tree.first_month + tree.months
    limits = np.array(
        [
            np.where(matures & (ends >= ends.max()), 0.0, limit),
            1e6 * np.maximum(0.0, 1.0 - ends / (ends.max() + 2.0)),
            np.full(nodes, SPARE_USD),
            np.full(nodes, WORKS_USD),
        ]
    )
    rates = np.array([[rng.choice([0.01, 0.12])], [0.06], [0.02], [0.03]])
    rates = rates * np.concatenate([rng.uniform(0.5, 1.5, (2, nodes)), np.ones((2, nodes))])
    before = np.where(tree.parent >= 0, limits[:, tree.parent], np.array([[limit], [1e6], [SPARE_USD], [WORKS_USD]]))
    none = np.zeros(nodes, bool)
    loans = Loans(
        names=("secured", "term", "spare", "works"),
        kind=("btc_backed", "term", "term", "project"),
        opening_usd=np.array([owed, 1e6, 0.0, 0.0]),
        limit_usd=limits,
        falls_due_usd=before - limits,
        interest_share=tree.accrual(rates),
        interest_to_end_share=(1.0 + rates) ** (tree.horizon_years - tree.mid_years) - 1.0,
        undrawn_share=np.outer([0.005, 0.0, 0.0, 0.0], tree.years_since_parent),
        may_draw=np.array([tree.decision & (limit > owed), none, tree.decision & (seed % 2 == 0), ~none]),
        may_prepay=np.array([rng.random() < 0.7, rng.random() < 0.5, True, True]),
        prepayment_fee_share=np.array([rng.choice([0.0, 0.01]), rng.choice([0.0, 0.02]), 0.0, 0.0]),
        upfront_usd=np.array([1e3, 0.0, 5e3, 1e3]),
    )
    collateral = Collateral(
        loan=np.array([0]),
        opening_pledged_btc=np.array([pledged]),
        initial_ltv=np.array([0.6]),
        call_ltv=np.array([0.7]),
        liquidation_ltv=np.array([0.8]),
        release_ltv=np.array([0.5]),
        penalty_share=np.array([0.05]),
        call_penalty=np.array([rng.choice([0.1, 1.0, np.inf])]),
        postable_share=np.array([rng.choice([0.0, 0.5, 1.0])]),
        uncured_penalty=100.0,
        stress_share=np.full(nodes, rng.choice([0.0, 0.15])),
        least_headroom=np.array([0.05 * (seed % 3 == 0)]),
    )
    cash = held.finance.opening_cash_usd * float(rng.choice([0.05, 1.0]))
    finance = replace(held.finance, opening_cash_usd=cash, shortfall_penalty=100.0)
    treasury = replace(held.treasury, opening_btc=opening + held.treasury.opening_btc)
    extensions = _extension(tree, np.where(limits[0] < limit, limit, 0.0), seed)
    debt = Debt(loans, collateral, extensions, _works(held, loans.interest_share[3], seed), _notes(loans, seed))
    return replace(held, debt=debt, finance=finance, treasury=treasury)


def _notes(loans: Loans, seed: int) -> Notes | None:
    """The loan that is paid back on a schedule is one of notes, where it may not be prepaid; what falls due is paid in
    shares where these are worth the conversion price of 10 USD."""
    if loans.may_prepay[1]:
        return None
    rng, shape = np.random.default_rng(40_000 + seed), loans.limit_usd.shape
    share_usd, in_shares = np.zeros(shape), np.zeros(shape, dtype=bool)
    share_usd[1] = rng.uniform(6.0, 15.0, shape[1])
    in_shares[1] = (loans.falls_due_usd[1] > 0) & (share_usd[1] >= 10.0)
    return Notes(share_usd, np.array([0.0, 10.0, 0.0, 0.0]), in_shares)


def _works(held: Instance, interest_share: np.ndarray, seed: int) -> Projects:
    """Half of what every conversion costs, or more, is lent on it."""
    rng = np.random.default_rng(30_000 + seed)
    loan = ProjectLoan(
        name="works", kind="project", limit_usd=WORKS_USD, loan_to_cost_share=float(rng.uniform(0.5, 1.0)),
        amortisation_months=int(rng.integers(1, 6)), rate_per_year=0.03,
        interest_during_construction=("paid", "drawn")[seed % 2],
    )  # fmt: skip
    rows = [
        (3, bay, made, node, owed, owed if built else 0.0)
        for bay in np.flatnonzero(held.bays.convertible).tolist()
        for made in np.flatnonzero(held.tree.decision).tolist()
        for node, owed, built in lent_usd(loan, held.tree, held.bays, bay, made, interest_share)
    ]
    table = np.array(rows).reshape(-1, 6).T
    return Projects(*(column.astype(int) for column in table[:4]), *table[4:])


def _extension(tree: NodeTree, extra_usd: np.ndarray, seed: int) -> Extensions:
    """What matures in a node may be extended there, where something may be decided."""
    rng, may_be = np.random.default_rng(20_000 + seed), (extra_usd > 0) & tree.decision
    return Extensions(
        loan=np.array([0]),
        extra_usd=np.where(may_be, extra_usd, 0.0)[None, :],
        decided=np.where(may_be, np.arange(len(tree)), -1)[None, :],
        fee_share=np.array([rng.choice([0.0, 0.01])]),
        most_ltv=np.array([rng.choice([0.3, np.inf])]),
    )


def selling_shares(instance: Instance, seed: int) -> Instance:
    """Short of cash, or dear to owe: shares may be sold in some nodes, within limits or without."""
    owing, rng = indebted(instance, seed), np.random.default_rng(30_000 + seed)
    tree = owing.tree
    equity = Equity(
        may_issue=tree.decision & (tree.first_month >= rng.integers(0, 2)),
        year=2027 + (tree.first_month + int(rng.integers(9, 12))) // 12,
        most_usd=float(rng.choice([2e5, np.inf])),
        most_usd_per_year=float(rng.choice([3e5, np.inf])),
        most_usd_in_all=float(rng.choice([5e5, np.inf])),
        paid_this_year_usd=float(rng.choice([0.0, 1e5])),
        fee_share=0.03,
        claim_per_usd=float(rng.choice([1.0, 1.2])),
        opening_claim_usd=float(rng.choice([0.0, 3e5])),
    )
    finance = replace(owing.finance, opening_cash_usd=1e5, minimum_cash_usd=4e5, shortfall_penalty=1.0)
    return replace(owing, equity=equity, finance=finance)


def taxed(instance: Instance, seed: int) -> Instance:
    """The same under a tax: years that end within the horizon or not, losses brought in, capital written off fast."""
    rng = np.random.default_rng(40_000 + seed)
    stated = TaxSection(
        rate_share=float(rng.choice([0.2, 0.35])),
        loss_cap_share=float(rng.choice([0.0, 0.5, 1.0])),
        write_off_months=int(rng.integers(1, 6)),
        opening_loss_usd=float(rng.choice([0.0, 5e5])),
        opening_book_usd=3e5,
        opening_book_months=int(rng.integers(1, 6)),
        opening_year_income_usd=float(rng.uniform(-3e5, 3e5)),
    )
    return replace(instance, tax=compile_tax(stated, instance.tree, Month(2027, int(rng.integers(9, 13)))))


def bound(instance: Instance, seed: int) -> Instance:
    """The same with three covenants, each on a calendar of its own, hard or at a price, some reaching back."""
    owing, rng = indebted(instance, seed), np.random.default_rng(20_000 + seed)
    assert owing.debt is not None
    tree, loans, nodes = owing.tree, owing.debt.loans, len(owing.tree)
    tested = np.array([nodes_tested(int(rng.integers(-1, 3)), int(rng.integers(1, 3)), tree) for _ in range(3)])
    trailing = np.array([0, *rng.integers(1, 5, 2)])
    reaches = np.maximum(trailing[:, None] - (tree.first_month + tree.months), 0)
    income, left = rng.uniform(-1e5, 3e5), np.full((len(loans.names), nodes), np.inf)
    served = np.ones((3, len(loans.names)), dtype=bool)
    served[1, 0], left[1] = rng.random() < 0.5, loans.limit_usd[1]
    some = rng.random(len(owing.sites.names)) < 0.7
    covenants = Covenants(
        names=("cash", "cover", "lever"),
        kind=("minimum_liquidity", "dscr", "net_debt_to_ebitda"),
        tested=tested,
        limit=np.array([rng.uniform(0.0, 3e6), rng.uniform(0.5, 3.0), rng.uniform(0.2, 4.0)]),
        btc_share=np.array([rng.choice([0.0, 0.6]), 0.0, rng.choice([0.0, 0.8])]),
        trailing_months=trailing,
        sites=np.array([some, some, np.ones(len(some), dtype=bool)]),
        loans=served,
        windows=windows(tested, trailing, tree),
        earlier_income_usd=income * reaches,
        earlier_service_usd=3e4 * reaches,
        instalment_limit_usd=left,
        may_breach=tested & (rng.random((3, 1)) < 0.8),
        penalty=rng.choice([0.05, 0.5, 1.0], 3),
    )
    return replace(owing, covenants=covenants)


def called(instance: Instance, seed: int) -> Instance:
    """The same without the cash, or the right, to pay back before the price falls by half: lenders call and sell."""
    owing = indebted(instance, seed)
    assert owing.debt is not None
    assert owing.treasury is not None
    held, loans, nodes = owing.debt.collateral, owing.debt.loans, len(owing.tree)
    stress = np.full(nodes, 0.1 + 0.1 * (seed % 5))
    falls = replace(held, call_penalty=np.array([0.1]), stress_share=stress, least_headroom=np.zeros(1))
    bound = replace(loans, may_prepay=np.array([seed % 2 == 0, False, True, True]))
    cash = replace(owing.finance, opening_cash_usd=2e4 * (seed % 3))
    free = replace(owing.treasury, floor_btc=0.0)
    return replace(owing, debt=replace(owing.debt, loans=bound, collateral=falls), finance=cash, treasury=free)


def unlikely(instance: Instance, seed: int) -> Instance:
    """The same where calls and missing cash may only be so likely, by month and along paths."""
    owing, rng = called(instance, seed), np.random.default_rng(20_000 + seed)
    assert owing.debt is not None
    loans = owing.debt.loans
    owed = (loans.limit_usd + loans.falls_due_usd) * (1.0 + loans.interest_share)
    chances = Chances(
        loan=np.array([COMPANY, 0]),
        by_month=rng.choice([0.0, 0.4, 1.0], 2),
        of_path=rng.choice([0.3, 0.6, 1.0], 2),
        most_usd=np.array([np.full(len(owing.tree), float(rng.choice([1e5, 5e6]))), owed[0]]),
    )
    low = replace(owing.finance, shortfall_penalty=float(rng.choice([0.0, 1.0])))
    return replace(owing, chances=chances, finance=low)

"""From the section on hedges to what each instrument settles, pays and costs at every node."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.delivery import in_block
from allocator.instance.hedges import FORWARD, SWAP, Hedges, gain_usd, no_hedges
from allocator.instance.hour_store import HourStore
from allocator.instance.market_state import MarketState
from allocator.instance.months import MonthGrid
from allocator.instance.treasury import branches
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.hedges import AnyHedge, BtcCollar, BtcPut, HashpriceForward, PowerSwap
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

NEARLY_USD = 0.005
"""A premium this close to what an instrument is worth is its worth."""


@dataclass(frozen=True)
class Settlement:
    """What one unit settles at each node, and on which price, (N,) each; `in_block`: hours of delivery of a swap."""

    settled: Floats
    price_usd: Floats
    in_block: Bools


def compile_hedges(
    scenario: Scenario, market: MarketState, hours: HourStore, grid: MonthGrid, tree: NodeTree
) -> Hedges:
    """Instruments in the order of the file.

    Raises:
        ScenarioFaults: one is on offer, and no node may buy it.
    """
    stated = scenario.hedges
    if not stated:
        return no_hedges(len(tree))
    sites = [site.name for site in scenario.sites]
    settlements = [_settlement(scenario, one, market, hours, grid, tree) for one in stated]
    settled, price = (np.array([getattr(one, name) for one in settlements]) for name in ("settled", "price_usd"))
    fixed, call = np.array([_fixed_usd(one) for one in stated]), np.array([_call_usd(one) for one in stated])
    payoff = np.array(
        [s * gain_usd(one.kind, p, f, c) for one, s, p, f, c in zip(stated, settled, price, fixed, call, strict=True)]
    )
    worth = expected_below(payoff, tree, scenario.discount.risk_free_per_year)
    offered = np.array([_offered(one, s, scenario.horizon.start, tree) for one, s in zip(stated, settled, strict=True)])
    _check_offers(stated, offered)
    premium = np.array([_premium_usd(one, w) for one, w in zip(stated, worth, strict=True)])
    return Hedges(
        names=tuple(one.name for one in stated),
        kind=tuple(one.kind for one in stated),
        site=np.array([sites.index(one.site) if isinstance(one, PowerSwap) else -1 for one in stated], dtype=np.int64),
        fixed_usd=fixed,
        call_strike_usd=call,
        in_block=tuple(one.in_block for one in settlements),
        settled=settled,
        price_usd=price,
        opening=np.array([opening_units(one) for one in stated]),
        lot=np.array([lot_units(one) for one in stated]),
        most_lots=np.array([one.most_lots for one in stated], dtype=np.int64),
        offered=offered,
        premium_usd=np.where(offered, premium, 0.0),
        worth_usd=worth,
    )


def expected_below(payoff_usd: Floats, tree: NodeTree, risk_free_per_year: float) -> Floats:
    """Expected payoff of the nodes below each node, discounted to it from middle to middle, (I, N)."""
    worth, factor = np.zeros_like(payoff_usd), (1.0 + risk_free_per_year) ** -tree.years_since_parent
    for node in range(len(tree) - 1, -1, -1):  # parents precede children
        parent = tree.parent[node]
        if parent >= 0:
            share = tree.probability[node] / tree.probability[parent]
            worth[:, parent] += share * factor[node] * (payoff_usd[:, node] + worth[:, node])
    return worth


def hedge_remarks(hedges: Hedges) -> Iterator[str]:
    """What instruments on offer cost beside what they are worth, where that is not the same: a view, or a spread."""
    for i, name in enumerate(hedges.names):
        nodes = np.flatnonzero(hedges.offered[i])
        if not len(nodes):
            continue
        cost, worth = float(hedges.premium_usd[i, nodes[0]]), float(hedges.worth_usd[i, nodes[0]])
        if abs(cost - worth) > NEARLY_USD:
            word = "adds" if worth > cost else "costs"
            yield (
                f"hedge {name}: a unit is worth {worth:,.2f} USD under the scenario's own probabilities and costs "
                f"{cost:,.2f} where it is first on offer: each bought {word} {abs(worth - cost):,.2f} of expected value"
            )


def _settlement(
    scenario: Scenario, one: AnyHedge, market: MarketState, hours: HourStore, grid: MonthGrid, tree: NodeTree
) -> Settlement:
    start, none = scenario.horizon.start, np.zeros(0, dtype=np.bool_)
    match one:
        case HashpriceForward():
            days = _hours_within(one.first_month, one.last_month, start, grid, tree) / 24.0
            return Settlement(days, market.hashprice_usd_per_ph_day, none)
        case BtcPut() | BtcCollar():
            month, price = one.expiry_month.since(start), market.btc_price_usd
            expires = (tree.first_month <= month) & (month < tree.first_month + tree.months)
            return Settlement(expires.astype(float), np.zeros(len(tree)) if price is None else price, none)
        case PowerSwap():
            site = [own.name for own in scenario.sites].index(one.site)
            return _delivered(one, site, scenario.horizon.time_zone, hours, tree)


def _hours_within(first: Month, last: Month, start: Month, grid: MonthGrid, tree: NodeTree) -> Floats:
    """Hours of each node that lie in some calendar months, (N,)."""
    month = np.arange(len(grid))
    inside = (first.since(start) <= month) & (month <= last.since(start))
    total = np.concatenate([[0.0], np.cumsum(grid.hours * inside)])
    return np.asarray(total[tree.first_month + tree.months] - total[tree.first_month])


def _delivered(one: PowerSwap, site: int, time_zone: str, hours: HourStore, tree: NodeTree) -> Settlement:
    first = int(hours.offset[site * hours.periods])
    own = slice(first, int(hours.offset[(site + 1) * hours.periods]))
    block = in_block(one, hours.utc[own], time_zone)
    mwh, spot = np.zeros(len(tree)), np.zeros(len(tree))
    for node in range(len(tree)):
        weight = hours.weight_h[hours.steps(site, node)] * block[hours.own_steps(site, node)]
        mwh[node] = weight.sum()
        spot[node] = weight @ hours.spot(site, node) / mwh[node] if mwh[node] else 0.0
    return Settlement(mwh, spot, block)


def _offered(one: AnyHedge, settled: Floats, start: Month, tree: NodeTree) -> Bools:
    """Nodes that decide and branch, within the months of the offer, below which something settles."""
    if not one.most_lots:
        return np.zeros(len(tree), dtype=np.bool_)
    first = 0 if one.offered_from is None else one.offered_from.since(start)
    last = int(tree.first_month.max()) if one.offered_until is None else one.offered_until.since(start)
    within = (first <= tree.first_month) & (tree.first_month <= last)
    left = expected_below((settled > 0).astype(float)[None], tree, 0.0)[0] > 0
    return np.asarray(within & left & tree.decision & branches(tree))


def _check_offers(stated: Sequence[AnyHedge], offered: Bools) -> None:
    faults = []
    for position, (one, nodes) in enumerate(zip(stated, offered, strict=True)):
        if one.most_lots and not nodes.any():
            found = (
                f"{one.most_lots} lots on offer, and no node that takes decisions, branches and comes before it settles"
            )
            fix = "let the horizon branch before it settles, widen offered_from and offered_until, or state it as held"
            expected = "an offer at a node after which prices are not known yet"
            faults.append(Fault(f"hedges[{position}].most_lots", found, expected, fix))
    if faults:
        raise ScenarioFaults(faults)


def _premium_usd(one: AnyHedge, worth: Floats) -> Floats:
    stated, spread = _price_of(one)
    return (worth if stated is None else np.full(len(worth), stated)) + spread


def _price_of(one: AnyHedge) -> tuple[float | None, float]:
    """Premium (None: what it is worth) and spread, USD per unit."""
    match one:
        case HashpriceForward():
            return one.premium_usd_per_ph_per_s, one.spread_usd_per_ph_per_s
        case BtcPut() | BtcCollar():
            return one.premium_usd_per_btc, one.spread_usd_per_btc
        case PowerSwap():
            return one.premium_usd_per_mw, one.spread_usd_per_mw


def _fixed_usd(one: AnyHedge) -> float:
    match one:
        case HashpriceForward():
            return one.fixed_usd_per_ph_day
        case BtcPut() | BtcCollar():
            return one.put_strike_usd
        case PowerSwap():
            return one.fixed_usd_per_mwh


def _call_usd(one: AnyHedge) -> float:
    return one.call_strike_usd if isinstance(one, BtcCollar) else float("inf")


def opening_field(one: AnyHedge) -> str:
    """Field of the scenario that says what is held of an instrument at the start."""
    match one:
        case HashpriceForward():
            return "opening_ph_per_s"
        case BtcPut() | BtcCollar():
            return "opening_btc"
        case PowerSwap():
            return "opening_mw"


def opening_units(one: AnyHedge) -> float:
    """What is held of an instrument at the start."""
    return float(getattr(one, opening_field(one)))


def lot_units(one: AnyHedge) -> float:
    """Units of a lot."""
    match one:
        case HashpriceForward():
            return one.lot_ph_per_s
        case BtcPut() | BtcCollar():
            return one.lot_btc
        case PowerSwap():
            return one.lot_mw


__all__ = [
    "FORWARD",
    "SWAP",
    "compile_hedges",
    "expected_below",
    "hedge_remarks",
    "in_block",
    "lot_units",
    "opening_field",
    "opening_units",
]

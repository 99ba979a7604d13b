"""From the treasury section to bounds by node: policies become what must and what may be kept, sold and bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allocator.instance.finance import discount
from allocator.instance.market_state import MarketState
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.treasury import FixedSchedule, HoldShare, Optimise, Policy, SellProduction, Slippage
from allocator.scenario.treasury import Treasury as TreasurySection

HOURS_PER_DAY = 24.0


@dataclass(frozen=True)
class Bounds:
    """What a policy makes of each node, (N,); the fields are those of `Treasury`."""

    keep_least_share: Floats
    keep_most_share: Floats
    sell_least_btc: Floats
    sell_most_btc: Floats
    buy_most_btc: Floats


def compile_treasury(
    stated: TreasurySection | None, market: MarketState, btc_per_year: float | None, tree: NodeTree
) -> Treasury | None:
    """The treasury of an instance, None where none is stated.

    Raises:
        ScenarioFaults: trades are to be optimised on a tree that does not branch.
        ValueError: the market states no price of Bitcoin, which loading a scenario excludes.
    """
    if stated is None:
        return None
    _check_branches(stated.policy, tree)
    price = market.btc_price_usd
    if price is None:
        raise ValueError("a treasury needs a price of Bitcoin at every node: bitcoin.kind network")
    spot = float(price[0]) if stated.btc_price_usd is None else stated.btc_price_usd
    days = tree.hours / HOURS_PER_DAY
    limit, haircut = stated.sale_limit_btc_per_day, stated.terminal_haircut_share
    return Treasury(
        opening_btc=stated.opening_btc,
        floor_btc=stated.floor_btc,
        spot_price_usd=spot,
        **vars(bounds(stated.policy, tree)),
        purchase_fee_share=stated.purchase_fee_share,
        sale_limit_btc=np.full(len(tree), np.inf) if limit is None else limit * days,
        part_btc=part_btc(stated.slippage, days),
        part_cost_share=np.array([part.cost_share for part in stated.slippage], dtype=float),
        settlement_share=np.minimum(1.0, stated.settlement_days / days),
        haircut_share=market.sale_fee_share if haircut is None else haircut,
        discount=btc_discount(spot, price, btc_per_year, tree),
    )


def _check_branches(policy: Policy, tree: NodeTree) -> None:
    if isinstance(policy, Optimise) and not branches(tree).any():
        found = "optimise, where the horizon is one path whose prices are known"
        expected = "a tree that branches, or a policy that decides without looking ahead"
        fix = "use sell_production, hold_share or fixed_schedule, or let the horizon branch"
        raise ScenarioFaults([Fault("treasury.policy", found, expected, fix)])


def bounds(policy: Policy, tree: NodeTree) -> Bounds:
    """The policy as bounds of each node."""
    none = np.zeros(len(tree))
    match policy:
        case SellProduction():
            return Bounds(none, none, none, none, none)
        case HoldShare():
            share = np.full(len(tree), policy.share)
            return Bounds(share, share, none, none, none)
        case FixedSchedule():
            share, sold = np.full(len(tree), policy.hold_share), scheduled_btc(policy.sell_btc_by_month, tree)
            return Bounds(share, share, sold, sold, none)
        case Optimise():
            free = np.where(branches(tree), np.inf, 0.0)
            return Bounds(none, np.minimum(free, 1.0), none, free, free if policy.may_buy else none)


def branches(tree: NodeTree) -> Bools:
    """Nodes with more than one child, (N,): only there is a trade no bet on a price that is already known."""
    children = np.bincount(tree.parent[tree.parent >= 0], minlength=len(tree))
    return np.asarray(children > 1)


def scheduled_btc(by_month: Sequence[float], tree: NodeTree) -> Floats:
    """What a list by month sells in each node: the sum over its months; 0 beyond the list, (N,)."""
    total = np.concatenate([[0.0], np.cumsum(by_month)])
    first = np.minimum(tree.first_month, len(by_month))
    last = np.minimum(tree.first_month + tree.months, len(by_month))
    return np.asarray(total[last] - total[first])


def part_btc(slippage: Sequence[Slippage], days: Floats) -> Floats:
    """Size of each part of a node's sales, (K, N); inf for one without a size."""
    per_day = np.array([np.inf if part.btc_per_day is None else part.btc_per_day for part in slippage], dtype=float)
    return np.asarray(per_day[:, None] * days[None, :])


def btc_discount(spot_usd: float, price_usd: Floats, per_year: float | None, tree: NodeTree) -> Floats:
    """Factor of flows of Bitcoin, (N,): at a stated rate, or without a view of the price.

    Without a view (None) the factor is the price today over the price expected at that time, so that Bitcoin is worth
    the same today whenever it is sold, and no plan gains by timing.
    """
    if per_year is not None:
        return discount(per_year, tree.mid_years)
    _, at = np.unique(np.column_stack([tree.mid_years, tree.months]), axis=0, return_inverse=True)
    at = at.ravel()
    expected = np.bincount(at, tree.probability * price_usd) / np.bincount(at, tree.probability)
    return np.asarray(spot_usd / expected[at])


def view_remarks(
    treasury: Treasury | None, market: MarketState, btc_per_year: float | None, tree: NodeTree
) -> list[str]:
    """What a reader must know of a view on the price of Bitcoin: its growth, and from which growth on holding pays."""
    price = market.btc_price_usd
    if treasury is None or price is None or btc_per_year is None:
        return []
    view = view_per_year(treasury.spot_price_usd, price, tree)
    break_even = f"holding it pays from {100 * btc_per_year:.3g} % on, the rate it is discounted at"
    return [f"a view on Bitcoin: the scenario expects its price to grow {100 * view:.3g} % a year; {break_even}"]


def view_per_year(spot_usd: float, price_usd: Floats, tree: NodeTree) -> float:
    """Growth of the price that the scenario expects, from today to the middle of the last nodes, annual effective."""
    last = tree.mid_years == tree.mid_years.max()
    expected = float(np.average(price_usd[last], weights=tree.probability[last]))
    return float((expected / spot_usd) ** (1.0 / tree.mid_years.max()) - 1.0)

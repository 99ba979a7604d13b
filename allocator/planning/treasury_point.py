"""What a solution of the planning model does with Bitcoin and with debt, as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Instance
from allocator.planning.capacity_map import columns_of
from allocator.planning.context import USD_PER_MUSD
from solvers.problem import Problem

ON_LOANS = ("loan", "node")
CENT_USD, DUST_BTC = 0.01, 1e-8
"""What an engine's tolerance leaves of a loan that is repaid, and of a pledge that is released."""


EVENTS = ("draws", "releases", "liquidates", "exhausts", "opens", "extends")
"""Whole columns of loans."""


@dataclass(frozen=True)
class BtcTrades:
    """What becomes of production and holdings.

    Attributes:
        mined_btc: production that the trades count on, (S, N); 0 where a Bitcoin is worth its price.
        premium_usd_per_btc: what one more mined Bitcoin is worth beyond its price, (S, N).
        retained_btc, sold_btc, bought_btc: (N,).
    """

    mined_btc: Floats
    premium_usd_per_btc: Floats
    retained_btc: Floats
    sold_btc: Floats
    bought_btc: Floats


@dataclass(frozen=True)
class LoanMoves:
    """What happens to each loan in each node, (L, N); 0 for collateral of loans without any.

    Attributes:
        draw_usd, repay_usd: principal. pledge_btc, release_btc: collateral. Never both ways in one node, but where
            the lender sells: what that brings pays back.
        seized_btc: sold by the lender. post_btc: free Bitcoin that the test before acting counts on.
        draws, releases: 1 where money is drawn against collateral, and where collateral is released.
        liquidates, exhausts: 1 where the lender sells, and where it sells all it has.
        opens: 1 where a loan with an upfront fee is first drawn. extends: 1 where its maturity is postponed.
    """

    draw_usd: Floats
    repay_usd: Floats
    pledge_btc: Floats
    release_btc: Floats
    seized_btc: Floats
    post_btc: Floats
    draws: Floats
    releases: Floats
    liquidates: Floats
    exhausts: Floats
    opens: Floats
    extends: Floats

    def events(self) -> list[tuple[str, tuple[str, ...], Floats]]:
        """Families of whole columns, their axes, and what becomes of them."""
        return [(name, ON_LOANS, getattr(self, name)) for name in EVENTS]


def btc_trades(instance: Instance, problem: Problem, x: Floats) -> BtcTrades | None:
    """Trades of a point (columns,), small negatives made 0; None without a treasury."""
    if instance.treasury is None:
        return None
    nodes, sites = (len(instance.tree),), (len(instance.sites.names), len(instance.tree))
    trades = (dense(problem, x, name, ("node",), nodes) for name in ("retained_btc", "sold_btc", "bought_btc"))
    mined = dense(problem, x, "mined_btc", ("site", "node"), sites)
    return BtcTrades(np.maximum(mined, 0.0), np.zeros(sites), *(np.maximum(made, 0.0) for made in trades))


def loan_moves(instance: Instance, problem: Problem, x: Floats) -> LoanMoves | None:
    """Moves of a point (columns,), what a tolerance leaves made 0 and events whole; None without debt."""
    if instance.debt is None:
        return None
    loans, secured, tree = instance.debt.loans, instance.debt.collateral, instance.tree
    shape, pledged = (len(loans.names), len(tree)), np.zeros(len(loans.names))
    pledged[secured.loan] = secured.opening_pledged_btc

    def moved(name: str) -> Floats:
        return np.maximum(dense(problem, x, name, ON_LOANS, shape), 0.0)

    draw, repay, seized = moved("draw_musd") * USD_PER_MUSD, moved("repay_musd") * USD_PER_MUSD, moved("seized_btc")
    seized[seized < DUST_BTC] = 0.0
    drawn = without_dust(tree, loans.opening_usd, draw - repay, CENT_USD)
    both = np.where(seized > 0, np.minimum(draw, repay), 0.0)
    taken = moved("pledge_btc") - moved("release_btc") - seized
    pledge = without_dust(tree, pledged, taken, DUST_BTC) + seized
    draws = np.maximum(drawn, 0.0) + both
    events = {name: np.round(moved(name)) for name in EVENTS}
    return LoanMoves(
        draw_usd=draws,
        repay_usd=np.maximum(-drawn, 0.0) + both,
        pledge_btc=np.maximum(pledge, 0.0),
        release_btc=np.maximum(-pledge, 0.0),
        seized_btc=seized,
        post_btc=moved("post_btc"),
        **{**events, "opens": first_draws(tree, draws) * loans.unopened[:, None]},
    )


def first_draws(tree: NodeTree, draw_usd: Floats) -> Floats:
    """1 where a loan is drawn and was not on the way there, (L, N)."""
    first, drawn = np.zeros_like(draw_usd), np.zeros(draw_usd.shape, dtype=bool)
    for node, parent in enumerate(tree.parent):
        before = drawn[:, parent] if parent >= 0 else np.zeros(len(drawn), dtype=bool)
        first[:, node] = (draw_usd[:, node] > 0) & ~before
        drawn[:, node] = before | (draw_usd[:, node] > 0)
    return first


def shares_usd(instance: Instance, problem: Problem, x: Floats) -> Floats | None:
    """What buyers of shares pay at a point (columns,), (N,), less than a cent made 0; None where none may be sold."""
    if instance.equity is None:
        return None
    paid = dense(problem, x, "issued_musd", ("node",), (len(instance.tree),)) * USD_PER_MUSD
    return np.where(paid < CENT_USD, 0.0, paid)


def without_dust(tree: NodeTree, opening: Floats, moved: Floats, dust: float) -> Floats:
    """Moves (L, N) so that nothing smaller than `dust` is moved, and none is left where less than that would be."""
    kept, held = np.where(np.abs(moved) < dust, 0.0, moved), np.zeros_like(moved)
    for node, parent in enumerate(tree.parent):
        before = held[:, parent] if parent >= 0 else opening
        left = before + kept[:, node]
        kept[:, node] = np.where(np.abs(left) < 2.0 * dust, -before, kept[:, node])
        held[:, node] = before + kept[:, node]
    return kept


def dense(problem: Problem, x: Floats, name: str, axes: tuple[str, ...], shape: tuple[int, ...]) -> Floats:
    """A family of columns at a point (columns,) over its whole axes; what does not exist is 0."""
    return np.append(x, 0.0)[columns_of(problem, name, axes, shape)]

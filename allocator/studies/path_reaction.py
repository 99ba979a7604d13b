"""A treasury that reacts on fresh paths: what it does beyond the decisions of its plan, by one stated rule.

In every period a path first does what its node does: it keeps the node's share of production, sells and buys the node's
amounts, draws, pays back and pledges as planned, so far as it holds what that takes. Beyond that, in this order:

1. when a lender calls at the lowest price of the period, free Bitcoin is posted, as much as each lender takes in time;
   what is still above the call level is paid back in cash above the minimum, where the loan may be prepaid;
2. beyond the liquidation level the lender then sells at the lowest price less its penalty, until the loan stands at
   that level or nothing is left, and what that brings pays the loan back;
3. what was posted comes back after the dip, unless the loan needs it at the price of the period; money is drawn only up
   to the initial level;
4. where cash would end below its minimum, principal that is not due is paid back later;
5. a loan above the call level at the price of the period is given free Bitcoin, then cash above the minimum;
6. where cash is still below its minimum, free Bitcoin is sold, down to the floor and within the limit of daily sales,
   as if all of it had the cost of the dearest part of the market.

Nothing is bought back later, no project is stopped and no other loan is drawn. A call counts as unmet where 1 or 5
leave some of it. On the paths of a plan's own tree nothing of this happens, unless the plan lets calls happen.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from allocator.instance.fresh_paths import FreshPaths
from allocator.instance.loans_state import Collateral, Loans
from allocator.instance.treasury_state import Treasury
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.carried import Tables
from allocator.studies.path_loans import ROUNDING, Calls, Owed, by_node
from allocator.studies.path_money import Ledger
from allocator.studies.path_treasury import Trades, slippage_btc

CENT = 0.01


@dataclass(frozen=True)
class Moves:
    """What the nodes of a plan do with loans secured by Bitcoin, (L, N) each.

    Attributes:
        opening_usd, closing_usd, limit_usd, drawn_usd: principal. gross_repaid_usd: paid back; repaid_usd: but for what
            lenders' sales pay. pledged_btc: at the end of the node.
    """

    opening_usd: Floats
    closing_usd: Floats
    limit_usd: Floats
    drawn_usd: Floats
    gross_repaid_usd: Floats
    repaid_usd: Floats
    pledged_btc: Floats


def moves(instance: Instance, tables: Tables, due: Owed | None) -> Moves:
    """Moves in a plan's tables; of no loans where nothing is secured by Bitcoin."""
    if due is None or instance.debt is None:
        return Moves(*(np.zeros((0, len(instance.tree))) for _ in fields(Moves)))
    names = [instance.debt.loans.names[loan] for loan in instance.debt.collateral.loan]
    columns = ("opening_usd", "closing_usd", "limit_usd", "drawn_usd", "repaid_usd")
    opening, closing, limit, drawn, gross = (by_node(instance, tables["loans"], names, column) for column in columns)
    lowest = instance.btc_price_usd * (1.0 - instance.debt.collateral.stress_share)
    repaid = np.maximum(0.0, gross - due.brought_btc * lowest)
    return Moves(opening, closing, limit, drawn, gross, repaid, due.closing_btc)


class Reaction:
    """K paths through the periods of a plan with L loans secured by Bitcoin.

    Attributes:
        held_btc, cash_usd, late_usd: holdings, cash, and proceeds of sales on the way, (K,).
        pledged_btc, owed_usd: of each loan, (L, K).
        free_btc, more_owed_usd: not pledged, and owed beyond the plan, at the end of every period, (K, P).
        holdings_btc: at the end of every period; sold_btc: beyond what was planned, (K, P). calls: of margin.
    """

    def __init__(
        self, instance: Instance, done: Trades, moved: Moves, paths: FreshPaths, node_of: Ints, ledger: Ledger
    ) -> None:
        """`ledger` holds every flow but those of Bitcoin already, loans as planned."""
        assert instance.treasury is not None
        assert paths.market.btc_price_usd is not None
        self.instance, self.done, self.moved, self.node_of, self.ledger = instance, done, moved, node_of, ledger
        self.treasury: Treasury = instance.treasury
        self.price: Floats = paths.market.btc_price_usd
        self.net = 1.0 - paths.market.sale_fee_share
        self.loans, self.terms = _secured(instance)
        self.planned_usd, self.factor = ledger.cash_usd.copy(), instance.discount_financing
        count = len(paths)
        self.held_btc, self.late_usd = np.full(count, self.treasury.opening_btc), np.zeros(count)
        self.cash_usd = np.full(count, instance.finance.opening_cash_usd)
        self.pledged_btc = np.repeat(self.terms.opening_pledged_btc[:, None], count, axis=1)
        self.owed_usd = np.repeat(self.loans.opening_usd[:, None], count, axis=1)
        self.holdings_btc, self.sold_btc = np.zeros(node_of.shape), np.zeros(node_of.shape)
        self.free_btc, self.more_owed_usd = np.zeros(node_of.shape), np.zeros(node_of.shape)
        self.calls = Calls(*(np.zeros(node_of.shape, dtype=np.bool_) for _ in range(3)))

    def run(self, mined_btc: Floats) -> None:
        """All periods, and what is held and owed at the end."""
        for period, node in enumerate(self.node_of.T):
            self.cash_usd = self.cash_usd * (1.0 + self.instance.cash_interest_share[node])
            before = self.owed_usd
            paid = self._before_acting(period, node) if period else np.zeros_like(before)
            self._flow(period, self.planned_usd[:, period], None)
            volume_btc = self._trade(period, node, mined_btc[:, period])
            self._owe(period, node, before, paid)
            self._after_acting(period, node)
            self._raise_cash(period, node, volume_btc)
            self.holdings_btc[:, period] = self.held_btc
            self.free_btc[:, period] = self.held_btc - self.pledged_btc.sum(axis=0)
            self.more_owed_usd[:, period] = (self.owed_usd - self.moved.closing_usd[:, node]).sum(axis=0)
        last = self.node_of[:, -1]
        worth = self.held_btc * self.price[:, -1] * (1.0 - self.treasury.haircut_share)
        self.ledger.left(worth, self.treasury.discount[last])
        more = (self.owed_usd - self.moved.closing_usd[:, last]) * (1.0 + self.loans.interest_to_end_share[:, last])
        self.ledger.left(-more.sum(axis=0), self.instance.discount_financing_end)

    def _flow(self, period: int, usd: Floats, factor: Floats | None) -> None:
        """Cash of the path; to be entered at a factor a dollar, unless it is in the ledger already."""
        self.cash_usd = self.cash_usd + usd
        if factor is not None:
            self.ledger.flow(period, usd, factor)

    def _before_acting(self, period: int, node: Ints) -> Floats:
        """Rules 1 and 2; principal paid back in cash, (L, K)."""
        lowest = self.price[:, period] * (1.0 - self.terms.stress_share[node])
        owes = self.owed_usd * (1.0 + self.loans.interest_share[:, node])
        level = self.terms.call_ltv[:, None] * lowest
        wanted = _beyond(owes / level, self.pledged_btc)
        free = np.maximum(0.0, self.held_btc - self.pledged_btc.sum(axis=0))
        posted = wanted * _met(wanted, self.terms.postable_share[:, None], free)
        self.pledged_btc = self.pledged_btc + posted
        missing = _beyond(owes, level * self.pledged_btc)
        paid = self._pay(period, node, missing)
        self.calls.called[:, period] = (wanted > 0).any(axis=0)
        self.calls.unmet[:, period] = (missing - paid > CENT).any(axis=0)
        self._liquidated(period, node, lowest, owes - paid)
        return paid

    def _pay(self, period: int, node: Ints, missing_usd: Floats) -> Floats:
        """Principal paid back early in cash above the minimum, (L, K)."""
        fee = self.loans.prepayment_fee_share[:, None]
        asked = np.where(self.loans.may_prepay[:, None], np.minimum(missing_usd, self.owed_usd), 0.0)
        spare, cost = np.maximum(0.0, self.cash_usd - self.instance.finance.minimum_cash_usd), asked * (1.0 + fee)
        paid = np.asarray(asked * _share(spare, cost.sum(axis=0)))
        self.owed_usd = self.owed_usd - paid
        self._flow(period, -(paid * (1.0 + fee)).sum(axis=0), self.factor[node])
        return paid

    def _liquidated(self, period: int, node: Ints, lowest: Floats, owes_usd: Floats) -> None:
        """Lenders sell, and what that brings pays back."""
        level = self.terms.liquidation_ltv[:, None] * lowest
        brings = (1.0 - self.terms.penalty_share)[:, None] * lowest
        need = _beyond(owes_usd, level * self.pledged_btc)
        cures = np.where(brings > level, need / np.where(brings > level, brings - level, 1.0), np.inf)
        sold = np.where(need > 0, np.minimum(cures, self.pledged_btc), 0.0)
        paid = np.minimum(sold * brings, self.owed_usd)
        self.owed_usd, self.pledged_btc = self.owed_usd - paid, self.pledged_btc - sold
        self.held_btc = self.held_btc - sold.sum(axis=0)
        self._flow(period, (sold * brings).sum(axis=0), self.treasury.discount[node])
        self._flow(period, -paid.sum(axis=0), self.factor[node])
        self.calls.liquidated[:, period] = (need > 0).any(axis=0)

    def _trade(self, period: int, node: Ints, mined_btc: Floats) -> Floats:
        """What the node keeps, buys and sells, so far as it is free; what the market has taken, (K,)."""
        usd, kept, bought = self.price[:, period], self.done.kept_share[node] * mined_btc, self.done.bought_btc[node]
        self.held_btc = self.held_btc + kept + bought
        self.pledged_btc = self._planned_pledge(node)
        free = self.held_btc - np.maximum(self.treasury.floor_btc, self.pledged_btc.sum(axis=0))
        sold = np.minimum(np.maximum(free, 0.0), self.done.sold_btc[node])
        volume = np.asarray(mined_btc - kept + sold)
        flow = (-kept * self.net - bought * (1.0 + self.treasury.purchase_fee_share)) * usd
        self._flow(period, flow - slippage_btc(self.treasury, node, volume) * usd, self.treasury.discount[node])
        self._flow(period, self.late_usd, np.zeros(1))
        self.late_usd = np.zeros_like(usd)
        self._sold(period, node, sold)
        return volume

    def _sold(self, period: int, node: Ints, sold_btc: Floats) -> None:
        """A sale from holdings, of which some arrives late."""
        usd = sold_btc * self.net * self.price[:, period]
        late = usd * self.treasury.settlement_share[node]
        self.held_btc, self.late_usd = self.held_btc - sold_btc, self.late_usd + late
        self._flow(period, usd, self.treasury.discount[node])
        self._flow(period, -late, np.zeros(1))

    def _planned_pledge(self, node: Ints) -> Floats:
        """What the node has pledged, as much of it as the path holds, (L, K)."""
        planned = self.moved.pledged_btc[:, node]
        return np.asarray(planned * _share(self.held_btc, planned.sum(axis=0)))

    def _owe(self, period: int, node: Ints, before_usd: Floats, paid_usd: Floats) -> None:
        """Interest, draws and repayments of the path in place of those of the node; rule 4."""
        moved, loans = self.moved, self.loans
        interest = loans.interest_share[:, node] - loans.undrawn_share[:, node]
        self._flow(period, -(interest * (before_usd - moved.opening_usd[:, node])).sum(axis=0), self.factor[node])
        room = self.terms.initial_ltv[:, None] * self.price[:, period] * self.pledged_btc * (1.0 + ROUNDING)
        drawn = np.minimum(moved.drawn_usd[:, node], np.maximum(0.0, room - self.owed_usd))
        self.owed_usd = self.owed_usd + drawn
        must = np.maximum(0.0, self.owed_usd - moved.limit_usd[:, node])
        repaid = np.clip(moved.repaid_usd[:, node] - paid_usd, must, np.maximum(must, self.owed_usd))
        change = (drawn - moved.drawn_usd[:, node]) - (repaid - moved.gross_repaid_usd[:, node])
        self.owed_usd = self.owed_usd - repaid
        self._flow(period, change.sum(axis=0), self.factor[node])
        put_off = (repaid - must) * _share(self._missing(), (repaid - must).sum(axis=0))
        self.owed_usd = self.owed_usd + put_off
        self._flow(period, put_off.sum(axis=0), self.factor[node])

    def _missing(self) -> Floats:
        """Cash missing to the minimum, (K,)."""
        return np.maximum(0.0, self.instance.finance.minimum_cash_usd - self.cash_usd)

    def _after_acting(self, period: int, node: Ints) -> None:
        """Rules 3 and 5."""
        level = self.terms.call_ltv[:, None] * self.price[:, period]
        wanted = _beyond(self.owed_usd / level, self.pledged_btc)
        free = np.maximum(0.0, self.held_btc - self.pledged_btc.sum(axis=0))
        self.pledged_btc = self.pledged_btc + wanted * _share(free, wanted.sum(axis=0))
        missing = _beyond(self.owed_usd, level * self.pledged_btc)
        if period:
            self.calls.called[:, period] |= (wanted > 0).any(axis=0)
            left = missing - self._pay(period, node, missing)
            self.calls.unmet[:, period] |= (left > CENT).any(axis=0)

    def _raise_cash(self, period: int, node: Ints, volume_btc: Floats) -> None:
        """Rule 6."""
        treasury, usd = self.treasury, self.price[:, period]
        free = self.held_btc - np.maximum(treasury.floor_btc, self.pledged_btc.sum(axis=0))
        most = np.clip(np.minimum(free, treasury.sale_limit_btc[node] - volume_btc), 0.0, None)
        dearest = float(treasury.part_cost_share[-1]) if len(treasury.part_cost_share) else 0.0
        each = (self.net * (1.0 - treasury.settlement_share[node]) - dearest) * usd
        sold = np.minimum(most, self._missing() / np.maximum(each, CENT))
        lost = slippage_btc(treasury, node, volume_btc + sold) - slippage_btc(treasury, node, volume_btc)
        self._sold(period, node, sold)
        self._flow(period, -lost * usd, treasury.discount[node])
        self.sold_btc[:, period] = sold


def _secured(instance: Instance) -> tuple[Loans, Collateral]:
    """Terms of the loans secured by Bitcoin, in their order; of none where there is no debt."""
    if instance.debt is None:
        return _no_loans(len(instance.tree))
    own, loans = instance.debt.collateral.loan, instance.debt.loans
    chosen = Loans(
        names=tuple(loans.names[loan] for loan in own),
        kind=tuple(loans.kind[loan] for loan in own),
        opening_usd=loans.opening_usd[own],
        limit_usd=loans.limit_usd[own],
        falls_due_usd=loans.falls_due_usd[own],
        interest_share=loans.interest_share[own],
        interest_to_end_share=loans.interest_to_end_share[own],
        undrawn_share=loans.undrawn_share[own],
        may_draw=loans.may_draw[own],
        may_prepay=loans.may_prepay[own],
        prepayment_fee_share=loans.prepayment_fee_share[own],
        upfront_usd=loans.upfront_usd[own],
    )
    return chosen, instance.debt.collateral


def _no_loans(nodes: int) -> tuple[Loans, Collateral]:
    each, wide = np.zeros(0), np.zeros((0, nodes))
    flags, none = np.zeros(0, dtype=np.bool_), np.zeros(0, dtype=np.int64)
    may_draw = np.zeros((0, nodes), dtype=np.bool_)
    loans = Loans((), (), each, wide, wide, wide, wide, wide, may_draw, flags, each, each)
    levels = (each, each, each, each, each, each, each, each)
    return loans, Collateral(none, *levels, 0.0, np.zeros(nodes), least_headroom=each)


def _met(wanted: Floats, takes: Floats, free: Floats) -> Floats:
    """Share of what is wanted that free Bitcoin meets, each lender taking only a share of it, (K,)."""
    asked = np.divide(wanted, takes, out=np.where(wanted > 0, np.inf, 0.0), where=takes > 0).sum(axis=0)
    return _share(free, asked)


def _beyond(asked: Floats, there: Floats) -> Floats:
    """What is asked for beyond what is there; a rounding is nothing."""
    return np.where(asked > there * (1.0 + ROUNDING), asked - there, 0.0)


def _share(have: Floats, want: Floats) -> Floats:
    """What there is over what is wanted, 1 at most and where nothing is, (K,)."""
    return np.clip(np.divide(have, want, out=np.ones_like(have), where=want > 0), 0.0, 1.0)

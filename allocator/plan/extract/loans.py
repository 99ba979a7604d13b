"""Tables loans and collateral, and the money of debt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.instance.types import Instance
from allocator.plan.extract.entries import COMPANY, Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import Cells, frame, from_rows
from allocator.plan.schema import TABLES
from allocator.planning.treasury_point import LoanMoves


@dataclass(frozen=True)
class Rolled:
    """Principal of every loan and node, and what it costs, (L, N), USD."""

    opening_usd: Floats
    closing_usd: Floats
    interest_usd: Floats
    fees_usd: Floats
    upfront_usd: Floats
    extension_usd: Floats


@dataclass(frozen=True)
class Backed:
    """Bitcoin behind the secured loans and what is owed on them, (K, N).

    Attributes:
        opening_btc, posted_btc, closing_btc: collateral. price_usd, lowest_usd: of the node and within it.
        tested_usd: owed before acting, with interest. owed_usd: owed after acting.
        called_usd, uncured_usd: above the call level, before and after acting.
    """

    opening_btc: Floats
    posted_btc: Floats
    closing_btc: Floats
    price_usd: Floats
    lowest_usd: Floats
    tested_usd: Floats
    owed_usd: Floats
    called_usd: Floats
    uncured_usd: Floats


def loans_table(settled: Settled) -> pd.DataFrame:
    """Table `loans`: moves as decided, principal rolled along the tree."""
    instance, debt, moves = settled.instance, settled.instance.debt, settled.point.loans
    if debt is None or moves is None:
        return from_rows(TABLES["loans"], [])
    rolled = roll(instance.tree, debt, moves, proceeds_usd(instance, debt, moves))
    columns: dict[str, Floats | Bools] = {
        "opening_usd": rolled.opening_usd,
        "drawn_usd": moves.draw_usd,
        "repaid_usd": moves.repay_usd,
        "interest_usd": rolled.interest_usd,
        "fees_usd": rolled.fees_usd,
        "upfront_fee_usd": rolled.upfront_usd,
        "extension_fee_usd": rolled.extension_usd,
        "extended": moves.extends > 0,
        "shares_usd": debt.shares_usd,
        "closing_usd": rolled.closing_usd,
        "limit_usd": debt.loans.limit_usd + extended_usd(debt, moves.extends),
    }
    return frame(TABLES["loans"], {**_keys(instance.tree, debt.loans.names), **_by_node(columns)})


def collateral_table(settled: Settled) -> pd.DataFrame:
    """Table `collateral`: moves as decided, pledges rolled along the tree, every test beside them."""
    instance, debt, moves = settled.instance, settled.instance.debt, settled.point.loans
    if debt is None or moves is None or not len(debt.collateral.loan):
        return from_rows(TABLES["collateral"], [])
    terms, own, found = debt.collateral, debt.collateral.loan, backed(instance, debt, moves)
    before = found.lowest_usd * found.opening_btc
    columns = {
        "price_usd_per_btc": found.price_usd,
        "lowest_usd_per_btc": found.lowest_usd,
        "opening_btc": found.opening_btc,
        "posted_btc": found.posted_btc,
        "pledged_btc": moves.pledge_btc[own],
        "released_btc": moves.release_btc[own],
        "seized_btc": moves.seized_btc[own],
        "closing_btc": found.closing_btc,
        "ltv_before_share": loan_to_value(found.tested_usd, before),
        "ltv_posted_share": loan_to_value(found.tested_usd, before + found.lowest_usd * found.posted_btc),
        "ltv_after_share": loan_to_value(found.owed_usd, found.price_usd * found.closing_btc),
        **{f"{level}_share": np.tile(getattr(terms, level)[:, None], len(instance.tree)) for level in LEVELS},
        "called_usd": found.called_usd,
        "uncured_usd": found.uncured_usd,
    }
    names = tuple(debt.loans.names[loan] for loan in own)
    return frame(TABLES["collateral"], {**_keys(instance.tree, names), **_by_node(columns)})


def loan_entries(settled: Settled) -> Iterator[Entry]:
    """Money of every loan at every node, and what is owed at the end."""
    instance, debt, moves = settled.instance, settled.instance.debt, settled.point.loans
    if debt is None or moves is None:
        return
    rolled = roll(instance.tree, debt, moves, proceeds_usd(instance, debt, moves))
    left = np.zeros_like(rolled.closing_usd)
    leaves = instance.tree.leaves
    left[:, leaves] = (rolled.closing_usd * (1.0 + debt.loans.interest_to_end_share))[:, leaves]
    for line, amounts in (
        ("btc_seized", proceeds_usd(instance, debt, moves)),
        ("loan_draw", moves.draw_usd),
        ("loan_repayment", -moves.repay_usd),
        ("loan_interest", -rolled.interest_usd),
        ("loan_fees", -rolled.fees_usd),
        ("terminal_debt", -left),
        ("notes_conversion", -debt.given_usd),
        ("shares_issued", debt.shares_usd),
        ("terminal_conversion", -debt.given_at_end_usd(leaves)),
    ):
        for loan, node in np.argwhere(amounts).tolist():
            yield Entry(line, node, COMPANY, debt.loans.names[loan], float(amounts[loan, node]))


def roll(tree: NodeTree, debt: Debt, moves: LoanMoves, brought_usd: Floats) -> Rolled:
    """Principal from the opening along the tree, interest and fees on it; `brought_usd` (L, N) by lenders' sales."""
    loans = debt.loans
    opening, closing = _along(tree, loans.opening_usd, moves.draw_usd - moves.repay_usd)
    early = np.maximum(0.0, moves.repay_usd - debt.due_usd(tree.parent) - brought_usd)
    undrawn = loans.undrawn_share * (loans.limit_usd + loans.falls_due_usd - opening)
    upfront = loans.upfront_usd[:, None] * moves.opens
    upfront[:, tree.parent < 0] += np.where(loans.opening_usd > 0, loans.upfront_usd, 0.0)[:, None]
    extension = moves.extends * closing
    extension[debt.extensions.loan] *= debt.extensions.fee_share[:, None]
    fees = undrawn + loans.prepayment_fee_share[:, None] * early + upfront + extension
    return Rolled(opening, closing, loans.interest_share * opening, fees, upfront, extension)


def extended_usd(debt: Debt, extends: Floats) -> Floats:
    """What may be owed at the end of each node because of rights that are used, (L, N)."""
    rights, used = debt.extensions, np.zeros(extends.shape)
    decided = np.append(extends, np.zeros((len(extends), 1)), axis=1)
    for loan, extra, node in zip(rights.loan, rights.extra_usd, rights.decided, strict=True):
        used[loan] = extra * decided[loan, node]
    return used


def backed(instance: Instance, debt: Debt, moves: LoanMoves) -> Backed:
    """Collateral from the opening along the tree, and the tests on it."""
    terms, own, tree = debt.collateral, debt.collateral.loan, instance.tree
    rolled = roll(tree, debt, moves, proceeds_usd(instance, debt, moves))
    moved = (moves.pledge_btc - moves.release_btc - moves.seized_btc)[own]
    opening, closing = _along(tree, terms.opening_pledged_btc, moved)
    price = np.tile(instance.btc_price_usd, (len(own), 1))
    lowest = price * (1.0 - terms.stress_share)
    tested = (rolled.opening_usd * (1.0 + debt.loans.interest_share))[own]
    level = terms.call_ltv[:, None] * lowest
    asked = np.maximum(0.0, tested / level - opening)
    asked = np.where((tree.parent < 0) | (asked < DUST_BTC), 0.0, asked)
    called, uncured = terms.may_be_called(tree.parent), terms.may_stay_uncured(tree.parent)
    posted = np.where(called, np.minimum(asked, moves.post_btc[own]), asked)
    owed = rolled.closing_usd[own]
    return Backed(
        opening_btc=opening,
        posted_btc=posted,
        closing_btc=closing,
        price_usd=price,
        lowest_usd=lowest,
        tested_usd=tested,
        owed_usd=owed,
        called_usd=_above(tested, level * (opening + posted), called),
        uncured_usd=_above(owed, terms.call_ltv[:, None] * price * closing, uncured),
    )


def proceeds_usd(instance: Instance, debt: Debt, moves: LoanMoves) -> Floats:
    """What lenders' sales bring, (L, N)."""
    terms, brought = debt.collateral, np.zeros_like(moves.seized_btc)
    if len(terms.loan):
        lowest = instance.btc_price_usd * (1.0 - terms.stress_share)
        brought[terms.loan] = moves.seized_btc[terms.loan] * (1.0 - terms.penalty_share)[:, None] * lowest
    return brought


LEVELS = ("initial_ltv", "call_ltv", "liquidation_ltv")
"""Levels of loan to value that stand beside the loan's own."""

CENT_USD, DUST_BTC = 0.01, 1e-8
"""What an engine's tolerance leaves of a breach, and of a call, that is none."""


def loan_to_value(owed_usd: Floats, worth_usd: Floats) -> Floats:
    """Share of the collateral's worth that is owed; what is worth less than a dollar counts as a dollar."""
    return np.asarray(owed_usd / np.maximum(worth_usd, 1.0))


def _above(owed_usd: Floats, level_usd: Floats, may_be: Bools) -> Floats:
    """Owed above a level where that may be; elsewhere only a tolerance can be."""
    above = np.maximum(0.0, owed_usd - level_usd)
    return np.where(may_be & (above >= CENT_USD), above, 0.0)


def _along(tree: NodeTree, start: Floats, moved: Floats) -> tuple[Floats, Floats]:
    """What every node opens and closes with, (K, N) each."""
    opening, closing = np.zeros_like(moved), np.zeros_like(moved)
    for node, parent in enumerate(tree.parent):
        opening[:, node] = closing[:, parent] if parent >= 0 else start
        closing[:, node] = opening[:, node] + moved[:, node]
    return opening, closing


def _keys(tree: NodeTree, names: tuple[str, ...]) -> dict[str, Cells]:
    return {"node": [node for node in tree.name for _ in names], "loan": [*names] * len(tree)}


def _by_node(columns: Mapping[str, Floats | Bools]) -> dict[str, Cells]:
    """Columns (K, N) in the order of rows: by node, then loan."""
    return {name: values.T.ravel() for name, values in columns.items()}

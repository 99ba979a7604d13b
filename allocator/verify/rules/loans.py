"""LOAN: what is owed and paid, the Bitcoin behind it, and every test of loan to value."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import ArrayLike

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.by_node import by_node
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Axis, Check
from allocator.verify.loan_columns import (
    fees_usd,
    limit_usd,
    lowest_usd,
    of_collateral,
    of_loans,
    opening_btc,
    opening_usd,
    owed_usd,
    pledged_btc,
    proceeds_usd,
    secured_axes,
    tested_usd,
)
from allocator.verify.rules.liquidations import LIQUIDATION_RULES
from allocator.verify.rules.loan_options import OPTION_RULES
from allocator.verify.rules.projects import PROJECT_RULES


def balance(case: Case, debt: Debt) -> Iterator[Check]:
    """A loan opens where the parent node closed, moves by what is drawn and paid back, and closes there."""
    opening, closing = opening_usd(case, debt), owed_usd(case, debt)
    yield _dollars(case, "opening principal", of_loans(case, debt, "opening_usd"), opening)
    yield _dollars(case, "closing principal", of_loans(case, debt, "closing_usd"), closing)
    for column in ("drawn_usd", "repaid_usd"):
        yield Check(column, "USD", _axes(case), of_loans(case, debt, column), 0.0, "at_least")


def schedule(case: Case, debt: Debt) -> Iterator[Check]:
    """No more is owed than limit, schedule and maturity allow, and nothing less than nothing."""
    limit, owed = limit_usd(case, debt), owed_usd(case, debt)
    yield _dollars(case, "limit", of_loans(case, debt, "limit_usd"), limit)
    tolerance = tolerances.limit_usd(owed)
    yield Check("principal", "USD", _axes(case), owed, limit, "at_most", tolerance)
    yield Check("principal", "USD", _axes(case), owed, 0.0, "at_least", tolerance)


def early(case: Case, debt: Debt) -> Iterator[Check]:
    """What may not be prepaid is paid back only as it falls due; fees stated are those of the terms."""
    repaid = of_loans(case, debt, "repaid_usd")
    due = debt.due_usd(case.instance.tree.parent) + proceeds_usd(case, debt)
    most = np.where(debt.loans.may_prepay[:, None], np.inf, due)
    yield Check("paid back", "USD", _axes(case), repaid, most, "at_most", tolerances.limit_usd(repaid))
    yield _dollars(case, "fees", of_loans(case, debt, "fees_usd"), fees_usd(case, debt))


def interest(case: Case, debt: Debt) -> Iterator[Check]:
    """Interest stated is that of the node on what it opens with."""
    owed = debt.loans.interest_share * opening_usd(case, debt)
    yield _dollars(case, "interest", of_loans(case, debt, "interest_usd"), owed)


def collateral(case: Case, debt: Debt) -> Iterator[Check]:
    """Collateral opens where the parent node closed, moves by what is pledged and released, and closes there; prices
    and levels stated are those of the scenario."""
    closing, axes = pledged_btc(case, debt), secured_axes(case, debt)
    price = case.instance.btc_price_usd if len(debt.collateral.loan) else np.zeros(len(case.instance.tree))
    lowest = lowest_usd(case, debt)
    yield _bitcoin(case, debt, "opening collateral", "opening_btc", opening_btc(case, debt))
    yield _bitcoin(case, debt, "closing collateral", "closing_btc", closing)
    yield Check("collateral", "BTC", axes, closing, 0.0, "at_least", tolerances.limit_btc(closing))
    for column in ("pledged_btc", "released_btc", "seized_btc"):
        yield Check(column, "BTC", axes, of_collateral(case, debt, column), 0.0, "at_least")
    for column, expected in (("price_usd_per_btc", price), ("lowest_usd_per_btc", lowest)):
        found, tolerance = of_collateral(case, debt, column), tolerances.factor(expected)
        yield Check(column, "USD/BTC", axes, found, expected, tolerance=tolerance)
    terms = debt.collateral
    for column, level in (
        ("initial_ltv_share", terms.initial_ltv),
        ("call_ltv_share", terms.call_ltv),
        ("liquidation_ltv_share", terms.liquidation_ltv),
    ):
        yield Check(column, "", axes, of_collateral(case, debt, column), level[:, None])


def call(case: Case, debt: Debt) -> Iterator[Check]:
    """Before acting, at the lowest price, principal and interest stay at the call level, free Bitcoin posted in time
    counted, but for what is called where calls may happen; the opening state is not judged."""
    terms, owed, had, axes = debt.collateral, tested_usd(case, debt), opening_btc(case, debt), secured_axes(case, debt)
    parent, lowest = case.instance.tree.parent, lowest_usd(case, debt)
    level, may_be = terms.call_ltv[:, None] * lowest, terms.may_be_called(parent)
    posted = of_collateral(case, debt, "posted_btc")
    asked = np.where(parent < 0, 0.0, np.maximum(0.0, owed / level - had))
    least, tolerance = np.where(may_be, np.minimum(posted, asked), asked), tolerances.btc(asked)
    yield Check("posted for a call", "BTC", axes, posted, np.maximum(least, 0.0), tolerance=tolerance)
    above = np.where(may_be, np.maximum(0.0, owed - level * (had + posted)), 0.0)
    most, tolerance = np.where(parent < 0, np.inf, level * (had + posted) + above), tolerances.limit_usd(owed)
    yield Check("owed before acting", "USD", axes, owed, most, "at_most", tolerance)
    found = of_collateral(case, debt, "called_usd")
    yield Check("called", "USD", axes, found, above, tolerance=tolerances.usd(owed))
    yield _ratio(case, debt, "ltv_before_share", owed, lowest * had)
    yield _ratio(case, debt, "ltv_posted_share", owed, lowest * had + lowest * posted)


def headroom(case: Case, debt: Debt) -> Iterator[Check]:
    """Before acting, at the lowest price, what is owed stays below the call level by the headroom that is asked for,
    free Bitcoin not counted; the opening state is not judged."""
    terms, owed = debt.collateral, tested_usd(case, debt)
    level = (terms.call_ltv - terms.least_headroom)[:, None] * lowest_usd(case, debt)
    asked = terms.keeps_headroom(case.instance.tree.parent)
    most = np.where(asked, level * opening_btc(case, debt), np.inf)
    axes, tolerance = secured_axes(case, debt), tolerances.limit_usd(owed)
    yield Check("owed with the headroom", "USD", axes, owed, most, "at_most", tolerance)


def postable(case: Case, debt: Debt) -> Iterator[Check]:
    """What calls ask for is free Bitcoin of the node before, and no more of it than each lender takes."""
    treasury, share = case.instance.treasury, debt.collateral.postable_share
    posted = of_collateral(case, debt, "posted_btc")
    if treasury is None:
        return
    none = np.broadcast_to(np.where(share > 0, np.inf, 0.0)[:, None], posted.shape)
    tolerance = tolerances.limit_btc(posted)
    yield Check("asked for by a call", "BTC", secured_axes(case, debt), posted, none, "at_most", tolerance)
    held = case.timeline.carry(by_node(case, "treasury", "closing_btc"), treasury.opening_btc)
    free = held - opening_btc(case, debt).sum(axis=0)
    claimed = (posted / np.where(share > 0, share, 1.0)[:, None]).sum(axis=0)
    limit = np.where(case.instance.tree.parent < 0, np.inf, free)
    axes = (case.axes.nodes,)
    yield Check("asked for by all calls", "BTC", axes, claimed, limit, "at_most", tolerances.limit_btc(free))


def pledged(case: Case, debt: Debt) -> Iterator[Check]:
    """Only what is held is pledged, by all loans together."""
    if case.instance.treasury is None:
        return
    found, held = pledged_btc(case, debt).sum(axis=0), by_node(case, "treasury", "closing_btc")
    tolerance = tolerances.limit_btc(held)
    yield Check("pledged for all loans", "BTC", (case.axes.nodes,), found, held, "at_most", tolerance)


def cured(case: Case, debt: Debt) -> Iterator[Check]:
    """After acting no more is owed than the call level, but for what is stated at a root and where calls may happen."""
    owed, worth = _after(case, debt)
    level = debt.collateral.call_ltv[:, None] * worth
    may_be, tolerance = debt.collateral.may_stay_uncured(case.instance.tree.parent), tolerances.limit_usd(owed)
    above = np.where(may_be, np.maximum(0.0, owed - level), 0.0)
    axes = secured_axes(case, debt)
    yield Check("owed after acting", "USD", axes, owed, level + above, "at_most", tolerance)
    found = of_collateral(case, debt, "uncured_usd")
    yield Check("owed above the call level", "USD", axes, found, above, tolerance=tolerances.usd(owed))
    yield _ratio(case, debt, "ltv_after_share", owed, worth)


def initial_ltv(case: Case, debt: Debt) -> Iterator[Check]:
    """Where money is drawn, no more is owed after it than the initial level."""
    drawn = of_loans(case, debt, "drawn_usd")[debt.collateral.loan] > 0
    yield _within(case, debt, "owed after drawing", drawn, debt.collateral.initial_ltv)


def draw(case: Case, debt: Debt) -> Iterator[Check]:
    """Money is drawn only at nodes and on loans that allow it."""
    most = np.where(debt.loans.may_draw, np.inf, 0.0)
    yield Check("drawn", "USD", _axes(case), of_loans(case, debt, "drawn_usd"), most, "at_most")


def release_ltv(case: Case, debt: Debt) -> Iterator[Check]:
    """Where collateral is released, no more is owed after it than the release level."""
    released = of_collateral(case, debt, "released_btc") > 0
    yield _within(case, debt, "owed after a release", released, debt.collateral.release_ltv)


def release(case: Case, debt: Debt) -> Iterator[Check]:
    """Collateral is released only at decision nodes."""
    most = np.where(case.instance.tree.decision, np.inf, 0.0)
    found = of_collateral(case, debt, "released_btc")
    yield Check("released", "BTC", secured_axes(case, debt), found, most, "at_most")


DEBT_RULES = {
    "LOAN.balance": balance,
    "LOAN.schedule": schedule,
    "LOAN.early": early,
    "LOAN.interest": interest,
    "LOAN.collateral": collateral,
    "LOAN.call": call,
    "LOAN.headroom": headroom,
    "BTC.postable": postable,
    "BTC.pledged": pledged,
    "LOAN.cured": cured,
    "LOAN.initial_ltv": initial_ltv,
    "LOAN.draw": draw,
    "LOAN.release_ltv": release_ltv,
    "LOAN.release": release,
    **LIQUIDATION_RULES,
    **OPTION_RULES,
    **PROJECT_RULES,
}


def _with_debt(rule: Callable[[Case, Debt], Iterator[Check]]) -> PlanRule:
    """The rule where there is debt; without any it has nothing to look at."""

    def check(case: Case) -> Iterator[Check]:
        if case.instance.debt is not None:
            yield from rule(case, case.instance.debt)

    check.__doc__ = rule.__doc__
    return check


RULES: dict[str, PlanRule] = {name: _with_debt(rule) for name, rule in DEBT_RULES.items()}


def _axes(case: Case) -> tuple[Axis, Axis]:
    return case.axes.loans, case.axes.nodes


def _dollars(case: Case, says: str, found: Floats, expected: Floats) -> Check:
    return Check(says, "USD", _axes(case), found, expected, tolerance=tolerances.usd(expected))


def _bitcoin(case: Case, debt: Debt, says: str, column: str, expected: Floats) -> Check:
    found = of_collateral(case, debt, column)
    return Check(says, "BTC", secured_axes(case, debt), found, expected, tolerance=tolerances.btc(expected))


def _ratio(case: Case, debt: Debt, column: str, owed: Floats, worth: Floats) -> Check:
    """Loan to value as stated, to the cent of debt; collateral worth less than a dollar counts as a dollar."""
    expected, cents = owed / np.maximum(worth, 1.0), tolerances.MONEY_USD / np.maximum(worth, 1.0)
    found, tolerance = of_collateral(case, debt, column), np.maximum(tolerances.factor(expected), cents)
    return Check(column, "", secured_axes(case, debt), found, expected, tolerance=tolerance)


def _after(case: Case, debt: Debt) -> tuple[Floats, Floats]:
    """Owed on secured loans and worth of their collateral when the node has acted, (K, N) each."""
    price = case.instance.btc_price_usd if len(debt.collateral.loan) else np.zeros(len(case.instance.tree))
    return owed_usd(case, debt)[debt.collateral.loan], price * pledged_btc(case, debt)


def _within(case: Case, debt: Debt, says: str, where: Bools, level: ArrayLike) -> Check:
    """No more is owed than a level of the collateral's worth, at the places of an event."""
    owed, worth = _after(case, debt)
    most = np.where(where, np.asarray(level)[:, None] * worth, np.inf)
    return Check(says, "USD", secured_axes(case, debt), owed, most, "at_most", tolerances.limit_usd(owed))

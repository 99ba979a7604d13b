"""Edits that state what is owed and pledged, and what of a scenario's debt cannot be carried."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit, Gone
from allocator.roll.refusal import Refusal
from allocator.roll.words import plain
from allocator.scenario.loans import BtcBackedLoan, ConvertibleNotes, EquipmentLoan, Loan, ProjectLoan, TermLoan
from allocator.scenario.scenario import Scenario
from allocator.scenario.yaml_reader import Path

CENT_USD = 0.005


def loan_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Principal, collateral, what is left of schedules and rights; loans that are paid back leave the file."""
    planned = {loan.name: loan for loan in at.loaded.scenario.loans}
    for position, loan in enumerate(scenario.loans):
        before, path = planned.get(loan.name), ("loans", position)
        if loan.name in loans_over(at, scenario):
            yield Edit(path, Gone.OUT, f"{loan.name} is paid back")
        elif before is not None and not isinstance(loan, ProjectLoan):
            yield from _loan(at, path, loan, before, owed_usd(at, before))
        elif loan.name in at.really_owed_usd and not isinstance(loan, ProjectLoan):
            yield from _owed(at, path, loan, at.really_owed_usd[loan.name])


def owed_usd(at: AtNode, loan: Loan) -> float:
    """What is owed on a loan of the plan at the end of the node before, in reality where that is known."""
    if loan.name in at.really_owed_usd:
        return at.really_owed_usd[loan.name]
    opening = 0.0 if isinstance(loan, ProjectLoan) else loan.opening_principal_usd
    rows = at.last("loans")
    return opening if at.parent < 0 else float(rows["closing_usd"][rows["loan"] == loan.name].iloc[0])


def _over(at: AtNode, loan: Loan, owed: float) -> bool:
    """Whether nothing is owed and nothing can be any more."""
    if owed > CENT_USD:
        return False
    matured = loan.maturity is not None and loan.maturity < at.month
    revolves = isinstance(loan, ProjectLoan) or (isinstance(loan, BtcBackedLoan) and loan.limit_usd is not None)
    return matured or not revolves


def _loan(
    at: AtNode, path: Path, loan: BtcBackedLoan | TermLoan | EquipmentLoan | ConvertibleNotes, before: Loan, owed: float
) -> Iterator[Edit]:
    words = f"at the end of {at.name_before}"
    yield from _owed(at, path, loan, owed)
    if loan.upfront_fee_share and (owed > CENT_USD or loan.name in upfront_paid(at)):
        yield Edit((*path, "upfront_fee_share"), 0, "paid")
    if isinstance(loan, BtcBackedLoan) and isinstance(before, BtcBackedLoan):
        rows = at.last("collateral")
        pledged = rows["closing_btc"][rows["loan"] == loan.name]
        btc = before.opening_pledged_btc if at.parent < 0 else float(pledged.iloc[0])
        yield Edit((*path, "opening_pledged_btc"), plain(btc), f"pledged {words}")
    if isinstance(loan, TermLoan) and isinstance(before, TermLoan) and before.repay_usd_by_month:
        yield Edit((*path, "repay_usd_by_month"), instalments(before, at.months_on, owed), "instalments left")
    if isinstance(loan, TermLoan | BtcBackedLoan) and loan.extension is not None and loan.name in extended(at):
        assert loan.maturity is not None
        later = loan.maturity.plus(loan.extension.months)
        yield Edit((*path, "maturity"), str(later), f"postponed from {loan.maturity}")
        yield Edit((*path, "extension"), Gone.OUT, "used")
    if isinstance(loan, ConvertibleNotes) and loan.put_month is not None and loan.put_month < at.month:
        yield Edit((*path, "put_month"), Gone.OUT, "the right is gone")


def _owed(
    at: AtNode, path: Path, loan: BtcBackedLoan | TermLoan | EquipmentLoan | ConvertibleNotes, owed: float
) -> Iterator[Edit]:
    """The principal; what should have been paid back already falls due in the first month."""
    words = "owed in reality" if loan.name in at.really_owed_usd else f"owed at the end of {at.name_before}"
    yield Edit((*path, "opening_principal_usd"), plain(owed), words)
    if loan.maturity is not None and loan.maturity < at.month and loan.name not in extended(at):
        yield Edit((*path, "maturity"), str(at.month), f"overdue since {loan.maturity}")


def extended(at: AtNode) -> set[str]:
    """Loans whose maturity was postponed by the start of the node."""
    rows = at.earlier("loans")
    return {*at.loaded.scenario.moved_on.loans_extended, *rows["loan"][rows["extended"]]}


def upfront_paid(at: AtNode) -> set[str]:
    """Loans whose upfront fee is paid by the start of the node."""
    rows = at.earlier("loans")
    return {*at.loaded.scenario.moved_on.upfront_fees_paid, *rows["loan"][rows["upfront_fee_usd"] > 0]}


def loans_over(at: AtNode, scenario: Scenario) -> set[str]:
    """Loans of the plan that are paid back for good by the start of the node."""
    kept = {loan.name: loan for loan in scenario.loans}
    planned = [loan for loan in at.loaded.scenario.loans if loan.name in kept]
    own = {loan.name for loan in planned if _over(at, kept[loan.name], owed_usd(at, loan))}
    before = set(at.loaded.scenario.moved_on.loans_over)
    return own | {name for name in before if at.really_owed_usd.get(name, 0.0) <= CENT_USD}


def instalments(loan: TermLoan, months_on: int, owed: float) -> list[float | int]:
    """Principal due in each later month, so that no more is owed at its end than before, given what is owed now."""
    scheduled = loan.opening_principal_usd
    left, due, found = owed, list(loan.repay_usd_by_month), list[float | int]()
    for month, usd in enumerate(due):
        scheduled -= usd
        if month >= months_on:
            found.append(plain(max(0.0, left - scheduled)))
            left = min(left, scheduled)
    return found


def debt_refusals(at: AtNode, scenario: Scenario) -> Iterator[Refusal]:
    """Loans whose later months depend on more than what is owed."""
    kept = {loan.name for loan in scenario.loans}
    for loan in at.loaded.scenario.loans:
        owed = owed_usd(at, loan)
        if loan.name in kept:
            for words, instead in _in_the_way(at, loan, owed):
                yield Refusal(f"loan {loan.name}: {words}", instead)
        elif owed > CENT_USD and not _drawn_on(scenario, loan.name):
            words = f"loan {loan.name}: the plan owes {owed:,.0f} USD on it, and the scenario does not know it"
            yield Refusal(words, "it is left out")


def _drawn_on(scenario: Scenario, name: str) -> bool:
    """Whether a loan states what was drawn on a project loan of the scenario."""
    return any(isinstance(loan, ProjectLoan) and name.startswith(f"{loan.name} ") for loan in scenario.loans)


def _in_the_way(at: AtNode, loan: Loan, owed: float) -> Iterator[tuple[str, str]]:
    ahead = CENT_USD < owed < _limit_usd(at, loan.name, owed) - CENT_USD
    if isinstance(loan, ProjectLoan):
        if loan.interest_during_construction == "drawn" and _built(at, loan):
            words = "interest that is drawn on a conversion under way cannot be carried"
            yield words, "interest on what was drawn before the start is paid"
        return
    if isinstance(loan, EquipmentLoan) and ahead:
        yield "it is paid back ahead of its schedule, which would begin anew", "what is owed falls evenly to maturity"
    if isinstance(loan, TermLoan) and loan.repay_usd_by_month and loan.prepayment_fee_share and ahead:
        words = "it is paid back ahead of its schedule, and what of an instalment is early could not be told any more"
        yield words, "a fee is due on what is paid back before the instalments that are left"
    if isinstance(loan, BtcBackedLoan) and loan.limit_usd is None and loan.commitment_fee_per_year and ahead:
        words = "its fee is due on what has been paid back of the first principal: state limit_usd"
        yield words, "no fee is due on that any more"


def _limit_usd(at: AtNode, name: str, owed: float) -> float:
    """Most that may be owed on a loan at the end of the node before; what is owed where there is none."""
    debt = at.instance.debt
    if debt is None or at.parent < 0:
        return owed
    return float(debt.loans.limit_usd[debt.loans.names.index(name), at.parent])


def _built(at: AtNode, loan: ProjectLoan) -> bool:
    """Whether a conversion that it pays for is under way in the node."""
    debt = at.instance.debt
    if debt is None or at.parent < 0:
        return False
    rows = debt.projects
    own = (rows.loan == debt.loans.names.index(loan.name)) & (rows.node == at.node) & (rows.drawn_usd > 0)
    decided = set(at.earlier("conversions", "decided_node")["decided_node"])
    return any(at.instance.tree.name[int(node)] in decided for node in rows.made[own])

"""Edits that state what was drawn on project loans: as term loans of the conversions that it was drawn for, which fall
as the project loan says. What is still to be spent on a conversion, the project loan itself goes on to lend.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

import numpy as np

from allocator.roll.at_node import AtNode
from allocator.roll.debt import CENT_USD, instalments, owed_usd, upfront_paid
from allocator.roll.edits import Edit
from allocator.roll.moved import later_value
from allocator.roll.state import conversions
from allocator.roll.words import plain
from allocator.scenario.covenants import DebtServiceCoverage
from allocator.scenario.loans import ProjectLoan, TermLoan
from allocator.scenario.months import Month
from allocator.scenario.scenario import Scenario

LEAST_USD = 0.01
"""Least limit of a project loan that has nothing left to lend."""


@dataclass(frozen=True)
class Drawn:
    """What is owed for one conversion: principal due in each month from the new start on, USD, and its last month."""

    name: str
    owed_usd: float
    due_usd: tuple[float, ...]
    maturity: Month


def project_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Project loans at what is left of their limit, and a loan for each conversion that was drawn for."""
    planned = {loan.name: loan for loan in at.loaded.scenario.loans}
    ago, position = at.month.since(scenario.horizon.start), len(scenario.loans)
    for k, loan in enumerate(scenario.loans):
        before = planned.get(loan.name)
        if not isinstance(loan, ProjectLoan) or not isinstance(before, ProjectLoan):
            continue
        drawn = drawn_for(at, before)
        total = sum(one.owed_usd for one in drawn)
        if total:
            left = max(LEAST_USD, loan.limit_usd - total)
            yield Edit(("loans", k, "limit_usd"), plain(left), "without what is owed on it")
        if loan.upfront_fee_share and loan.name in upfront_paid(at):
            yield Edit(("loans", k, "upfront_fee_share"), 0, "paid")
        for one in drawn:
            yield Edit(("loans", position), _stated(one, loan, ago), f"drawn on {loan.name}")
            position += 1
        yield from _counted(scenario, loan.name, [one.name for one in drawn])


def _counted(scenario: Scenario, loan: str, drawn: list[str]) -> Iterator[Edit]:
    """Covenants that name a project loan count what was drawn on it."""
    for position, covenant in enumerate(scenario.covenants):
        if isinstance(covenant, DebtServiceCoverage) and covenant.loans and loan in covenant.loans and drawn:
            yield Edit(("covenants", position, "loans"), [*covenant.loans, *drawn], f"drawn on {loan} too")


def drawn_for(at: AtNode, loan: ProjectLoan) -> list[Drawn]:
    """What is owed for each conversion at the start of the node, what was drawn before the plan began included."""
    found = {one.name: one for one in _before(at, loan)}
    for one in _in_plan(at, loan):
        known = found.get(one.name)
        found[one.name] = one if known is None else _both(known, one)
    return [one for one in found.values() if one.owed_usd > CENT_USD]


def _both(one: Drawn, other: Drawn) -> Drawn:
    due = tuple(map(sum, zip_longest(one.due_usd, other.due_usd, fillvalue=0.0)))
    return Drawn(one.name, one.owed_usd + other.owed_usd, due, max(one.maturity, other.maturity))


def _before(at: AtNode, loan: ProjectLoan) -> Iterator[Drawn]:
    for one in at.loaded.scenario.loans:
        if isinstance(one, TermLoan) and one.name.startswith(f"{loan.name} ") and one.maturity is not None:
            owed = owed_usd(at, one)
            yield Drawn(one.name, owed, tuple(instalments(one, at.months_on, owed)), one.maturity)


def _in_plan(at: AtNode, loan: ProjectLoan) -> Iterator[Drawn]:
    debt, tree, owed = at.instance.debt, at.instance.tree, owed_usd(at, loan)
    if debt is None or at.parent < 0 or owed <= CENT_USD:
        return
    rows, decided = debt.projects, conversions(at)
    mine = (rows.loan == debt.loans.names.index(loan.name)) & (rows.node == at.parent)
    own = np.flatnonzero(mine & (decided[rows.bay, rows.made] > 0))
    lent = rows.owed_usd[own]
    for row, most in zip(own.tolist(), lent.tolist(), strict=True):
        bay = int(rows.bay[row])
        lead = int(at.instance.bays.lead_months[bay])
        complete = int(tree.first_month[rows.made[row]]) + lead - at.months_on
        hall = at.instance.halls.names[int(at.instance.bays.hall[bay])]
        part = owed * most / float(lent.sum())
        due = _falling(part, most, complete, loan.amortisation_months)
        maturity = at.month.plus(complete + loan.amortisation_months - 1)
        yield Drawn(f"{loan.name} {hall}", part, due, maturity)


def _falling(owed: float, most: float, complete: int, months: int) -> tuple[float, ...]:
    """Principal due by month where at most `most` may be owed now, which falls evenly over some months from completion,
    `complete` months from now, on."""
    whole = most / min(1.0, 1.0 + complete / months)
    left, due = owed, list[float]()
    for end in range(1, complete + months + 1):
        limit = whole * min(1.0, max(0.0, 1.0 - (end - complete) / months))
        due.append(max(0.0, left - limit))
        left = min(left, limit)
    return tuple(due)


def _stated(one: Drawn, loan: ProjectLoan, ago: int) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": "term",
        "opening_principal_usd": plain(one.owed_usd),
        "rate_per_year": later_value(loan.rate_per_year, ago),
        "spread_per_year": loan.spread_per_year,
        "rate_floor_per_year": loan.rate_floor_per_year,
        "maturity": str(one.maturity),
        "repay_usd_by_month": [plain(usd) for usd in one.due_usd],
    }

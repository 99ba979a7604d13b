"""Events whose probability is limited: cash that falls short, and margin calls that free Bitcoin does not meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.loans_state import Debt
from allocator.instance.tree import Floats, Ints, NodeTree
from allocator.scenario.chances import ChanceOfCall, ChanceOfShortfall
from allocator.scenario.loans import BtcBackedLoan
from allocator.scenario.scenario import Scenario

SHORTFALL, MARGIN_CALL = "shortfall", "margin_call"
COMPANY = -1
"""In place of a loan, where the event is one of the company's cash."""
LEAST_USD = 1.0
"""Less than this amiss is an engine's tolerance, and no event."""


@dataclass(frozen=True)
class Chances:
    """E events whose probability is limited, each at every node.

    Attributes:
        loan: position of the loan that is called, COMPANY where cash falls short, (E,).
        by_month: most probability in the nodes that start in one month, 1: no limit, (E,).
        of_path: most probability that it happens at all along a path, 1: no limit, (E,).
        most_usd: most that can be amiss, (E, N): what may be missing, or all that is owed.
    """

    loan: Ints
    by_month: Floats
    of_path: Floats
    most_usd: Floats

    def __len__(self) -> int:
        return len(self.loan)

    def names(self, debt: Debt | None) -> list[tuple[str, str]]:
        """Kind of each event and its loan, "" for the company's cash."""
        loans = () if debt is None else debt.loans.names
        return [(SHORTFALL, "") if loan == COMPANY else (MARGIN_CALL, loans[loan]) for loan in self.loan.tolist()]


NO_CHANCES = Chances(np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros((0, 0)))


def compile_chances(scenario: Scenario, debt: Debt | None, tree: NodeTree) -> Chances:
    """Limits of the rule on minimum cash and of the call rules of loans, in that order."""
    found: list[tuple[int, ChanceOfShortfall | ChanceOfCall, Floats]] = []
    rule = scenario.finance.minimum_cash_rule
    if isinstance(rule, ChanceOfShortfall):
        found.append((COMPANY, rule, np.full(len(tree), rule.most_missing_usd)))
    for loan, stated in enumerate(scenario.loans):
        if debt is not None and isinstance(stated, BtcBackedLoan) and isinstance(stated.call_rule, ChanceOfCall):
            found.append((loan, stated.call_rule, _most_called_usd(debt, loan, tree.parent)))
    return Chances(
        loan=np.array([loan for loan, _, _ in found], dtype=np.int64),
        by_month=np.array([_limit(rule.probability_by_month) for _, rule, _ in found], dtype=float),
        of_path=np.array([_limit(rule.probability_of_path) for _, rule, _ in found], dtype=float),
        most_usd=np.array([most for _, _, most in found]).reshape(len(found), len(tree)),
    )


def _most_called_usd(debt: Debt, loan: int, parent: Ints) -> Floats:
    """All that can be owed before the company acts, with interest, (N,)."""
    return np.asarray(debt.most_before_usd(parent)[loan] * (1.0 + debt.loans.interest_share[loan]))


def _limit(stated: float | None) -> float:
    return 1.0 if stated is None else stated

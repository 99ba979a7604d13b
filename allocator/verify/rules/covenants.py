"""COVENANT: every test of liquidity, coverage and leverage, derived from the lines, balances and debt of the tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from allocator.instance.covenants_state import Covenants, Kind
from allocator.instance.tree import Bools, Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Axis, Check
from allocator.verify.covenant_columns import income_usd, liquid_usd, net_debt_usd, of_covenants, service_usd

CENT_USD = 0.01
"""Breaches below it are what an engine's tolerance leaves."""


@dataclass(frozen=True)
class _Tests:
    """Tests of some covenants, R of them, in the order of (covenant, node)."""

    case: Case
    covenants: Covenants
    at: Bools

    @property
    def axis(self) -> tuple[Axis]:
        covenant, node = np.nonzero(self.at)
        names, nodes = self.covenants.names, self.case.instance.tree.name
        return ({"covenant": [names[c] for c in covenant], "node": [nodes[n] for n in node]},)

    def stated(self, column: str) -> Floats:
        return of_covenants(self.case, self.covenants, column)[self.at]

    def equal(self, says: str, column: str, expected: Floats, unit: str = "USD") -> Check:
        """A column beside what it must say, both (R,)."""
        tolerance = tolerances.usd(expected) if unit == "USD" else tolerances.factor(expected)
        return Check(says, unit, self.axis, self.stated(column), expected, tolerance=tolerance)

    @cached_property
    def gross_usd(self) -> Floats:
        """Size of all that moved cash on the way to each test, (R,)."""
        flow, nodes = self.case.tables["cash_flow"], len(self.case.instance.tree)
        sizes = np.bincount(self.case.axes.node_at(flow["node"]), flow["amount_usd"].abs(), nodes)
        return np.asarray(self.case.timeline.along(sizes.astype(float))[np.nonzero(self.at)[1]])


def earned(case: Case) -> Iterator[Check]:
    """Income is the sum of the operating lines of the covenant's sites over the trailing months; 0 for liquidity."""
    for tests in _of(case, "minimum_liquidity", "dscr", "net_debt_to_ebitda"):
        yield tests.equal("income of the trailing months", "income_usd", income_usd(case, tests.covenants)[tests.at])


def due(case: Case) -> Iterator[Check]:
    """Debt service is interest and what instalments ask for over the trailing months."""
    for tests in _of(case, "dscr"):
        yield tests.equal("debt service", "claim_usd", service_usd(case, tests.covenants)[tests.at])


def income(case: Case) -> Iterator[Check]:
    """What is earned carries its share of claims."""
    for tests in _on_income(case, losing=False):
        carried = tests.covenants.carried_per_usd[np.nonzero(tests.at)[0]] * tests.stated("income_usd")
        yield tests.equal("claims carried by income", "carried_usd", carried)


def loss(case: Case) -> Iterator[Check]:
    """Losses carry nothing."""
    for tests in _on_income(case, losing=True):
        yield tests.equal("claims carried by losses", "carried_usd", np.zeros(int(tests.at.sum())))


def liquidity(case: Case) -> Iterator[Check]:
    """Cash and free Bitcoin, at their haircut, are no less than asked for."""
    for tests in _of(case, "minimum_liquidity"):
        least = tests.covenants.limit[np.nonzero(tests.at)[0]]
        yield tests.equal("liquidity asked for", "claim_usd", least)
        yield tests.equal("liquidity", "carried_usd", liquid_usd(case, tests.covenants)[tests.at])
        yield tests.equal(
            "liquidity over what is asked for", "value_times", tests.stated("carried_usd") / least, "times"
        )
        yield from _kept(tests)


def coverage(case: Case) -> Iterator[Check]:
    """Income over debt service is no less than the ratio, unless nothing is due."""
    for tests in _of(case, "dscr"):
        claim, earned_usd = tests.stated("claim_usd"), tests.stated("income_usd")
        ratio = np.divide(earned_usd, claim, out=np.zeros_like(claim), where=claim > 0)
        yield tests.equal("debt service coverage", "value_times", ratio, "times")
        yield from _kept(tests)


def leverage(case: Case) -> Iterator[Check]:
    """Net debt over a year of income is no more than the ratio, unless there is net cash."""
    for tests in _of(case, "net_debt_to_ebitda"):
        yield tests.equal("net debt", "claim_usd", net_debt_usd(case, tests.covenants)[tests.at])
        year = tests.stated("income_usd") * 12.0 / tests.covenants.trailing_months[np.nonzero(tests.at)[0]]
        ratio = np.divide(tests.stated("claim_usd"), year, out=np.zeros_like(year), where=year > 0)
        yield tests.equal("net debt over a year of income", "value_times", ratio, "times")
        yield from _kept(tests)


def _kept(tests: _Tests) -> Iterator[Check]:
    """What is claimed is carried, but for breaches that have a price; they, headroom and limit are stated."""
    covenant, node = np.nonzero(tests.at)
    carried, claim = tests.stated("carried_usd"), tests.stated("claim_usd")
    missing = np.maximum(0.0, claim - carried)
    may = tests.covenants.may_breach[covenant, node]
    allowed = np.where(may, missing, 0.0)
    tolerance = tolerances.limit_usd(tests.gross_usd)
    yield Check("carried", "USD", tests.axis, carried, claim - allowed, "at_least", tolerance)
    yield tests.equal("headroom", "headroom_usd", carried - claim)
    yield tests.equal("breach", "breach_usd", np.where(allowed >= CENT_USD, allowed, 0.0))
    is_ratio = tests.covenants.tested_as("dscr", "net_debt_to_ebitda")[covenant, node]
    yield tests.equal("limit", "limit_times", np.where(is_ratio, tests.covenants.limit[covenant], 1.0), "times")


def _of(case: Case, *kinds: Kind) -> Iterator[_Tests]:
    """Tests of covenants of some kinds, if there are covenants."""
    covenants = case.instance.covenants
    if covenants is not None:
        yield _Tests(case, covenants, covenants.tested_as(*kinds))


def _on_income(case: Case, *, losing: bool) -> Iterator[_Tests]:
    """Tests on income that find nothing earned, or something."""
    for tests in _of(case, "dscr", "net_debt_to_ebitda"):
        earns = of_covenants(case, tests.covenants, "income_usd") > 0
        yield _Tests(case, tests.covenants, tests.at & (earns != losing))


RULES: dict[str, PlanRule] = {
    "COVENANT.earned": earned,
    "COVENANT.due": due,
    "COVENANT.income": income,
    "COVENANT.loss": loss,
    "COVENANT.liquidity": liquidity,
    "COVENANT.coverage": coverage,
    "COVENANT.leverage": leverage,
}

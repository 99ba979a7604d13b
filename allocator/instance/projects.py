"""What project loans lend on each conversion, node by node."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.loans_state import Projects
from allocator.instance.tree import Floats, NodeTree
from allocator.instance.types import Bays
from allocator.scenario.loans import ProjectLoan
from allocator.scenario.scenario import Scenario


def compile_projects(scenario: Scenario, tree: NodeTree, bays: Bays, interest_share: Floats) -> Projects:
    """Rows of every project loan; `interest_share` (L, N) on what the node before owed.

    Bays are named hall/fit-out; those of the scenario's sites come first.
    """
    rows = [
        (position, bay, made, node, owed, owed if built else 0.0)
        for position, loan in enumerate(scenario.loans)
        if isinstance(loan, ProjectLoan)
        for bay in _bays(scenario, loan, bays)
        for made in np.flatnonzero(tree.decision).tolist()
        for node, owed, built in lent_usd(loan, tree, bays, bay, made, interest_share[position])
    ]
    places = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4).T
    lent = np.array([row[4:] for row in rows], dtype=np.float64).reshape(-1, 2).T
    loan, bay, made, node = places
    return Projects(loan, bay, made, node, owed_usd=lent[0], drawn_usd=lent[1])


def lent_usd(
    loan: ProjectLoan, tree: NodeTree, bays: Bays, bay: int, made: int, interest_share: Floats
) -> Iterator[tuple[int, float, bool]]:
    """(node, most that is owed at its end, whether the conversion is still built in it) of a conversion decided at
    `made`, from there on.

    With lead months L, amortisation months M, loan to cost c, capex X paid evenly over the lead, and interest i drawn
    or not,
        V_n = (1 + i_n drawn) V_a(n) + c X share of L in n              while it is built,
        owed_n = V_n max(0, 1 - (months from completion to the end of n) / M)
    """
    lead, cost = int(bays.lead_months[bay]), float(bays.capex_usd[bay, made]) * loan.loan_to_cost_share
    start, whole = int(tree.first_month[made]), np.zeros(len(tree))
    for node in np.flatnonzero(tree.below()[made]).tolist():
        before = whole[tree.parent[node]] if node != made else 0.0
        begin = int(tree.first_month[node]) - start
        end = begin + int(tree.months[node])
        built = node == made or begin < lead
        if built:
            paid = (min(end, lead) - begin) / lead if lead else 1.0
            interest = interest_share[node] if loan.interest_during_construction == "drawn" else 0.0
            before = before * (1.0 + interest) + cost * paid
        whole[node] = before
        owed = before * min(1.0, max(0.0, 1.0 - (end - lead) / loan.amortisation_months))
        if owed > 0:
            yield node, owed, built


def _bays(scenario: Scenario, loan: ProjectLoan, bays: Bays) -> list[int]:
    """Bays of the loan's halls that a conversion may lead to, in order."""
    names = {hall.name for site in scenario.sites if site.name in loan.sites for hall in site.halls} | {*loan.halls}
    return [
        bay
        for bay, (name, fit_out) in enumerate(zip(bays.names, bays.fit_out, strict=True))
        if bays.convertible[bay] and name.removesuffix(f"/{fit_out}") in names
    ]

"""Edits that state how many shares may still be sold, and what those hold who bought some before."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.roll.refusal import Refusal
from allocator.roll.words import plain
from allocator.scenario.scenario import Scenario

NOTHING_USD = 1e-6
"""Least limit that the file can state."""


def equity_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """What is left of the limits of the calendar year and of the horizon, and the claims of buyers."""
    stated, before = scenario.finance.equity, at.loaded.scenario.finance.equity
    if stated is None or before is None:
        return
    path = ("finance", "equity")
    rows, words = at.earlier("equity"), f"paid by the end of {at.name_before}"
    if before.most_usd is not None:
        left = max(NOTHING_USD, before.most_usd - float(rows["issued_usd"].sum()))
        yield Edit((*path, "most_usd"), plain(left), f"without what was {words}")
    this_year = before.opening_year_usd if at.parent < 0 else _this_year_usd(at, before.opening_year_usd)
    if this_year or stated.opening_year_usd:
        yield Edit((*path, "opening_year_usd"), plain(this_year), f"{words}, of {at.month.year}")
    claim = claim_usd(at)
    if claim or stated.opening_claim_usd:
        yield Edit((*path, "opening_claim_usd"), plain(claim), f"held by those who {words}")


def equity_refusals(at: AtNode, scenario: Scenario) -> Iterator[Refusal]:
    """Claims need a place in the file."""
    if scenario.finance.equity is None and claim_usd(at) > NOTHING_USD:
        words = "finance.equity: the plan has sold shares, and the scenario does not state the section: state it"
        yield Refusal(words, "what their buyers hold is no longer deducted")


def claim_usd(at: AtNode) -> float:
    """What buyers of shares hold at the start of the node: worth of their shares when sold, with interest since."""
    equity, tree, start = at.loaded.scenario.finance.equity, at.instance.tree, at.months_on / 12.0
    if equity is None:
        return 0.0
    rate, sold = 1.0 + at.instance.finance.risk_free_per_year, at.earlier("equity")
    made = [tree.name.index(name) for name in sold["node"]]
    since = start - tree.mid_years[made]
    held = float((sold["claim_usd"].to_numpy(dtype=float) * rate**since).sum())
    return float(held + equity.opening_claim_usd * rate**start)


def _this_year_usd(at: AtNode, opening: float) -> float:
    """Paid in nodes before that start in the calendar year of the node."""
    equity, tree = at.instance.equity, at.instance.tree
    if equity is None:
        return 0.0
    rows, year = at.earlier("equity"), equity.year[at.node]
    own = [tree.name[node] for node in tree.path(at.parent) if equity.year[node] == year]
    paid = float(rows["issued_usd"][rows["node"].isin(own)].sum())
    return paid + (opening if year == equity.year[0] else 0.0)

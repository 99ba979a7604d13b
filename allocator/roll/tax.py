"""Edits that state what a tax looks back to: losses, income of the running year, and capital not yet written off."""

from __future__ import annotations

import math
from collections.abc import Iterator

from allocator.plan.lines import CAPITAL_LINES
from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.roll.words import plain
from allocator.scenario.scenario import Scenario
from allocator.scenario.tax import Tax

CENT_USD = 0.005


def tax_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Losses carried forward, income of the calendar year, and capital by the months over which it is written off."""
    before, words = at.loaded.scenario.tax, f"at the end of {at.name_before}"
    if scenario.tax is None or before is None:
        return
    loss, income = before.opening_loss_usd, before.opening_year_income_usd
    if at.parent >= 0:
        row = at.last("tax").iloc[0]
        loss, income = float(row["carried_usd"]), _year_income_usd(at, float(row["year_income_usd"]))
    yield Edit(("tax", "opening_loss_usd"), plain(loss), f"carried {words}")
    yield Edit(("tax", "opening_year_income_usd"), plain(income), f"of {at.month.year} so far")
    yield Edit(("tax", "opening_book_usd"), 0, "see opening_books")
    books = [{"usd": plain(usd), "months": months} for months, usd in sorted(_books(at, before).items())]
    yield Edit(("tax", "opening_books"), books, f"not written off {words}")


def _year_income_usd(at: AtNode, so_far: float) -> float:
    """Income of the year of the node before, where the node belongs to it too; a node does to the year it starts in."""
    tax = at.instance.tax
    return so_far if tax is not None and tax.year[at.parent] == tax.year[at.node] else 0.0


def _books(at: AtNode, before: Tax) -> dict[int, float]:
    """Capital not yet written off, by the months that are left of it, USD."""
    paid = [(one.usd, one.months, at.months_on) for one in before.opening_books]
    paid.append((before.opening_book_usd, before.opening_book_months, at.months_on))
    flows, tree = at.earlier("cash_flow"), at.instance.tree
    capital = flows[flows["line"].isin(CAPITAL_LINES)]
    for name in at.before:
        age = at.months_on - int(tree.first_month[tree.name.index(name)])
        paid.append((-math.fsum(capital["amount_usd"][capital["node"] == name]), before.write_off_months, age))
    found: dict[int, float] = {}
    for usd, months, age in paid:
        if age < months and usd > CENT_USD:
            found[months - age] = found.get(months - age, 0.0) + usd * (1.0 - age / months)
    return found

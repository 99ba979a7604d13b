"""Tax at each node: calendar years on the paths, and what is written off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints, NodeTree
from allocator.scenario.months import Month
from allocator.scenario.tax import Tax as TaxSection


@dataclass(frozen=True)
class Tax:
    """A tax by calendar year; a node belongs to the year in which it starts.

    Attributes:
        rate_share, loss_cap_share: see the scenario. opening_loss_usd: carried into the first year.
        year: of each node, (N,). closes: the last node of its year on its paths, (N,).
        is_paid: of those, the ones whose year is over: the tax is paid there; of others it is accrued, (N,).
        opening_income_usd: of the first year up to the start. opening_written_off_usd: in each node, of the opening
            book, (N,). opening_left_usd: what is left of it at the end of each node, (N,).
        write_off_months: of capital paid within the horizon, from the start of the node in which it is paid.
    """

    rate_share: float
    loss_cap_share: float
    opening_loss_usd: float
    year: Ints
    closes: Bools
    is_paid: Bools
    opening_income_usd: float
    opening_written_off_usd: Floats
    opening_left_usd: Floats
    write_off_months: int


def compile_tax(stated: TaxSection | None, tree: NodeTree, start: Month) -> Tax | None:
    """The tax of a scenario; None where there is none."""
    if stated is None:
        return None
    year, ends = (start.ordinal + tree.first_month) // 12, tree.first_month + tree.months
    goes_on = np.zeros(len(tree), dtype=bool)
    after = np.flatnonzero(tree.parent >= 0)
    goes_on[tree.parent[after[year[after] == year[tree.parent[after]]]]] = True
    is_leaf = np.isin(np.arange(len(tree)), tree.leaves)
    over = (start.ordinal + ends) // 12 > year
    left, before = _book_usd(stated, ends), _book_usd(stated, tree.first_month)
    return Tax(
        rate_share=stated.rate_share,
        loss_cap_share=stated.loss_cap_share,
        opening_loss_usd=stated.opening_loss_usd,
        year=year,
        closes=~goes_on,
        is_paid=~goes_on & (over | ~is_leaf),
        opening_income_usd=stated.opening_year_income_usd,
        opening_written_off_usd=before - left,
        opening_left_usd=left,
        write_off_months=stated.write_off_months,
    )


def _book_usd(stated: TaxSection, months: Ints) -> Floats:
    """What of the opening book is not written off some months after the start, same shape."""
    further = [(one.usd, one.months) for one in stated.opening_books]
    books = [(stated.opening_book_usd, stated.opening_book_months), *further]
    return np.asarray(sum(usd * np.maximum(0.0, 1.0 - months / over) for usd, over in books))

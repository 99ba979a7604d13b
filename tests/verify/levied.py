"""The plan of `lien`, whose company pays tax: its first month closes a year, the other two are cut short."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from functools import cache

from allocator.instance.tax import compile_tax
from allocator.scenario.months import Month
from allocator.scenario.tax import Tax
from tests.verify.draft import Draft
from tests.verify.lien import lien

STATED = Tax(
    rate_share=0.25, loss_cap_share=0.5, opening_loss_usd=60e3, opening_book_usd=36e3, opening_book_months=36,
    opening_year_income_usd=50e3,
)  # fmt: skip


@cache
def _levied() -> Draft:
    plain = replace(lien(), untouched=_levied)
    plain.instance = replace(plain.instance, tax=compile_tax(STATED, plain.instance.tree, Month(2027, 12)))
    return plain


def levied() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_levied())

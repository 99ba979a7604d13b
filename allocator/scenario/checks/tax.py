"""A tax and discounting: losses are used as soon as they may be because later money is never worth more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault

RATES = ("operations_per_year", "risk_free_per_year")
"""Rates at which tax, and cash kept till it is due, are discounted."""


def discounting(context: Context) -> Iterator[Fault]:
    """Under a tax no rate is negative: a plan would gain by putting its losses off, which no tax office lets it do."""
    stated = context.draft.document.get("discount")
    if context.draft.document.get("tax") is None or not isinstance(stated, Mapping):
        return
    for name in RATES:
        rate = stated.get(name)
        if isinstance(rate, int | float) and rate < 0:
            fix = f"state {name}: 0 or more, or leave tax out"
            yield context.places.fault(("discount", name), rate, "0 or more where tax is stated", fix)

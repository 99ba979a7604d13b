"""Costs of repairs: what they name stands in the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault

BY_CONTRACT = ("dropped_contract_usd", "later_month_usd")


def contracts(context: Context) -> Iterator[Fault]:
    """Contracts that could be dropped or put off are contracts of the scenario."""
    stated = context.draft.document.get("repair_costs")
    section = stated if isinstance(stated, Mapping) else {}
    known = {name for _, name in context.draft.named("contracts")}
    expected = f"a contract of the scenario: {', '.join(sorted(known))}" if known else "no entry: there is no contract"
    for field in BY_CONTRACT:
        prices = section.get(field)
        for name in prices if isinstance(prices, Mapping) else ():
            if name not in known:
                path = ("repair_costs", field, name)
                yield context.places.fault(path, name, expected, "correct the name, or remove it")

"""Costs of repairs: what they name stands in the scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault


def contracts(context: Context) -> Iterator[Fault]:
    """Contracts that could be dropped are contracts of the scenario."""
    section = context.draft.document.get("repair_costs")
    stated = section.get("dropped_contract_usd") if isinstance(section, Mapping) else None
    known = {name for _, name in context.draft.named("contracts")}
    for name in stated if isinstance(stated, Mapping) else ():
        if name not in known:
            path = ("repair_costs", "dropped_contract_usd", name)
            yield from _unknown(context, path, str(name), known)


def _unknown(context: Context, path: tuple[str, ...], name: str, known: set[str]) -> Iterator[Fault]:
    expected = f"a contract of the scenario: {', '.join(sorted(known))}" if known else "no entry: there is no contract"
    yield context.places.fault(path, name, expected, "correct the name, or remove it")

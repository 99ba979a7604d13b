"""The edit that tells the next move what has happened, which may start again from a file that does not know it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.roll.at_node import AtNode
from allocator.roll.debt import extended, loans_over, upfront_paid
from allocator.roll.edits import Edit
from allocator.roll.hosts import noticed, over
from allocator.roll.opening import contracts_over
from allocator.scenario.scenario import Scenario


def past_edits(at: AtNode, scenario: Scenario) -> Iterator[Edit]:
    """Members that are over, postponed or paid for; nothing where there are none."""
    named = {
        "loans_over": loans_over(at, scenario),
        "loans_extended": extended(at),
        "upfront_fees_paid": upfront_paid(at),
        "contracts_over": contracts_over(at, scenario),
        "hosting_over": over(at),
    }
    stated: dict[str, Any] = {field: sorted(names) for field, names in named.items() if names}
    until = {name: str(month) for name, month in sorted(noticed(at).items())}
    stated |= {"hosting_until": until} if until else {}
    if stated:
        yield Edit(("moved_on",), stated, "what the file before may not know")

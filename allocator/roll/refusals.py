"""What of a scenario cannot be moved on exactly: each in words, so that nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.roll.at_node import AtNode
from allocator.roll.debt import debt_refusals
from allocator.roll.futures import future_refusals
from allocator.roll.hosts import host_refusals
from allocator.scenario.covenants import MinimumLiquidity
from allocator.scenario.scenario import Scenario


def refusals(at: AtNode, scenario: Scenario, months: int | None) -> list[str]:
    """One sentence for each thing in the way; empty where all of it is carried."""
    return [
        *_sections(scenario),
        *future_refusals(at, scenario),
        *debt_refusals(at, scenario),
        *host_refusals(at),
        *_shares(at),
        *_covenants(scenario),
        *_names(at, scenario),
        *_contracts(at, scenario),
        *_orders(at),
        *_payments(scenario),
        *_sample_year(at, months),
        *_positions(at, scenario),
    ]


SECTIONS = {
    "tax": "losses, income of the year and book values",
}
"""Sections whose state is not carried, and what of them would have to be."""


def _sections(scenario: Scenario) -> Iterator[str]:
    for name, what in SECTIONS.items():
        if getattr(scenario, name):
            yield f"{name}: {what} cannot be carried yet"


def _shares(at: AtNode) -> Iterator[str]:
    if at.earlier("equity")["issued_usd"].sum() > 0:
        yield "finance.equity: what new owners hold of shares sold before the start cannot be stated"


def _covenants(scenario: Scenario) -> Iterator[str]:
    for one in scenario.covenants:
        if not isinstance(one, MinimumLiquidity):
            yield f"covenants: {one.name} looks back to income of months before the start, which is not carried"


def _names(at: AtNode, scenario: Scenario) -> Iterator[str]:
    """Members that the plan knows and the scenario does not."""
    planned = at.loaded.scenario
    pairs = (
        ("hall", {hall.name for _, hall in planned.halls()}, {hall.name for _, hall in scenario.halls()}),
        ("equipment", set(planned.equipment), set(scenario.equipment)),
        ("contract", {c.name for c in planned.contracts if c.signed}, {c.name for c in scenario.contracts}),
    )
    for kind, theirs, own in pairs:
        for name in sorted(theirs - own):
            yield f"{kind} {name}: the plan knows it, and the scenario does not: state it, or plan again without it"


def _contracts(at: AtNode, scenario: Scenario) -> Iterator[str]:
    signed = set(at.earlier("contracts", "signed_node")["contract"])
    for contract in scenario.contracts:
        if contract.prepayment is not None and contract.name in signed:
            yield f"contract {contract.name}: what of its prepayment is unearned cannot be carried yet"


def _orders(at: AtNode) -> Iterator[str]:
    """Orders that arrive after the horizon are worth their refund at its end, which no later scenario can state."""
    instance, trades = at.instance, at.earlier("trades")
    for row in trades[trades["bought_units"] > 0].itertuples(index=False):
        made, model = instance.tree.name.index(str(row.node)), instance.models.names.index(str(row.model))
        if made not in set(instance.tree.ready(int(instance.models.lead_months[model]))["made"]):
            yield f"equipment {row.model}: an order of {row.node} arrives after the horizon"


def _payments(scenario: Scenario) -> Iterator[str]:
    terms = scenario.finance.payment_terms
    if terms.opening_items:
        yield "finance.payment_terms.opening_items: what is in transit at the later start is not known: clear it"


def _sample_year(at: AtNode, months: int | None) -> Iterator[str]:
    """Years beyond the horizon cost what its last twelve months do, of which some would lie before the start."""
    tree, years = at.instance.tree, at.instance.terminal.years
    end = int((tree.first_month + tree.months).max())
    sample = int(tree.first_month[tree.first_month + tree.months > end - 12].min())
    if months is None and years and sample < at.months_on:
        since = tree.calendar_month(sample)
        yield f"terminal: years beyond the horizon are priced by its months from {since}, which lie before the start"


def _positions(at: AtNode, scenario: Scenario) -> Iterator[str]:
    """Demand charges with a ratchet look back to peaks of periods, which stand by month in the opening state."""
    demand = at.instance.demand
    if len(demand.names) and np.any(at.instance.tree.months > 1) and np.any(demand.ratchet_share > 0):
        yield "demand_charges: peaks of a ratchet, where periods are longer than a month, cannot be carried yet"

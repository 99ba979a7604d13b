"""What of a scenario cannot be moved on exactly: each in words, so that nothing is dropped silently."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from allocator.roll.at_node import AtNode
from allocator.roll.debt import debt_refusals
from allocator.roll.equity import equity_refusals
from allocator.roll.hosts import host_refusals
from allocator.roll.refusal import Refusal
from allocator.roll.state import ordered_after_horizon
from allocator.scenario.chances import ChanceOfCall, ChanceOfShortfall
from allocator.scenario.loans import BtcBackedLoan
from allocator.scenario.scenario import Scenario

CERTAIN = 1e-9
"""Of a probability, below which nothing is left of it."""


def refusals(at: AtNode, scenario: Scenario, months: int | None) -> list[Refusal]:
    """One for each thing in the way; empty where all of it is carried."""
    return [
        *debt_refusals(at, scenario),
        *host_refusals(at),
        *_names(at, scenario),
        *_orders(at),
        *_payments(scenario),
        *equity_refusals(at, scenario),
        *_chances(at, scenario),
        *_sample_year(at, months),
        *_positions(at),
    ]


def _names(at: AtNode, scenario: Scenario) -> Iterator[Refusal]:
    """Members that the plan knows and the scenario does not."""
    planned = at.loaded.scenario
    pairs: Mapping[str, tuple[set[str], set[str]]] = {
        "hall": ({hall.name for _, hall in planned.halls()}, {hall.name for _, hall in scenario.halls()}),
        "equipment": (set(planned.equipment), set(scenario.equipment)),
        "contract": ({c.name for c in planned.contracts if c.signed}, {c.name for c in scenario.contracts}),
    }
    for kind, (theirs, own) in pairs.items():
        for name in sorted(theirs - own):
            words = f"{kind} {name}: the plan knows it, and the scenario does not: state it, or plan again without it"
            yield Refusal(words, "it is left out, with all that stands there")


def _orders(at: AtNode) -> Iterator[Refusal]:
    """Orders that arrive after the horizon are worth their refund at its end, which no later scenario can state."""
    for model, node in ordered_after_horizon(at):
        yield Refusal(f"equipment {model}: an order of {node} arrives after the horizon", "it is left out")


def _payments(scenario: Scenario) -> Iterator[Refusal]:
    terms = scenario.finance.payment_terms
    if terms.opening_items:
        words = "finance.payment_terms.opening_items: what is in transit at the later start is not known: clear it"
        yield Refusal(words, "the weekly view of cash begins with nothing in transit")


def _chances(at: AtNode, scenario: Scenario) -> Iterator[Refusal]:
    """What may happen in a share of all futures may happen in any share of those that are left, as the plan has it."""
    if at.instance.tree.probability[list(at.nodes)].sum() > 1.0 - CERTAIN:
        return
    loans = [loan for loan in scenario.loans if isinstance(loan, BtcBackedLoan)]
    of_cash = ("finance.minimum_cash_rule", scenario.finance.minimum_cash_rule)
    for name, rule in (of_cash, *((f"loans {loan.name}: call_rule", loan.call_rule) for loan in loans)):
        if isinstance(rule, ChanceOfShortfall | ChanceOfCall):
            words = f"{name}: its chances are shares of all futures, of which some have not come"
            yield Refusal(words, "they count from now on, as shares of the futures that may still come")


def _sample_year(at: AtNode, months: int | None) -> Iterator[Refusal]:
    """Years beyond the horizon cost what its last twelve months do, of which some would lie before the start."""
    tree, years = at.instance.tree, at.instance.terminal.years
    end = int((tree.first_month + tree.months).max())
    sample = int(tree.first_month[tree.first_month + tree.months > end - 12].min())
    if months is None and years and sample < at.months_on:
        since = tree.calendar_month(sample)
        words = f"terminal: years beyond the horizon are priced by its months from {since}, which lie before the start"
        yield Refusal(words, "they are priced by those that are left")


def _positions(at: AtNode) -> Iterator[Refusal]:
    """Demand charges with a ratchet look back to peaks of periods, which stand by month in the opening state."""
    demand = at.instance.demand
    if len(demand.names) and np.any(at.instance.tree.months > 1) and np.any(demand.ratchet_share > 0):
        words = "demand_charges: peaks of a ratchet, where periods are longer than a month, cannot be carried exactly"
        yield Refusal(words, "the peak of a period counts in each of its months")

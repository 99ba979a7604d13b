"""Edits that move what is uncertain, and what of it has become known."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.roll.at_node import AtNode
from allocator.roll.edits import Edit
from allocator.scenario.scenario import Scenario
from allocator.scenario.uncertainty import Given, Sampled


def future_edits(scenario: Scenario, ago: int) -> Iterator[Edit]:
    """Months in which things become known are counted from the new start. A sampled tree is drawn anew from there."""
    stated = scenario.uncertainty
    if isinstance(stated, Given):
        yield Edit(("uncertainty", "known_month"), stated.known_month - ago, f"{stated.known_month}, {ago} months on")
    elif isinstance(stated, Sampled):
        later = [{"month": one.month - ago, "children": one.children} for one in stated.branching if one.month > ago]
        words = "from the new start, where the tree is drawn anew"
        yield Edit(("uncertainty", "branching"), later, words)
        delay = stated.delivery_delay
        if delay is not None and delay.known_month is not None:
            yield Edit(("uncertainty", "delivery_delay", "known_month"), delay.known_month - ago, words)


def future_refusals(at: AtNode, scenario: Scenario) -> Iterator[str]:
    """What was uncertain and is known by the new start has to be stated by somebody who knows it."""
    stated, ago = scenario.uncertainty, at.month.since(scenario.horizon.start)
    if isinstance(stated, Given) and stated.known_month <= ago:
        yield "uncertainty.known_month has passed: state the future that has come, or futures of today"
    if isinstance(stated, Given) and at.instance.service.contract.size and _late(stated) and _waiting(at):
        yield "uncertainty.scenarios: delays of contracts that are signed and not served yet cannot be carried"
    if isinstance(stated, Sampled):
        if all(one.month <= ago for one in stated.branching):
            yield "uncertainty.branching: every month has passed: state when more becomes known"
        delay = stated.delivery_delay
        if delay is not None and (_waiting(at) or (delay.known_month is not None and delay.known_month <= ago)):
            yield "uncertainty.delivery_delay: a contract is signed and not served yet, or the delay is known: state it"


def _late(stated: Given) -> bool:
    return any(one.delivery_delay_months for one in stated.scenarios)


def _waiting(at: AtNode) -> bool:
    """Whether a contract is signed whose service has not begun."""
    rows = at.earlier("contracts", "signed_node")
    return bool((rows["first_service_month"] >= str(at.month)).any())

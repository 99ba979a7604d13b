"""Limits on probabilities: a rule that says `chance` says how likely."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.scenario.chances import ChanceOfCall, ChanceOfShortfall
from allocator.scenario.checks.context import Context
from allocator.scenario.faults import Fault
from allocator.scenario.loans import BtcBackedLoan
from allocator.scenario.places import Quoted
from allocator.scenario.yaml_reader import Path


def stated(context: Context) -> Iterator[Fault]:
    """At least one of both probabilities is stated."""
    for path, rule in _rules(context):
        if rule.probability_by_month is None and rule.probability_of_path is None:
            found = Quoted("kind: chance without a probability")
            fix = "add one of them, for example probability_of_path: 0.05"
            yield context.places.fault(path, found, "probability_by_month or probability_of_path", fix)


def _rules(context: Context) -> Iterator[tuple[Path, ChanceOfShortfall | ChanceOfCall]]:
    finance = context.draft.finance
    if finance is not None and isinstance(finance.minimum_cash_rule, ChanceOfShortfall):
        yield ("finance", "minimum_cash_rule"), finance.minimum_cash_rule
    for part in context.draft.loans:
        if isinstance(part.value, BtcBackedLoan) and isinstance(part.value.call_rule, ChanceOfCall):
            yield (*part.path, "call_rule"), part.value.call_rule

"""CERTIFICATE: the head of the plan: its inputs, its bound, its gap, and why the solver stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator

from allocator.plan.schema import SCHEMA_VERSION
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check


def inputs(case: Case) -> Iterator[Check]:
    """The plan was made from this scenario and these files, hours chosen as stated."""
    if case.meta is None:
        return
    meta, instance = case.meta, case.instance
    for says, found, expected in (
        ("input_hash", meta.input_hash, instance.input_hash),
        ("scenario", meta.scenario, instance.name),
        ("schema_version", meta.schema_version, SCHEMA_VERSION),
        ("hours.full", meta.hours.full, instance.hours.full),
        ("hours.representation", meta.hours.representation, instance.hours.representation),
    ):
        yield Check(says, "", (), str(found), str(expected))


def bound(case: Case) -> Iterator[Check]:
    """No plan beats the bound, this one included."""
    if case.meta is None or case.meta.bound_usd is None:
        return
    tolerance = tolerances.usd(math.fsum(case.tables["cash_flow"]["discounted_usd"].abs()))
    yield Check("bound_usd", "USD", (), case.meta.bound_usd, case.meta.objective_usd, "at_least", tolerance)


def gap(case: Case) -> Iterator[Check]:
    """The gap is the distance from objective to bound, known where the bound is."""
    if case.meta is None:
        return
    meta = case.meta
    yield Check("gap and bound are known together", "", (), meta.relative_gap is None, meta.bound_usd is None)
    if meta.bound_usd is None or meta.relative_gap is None:
        return
    expected = max(0.0, meta.bound_usd - meta.objective_usd) / max(1.0, abs(meta.objective_usd))
    yield Check("relative_gap", "", (), meta.relative_gap, expected, tolerance=tolerances.FACTOR)


def stop(case: Case) -> Iterator[Check]:
    """A plan called optimal has a proven gap no larger than the one asked for."""
    if case.meta is None or case.meta.stop_reason != "optimal":
        return
    found = math.nan if case.meta.relative_gap is None else case.meta.relative_gap
    most = case.meta.requested_gap
    yield Check("gap of a plan called optimal", "", (), found, most, "at_most", tolerances.FACTOR)


RULES: dict[str, PlanRule] = {
    "CERTIFICATE.inputs": inputs,
    "CERTIFICATE.bound": bound,
    "CERTIFICATE.gap": gap,
    "CERTIFICATE.stop": stop,
}

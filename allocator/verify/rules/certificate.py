"""CERTIFICATE: the head of the plan: its inputs, its bound, its gap, and why the solver stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from allocator.plan.schema import SCHEMA_VERSION
from allocator.verify import tolerances
from allocator.verify.case import Case, PlanRule
from allocator.verify.check import Check

USD_PER_UNIT = 1e6
"""The planning model counts money in millions, and so does its certificate."""


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
    tolerance = tolerances.limit_usd(_gross_usd(case))
    yield Check("bound_usd", "USD", (), case.meta.bound_usd, case.meta.maximised_usd, "at_least", tolerance)


def gap(case: Case) -> Iterator[Check]:
    """The gap is the distance from objective less penalties to bound, known where the bound is."""
    if case.meta is None:
        return
    meta = case.meta
    yield Check("gap and bound are known together", "", (), meta.relative_gap is None, meta.bound_usd is None)
    if meta.bound_usd is None or meta.relative_gap is None:
        return
    expected = max(0.0, meta.bound_usd - meta.maximised_usd) / max(1.0, abs(meta.maximised_usd))
    yield Check("relative_gap", "", (), meta.relative_gap, expected, tolerance=tolerances.ROUNDING)


def hours(case: Case) -> Iterator[Check]:
    """The error of thinned hours is what the same decisions are worth over every hour, less the objective."""
    if case.meta is None or case.meta.hours.full_hours_objective_usd is None:
        return
    found = math.nan if case.meta.hours.error_usd is None else case.meta.hours.error_usd
    expected = case.meta.hours.full_hours_objective_usd - case.meta.objective_usd
    yield Check("hours.error_usd", "USD", (), found, expected, tolerance=tolerances.MONEY_USD)


def stop(case: Case) -> Iterator[Check]:
    """A plan called optimal has a proven gap no larger than the one asked for."""
    if case.meta is None or case.meta.stop_reason != "optimal":
        return
    found = math.nan if case.meta.relative_gap is None else case.meta.relative_gap
    most = case.meta.requested_gap
    yield Check("gap of a plan called optimal", "", (), found, most, "at_most", tolerances.ROUNDING)


def document(case: Case) -> Iterator[Check]:
    """certificate.json tells of the same solve: what its engine found and proved, in the model's millions."""
    if case.meta is None or case.certificate is None:
        return
    meta, slack = case.meta, tolerances.limit_usd(_gross_usd(case))
    found, bound, safe = (_usd(case.certificate, key) for key in ("objective", "bound", "safe_bound"))
    yield Check("engine", "", (), str(case.certificate.get("engine")), meta.backend)
    yield Check("a bound is known here and in plan.json", "", (), bound is not None, meta.bound_usd is not None)
    if found is not None:
        yield Check(
            "objective of the plan settled on the engine's point",
            "USD",
            (),
            meta.maximised_usd,
            found,
            "at_least",
            slack,
        )
    if bound is not None and meta.bound_usd is not None:
        expected = max(bound, meta.maximised_usd)
        yield Check("bound_usd", "USD", (), meta.bound_usd, expected, tolerance=tolerances.usd(expected))
    if safe is not None:
        yield Check("bound safe from tolerances", "USD", (), safe, meta.maximised_usd, "at_least", slack)
    if found is not None and bound is not None:
        yield from _gap_of(case.certificate, found, bound)


RULES: dict[str, PlanRule] = {
    "CERTIFICATE.inputs": inputs,
    "CERTIFICATE.bound": bound,
    "CERTIFICATE.gap": gap,
    "CERTIFICATE.hours": hours,
    "CERTIFICATE.stop": stop,
    "CERTIFICATE.document": document,
}


def _gross_usd(case: Case) -> float:
    """Sum of all discounted flows, gains and losses, and of the penalties."""
    penalty = 0.0 if case.meta is None else case.meta.penalty_usd
    return math.fsum([*case.tables["cash_flow"]["discounted_usd"].abs(), penalty])


def _usd(certificate: Mapping[str, object], key: str) -> float | None:
    value = certificate.get(key)
    return None if value is None else float(str(value)) * USD_PER_UNIT


def _gap_of(certificate: Mapping[str, object], found: float, bound: float) -> Iterator[Check]:
    stated = certificate.get("relative_gap")
    expected = abs(bound - found) / max(1e-9 * USD_PER_UNIT, abs(found))
    gap = math.nan if stated is None else float(str(stated))
    yield Check("relative_gap of the engine", "", (), gap, expected, tolerance=tolerances.ROUNDING)

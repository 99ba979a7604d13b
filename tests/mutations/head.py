"""Faults of the CERTIFICATE family: the head of the plan and its evidence."""

from __future__ import annotations

from dataclasses import replace

from tests.mutations.mutation import Mutation, Spoil
from tests.verify.draft import Draft


def _head(**fields: object) -> Spoil:
    return lambda draft: draft.head.update(fields)


def _bound(above: float) -> Spoil:
    """A bound that far above the objective, and the gap that follows."""

    def spoil(draft: Draft) -> None:
        objective = draft.meta(draft.frames()[0]).objective_usd
        gap = max(0.0, above) / max(1.0, abs(objective))
        draft.head.update(bound_usd=objective + above, relative_gap=gap)

    return spoil


def _gap(field: str, above: float) -> Spoil:
    """A field of the head that far above the gap."""
    return lambda draft: draft.head.update({field: draft.meta(draft.frames()[0]).relative_gap + above})


def _hours(**fields: object) -> Spoil:
    def spoil(draft: Draft) -> None:
        draft.head.update(hours=replace(draft.meta(draft.frames()[0]).hours, **fields))

    return spoil


def _certified(**fields: object) -> Spoil:
    """certificate.json of the engine's point, in millions, but for some fields."""

    def spoil(draft: Draft) -> None:
        meta = draft.meta(draft.frames()[0])
        found, bound = meta.objective_usd / 1e6, (meta.objective_usd + 1000.0) / 1e6
        gap = abs(bound - found) / abs(found)
        good = {"engine": "highs", "objective": found, "bound": bound, "relative_gap": gap, "safe_bound": bound}
        other = {key: value(good) if callable(value) else value for key, value in fields.items()}
        draft.certificate = {**good, **other}

    return spoil


MUTATIONS = [
    Mutation("CERTIFICATE.inputs", "the plan was made from other inputs", _head(input_hash="1" * 64)),
    Mutation("CERTIFICATE.inputs", "the plan was made from another scenario", _head(scenario="other")),
    Mutation("CERTIFICATE.inputs", "the plan has another schema", _head(schema_version=99)),
    Mutation("CERTIFICATE.inputs", "the plan has other hours", _hours(full=False)),
    Mutation("CERTIFICATE.inputs", "the plan has hours chosen otherwise", _hours(representation="by lot")),
    Mutation("CERTIFICATE.bound", "the plan beats its bound", _bound(-500.0), amount=500.0),
    Mutation(
        "CERTIFICATE.gap",
        "the gap is not that of objective and bound",
        _gap("relative_gap", above=-1e-4),
        amount=1e-4,
    ),
    Mutation("CERTIFICATE.gap", "a gap is stated with no bound", _head(bound_usd=None)),
    Mutation(
        "CERTIFICATE.hours",
        "the error of thinned hours is not theirs",
        lambda draft: _hours(
            full_hours_objective_usd=draft.meta(draft.frames()[0]).objective_usd - 700.0, error_usd=-650.0
        )(draft),
        amount=50.0,
    ),
    Mutation(
        "CERTIFICATE.stop",
        "a plan is called optimal with a gap too large",
        _gap("requested_gap", above=-1e-4),
        amount=1e-4,
    ),
    Mutation(
        "CERTIFICATE.stop",
        "a plan is called optimal with no bound",
        _head(bound_usd=None, relative_gap=None),
        amount=float("nan"),
    ),
    Mutation("CERTIFICATE.document", "another engine is certified", _certified(engine="scip")),
    Mutation(
        "CERTIFICATE.document",
        "the engine found better than the plan",
        _certified(
            objective=lambda good: good["objective"] + 2e-4,
            relative_gap=lambda good: 0.0,
            bound=lambda good: good["bound"],
        ),
        amount=200.0,
        count=2,
    ),
    Mutation(
        "CERTIFICATE.document",
        "another bound is certified",
        _certified(bound=lambda good: good["bound"] + 0.5, relative_gap=lambda good: (0.501) / abs(good["objective"])),
        amount=500_000.0,
    ),
    Mutation("CERTIFICATE.document", "no bound is certified", _certified(bound=None)),
    Mutation(
        "CERTIFICATE.document",
        "the plan beats the safe bound",
        _certified(safe_bound=lambda good: good["objective"] - 0.2),
        amount=200_000.0,
    ),
    Mutation(
        "CERTIFICATE.document",
        "another gap is certified",
        _certified(relative_gap=lambda good: good["relative_gap"] + 0.25),
        amount=0.25,
    ),
]

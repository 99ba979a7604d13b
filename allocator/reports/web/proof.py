"""How sure a plan is, what must not be overlooked, and what made it: sentences of its head."""

from __future__ import annotations

from collections.abc import Iterator

from allocator.plan.meta import PlanMeta
from allocator.plan.summary import LEAST_SHORT_USD
from allocator.reports.words import SPACE, written

CENT_USD = 0.005
VERIFIED = "Every rule and every dollar was derived again from the tables, by code that shares nothing with the model."

LEAST_GAP_SHARE = 1e-5


def gap_words(share: float | None) -> str:
    """A proven gap: none is ever shown as nothing, since numbers of an engine are rounded."""
    if share is None:
        return "unknown"
    return f"under {100 * LEAST_GAP_SHARE:g}{SPACE}%" if share < LEAST_GAP_SHARE else written(share, "share")


def surety(meta: PlanMeta) -> Iterator[str]:
    """Bound, gap, weight of the worst paths, verification, hours."""
    worth = _usd(meta.maximised_usd)
    if meta.bound_usd is None:
        yield "No bound is known: better plans may exist."
    else:
        gap = gap_words(meta.relative_gap)
        yield f"No plan can be worth more than {_usd(meta.bound_usd)}; this one is worth {worth}: proven gap {gap}."
    if meta.mean_of_worst_usd is not None:
        mean, worst = (written(share, "share") for share in (1.0 - meta.tail_weight, meta.tail_weight))
        yield f"Plans are ranked by {mean} of the expected value and {worst} of the mean of the worst paths: {worth}."
    if meta.nested_value_usd is not None:
        words = "With the worst children of every branching weighing, seen from their node, the plan is worth"
        yield f"{words} {_usd(meta.nested_value_usd)}."
    yield VERIFIED if meta.verified else "The plan was not verified."
    ways = ", ".join(f"{count:,} {_way(way)}" for way, count in meta.dispatch.items())
    yield f"Hours: {meta.hours.representation}; sites and periods dispatched: {ways}."
    error, full = meta.hours.error_usd, meta.hours.full_hours_objective_usd
    if error is not None and full is not None:
        apart = f"{_usd(abs(error))} {'less' if error < 0 else 'more'}" if abs(error) >= CENT_USD else "the same"
        yield f"The same decisions over every hour are worth {_usd(full)}, {apart}."


def warnings(meta: PlanMeta) -> Iterator[str]:
    """What a reader must see before anything else."""
    if not meta.verified:
        yield "Not verified: do not act on this plan."
    if not meta.within_gap:
        yield "The gap that was asked for is not reached: this is the best plan found, better ones may exist."
    if meta.penalty_usd >= LEAST_SHORT_USD:
        yield f"Limits are broken: {_usd(meta.penalty_usd)} of penalties, which are no part of the value."


def _usd(value: float) -> str:
    return written(value, "USD")


def _way(way: str) -> str:
    return "in closed form" if way == "merit_order" else "by " + way.replace("_", " ")


def facts(meta: PlanMeta) -> tuple[tuple[str, str], ...]:
    """What made a plan."""
    versions = ", ".join(f"{name} {version}" for name, version in meta.versions.items())
    seed = (("seed", str(meta.seed)),) if meta.seed is not None else ()
    return (
        ("hash of the inputs", meta.input_hash),
        ("method", f"{meta.method}, engine {meta.backend}"),
        *seed,
        ("stopped", meta.stop_reason + (f" at the {meta.limit} limit" if meta.limit else "")),
        ("versions", versions),
    )

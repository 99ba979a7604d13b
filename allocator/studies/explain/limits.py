"""What one more unit of each limit is worth once every whole decision of a plan is held, and with decisions free again.

With decisions held (`held.py`) a limit is raised by a small step in every hour of every node: the difference of the
value over the step is the one-sided marginal value. Within the horizon a MW is counted per year; beyond it, in all. The
limit is given, at no cost: what a MW of it costs to build stands against it.

With decisions free, the whole scenario is solved again with the limit raised by a whole unit, and lead times a month
shorter; that value knows which other decisions it makes possible, and is known within the gaps of both solves. Of a
plan that keeps to a baseline it is the value to plans that keep to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from allocator.instance.types import Instance
from allocator.pipeline.baselines import Restrict, unrestricted
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.solve import answered
from allocator.studies.compared import Compared
from allocator.studies.explain.held import Held
from allocator.studies.explain.raisable import MW, STEP, WHOLE, Raisable, raisable


@dataclass(frozen=True)
class Worth:
    """Value of one more unit of a limit.

    Attributes:
        held_per_year_usd: of a MW, decisions held, of a year within the horizon; None for other units.
        held_beyond_usd: of a MW, the same beyond the horizon, in all.
        held_usd: decisions held, what plans are ranked by; None for limits that only decisions use.
        free_usd: decisions free, what plans are ranked by; None where that was not solved.
        free_within_usd: how far that may lie from the truth, by the gaps of the solves.
    """

    subject: str
    quantity: str
    unit: str
    held_per_year_usd: float | None
    held_beyond_usd: float | None
    held_usd: float | None
    free_usd: float | None = None
    free_within_usd: float | None = None


@dataclass(frozen=True)
class Bracket:
    """Value of the best plan: that of one, and what none can exceed, USD."""

    objective_usd: float
    bound_usd: float

    def less(self, other: Bracket, per: float = 1.0) -> tuple[float, float]:
        """(difference over an amount, how far it may lie from the truth)."""
        within = max(self.bound_usd - self.objective_usd, other.bound_usd - other.objective_usd)
        return (self.objective_usd - other.objective_usd) / per, max(0.0, within) / per


def worths(one: Compared, held: Held, free: Free | None) -> Iterator[Worth]:
    """Of every limit that may be raised, in the order of sites, halls, money, loans and lead times."""
    for limit in raisable(one):
        per_year, beyond, ranked = _held(held, limit) if limit.counts_held else (None, None, None)
        found, within = free.worth(limit) if free is not None else (None, None)
        yield Worth(limit.subject, limit.quantity, limit.unit, per_year, beyond, ranked, found, within)


def _held(held: Held, limit: Raisable) -> tuple[float | None, float | None, float]:
    step = STEP[limit.unit]
    raised = limit.raised(held.instance, step)
    if limit.unit != MW:
        return None, None, (held.value_usd(raised, held.point) - held.ranked_usd) / step
    gained = held.gained(raised, limit.sites, step)
    return gained.within_usd / held.instance.tree.horizon_years, gained.beyond_usd, gained.ranked_usd


class Free:
    """The best plans of the scenario of a plan where something about it changed, by its rule if it keeps to one."""

    def __init__(self, one: Compared, request: SolveRequest, on_event: OnEvent = ignore) -> None:
        self._one, self._watch = one, Stopwatch(on_event)
        self._request = replace(request, explains=False, start=one.plan)
        self.base = self._known() or self.best(one.instance)

    def worth(self, limit: Raisable) -> tuple[float, float]:
        """(USD per unit, how far it may lie from the truth), the difference over a whole unit."""
        whole = WHOLE[limit.unit]
        return self.best(limit.raised(self._one.instance, whole)).less(self.base, whole)

    def best(self, instance: Instance, besides: Restrict = unrestricted) -> Bracket:
        """The best plan of a changed instance, with more decisions held; PipelineError where there is none."""
        answer = answered(besides(self._one.ruled(instance)), self._request, self._watch)
        if answer.was_interrupted:
            raise KeyboardInterrupt
        assert answer.objective_usd is not None
        return Bracket(answer.objective_usd, answer.bound_usd)

    def _known(self) -> Bracket | None:
        """The plan itself, if its gap is as small as what is asked for."""
        meta = self._one.plan.meta
        if meta.bound_usd is None or meta.relative_gap is None or meta.relative_gap > self._request.relative_gap:
            return None
        return Bracket(meta.maximised_usd, meta.bound_usd)

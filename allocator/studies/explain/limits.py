"""What one more unit of each limit is worth once every whole decision of a plan is held, and with decisions free again.

With decisions held, the hours are dispatched again, the years beyond the horizon filled again and cash and Bitcoin
managed again, with the limit raised by a small step in every hour of every node: the difference of the value over the
step is the one-sided marginal value. Within the horizon it is counted per year; beyond it, in all. The limit is given,
at no cost: what a MW of it costs to build stands against it.

With decisions free, the whole scenario is solved again with the limit raised by a whole unit; that value includes what
other decisions it makes possible, and is known within the gaps of both solves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from allocator.instance.tree import Floats
from allocator.instance.types import Instance
from allocator.pipeline.method import SolveRequest
from allocator.pipeline.progress import OnEvent, Stopwatch, ignore
from allocator.pipeline.settle import settle
from allocator.pipeline.solve import answered
from allocator.pipeline.start import decided_by
from allocator.plan.extract import extract_tables
from allocator.plan.frames import empty
from allocator.plan.schema import TABLES
from allocator.planning.point import PlanPoint
from allocator.studies.compared import Compared

STEP_MW = 0.1
WHOLE_MW = 1.0
WHOLE_USD = 1e6
Raised = Callable[[Instance, float], Instance]
"""The instance with a limit raised by an amount, in the unit of the limit."""


@dataclass(frozen=True)
class Raisable:
    """A limit that may be raised: of what, in words, and how; `whole` is the unit with decisions free."""

    subject: str
    quantity: str
    unit: str
    whole: float
    raised: Raised


@dataclass(frozen=True)
class Worth:
    """Value of one more unit of a limit.

    Attributes:
        held_per_year_usd: decisions held, of a year within the horizon; None for limits that only decisions use.
        held_beyond_usd: the same beyond the horizon, in all.
        free_usd: decisions free, in all; None where that was not solved.
    """

    subject: str
    quantity: str
    unit: str
    held_per_year_usd: float | None
    held_beyond_usd: float | None
    free_usd: float | None = None


def raisable(one: Compared) -> list[Raisable]:
    """Limits of sites, of halls in a fit-out the plan ever has, and of capital."""
    instance, tables = one.instance, one.plan.tables
    found = [
        Raisable(name, "site_power", "MW", WHOLE_MW, _site(site))
        for site, name in enumerate(instance.sites.names)
        if name not in instance.hosting.names
    ]
    used = dict.fromkeys(tables["halls"]["hall"] + "/" + tables["halls"]["fit_out"])
    for bay, name in enumerate(instance.bays.names):
        if name in used and bay not in instance.hosting.bay and instance.bays.it_limit_mw[bay] > 0:
            found += [Raisable(name, kind, "MW", WHOLE_MW, made(bay)) for kind, made in _OF_BAYS.items()]
    if math.isfinite(instance.finance.capex_budget_usd):
        found.append(Raisable("company", "capex_budget", "USD", WHOLE_USD, _budget))
    return [limit for limit in found if _binds_ever(instance, limit)]


def _binds_ever(instance: Instance, limit: Raisable) -> bool:
    """Whether raising it changes anything: a limit that is not stated is infinite."""
    return limit.raised(instance, 1.0) is not instance


def _site(site: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        limit = _more(instance.sites.power_limit_mw, site, by)
        return replace(instance, sites=replace(instance.sites, power_limit_mw=limit))

    return raised


def _hall(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        return replace(instance, bays=replace(instance.bays, it_limit_mw=_more(instance.bays.it_limit_mw, bay, by)))

    return raised


def _air(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        bays, hours = instance.bays, instance.hours
        limits = _more_of_bay(instance, hours.air_limit_mw, bay, by)
        if limits is None:
            return instance
        promised = _more(bays.firm_air_limit_mw, bay, by)
        return replace(
            instance, bays=replace(bays, firm_air_limit_mw=promised), hours=replace(hours, air_limit_mw=limits)
        )

    return raised


def _liquid(bay: int) -> Raised:
    def raised(instance: Instance, by: float) -> Instance:
        bays, hours = instance.bays, instance.hours
        limits = _more_of_bay(instance, hours.liquid_limit_mw, bay, by)
        if limits is None:
            return instance
        promised = _more(bays.firm_liquid_limit_mw, bay, by)
        return replace(
            instance, bays=replace(bays, firm_liquid_limit_mw=promised), hours=replace(hours, liquid_limit_mw=limits)
        )

    return raised


def _budget(instance: Instance, by: float) -> Instance:
    finance = instance.finance
    return replace(instance, finance=replace(finance, capex_budget_usd=finance.capex_budget_usd + by))


_OF_BAYS: dict[str, Callable[[int], Raised]] = {"hall_it": _hall, "cooling_air": _air, "cooling_liquid": _liquid}


def _more(values: Floats, position: int, by: float) -> Floats:
    raised = values.copy()
    raised[position] += by
    return raised


def _more_of_bay(instance: Instance, limits: tuple[Floats, ...], bay: int, by: float) -> tuple[Floats, ...] | None:
    """Hourly limits of all sites with those of one bay raised; None where it has none, or no such loop."""
    site = int(instance.bays.site[bay])
    local = bay - int(np.argmax(instance.bays.site == site))
    own = limits[site][local]
    if not np.isfinite(own).all() or not own.any():
        return None
    return tuple(_more(of_site, local, by) if k == site else of_site for k, of_site in enumerate(limits))


def worths(one: Compared, request: SolveRequest, free: bool, on_event: OnEvent = ignore) -> Iterator[Worth]:
    """Of every limit that may be raised, in the order of sites, halls and capital.

    Raises:
        PipelineError: the plan's decisions, held, leave no plan.
    """
    watch = Stopwatch(on_event)
    held = Held(one, request, watch)
    best = _best(one.instance, request, watch) if free else 0.0
    for limit in raisable(one):
        per_year, beyond = (None, None) if limit.unit == "USD" else held.worth(limit)
        more = _best(limit.raised(one.instance, limit.whole), request, watch) - best if free else None
        yield Worth(
            limit.subject, limit.quantity, limit.unit, per_year, beyond, None if more is None else more / limit.whole
        )


class Held:
    """A plan with its whole decisions held, to be valued at limits that are raised."""

    def __init__(self, one: Compared, request: SolveRequest, watch: Stopwatch) -> None:
        self._instance = replace(one.instance, decided=decided_by(one.instance, one.plan.tables))
        answer = answered(self._instance, replace(request, relative_gap=0.0), watch)
        assert answer.x is not None
        self.point: PlanPoint = answer.planning.point(answer.x)
        self._base = self._value(self._instance)

    def worth(self, limit: Raisable, step: float = STEP_MW) -> tuple[float, float]:
        """(USD per unit and year within the horizon, USD per unit beyond it), each the difference over a step."""
        within, beyond = self._value(limit.raised(self._instance, step))
        per_step = (within - self._base[0]) / step, (beyond - self._base[1]) / step
        return per_step[0] / self._instance.tree.horizon_years, per_step[1]

    def _value(self, instance: Instance) -> tuple[float, float]:
        """Value within the horizon and beyond it, USD."""
        flow = extract_tables(settle(instance, self.point).settled, {}, empty(TABLES["marginal_values"]))["cash_flow"]
        inside = flow["when"] == "period"
        return math.fsum(flow.loc[inside, "discounted_usd"]), math.fsum(flow.loc[~inside, "discounted_usd"])


def _best(instance: Instance, request: SolveRequest, watch: Stopwatch) -> float:
    answer = answered(instance, request, watch)
    assert answer.objective_usd is not None
    return answer.objective_usd

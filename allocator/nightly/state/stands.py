"""How each site of a plan stands when its week begins: machines, allowances of the month, and what is ordered.

The hours of a schedule are held to it before a week is decided and after.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from allocator.instance.types import Instance
from allocator.nightly.bound import Bounded, bounded
from allocator.nightly.schedule import Schedule
from allocator.nightly.state.actual import Actual
from allocator.nightly.state.allowances import with_allowances
from allocator.nightly.state.opening import opening, standing
from allocator.nightly.state.orders import Order, ordered
from allocator.nightly.week import OpeningOf
from allocator.plan.plan import Plan
from allocator.week.interface import Opening, Structure


def opening_of(plan: Plan, instance: Instance, zone: str, actual: Actual, orders: Sequence[Order]) -> OpeningOf:
    """By the structure of a site's week; `zone` is that of the scenario's months."""
    fleets = plan.tables["fleets"]

    def of(own: Structure) -> Opening:
        machines = opening(own, actual, standing(fleets, own.parts[0].node))
        return ordered(own, with_allowances(machines, own, instance, actual, zone), orders)

    return of


@dataclass(frozen=True)
class Standing:
    """How sites stand, and what holds hours to that; nothing does where nothing is known or ordered."""

    opening_of: OpeningOf
    bound: Callable[[Schedule], Bounded]


def standing_of(
    plan: Plan, instance: Instance, zone: str, as_of: datetime, actual: Actual | None, orders: Sequence[Order]
) -> Standing:  # fmt: skip
    """Of a state, None where none is known, and of orders."""
    stands = opening_of(plan, instance, zone, actual or Actual(as_of), orders)

    def bound(hours: Schedule) -> Bounded:
        if actual is None and not orders:
            return Bounded(hours)
        return bounded(hours, instance, plan, stands, orders)

    return Standing(stands, bound)

"""How each site of a plan stands when its week begins: machines, allowances of the month, and what is ordered."""

from __future__ import annotations

from collections.abc import Sequence

from allocator.instance.types import Instance
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

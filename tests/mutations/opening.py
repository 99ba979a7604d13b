"""Faults of what was decided before the start and goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allocator.instance.opening import NOTHING_DECIDED
from tests.mutations.contracts import TENANT
from tests.mutations.halls import BARN_GPU, DOCK_GPU, YARD_GPU
from tests.mutations.mutation import Mutation, Spoil
from tests.verify.draft import Draft


def _tenant(served_months: int, tranches: list[int]) -> Spoil:
    """The tenant was signed before the start, its tranches standing in the barn and the dock."""
    where = {"contract": [TENANT, TENANT], "bay": [BARN_GPU, DOCK_GPU], "tranches": tranches}
    return _judged(signed=[TENANT], served_months=[served_months], **where)


def _judged(**opening: object) -> Spoil:
    """Judge the plan against an instance in which something was decided before the start."""

    def spoil(draft: Draft) -> None:
        columns = {
            name: np.asarray(values, dtype=getattr(NOTHING_DECIDED, name).dtype) for name, values in opening.items()
        }
        draft.judged_by = replace(draft.instance, opening=replace(NOTHING_DECIDED, **columns))

    return spoil


MUTATIONS = [
    Mutation(
        "HALL.under_way",
        "a conversion that was under way is given up",
        _judged(under_way=[YARD_GPU]),
        place={"hall": "yard", "fit_out": "gpu", "node": "2027-01"},
    ),
    Mutation(
        "FLEET.lead_time",
        "machines that were on order do not arrive",
        _judged(model=[0], month=[2], units=[40.0]),
        place={"node": "2027-03"},
        amount=40.0,
    ),
    Mutation(
        "CONTRACT.allowed",
        "a tranche of a tenant of before the start stands elsewhere",
        _judged(
            signed=[TENANT], served_months=[0], contract=[TENANT, TENANT], bay=[BARN_GPU, DOCK_GPU], tranches=[2, 0]
        ),
        place={"contract": "tenant", "hall": "dock"},
    ),
    Mutation(
        "CONTRACT.record",
        "a tenant of before the start states another month of service",
        _judged(
            signed=[TENANT], served_months=[5], contract=[TENANT, TENANT], bay=[BARN_GPU, DOCK_GPU], tranches=[1, 1]
        ),
        place={"contract": "tenant"},
    ),
]

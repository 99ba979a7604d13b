"""A plan made by hand whose site is charged for its draw at peaks of the system."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from allocator.pipeline.settle import settle
from tests.instance.coincident import with_coincident
from tests.plan.factory import still_point
from tests.verify.billed import plain_instance
from tests.verify.draft import Draft


@cache
def _charged() -> Draft:
    instance = with_coincident(plain_instance(), usd_per_mw=4800.0, opening_usd=700.0)
    settled = settle(instance, still_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), untouched=_charged)


def charged() -> Draft:
    """A fresh draft of the plan; it verifies as it stands: 3 MW run in all steps but the second month's."""
    return deepcopy(_charged())

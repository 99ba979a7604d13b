"""A plan on a tree that branches twice, whose risk is nested: `tests.planning.test_nested_risk` works it out."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from allocator.pipeline.settle import settle
from tests.plan.factory import still_point
from tests.planning.test_nested_risk import CHILDREN, company
from tests.verify.draft import Draft


@cache
def _nested() -> Draft:
    instance = company(CHILDREN)
    settled = settle(instance, still_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), _nested)


def nested() -> Draft:
    """A fresh draft of the plan, in which nothing is ordered; it verifies as it stands."""
    return deepcopy(_nested())

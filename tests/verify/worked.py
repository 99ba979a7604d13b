"""A plan made by hand whose machines do deferrable work beside what they are rented for."""

from __future__ import annotations

from copy import deepcopy
from functools import cache

from allocator.instance.types import Instance
from allocator.pipeline.settle import settle
from tests.instance.factory import BaySpec, HallSpec, ModelSpec, StepSpec, tiny_instance
from tests.instance.jobs import JobSpec, with_jobs
from tests.plan.factory import still_point
from tests.verify.draft import Draft


def worked_instance() -> Instance:
    """3 MW that rent for 90 USD/MWh; two months of twenty days at 40 and ten at 200 USD/MWh; 1,000 MWh of work a month.

    It pays 80 and costs 30 where it is not done, 2 MW at a time: 960 MWh on the cheap days, and none on the dear ones.
    """
    hall = HallSpec("hall", [BaySpec("gpu", "liquid_gpu", 5.0)])
    rack = ModelSpec("rack", {"liquid_gpu": 0.1}, [StepSpec(1.0, 90.0)], opening={"hall": 3}, gpus=64.0)
    price = [[[40.0, 40.0, 200.0]] * 2]
    plain = tiny_instance(nodes=2, steps=3, step_hours=240.0, halls=[hall], models=[rack], price=price)
    return with_jobs(plain, [JobSpec("train", 1000.0, 80.0, 30.0, most_mw=2.0)])


@cache
def _worked() -> Draft:
    instance = worked_instance()
    settled = settle(instance, still_point(instance)).settled
    return Draft(instance, settled.point, dict(settled.schedules), untouched=_worked)


def worked() -> Draft:
    """A fresh draft of the plan; it verifies as it stands."""
    return deepcopy(_worked())

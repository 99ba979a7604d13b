"""Hours worked out by others: the plan is that of one process to the last byte, whoever dies meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
from dataclasses import replace

import numpy as np
import pytest

from allocator.decomposition import staff
from allocator.decomposition.benders import solve_decomposed
from allocator.decomposition.rounds import Decomposed, Round
from allocator.decomposition.site_hours import Answer, Batch, Price, SiteHours
from allocator.decomposition.staff import suited
from allocator.dispatch.interface import Capacity
from allocator.instance.types import Instance
from allocator.work.errors import WorkersLostError
from allocator.work.executors import Staff, here, processes
from tests.decomposition.solving import OPTIONS
from tests.reference.cases import awkward, chain
from tests.work.stand_in import deadly


@pytest.fixture(scope="module")
def instance() -> Instance:
    """Twelve site-nodes, all but one of which need the linear program."""
    return awkward(chain(133), 133)


@pytest.fixture(scope="module")
def serial(instance: Instance) -> Decomposed:
    return solve_decomposed(instance, replace(OPTIONS, staff=here))


def said(found: Decomposed) -> tuple[object, ...]:
    """All that a decomposition says, but for seconds."""
    assert found.x is not None
    log = [replace(line, seconds=0.0) for line in found.rounds]
    return found.x.tobytes(), found.objective_musd, found.bound_musd, found.reason, found.methods, log


def test_two_processes_of_which_one_is_killed_give_the_plan_of_one(instance: Instance, serial: Decomposed) -> None:
    killed = list[int]()

    def kill_one(now: Round) -> None:
        if now.number == 2:
            killed.append(multiprocessing.active_children()[0].pid or 0)
            os.kill(killed[0], signal.SIGKILL)

    found = solve_decomposed(instance, replace(OPTIONS, staff=processes(2)), kill_one)
    assert killed
    assert said(found) == said(serial)


def test_an_answer_depends_on_the_question_alone(instance: Instance) -> None:
    """Also of a linear program: not on what was solved before it, nor on how its start came here."""
    used, fresh = SiteHours(instance), SiteHours(instance)
    k, rng = int(np.flatnonzero(used.linear)[0]), np.random.default_rng(1)
    one, start = used.of(k).here, None
    for _ in range(4):
        capacity = replace(_nothing(used, k), segment_mw=rng.uniform(0.0, 2.0, one.segments))
        batch = Batch(0, (k,), (Price(capacity, np.nan, start),))
        answers = [told(hours, batch) for hours in (used, fresh)]
        assert digits(answers[0]) == digits(answers[1])
        start, fresh = answers[0].start, pickle.loads(pickle.dumps(fresh))


def told(hours: SiteHours, batch: Batch) -> Answer:
    ((_, answer),) = hours(pickle.loads(pickle.dumps(batch)))
    return answer


def digits(answer: Answer) -> tuple[object, ...]:
    cut = answer.cut
    slopes = cut.fitted_usd, cut.firm_usd_per_mw, cut.segment_usd_per_mw
    return answer.margin_usd, cut.intercept_usd, *(slope.tobytes() for slope in slopes), pickle.dumps(answer.start)


def _nothing(hours: SiteHours, k: int) -> Capacity:
    here = hours.of(k).here
    return Capacity(np.ones(here.bays), np.zeros(here.tenancies), np.zeros(here.segments))


@pytest.mark.parametrize(("count", "enough", "spawned"), [(2, 11, []), (3, 11, [3]), (3, 12, [])])
def test_processes_are_for_many_linear_programs_and_more_than_two_workers(
    instance: Instance, monkeypatch: pytest.MonkeyPatch, count: int, enough: int, spawned: list[int]
) -> None:
    asked = list[int]()

    def recorded(count: int) -> Staff:
        asked.append(count)
        return here

    monkeypatch.setattr(staff, "processes", recorded)
    monkeypatch.setattr(staff, "ENOUGH_LINEAR", enough)
    with suited(count)(SiteHours(instance)):
        assert asked == spawned


def test_hours_that_kill_whoever_works_them_out_end_the_run(instance: Instance) -> None:
    with pytest.raises(WorkersLostError, match="the hours of site0 died 3 times"):
        solve_decomposed(instance, replace(OPTIONS, staff=deadly))

"""WORK: deferrable work is done by machines that run and may do it, within what is owed, and where it pays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from allocator.instance.tree import Floats
from allocator.verify import tolerances
from allocator.verify.case import Case, HourCase, HourRule, PlanRule
from allocator.verify.check import Check, rows
from allocator.verify.lines_period import work_penalty_usd


def running(case: HourCase) -> Iterator[Check]:
    """What works runs, on one thing at a time."""
    tolerance, axes = tolerances.limit_mw(case.load_mw), (case.segments, case.utc)
    found = case.work_mw.sum(axis=0)
    yield Check("load at work", "MW", axes, found, case.load_mw, "at_most", tolerance, worst_of="hours")


def most(case: HourCase) -> Iterator[Check]:
    """No more works at once than the work lets run."""
    if case.hours.jobs is not None:
        limit, axes = case.hours.jobs.most_mw[:, None], (case.jobs, case.utc)
        tolerance = tolerances.limit_mw(limit)
        yield Check("at work", "MW", axes, case.work_mw.sum(axis=1), limit, "at_most", tolerance, worst_of="hours")


def allowed(case: HourCase) -> Iterator[Check]:
    """Work is done by machines that may do it, and is not negative."""
    loads = case.tables["worked_loads"]
    stray = loads.where(case.axes.segment_of(loads) < 0)
    at = rows(stray, "job", "hall", "fit_out", "model", "step", "utc")
    yield Check("work of machines that cannot stand there", "MW", at, stray.numbers("work_mw"), 0)
    if case.hours.jobs is not None:
        axes, may = (case.jobs, case.segments, case.utc), case.hours.jobs.qualifies[:, :, None]
        unfit = np.where(may, np.maximum(-case.work_mw, 0.0), np.abs(case.work_mw))
        yield Check("work that may not be done there", "MW", axes, unfit, 0, "at_most", worst_of="hours")


def at_a_loss(case: HourCase) -> Iterator[Check]:
    """No machine works for less than its rent."""
    lost = np.maximum(-_gain(case), 0.0)[:, :, None] * case.work_mw * case.hours.weight_h
    axes, floor = (case.jobs, case.segments, case.utc), tolerances.MONEY_USD
    yield Check("lost by working", "USD", axes, lost, 0.0, "at_most", floor, worst_of="hours")


def left_undone(case: HourCase) -> Iterator[Check]:
    """No machine is rented out for less than work still to be done would pay."""
    owed, hours = case.hours.jobs, case.hours
    if owed is None:
        return
    at_work = case.work_mw.sum(axis=1)
    undone = np.maximum(owed.work_mwh - at_work @ hours.weight_h, 0.0)
    undone = np.where(undone > tolerances.limit_mwh(owed.work_mwh), undone, 0.0)
    room = np.minimum(case.load_mw - case.work_mw.sum(axis=0), (owed.most_mw[:, None] - at_work)[:, None, :])
    room = np.minimum(room, (undone[:, None] / hours.weight_h)[:, None, :])
    room = np.where(owed.qualifies[:, :, None] & (room > 10 * tolerances.POWER_MW), room, 0.0)
    left = np.maximum(_gain(case), 0.0)[:, :, None] * room * hours.weight_h
    axes, floor = (case.jobs, case.segments, case.utc), tolerances.MONEY_USD
    yield Check("left by not working", "USD", axes, left, 0.0, "at_most", floor, worst_of="hours")


def volume(case: Case) -> Iterator[Check]:
    """No more is done in a node than is owed."""
    owed, axes = _owed(case), (case.axes.jobs, case.axes.nodes)
    done, tolerance = case.energy.worked.done_mwh, tolerances.limit_mwh(owed)
    yield Check("work done", "MWh", axes, done, owed, "at_most", tolerance)


def table(case: Case) -> Iterator[Check]:
    """Work, its pay, the rent it displaces and its penalty repeat the hours."""
    frame, jobs, worked = case.tables["work"], case.instance.jobs, case.energy.worked
    cell = case.axes.job_at(frame["site"], frame["job"]), case.axes.node_at(frame["node"])
    pay = worked.done_mwh * jobs.rate_usd_per_mwh[:, None]
    penalty = work_penalty_usd(case)
    at = rows(frame, "site", "node", "job")
    for column, unit, expected in (
        ("due_mwh", "MWh", _owed(case)),
        ("done_mwh", "MWh", worked.done_mwh),
        ("pay_usd", "USD", pay),
        ("displaced_usd", "USD", worked.displaced_usd),
        ("penalty_usd", "USD", penalty),
        ("margin_usd", "USD", pay - worked.displaced_usd - penalty),
    ):
        owed = expected[cell]
        tolerance = tolerances.usd(owed) if unit == "USD" else tolerances.mwh(owed)
        yield Check(column, unit, at, frame[column].to_numpy(), owed, tolerance=tolerance)


RULES: dict[str, PlanRule] = {"WORK.volume": volume, "WORK.table": table}
HOUR_RULES: dict[str, HourRule] = {
    "WORK.running": running,
    "WORK.most": most,
    "WORK.allowed": allowed,
    "WORK.at_a_loss": at_a_loss,
    "WORK.left_undone": left_undone,
}


def _gain(case: HourCase) -> Floats:
    """Rate and penalty spared less rent of a MWh of each segment at each work, (D, J)."""
    if case.hours.jobs is None:
        return np.zeros((0, len(case.segment)))
    return np.asarray(case.hours.jobs.worth_usd_per_mwh[:, None] - case.worth_usd_per_mwh)


def _owed(case: Case) -> Floats:
    return case.instance.jobs.work_mwh.reshape(case.energy.worked.done_mwh.shape)

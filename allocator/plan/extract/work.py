"""What is done of deferrable work: the tables, and its money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats, Ints
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.settled import Settled
from allocator.plan.frames import from_rows
from allocator.plan.schema import TABLES


@dataclass(frozen=True)
class Done:
    """Sums over the hours of one site in one node, (D,) for its D jobs; all money positive.

    Attributes:
        job: positions. due_mwh, done_mwh: work. pay_usd: for what is done. displaced_usd: rent not earned.
        penalty_usd: for what is not done.
    """

    site: int
    node: int
    job: Ints
    due_mwh: Floats
    done_mwh: Floats
    pay_usd: Floats
    displaced_usd: Floats
    penalty_usd: Floats


def done(settled: Settled, site: int, node: int) -> Done | None:
    """What the schedule of one site in one node does; None where the site owes no work."""
    here, jobs = settled.hours(site, node), settled.instance.jobs
    if here.jobs is None:
        return None
    job = np.flatnonzero(jobs.site == site)
    by_segment = settled.schedules[site, node].work_mw @ here.weight_h
    worked = by_segment.sum(axis=1)
    due = jobs.work_mwh[job, node]
    return Done(
        site=site,
        node=node,
        job=job,
        due_mwh=due,
        done_mwh=worked,
        pay_usd=jobs.rate_usd_per_mwh[job] * worked,
        displaced_usd=by_segment @ here.segment_value_usd_per_mwh,
        penalty_usd=jobs.penalty_usd_per_mwh[job] * np.maximum(due - worked, 0.0),
    )


def work_entries(settled: Settled, site: int, node: int) -> Iterator[Entry]:
    """Amounts of the cash flow by job."""
    found = done(settled, site, node)
    if found is None:
        return
    for k, job in enumerate(found.job.tolist()):
        name = settled.instance.jobs.names[job]
        yield Entry("work_pay", node, site, name, float(found.pay_usd[k]))
        yield Entry("work_displaced", node, site, name, -float(found.displaced_usd[k]))
        yield Entry("work_penalty", node, site, name, -float(found.penalty_usd[k]))


def work_table(settled: Settled) -> pd.DataFrame:
    """Table `work`."""
    instance = settled.instance
    pairs = [(site, node) for node in range(len(instance.tree)) for site in range(len(instance.sites.names))]
    found = [worked for pair in pairs if (worked := done(settled, *pair)) is not None]
    return from_rows(TABLES["work"], [_row(settled, worked, k) for worked in found for k in range(len(worked.job))])


def _row(settled: Settled, found: Done, k: int) -> dict[str, object]:
    instance = settled.instance
    return {
        "node": instance.tree.name[found.node],
        "site": instance.sites.names[found.site],
        "job": instance.jobs.names[int(found.job[k])],
        "due_mwh": found.due_mwh[k],
        "done_mwh": found.done_mwh[k],
        "pay_usd": found.pay_usd[k],
        "displaced_usd": found.displaced_usd[k],
        "penalty_usd": found.penalty_usd[k],
        "margin_usd": found.pay_usd[k] - found.displaced_usd[k] - found.penalty_usd[k],
    }

"""Deferrable work of a scenario: who may do it, how much is owed, and what a reader must know of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from allocator.instance.halls import BayOption, bays_within
from allocator.instance.jobs import Jobs
from allocator.instance.tree import NodeTree
from allocator.scenario.fit_outs import GPU_KINDS
from allocator.scenario.sites import Site


def compile_jobs(sites: Sequence[Site], bays: Sequence[BayOption], hall_names: Sequence[str], tree: NodeTree) -> Jobs:
    """Work in the order of the file, site by site."""
    listed = [(s, work) for s, site in enumerate(sites) for work in site.deferrable_work]
    work = [one for _, one in listed]
    return Jobs(
        names=tuple(one.name for one in work),
        site=np.array([s for s, _ in listed], dtype=np.int64),
        qualifies=bays_within([(s, one.halls, GPU_KINDS) for s, one in listed], bays, hall_names),
        work_mwh=np.outer([one.work_mwh_per_month for one in work], tree.months).reshape(len(listed), len(tree)),
        most_mw=np.array([np.inf if one.most_mw is None else one.most_mw for one in work], dtype=float),
        rate_usd_per_mwh=np.array([one.rate_usd_per_mwh for one in work], dtype=float),
        penalty_usd_per_mwh=np.array([one.penalty_usd_per_mwh for one in work], dtype=float),
    )


def job_remarks(sites: Sequence[Site]) -> Iterator[str]:
    """What a reader must know of work whose hours are chosen knowing all of them."""
    for site in sites:
        for work in site.deferrable_work:
            yield (
                f"site {site.name}: the hours of {work.name} are chosen with foresight of a whole period, so what it "
                "earns is an upper bound"
            )

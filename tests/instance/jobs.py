"""Deferrable work for hand-made instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from allocator.instance.jobs import Jobs
from allocator.instance.types import Instance


@dataclass(frozen=True)
class JobSpec:
    """Work of a site; `work_mwh`: of a node, a number or one a node. `bays`: names; null: every bay of the site."""

    name: str
    work_mwh: npt.ArrayLike
    rate_usd_per_mwh: float
    penalty_usd_per_mwh: float = 0.0
    most_mw: float = np.inf
    site: int = 0
    bays: Sequence[str] | None = None


def with_jobs(instance: Instance, jobs: Sequence[JobSpec]) -> Instance:
    """The instance with work, which stands in the order of its sites."""
    nodes, bays = len(instance.tree), instance.bays

    def may(job: JobSpec) -> npt.NDArray[np.bool_]:
        named = np.ones(len(bays.names), bool) if job.bays is None else np.isin(bays.names, job.bays)
        return np.asarray(named & (bays.site == job.site))

    stated = Jobs(
        names=tuple(job.name for job in jobs),
        site=np.array([job.site for job in jobs]),
        qualifies=np.array([may(job) for job in jobs]),
        work_mwh=np.array([np.broadcast_to(np.asarray(job.work_mwh, float), nodes) for job in jobs]),
        most_mw=np.array([job.most_mw for job in jobs], float),
        rate_usd_per_mwh=np.array([job.rate_usd_per_mwh for job in jobs], float),
        penalty_usd_per_mwh=np.array([job.penalty_usd_per_mwh for job in jobs], float),
    )
    return replace(instance, jobs=stated)

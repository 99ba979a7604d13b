"""Deferrable work of sites: what is owed every month, and the work of one site in one node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class Jobs:
    """(D,) work of all sites, that of a site together.

    Attributes:
        names: unique within a site. site: position.
        qualifies: True where machines in the bay may do it, (D, B).
        work_mwh: owed in each node, MWh of IT load, (D, N). most_mw: IT MW in any hour; inf: no limit.
        rate_usd_per_mwh: paid for what is done. penalty_usd_per_mwh: owed for what is not.
    """

    names: tuple[str, ...]
    site: Ints
    qualifies: Bools
    work_mwh: Floats
    most_mw: Floats
    rate_usd_per_mwh: Floats
    penalty_usd_per_mwh: Floats


NO_JOBS = Jobs((), np.zeros(0, np.int64), np.zeros((0, 0), bool), np.zeros((0, 0)), *(np.zeros(0) for _ in range(3)))
"""Nothing is owed anywhere."""


@dataclass(frozen=True)
class NodeJobs:
    """Work of one site in one node; D of them, J segments.

    Attributes:
        qualifies: True where the segment's machines may do it, (D, J). work_mwh, most_mw: as in `Jobs`, (D,).
        worth_usd_per_mwh: rate and penalty spared, (D,).
    """

    qualifies: Bools
    work_mwh: Floats
    most_mw: Floats
    worth_usd_per_mwh: Floats

    @property
    def jobs(self) -> int:
        return int(self.work_mwh.shape[0])


def node_jobs(instance: Instance, site: int, node: int, segment_bay: Ints) -> NodeJobs | None:
    """Work of a site in a node; None where it has none. `segment_bay`: bays of its segments, (J,)."""
    stated = instance.jobs
    own = np.flatnonzero(stated.site == site)
    if not len(own):
        return None
    return NodeJobs(
        qualifies=stated.qualifies[own][:, segment_bay],
        work_mwh=stated.work_mwh[own, node],
        most_mw=stated.most_mw[own],
        worth_usd_per_mwh=stated.rate_usd_per_mwh[own] + stated.penalty_usd_per_mwh[own],
    )


def penalties_usd(instance: Instance) -> Floats:
    """What each site would owe in each node if nothing were done, (S, N)."""
    jobs = instance.jobs
    owed = np.zeros((len(instance.sites.names), len(instance.tree)))
    if jobs.names:
        np.add.at(owed, jobs.site, jobs.penalty_usd_per_mwh[:, None] * jobs.work_mwh)
    return owed

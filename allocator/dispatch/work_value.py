"""What deferrable work earns; the formulas stand in `work`."""

from __future__ import annotations

import numpy as np

from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats


def work_usd_per_mwh(here: SiteNode) -> Floats:
    """Gain of a MWh of each segment that does each work over its rent, (D, J); 0 where it may not. D may be 0."""
    if here.jobs is None:
        return np.zeros((0, here.segments))
    gain = here.jobs.worth_usd_per_mwh[:, None] - here.segment_value_usd_per_mwh
    return np.asarray(np.where(here.jobs.qualifies, gain, 0.0))


def most_gained_usd_per_mwh(here: SiteNode) -> Floats:
    """The best such gain of each segment, at least 0, (J,): what a bound may count on top of rent and offers."""
    return np.asarray(work_usd_per_mwh(here).max(axis=0, initial=0.0))


def no_work(here: SiteNode) -> Floats:
    """Zeros, (D, J, T)."""
    return np.zeros((0 if here.jobs is None else here.jobs.jobs, here.segments, here.hours))


def work_usd(here: SiteNode, work_mw: Floats) -> float:
    """Gain of work (D, J, T) over rent, USD; 0 where nothing is owed."""
    if here.jobs is None:
        return 0.0
    return float((work_usd_per_mwh(here) * (work_mw @ here.weight_h)).sum())

"""Deferrable work of many site-nodes as flat tables: what `work` needs to write all of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.reserve_hours import Listed
from allocator.dispatch.work_value import work_usd_per_mwh
from allocator.instance.tree import Floats, Ints


@dataclass(frozen=True)
class WorkHours:
    """Loads that may work; index (job, segment, bay, hour), R rows. `volumes` (job, node): V rows.

    Attributes:
        load_row: row of the table of loads. pair: position of the site-node. volume_row: row of `volumes`.
        possible_mw: most that can work there. most_mw: of the job, in an hour. weight_h: of the step.
        usd_per_mw: gain over rent, weight included. work_mwh: owed, (V,).
    """

    index: pd.DataFrame
    volumes: pd.DataFrame
    load_row: Ints
    pair: Ints
    volume_row: Ints
    possible_mw: Floats
    most_mw: Floats
    weight_h: Floats
    usd_per_mw: Floats
    work_mwh: Floats


@dataclass(frozen=True)
class Workplace:
    """One site-node as the tables need it: labels of its jobs and of its node."""

    listed: Listed
    jobs: Ints
    node: int


def work_hours(places: Sequence[Workplace]) -> WorkHours:
    """The tables of all site-nodes, whose loads are numbered in order: by site-node, then segment, then hour."""
    first_load = np.cumsum([0, *(int(place.listed.runs.sum()) for place in places)])[:-1]
    first_volume = np.cumsum([0, *(len(place.jobs) for place in places)])[:-1]
    at = [_working(place) for place in places]
    each = [(p, p.listed, p.listed.site_node, *found) for p, found in zip(places, at, strict=True)]
    most = [np.zeros(0) if here.jobs is None else here.jobs.most_mw for _, _, here, *_ in each]
    limits = [here.it_limit_mw[here.segment_bay[j]] for _, _, here, _, j, _ in each]
    return WorkHours(
        index=_table(
            job=_join([place.jobs[d] for place, _, _, d, _, _ in each]),
            segment=_join([listed.segments[j] for _, listed, _, _, j, _ in each]),
            bay=_join([listed.bays[here.segment_bay[j]] for _, listed, here, _, j, _ in each]),
            hour=_join([listed.first_hour + t for _, listed, _, _, _, t in each]),
        ),
        volumes=_table(
            job=_join([place.jobs for place in places]),
            node=_join([np.full(len(place.jobs), place.node) for place in places]),
        ),
        load_row=_join(
            [first + _number(p.listed)[j, t] for first, (p, *_, j, t) in zip(first_load, each, strict=True)]
        ),
        pair=_join([np.full(len(d), k) for k, (d, _, _) in enumerate(at)]),
        volume_row=_join([first + d for first, (d, _, _) in zip(first_volume, at, strict=True)]),
        possible_mw=_join([np.minimum(m[d], limit) for m, limit, (d, _, _) in zip(most, limits, at, strict=True)]),
        most_mw=_join([m[d] for m, (d, _, _) in zip(most, at, strict=True)]),
        weight_h=_join([here.weight_h[t] for _, _, here, _, _, t in each]),
        usd_per_mw=_join([work_usd_per_mwh(here)[d, j] * here.weight_h[t] for _, _, here, d, j, t in each]),
        work_mwh=_join([np.zeros(0) if here.jobs is None else here.jobs.work_mwh for _, _, here, *_ in each]),
    )


def _working(place: Workplace) -> tuple[Ints, Ints, Ints]:
    """(job, segment, step) of the loads that gain by working."""
    gains = work_usd_per_mwh(place.listed.site_node) > 0
    job, segment, step = np.nonzero(gains[:, :, None] & place.listed.runs)
    return job, segment, step


def _number(listed: Listed) -> Ints:
    """Rank of each load among the listed ones, (J, T)."""
    return np.asarray(np.cumsum(listed.runs.ravel()).reshape(listed.runs.shape) - 1)


def _table(**columns: Ints) -> pd.DataFrame:
    return pd.DataFrame({name: values.astype(np.int64) for name, values in columns.items()})


def _join(parts: Sequence[Ints] | Sequence[Floats]) -> np.ndarray:
    return np.concatenate([np.zeros(0), *parts]) if not len(parts) else np.concatenate(parts)

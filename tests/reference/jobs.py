"""Deferrable work, one step at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pulp

from tests.reference.draft import FAR_BEYOND, Draft
from tests.reference.steps import Hour


def columns(d: Draft, everything: list[Hour]) -> None:
    """work_mw[d,j,t] of every load that may do the work."""
    d.add("work_mw", [(k, j, hour.at) for hour in everything for k, j in _working(d, hour)])


def _working(d: Draft, hour: Hour) -> Iterator[tuple[int, int]]:
    segments, jobs = d.given.segments, d.given.jobs
    for k, site in enumerate(jobs.site):
        for j, at in enumerate(segments.site):
            if site == at == hour.site and jobs.qualifies[k][segments.bay[j]]:
                yield k, j


def running(d: Draft, hour: Hour) -> None:
    """WORK.running[j,t]: what works <= what runs."""
    for j in sorted({j for _, j in _working(d, hour)}):
        work = pulp.lpSum(d.columns["work_mw"][k, i, hour.at] for k, i in _working(d, hour) if i == j)
        d.row("WORK.running", (j, hour.at), work <= d.columns["load_mw"][j, hour.at])


def most(d: Draft, hour: Hour) -> None:
    """WORK.most[d,t]: what works on it <= what may at once."""
    for k in sorted({k for k, _ in _working(d, hour)}):
        if d.given.jobs.most_mw[k] < FAR_BEYOND:
            work = pulp.lpSum(d.columns["work_mw"][i, j, hour.at] for i, j in _working(d, hour) if i == k)
            d.row("WORK.most", (k, hour.at), work <= d.given.jobs.most_mw[k])


def earned(d: Draft, hour: Hour) -> None:
    """weight * (rate + penalty - earnings of the load) * work."""
    jobs, weight = d.given.jobs, d.given.hours.weight_h[hour.stored]
    for k, j in _working(d, hour):
        worth = jobs.rate_usd_per_mwh[k] + jobs.penalty_usd_per_mwh[k]
        gain = worth - d.given.segments.value_usd_per_mwh[j][hour.node]
        usd = weight * gain * d.columns["work_mw"][k, j, hour.at]
        d.operate(hour.site, hour.node, usd)


def volume(d: Draft, everything: list[Hour]) -> None:
    """WORK.volume[d,n]: energy of the work of a node <= what is owed; all of it is owed its penalty beforehand."""
    jobs = d.given.jobs
    for k, site in enumerate(jobs.site):
        for n in d.nodes:
            owed = -jobs.penalty_usd_per_mwh[k] * jobs.work_mwh[k][n]
            d.operate(site, n, pulp.LpAffineExpression(constant=owed))
            work = pulp.lpSum(
                d.given.hours.weight_h[hour.stored] * d.columns["work_mw"][i, j, hour.at]
                for hour in everything
                if (hour.site, hour.node) == (site, n)
                for i, j in _working(d, hour)
                if i == k
            )
            d.row("WORK.volume", (k, n), work <= jobs.work_mwh[k][n])

"""MOVE: a schedule that is out is changed only where that pays, and by no more than is allowed.

Purpose
    People and fleet managers have prepared for the schedule of yesterday. Hours that it covers are moved at a price, or
    within a cap.

Sets
    t steps that the schedule covers; j tiers.

Parameters
    y[j,t] | load by the schedule that is out, at most what is available now | MW
    m      | price of moving a MW in a step | USD/MW
    M      | most that is moved in a step; inf: any | MW
    b      | price of moving more than M, `FAR_USD_PER_MW` | USD/MW

Variables
    load_mw[j,t]  | critical IT load of a tier, of DISPATCH | MW | >= 0 | dispatch
    moved_mw[j,t] | how far the load lies from the schedule | MW | 0 .. what is available | week
    beyond_mw[t]  | moved beyond M, since limits leave no other way | MW | >= 0 | week

Constraints
    MOVE.up[j,t] | load_mw[j,t] - moved_mw[j,t] <= y[j,t]
        | More than scheduled is moved. | design 4
    MOVE.down[j,t] | load_mw[j,t] + moved_mw[j,t] >= y[j,t]
        | Less too. | design 4
    MOVE.most[t] | sum_j moved_mw[j,t] - beyond_mw[t] <= M
        | The cap; only where there is one. | design 4
    adds to objective | - sum_t (m sum_j moved_mw[j,t] + b beyond_mw[t])
        | What decides between schedules, and is no dollar of theirs. | design 4
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.instance.tree import Floats
from allocator.week.interface import FAR_USD_PER_MW
from solvers.model import Expr, Model


def scheduled_mw(scheduled: Floats | None, available_mw: Floats) -> Floats:
    """y, (J, T); nan where the schedule that is out says nothing."""
    if scheduled is None:
        return np.full(available_mw.shape, np.nan)
    return np.where(np.isnan(scheduled), np.nan, np.clip(scheduled, 0.0, available_mw))


def add(
    model: Model, load: Expr, scheduled: Floats, available_mw: Floats, usd_per_mw: float, most_mw: float
) -> Expr | None:
    """Columns and rows; returns the price of moving, USD, to be deducted, or None where nothing is scheduled.

    `scheduled` as `scheduled_mw` gives it; `load` over (segment, bay, hour) lists every tier that can run there.
    """
    tier, hour = np.nonzero(~np.isnan(scheduled) & (available_mw > 0.0))
    if not len(tier):
        return None
    index = pd.DataFrame({"segment": tier, "hour": hour}, dtype=np.int64)
    own, target = load.take(index, ["segment", "hour"]), scheduled[tier, hour]
    moved = model.variables("moved_mw", index, upper=available_mw[tier, hour]).expr
    model.rows("MOVE.up", own - moved <= target)
    model.rows("MOVE.down", own + moved >= target)
    price = moved.total() * usd_per_mw
    if not np.isfinite(most_mw):
        return price
    steps = pd.DataFrame({"hour": np.unique(hour)}, dtype=np.int64)
    most = np.bincount(np.searchsorted(steps["hour"], hour), available_mw[tier, hour])
    beyond = model.variables("beyond_mw", steps, upper=most).expr
    model.rows("MOVE.most", moved.sum_by(steps) - beyond <= most_mw)
    return price + beyond.total() * FAR_USD_PER_MW


def moving(load_mw: Floats, scheduled: Floats, usd_per_mw: float, most_mw: float) -> tuple[float, float]:
    """What loads (J, T) cost to move, USD, and the MW of all steps moved beyond the most."""
    by_step = np.nansum(np.abs(load_mw - scheduled), axis=0)
    beyond = float(np.maximum(by_step - most_mw, 0.0).sum())
    return usd_per_mw * float(by_step.sum()) + FAR_USD_PER_MW * beyond, beyond

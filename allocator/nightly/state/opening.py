"""What machines that are down and outages leave of a site in the steps of a window: the opening of its week."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocator.instance.tree import Floats
from allocator.nightly.state.actual import Actual, Outage
from allocator.week.interface import Opening, Structure

Steps = NDArray[np.bool_]
Standing = Mapping[tuple[str, str], float]
"""Machines that stand, by hall and model."""


def standing(fleets: pd.DataFrame, node: str) -> Standing:
    """From table fleets of a plan."""
    own = fleets[fleets["node"] == node]
    units = own["units"].to_numpy(dtype=float).tolist()
    return dict(zip(zip(own["hall"].tolist(), own["model"].tolist(), strict=True), units, strict=True))


def opening(structure: Structure, actual: Actual, stands: Standing) -> Opening:
    """How the site begins.

    Machines that are down are down throughout. What a hall loses is taken from machines: tenants are served first. What
    the meter of a site loses comes off its limit.
    """
    share = _working(structure, actual, stands)[:, None] * _left(structure, actual)
    limit = _limit(structure, actual)
    return Opening(
        available_share=None if bool((share >= 1.0).all()) else share,
        site_limit_mw=None if bool(np.isinf(limit).all()) else limit,
        battery_mwh=actual.of_site(structure.site, "battery_stored_mwh"),
    )


def _working(structure: Structure, actual: Actual, stands: Standing) -> Floats:
    """Share of each tier's machines that work, (J,)."""
    down = {(one.hall, one.model): one.units for one in actual.units_down}
    keys = [(tier.hall, tier.model) for tier in structure.tiers]
    return np.array([1.0 - min(1.0, down.get(key, 0) / max(1.0, stands.get(key, 0.0))) for key in keys])


def _left(structure: Structure, actual: Actual) -> Floats:
    """Share of each tier that outages of its hall leave, (J, T)."""
    capacity, left = structure.capacity_mw, np.ones((len(structure.tiers), structure.hours))
    halls = np.array([tier.hall for tier in structure.tiers])
    for hall in np.unique(halls):
        lost = sum(
            (one.lost_mw * during(structure, one.begins, one.ends) for one in _of(actual, structure.site, str(hall))),
            start=np.zeros(structure.hours),
        )
        whole = np.maximum(capacity[halls == hall].sum(axis=0), 1e-9)
        left[halls == hall] = np.maximum(0.0, 1.0 - lost / whole)
    return left


def _limit(structure: Structure, actual: Actual) -> Floats:
    """Gross MW that outages of the meter leave, (T,); inf where there is none."""
    limits = np.concatenate([part.here.site_limit_mw for part in structure.parts])
    lost = np.zeros(structure.hours)
    for one in _of(actual, structure.site, ""):
        lost += one.lost_mw * during(structure, one.begins, one.ends)
    return np.where(lost > 0.0, np.maximum(0.0, limits - lost), np.inf)


def _of(actual: Actual, site: str, hall: str) -> list[Outage]:
    return [one for one in actual.outages if (one.site, one.hall) == (site, hall)]


def during(structure: Structure, begins: datetime, ends: datetime) -> Steps:
    """Steps that a time touches, (T,)."""
    length = timedelta(hours=structure.step_h)
    first, last = (np.datetime64(moment.replace(tzinfo=None)) for moment in (begins - length, ends))
    return np.asarray((structure.utc > first) & (structure.utc < last))

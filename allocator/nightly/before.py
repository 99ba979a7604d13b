"""The schedule of the night before: what runs when a week opens, and what it is moved against."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.tree import Bools, Floats
from allocator.week.interface import Opening, Structure, Tier

Key = tuple[str, str]
"""Site, and moment as ISO text (UTC)."""
Load = Mapping[tuple[str, str, str, int], float]
"""MW by hall, fit-out, model and step."""


@dataclass(frozen=True)
class Before:
    """The schedule that is published, by site and moment; empty: there is none.

    Attributes:
        loads: of the tiers. bought_mw: what the site has bought ahead.
    """

    loads: Mapping[Key, Load] = field(default_factory=dict)
    bought_mw: Mapping[Key, float] = field(default_factory=dict)

    def bought(self, structure: Structure, closed: Bools) -> Floats:
        """What is bought ahead in each step whose bids are closed, nan in the others, (T,)."""
        stamps = [pd.Timestamp(stamp, tz="UTC") for stamp in structure.utc]
        found = [self.bought_mw.get((structure.site, stamp.isoformat()), None) for stamp in stamps]
        hourly = [self.bought_mw.get((structure.site, stamp.floor("h").isoformat()), 0.0) for stamp in stamps]
        mw = np.array([one if own is None else own for own, one in zip(found, hourly, strict=True)])
        return np.where(closed, mw, np.nan)

    def opening(self, structure: Structure, stands: Opening) -> Opening:
        """How a site stands, completed by what its schedule has it run: what is stated wins."""
        step = pd.Timedelta(hours=structure.step_h)
        first = pd.Timestamp(structure.utc[0], tz="UTC")
        found = [self._at(structure, first + t * step) for t in range(structure.hours)]
        scheduled = np.stack(found, axis=1)
        running = self._at(structure, first - step)
        if stands.running_mw is None and not np.isnan(running).any():
            stands = replace(stands, running_mw=running, off_h=self._off_h(structure, first))
        if np.isnan(scheduled).all():
            return stands
        return replace(stands, scheduled_mw=scheduled) if stands.scheduled_mw is None else stands

    def _at(self, structure: Structure, moment: pd.Timestamp) -> Floats:
        """Load of every tier, (J,); nan where nothing is said of the moment. A quarter of an hour is in its hour."""
        said = self.loads.get((structure.site, moment.isoformat()))
        if said is None:
            said = self.loads.get((structure.site, moment.floor("h").isoformat()))
        if said is None:
            return np.full(len(structure.tiers), np.nan)
        return np.array([said.get(_key(tier), 0.0) for tier in structure.tiers])

    def _off_h(self, structure: Structure, first: pd.Timestamp) -> Floats:
        """Hours for which the schedule has had each fleet off, (F,); as long as it says, at most."""
        step, off = pd.Timedelta(hours=structure.step_h), np.zeros(structure.fleets)
        standing = np.ones(structure.fleets, dtype=bool)
        moment = first - step
        while standing.any():
            load = self._at(structure, moment)[structure.first_tier]
            if np.isnan(load).all():
                return np.where(standing, np.inf, off)
            standing &= load <= 0.0
            off += standing * structure.step_h
            moment -= step
        return off


def _key(tier: Tier) -> tuple[str, str, str, int]:
    return tier.hall, tier.fit_out, tier.model, tier.step


def read_before(file: Path) -> Before:
    """The schedule of a night, as it was published; an empty one where the file is missing or damaged."""
    try:
        rows = json.loads(file.read_text(encoding="utf-8"))["rows"]
        loads: dict[Key, dict[tuple[str, str, str, int], float]] = {}
        bought: dict[Key, float] = {}
        for row in rows:
            bought[row["site"], row["utc"]] = float(row["site_day_ahead_mw"] or 0.0)
            if row["step"] is not None:
                own = loads.setdefault((row["site"], row["utc"]), {})
                own[row["hall"], row["fit_out"], row["model"], int(row["step"])] = float(row["load_mw"])
    except (OSError, ValueError, KeyError, TypeError):
        return Before()
    return Before(loads, bought)

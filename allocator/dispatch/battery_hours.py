"""Steps of the batteries of many site-nodes as one flat table: what `battery` needs to write all of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from allocator.dispatch.battery_value import discharge_limit_mw
from allocator.instance.battery import NodeBattery
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats, Ints


@dataclass(frozen=True)
class BatteryHours:
    """Every step of the site-nodes that have a battery, R rows.

    Attributes:
        hour: label of the step. pair: position of the site-node.
        before: row of the step before in the run, -1 where the run begins.
        charge_mw, discharge_mw: most taken and given. floor_mwh, ceiling_mwh: bounds of what is stored.
        opened_mwh: what the step leaves of the opening level where a run begins, 0 elsewhere.
        kept_share: what the step leaves of what was stored before it.
        in_mwh, out_mwh: what comes into and leaves the store by one MW taken and one MW given.
        taken_usd, given_usd: cost of one MW taken, worth of one MW given less its wear, hour weight included.
        capture_share: of the battery.
    """

    hour: Ints
    pair: Ints
    before: Ints
    charge_mw: Floats
    discharge_mw: Floats
    floor_mwh: Floats
    ceiling_mwh: Floats
    opened_mwh: Floats
    kept_share: Floats
    in_mwh: Floats
    out_mwh: Floats
    taken_usd: Floats
    given_usd: Floats
    capture_share: Floats

    @property
    def index(self) -> pd.DataFrame:
        """The axis (hour)."""
        return pd.DataFrame({"hour": self.hour})


def battery_hours(site_nodes: Sequence[SiteNode], first_hour: Sequence[int]) -> BatteryHours:
    """The table of all site-nodes; `first_hour` is the label of the first step of each."""
    parts, rows = [], 0
    for pair, (here, first) in enumerate(zip(site_nodes, first_hour, strict=True)):
        if here.battery is not None:
            parts.append(_part(here, here.battery, pair, first, rows))
            rows += here.hours
    named = [field.name for field in fields(BatteryHours)]
    return BatteryHours(**{name: np.concatenate([_NONE[name], *(part[name] for part in parts)]) for name in named})


_NONE = {
    field.name: np.zeros(0, dtype=np.int64 if field.name in ("hour", "pair", "before") else np.float64)
    for field in fields(BatteryHours)
}


def _part(here: SiteNode, owned: NodeBattery, pair: int, first_hour: int, first_row: int) -> dict[str, Floats | Ints]:
    battery, steps = owned.battery, np.arange(here.hours)
    price, weight = here.price_usd_per_mwh, here.weight_h
    same = np.ones(here.hours)
    return {
        "hour": first_hour + steps,
        "pair": np.full(here.hours, pair),
        "before": np.where(owned.opens, -1, first_row + steps - 1),
        "charge_mw": battery.charge_mw * owned.works,
        "discharge_mw": discharge_limit_mw(here, battery) * owned.works,
        "floor_mwh": np.where(owned.closes, battery.opening_mwh, 0.0),
        "ceiling_mwh": np.where(owned.closes, battery.opening_mwh, battery.energy_mwh),
        "opened_mwh": np.where(owned.opens, owned.kept_share * battery.opening_mwh, 0.0),
        "kept_share": owned.kept_share,
        "in_mwh": owned.step_h * battery.charge_efficiency,
        "out_mwh": owned.step_h / battery.discharge_efficiency,
        "taken_usd": weight * price,
        "given_usd": weight * (price - battery.wear_usd_per_mwh),
        "capture_share": battery.capture_share * same,
    }

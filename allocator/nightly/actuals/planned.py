"""What a published plan has for a site in a month or a day: energy, its cost, Bitcoin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.nightly.schedule import sure_nodes
from allocator.plan.plan import Plan

COVERED = 1.0 - 1e-9


@dataclass(frozen=True)
class Planned:
    """Sums of a period.

    Attributes:
        meter_mwh, it_mwh: gross, and of machines and tenants. energy_usd: of grid energy, adders included.
        btc: mined. btc_usd: its price; None where the scenario states none.
    """

    meter_mwh: float
    it_mwh: float
    energy_usd: float
    btc: float
    btc_usd: float | None


def window(period: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Beginning and end of a month or a day in a time zone, UTC."""
    parts = [int(part) for part in period.split("-")]
    if len(parts) == 2:
        year, month = parts
        first, last = datetime(year, month, 1), datetime(year + month // 12, month % 12 + 1, 1)
    else:
        first = datetime(*parts)  # type: ignore[arg-type]
        last = first + timedelta(days=1)
    begins, ends = (moment.replace(tzinfo=zone).astimezone(UTC) for moment in (first, last))
    return begins, ends


def planned(instance: Instance, plan: Plan, site: str, period: str, zone: ZoneInfo) -> Planned | str:
    """Sums of a plan, or why it has none: hours outside of it, or representative days that do not tell days apart."""
    begins, ends = window(period, zone)
    found, hours = Planned(0.0, 0.0, 0.0, 0.0, None), 0.0
    for node in sure_nodes(plan.tables["nodes"]):
        if (site, node) not in plan.dispatch:
            continue
        tables = plan.dispatch[site, node]
        steps = tables["hours"]
        inside = ((steps["utc"] >= begins) & (steps["utc"] < ends)).to_numpy()
        if not plan.meta.hours.full:
            inside = np.full(len(steps), _is_month(plan, node, period))
        if inside.any():
            hours += float(steps["weight_h"][inside].sum())
            found = _added(found, _sums(instance, plan, site, node, inside))
    asked = (ends - begins).total_seconds() / 3600.0
    if hours < asked * COVERED:
        return "the plan published before it does not cover it by the hour" if hours else "no plan covers it"
    return found


def _is_month(plan: Plan, node: str, period: str) -> bool:
    nodes = plan.tables["nodes"]
    same = (nodes["node"] == node) & (nodes["start_month"] == period) & (nodes["months"] == 1)
    return bool(same.any())


def _added(one: Planned, other: Planned) -> Planned:
    price = other.btc_usd if one.btc_usd is None else one.btc_usd
    if one.btc > 0 and other.btc > 0 and one.btc_usd is not None and other.btc_usd is not None:
        price = (one.btc * one.btc_usd + other.btc * other.btc_usd) / (one.btc + other.btc)
    return Planned(
        meter_mwh=one.meter_mwh + other.meter_mwh,
        it_mwh=one.it_mwh + other.it_mwh,
        energy_usd=one.energy_usd + other.energy_usd,
        btc=one.btc + other.btc,
        btc_usd=price,
    )


def _sums(instance: Instance, plan: Plan, site: str, node: str, inside: np.ndarray) -> Planned:
    tables = plan.dispatch[site, node]
    steps = tables["hours"][inside]
    weight = pd.Series(steps["weight_h"].to_numpy(), index=pd.Index(steps["utc"]))
    segments, bays = (own[own["utc"].isin(weight.index)] for own in (tables["segments"], tables["bays"]))
    load = segments["load_mw"].to_numpy() * weight.reindex(segments["utc"]).to_numpy()
    served = (bays["firm_mw"] - bays["shed_mw"]).to_numpy() * weight.reindex(bays["utc"]).to_numpy()
    energy = (steps["grid_mw"] * steps["weight_h"]).to_numpy()
    prices = plan.tables["production"]
    own = prices[(prices["node"] == node) & (prices["site"] == site)]["price_usd_per_btc"]
    return Planned(
        meter_mwh=float(energy.sum()),
        it_mwh=float(load.sum() + served.sum()),
        energy_usd=float((energy * steps["price_usd_per_mwh"].to_numpy()).sum()),
        btc=float((load * _btc_per_mwh(instance, node, segments)).sum()),
        btc_usd=float(own.iloc[0]) if len(own) else None,
    )


def _btc_per_mwh(instance: Instance, node: str, rows: pd.DataFrame) -> np.ndarray:
    n, segments = list(instance.tree.name).index(node), instance.segments
    models = [instance.models.names[m] for m in instance.placements.model[segments.placement]]
    bays = [instance.bays.names[b] for b in segments.bay]
    rate = dict(
        zip(zip(bays, models, segments.step.tolist(), strict=True), instance.mined_btc_per_mwh[:, n], strict=True)
    )
    keys = zip(rows["hall"] + "/" + rows["fit_out"], rows["model"], rows["step"].astype(int), strict=True)
    return np.array([rate.get(key, 0.0) for key in keys])

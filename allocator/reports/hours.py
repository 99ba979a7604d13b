"""Figures of hours: a typical week of a site and the one with its highest price, load by use above the price."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.plan.plan import Plan, SiteNodeTables
from allocator.plan.titles import TITLES
from allocator.reports.figure import Figure, Series
from allocator.reports.periods import likeliest_path
from allocator.reports.scales import Floats
from allocator.reports.time_axis import HOURS

MOST_SITES = 3
LAST_MONTHS = 12
"""Weeks are chosen within the last months of the horizon, when the halls are what the plan makes of them."""
WEEK = 168
MINING, TENANTS, GPU, BATTERY, REST = "mining", "ai_colocation", "gpu_cloud", "battery", "no_load"
USES = (TENANTS, GPU, MINING, REST, BATTERY)


@dataclass(frozen=True)
class SiteHours:
    """Steps of a site over nodes that follow one another.

    Attributes:
        frame: table `hours` and one column a use, MW; `node` and `step` beside them. Of the uses, no_load is all that
            the meter sees and the others do not: overhead and standing draw. uses: those that draw at any time.
    """

    site: str
    frame: pd.DataFrame
    uses: tuple[str, ...]


def shown_sites(plan: Plan) -> list[str]:
    """The company's own sites by energy, largest first; hosts where there is no own one."""
    energy = plan.tables["power"].groupby("site")["gross_mwh"].sum()
    sites = sorted(map(str, plan.tables["reserved"]["site"].unique()), key=lambda site: -float(energy.get(site, 0.0)))
    own = [site for site in sites if site not in set(plan.tables["hosting"]["agreement"])]
    return (own or sites)[:MOST_SITES]


def late_nodes(plan: Plan) -> list[str]:
    """Nodes of the likeliest path that start within the last months of the horizon; its last node at least."""
    path, nodes = likeliest_path(plan.tables), plan.tables["nodes"].set_index("node")
    start = [int(nodes["start_month"][n][:4]) * 12 + int(nodes["start_month"][n][5:7]) for n in path]
    end = start[-1] + int(nodes["months"][path[-1]])
    return [node for node, first in zip(path, start, strict=True) if first >= end - LAST_MONTHS] or path[-1:]


def site_hours(plan: Plan, site: str) -> SiteHours:
    """The late hours of a site with its load by use."""
    of_model = _use_of_model(plan.tables["cash_flow"])
    frames = [_by_use(plan.dispatch[site, node], of_model, node) for node in late_nodes(plan)]
    frame = pd.concat(frames, ignore_index=True)
    drawn = tuple(use for use in USES if float(frame[use].abs().max()) > 1e-6)
    return SiteHours(site, frame, drawn)


def weeks(plan: Plan, hours: SiteHours) -> Iterator[Figure]:
    """A typical week and the one with the highest price; days where a plan has representative days."""
    chunks = _chunks(hours.frame, plan.meta.hours.full)
    mean = np.array([_mean_price(chunk) for chunk in chunks])
    words = "week" if plan.meta.hours.full else "days"
    typical = int(np.argsort(mean, kind="stable")[(len(mean) - 1) // 2])
    yield _figure(hours, chunks[typical], "typical", f"{hours.site}: typical {words}", "price is the median of all")
    if hours.frame["price_usd_per_mwh"].nunique() < 2:
        return
    highest = int(np.argmax([chunk["price_usd_per_mwh"].max() for chunk in chunks]))
    yield _figure(hours, chunks[highest], "extreme", f"{hours.site}: {words} of the highest price", "price peaks")


def _use_of_model(cash_flow: pd.DataFrame) -> Mapping[str, str]:
    """Machines of GPU clouds; all others mine."""
    rented = cash_flow.loc[cash_flow["line"] == "gpu_rental_revenue", "subject"]
    return {str(model): GPU for model in rented.unique()}


def _by_use(tables: SiteNodeTables, of_model: Mapping[str, str], node: str) -> pd.DataFrame:
    hours = tables["hours"].reset_index(drop=True)
    place = pd.Index(hours["utc"])
    load = dict.fromkeys(USES, np.zeros(len(hours)))
    segments, bays, storage = tables["segments"], tables["bays"], tables["storage"]
    is_gpu = segments["model"].map(of_model).eq(GPU).to_numpy()
    load[GPU] = summed(place, segments[is_gpu], "load_mw")
    load[MINING] = summed(place, segments[~is_gpu], "load_mw")
    load[TENANTS] = summed(place, bays, "firm_mw") - summed(place, bays, "shed_mw")
    load[BATTERY] = summed(place, storage, "charge_mw") - summed(place, storage, "discharge_mw")
    load[REST] = hours["grid_mw"].to_numpy() - sum(load[use] for use in (GPU, MINING, TENANTS, BATTERY))
    return hours.assign(**load, node=node)


def summed(place: pd.Index, rows: pd.DataFrame, column: str) -> Floats:
    """Sum of a column by step, (T,)."""
    at = place.get_indexer(pd.Index(rows["utc"]))
    return np.bincount(at, rows[column].to_numpy(float), len(place)).astype(np.float64)


def _chunks(frame: pd.DataFrame, full: bool) -> list[pd.DataFrame]:
    """Weeks one after another; where hours stand for others, those of each node."""
    if not full:
        return [own for _, own in frame.groupby("node", sort=False)]
    count = max(1, len(frame) // WEEK)
    return [frame.iloc[k * WEEK : (k + 1) * WEEK] for k in range(count)]


def _mean_price(chunk: pd.DataFrame) -> float:
    return float(np.average(chunk["price_usd_per_mwh"], weights=chunk["weight_h"]))


def _figure(hours: SiteHours, chunk: pd.DataFrame, key: str, title: str, why: str) -> Figure:
    x = tuple(chunk["utc"].dt.strftime("%Y-%m-%d %H:%M"))
    shown = tuple(Series(_NAMES[use], _rounded(chunk[use]), key=use) for use in hours.uses)
    limit = Series("limit of the site", _rounded(chunk["limit_mw"]), role="limit")
    price = (
        Series("price", _rounded(chunk["price_usd_per_mwh"]), role="line", key="sold"),
        Series("outside temperature, C", _rounded(chunk["ambient_c"]), role="beside"),
    )
    below = Figure(f"{key}_price", "Price", "Price at the meter.", "lines", "USD/MWh", HOURS, x, price)
    about = (
        f"Load at the meter by use above the price of grid energy; of the last months of the horizon, where the {why}."
    )
    return Figure(f"{key}_{hours.site}", title, about, "stacked", "MW", HOURS, x, (*shown, limit), below)


def _rounded(values: pd.Series[float]) -> tuple[float, ...]:
    """A hundredth is finer than a picture shows, and keeps pages small."""
    return tuple(np.round(values.to_numpy(float), 2).tolist())


_NAMES = {
    MINING: TITLES[MINING],
    TENANTS: TITLES[TENANTS],
    GPU: TITLES[GPU],
    BATTERY: "battery, taken less given",
    REST: "overhead and standing draw",
}

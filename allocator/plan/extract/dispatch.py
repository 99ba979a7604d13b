"""Hourly tables of one site in one node, made when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.tree import Ints
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled
from allocator.plan.extract.unserved import unserved_table
from allocator.plan.frames import Cells, empty, frame
from allocator.plan.plan import SiteNodeTables
from allocator.plan.schema import HOURLY


class ScheduleTables(Mapping[tuple[str, str], SiteNodeTables]):
    """Hourly tables of the schedules in memory; each pair's frames are built when read and not kept."""

    def __init__(self, settled: Settled) -> None:
        self._settled = settled
        instance = settled.instance
        self._pairs = {
            (site_name, node_name): (site, node)
            for site, site_name in enumerate(instance.sites.names)
            for node, node_name in enumerate(instance.tree.name)
        }

    def __getitem__(self, pair: tuple[str, str]) -> SiteNodeTables:
        site, node = self._pairs[pair]
        return {
            "hours": hours_table(self._settled, site, node),
            "segments": segments_table(self._settled, site, node),
            "bays": bays_table(self._settled, site, node),
            "unserved": unserved_table(self._settled, site, node),
            "storage": storage_table(self._settled, site, node),
            "offers": offers_table(self._settled, site, node),
            "offered_loads": offered_loads_table(self._settled, site, node),
            "worked_loads": worked_loads_table(self._settled, site, node),
        }

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def hours_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Table `hours`."""
    store, hours = settled.instance.hours, settled.hours(site, node)
    own = store.steps(site, node)
    return frame(
        HOURLY["hours"],
        {
            "utc": store.utc[own],
            "weight_h": hours.weight_h,
            "price_usd_per_mwh": hours.price_usd_per_mwh,
            "spot_usd_per_mwh": store.spot(site, node),
            "ambient_c": store.ambient_c[own],
            "grid_mw": settled.schedules[site, node].grid_mw,
            "limit_mw": hours.site_limit_mw,
        },
    )


def segments_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Table `segments`."""
    instance, load = settled.instance, settled.schedules[site, node].load_mw
    step, row = np.nonzero(load.T > 0)
    return frame(
        HOURLY["segments"],
        {
            "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
            **_machines(instance, site, row),
            "load_mw": load[row, step],
        },
    )


def bays_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Table `bays`."""
    instance, hours = settled.instance, settled.hours(site, node)
    shed = firm_by_bay(hours, settled.schedules[site, node].shed_mw)
    of_site = np.flatnonzero(instance.bays.site == site)
    fitted = np.flatnonzero(settled.point.fitted[of_site, node] > 0.5)
    bay, steps = of_site[fitted], shed.shape[1]
    return frame(
        HOURLY["bays"],
        {
            "utc": np.repeat(instance.hours.utc[instance.hours.steps(site, node)], len(bay)),
            "hall": _take(instance.halls.names, np.tile(instance.bays.hall[bay], steps)),
            "fit_out": _take(instance.bays.fit_out, np.tile(bay, steps)),
            "firm_mw": np.tile(settled.firm_mw[bay, node], steps),
            "shed_mw": shed[fitted].T.ravel(),
        },
    )


def storage_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Table `storage`."""
    storage = settled.schedules[site, node].storage
    if storage is None:
        return empty(HOURLY["storage"])
    return frame(
        HOURLY["storage"],
        {
            "utc": settled.instance.hours.utc[settled.instance.hours.steps(site, node)],
            "charge_mw": storage.charge_mw,
            "discharge_mw": storage.discharge_mw,
            "stored_mwh": storage.stored_mwh,
        },
    )


def offers_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Hourly table `offers`."""
    here, instance = settled.hours(site, node), settled.instance
    total = settled.schedules[site, node].offer_mw.sum(axis=1)
    step, service = np.nonzero(total.T > 0)
    price = np.zeros((0, here.hours)) if here.reserves is None else here.reserves.price_usd_per_mw_hour
    own = np.flatnonzero(instance.reserves.site == site)
    return frame(
        HOURLY["offers"],
        {
            "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
            "service": _take(instance.reserves.names, own[service]),
            "price_usd_per_mw_hour": price[service, step],
            "offered_mw": total[service, step],
        },
    )


def offered_loads_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Hourly table `offered_loads`."""
    instance, offer = settled.instance, settled.schedules[site, node].offer_mw
    step, service, row = np.nonzero(np.moveaxis(offer, 2, 0) > 0)
    own = np.flatnonzero(instance.reserves.site == site)
    return frame(
        HOURLY["offered_loads"],
        {
            "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
            "service": _take(instance.reserves.names, own[service]),
            **_machines(instance, site, row),
            "offered_mw": offer[service, row, step],
        },
    )


def worked_loads_table(settled: Settled, site: int, node: int) -> pd.DataFrame:
    """Hourly table `worked_loads`."""
    instance, work = settled.instance, settled.schedules[site, node].work_mw
    step, job, row = np.nonzero(np.moveaxis(work, 2, 0) > 0)
    own = np.flatnonzero(instance.jobs.site == site)
    return frame(
        HOURLY["worked_loads"],
        {
            "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
            "job": _take(instance.jobs.names, own[job]),
            **_machines(instance, site, row),
            "work_mw": work[job, row, step],
        },
    )


def _machines(instance: Instance, site: int, row: Ints) -> dict[str, Cells]:
    """Columns that say which machines a load is of; `row` counts the segments of the site."""
    segment = np.flatnonzero(instance.segments.site == site)[row]
    bay, model = instance.segments.bay[segment], instance.placements.model[instance.segments.placement[segment]]
    return {
        "hall": _take(instance.halls.names, instance.bays.hall[bay]),
        "fit_out": _take(instance.bays.fit_out, bay),
        "model": _take(instance.models.names, model),
        "step": instance.segments.step[segment],
    }


def _take(names: tuple[str, ...], positions: Ints) -> pd.api.extensions.ExtensionArray:
    return pd.array(list(names), dtype="str").take(positions)

"""Hourly tables of one site in one node, made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pyarrow as pa

from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.tree import Ints
from allocator.instance.types import Instance
from allocator.plan.extract.settled import Settled
from allocator.plan.extract.unserved import unserved_columns
from allocator.plan.parquet import Columns, from_columns, take, to_frame
from allocator.plan.plan import HourlyTables, SiteNodeTables
from allocator.plan.schema import HOURLY


class ScheduleTables(HourlyTables):
    """Hourly tables of the schedules in memory; each pair's tables are built when read and not kept."""

    def __init__(self, settled: Settled) -> None:
        self._settled = settled
        instance = settled.instance
        self._pairs = {
            (site_name, node_name): (site, node)
            for site, site_name in enumerate(instance.sites.names)
            for node, node_name in enumerate(instance.tree.name)
        }

    def __getitem__(self, pair: tuple[str, str]) -> SiteNodeTables:
        return {name: to_frame(HOURLY[name], table) for name, table in self.arrow(pair).items()}

    def arrow(self, pair: tuple[str, str]) -> dict[str, pa.Table]:
        here = (self._settled, *self._pairs[pair])
        return {name: from_columns(HOURLY[name], columns(*here)) for name, columns in _COLUMNS.items()}

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def _hours(settled: Settled, site: int, node: int) -> Columns:
    """Table `hours`."""
    store, hours = settled.instance.hours, settled.hours(site, node)
    own = store.steps(site, node)
    return {
        "utc": store.utc[own],
        "weight_h": hours.weight_h,
        "price_usd_per_mwh": hours.price_usd_per_mwh,
        "spot_usd_per_mwh": store.spot(site, node),
        "ambient_c": store.ambient_c[own],
        "grid_mw": settled.schedules[site, node].grid_mw,
        "limit_mw": hours.site_limit_mw,
    }


def _segments(settled: Settled, site: int, node: int) -> Columns:
    """Table `segments`."""
    instance, load = settled.instance, settled.schedules[site, node].load_mw
    step, row = np.nonzero(load.T > 0)
    return {
        "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
        **_machines(instance, site, row),
        "load_mw": load[row, step],
    }


def _bays(settled: Settled, site: int, node: int) -> Columns:
    """Table `bays`."""
    instance, hours = settled.instance, settled.hours(site, node)
    shed = firm_by_bay(hours, settled.schedules[site, node].shed_mw)
    of_site = np.flatnonzero(instance.bays.site == site)
    fitted = np.flatnonzero(settled.point.fitted[of_site, node] > 0.5)
    bay, steps = of_site[fitted], shed.shape[1]
    return {
        "utc": np.repeat(instance.hours.utc[instance.hours.steps(site, node)], len(bay)),
        "hall": take(instance.halls.names, np.tile(instance.bays.hall[bay], steps)),
        "fit_out": take(instance.bays.fit_out, np.tile(bay, steps)),
        "firm_mw": np.tile(settled.firm_mw[bay, node], steps),
        "shed_mw": shed[fitted].T.ravel(),
    }


def _storage(settled: Settled, site: int, node: int) -> Columns:
    """Table `storage`."""
    storage = settled.schedules[site, node].storage
    if storage is None:
        return {}
    return {
        "utc": settled.instance.hours.utc[settled.instance.hours.steps(site, node)],
        "charge_mw": storage.charge_mw,
        "discharge_mw": storage.discharge_mw,
        "stored_mwh": storage.stored_mwh,
    }


def _offers(settled: Settled, site: int, node: int) -> Columns:
    """Hourly table `offers`."""
    here, instance = settled.hours(site, node), settled.instance
    total = settled.schedules[site, node].offer_mw.sum(axis=1)
    step, service = np.nonzero(total.T > 0)
    price = np.zeros((0, here.hours)) if here.reserves is None else here.reserves.price_usd_per_mw_hour
    own = np.flatnonzero(instance.reserves.site == site)
    return {
        "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
        "service": take(instance.reserves.names, own[service]),
        "price_usd_per_mw_hour": price[service, step],
        "offered_mw": total[service, step],
    }


def _offered_loads(settled: Settled, site: int, node: int) -> Columns:
    """Hourly table `offered_loads`."""
    instance, offer = settled.instance, settled.schedules[site, node].offer_mw
    step, service, row = np.nonzero(np.moveaxis(offer, 2, 0) > 0)
    own = np.flatnonzero(instance.reserves.site == site)
    return {
        "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
        "service": take(instance.reserves.names, own[service]),
        **_machines(instance, site, row),
        "offered_mw": offer[service, row, step],
    }


def _worked_loads(settled: Settled, site: int, node: int) -> Columns:
    """Hourly table `worked_loads`."""
    instance, work = settled.instance, settled.schedules[site, node].work_mw
    step, job, row = np.nonzero(np.moveaxis(work, 2, 0) > 0)
    own = np.flatnonzero(instance.jobs.site == site)
    return {
        "utc": instance.hours.utc[instance.hours.steps(site, node)][step],
        "job": take(instance.jobs.names, own[job]),
        **_machines(instance, site, row),
        "work_mw": work[job, row, step],
    }


def _machines(instance: Instance, site: int, row: Ints) -> Columns:
    """Columns that say which machines a load is of; `row` counts the segments of the site."""
    segment = np.flatnonzero(instance.segments.site == site)[row]
    bay, model = instance.segments.bay[segment], instance.placements.model[instance.segments.placement[segment]]
    return {
        "hall": take(instance.halls.names, instance.bays.hall[bay]),
        "fit_out": take(instance.bays.fit_out, bay),
        "model": take(instance.models.names, model),
        "step": instance.segments.step[segment],
    }


_COLUMNS: Mapping[str, Callable[[Settled, int, int], Columns]] = {
    "hours": _hours,
    "segments": _segments,
    "bays": _bays,
    "unserved": unserved_columns,
    "storage": _storage,
    "offers": _offers,
    "offered_loads": _offered_loads,
    "worked_loads": _worked_loads,
}

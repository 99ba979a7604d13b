"""The hours of one site in one node: hourly tables read onto the instance's axes, and summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pandas as pd

from allocator.instance.battery import has_battery
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.schema import USES
from allocator.verify.axes import Axes, subset
from allocator.verify.case import Energy, HourCase, HourTenants, Sold
from allocator.verify.facts import Facts, scatter


def steps(instance: Instance, site: int, node: int) -> pd.Series:
    """Start of each step of the site in the node, UTC."""
    return pd.Series(instance.hours.utc[instance.hours.steps(site, node)].astype("datetime64[ms]")).dt.tz_localize(
        "UTC"
    )


def read_hours(
    instance: Instance, axes: Axes, facts: Facts, site: int, node: int, frames: Mapping[str, pd.DataFrame]
) -> HourCase:
    """Hourly tables of right form, rows of known names only, on the axes of the site."""
    utc = steps(instance, site, node)
    store = instance.hours
    bay, segment = np.flatnonzero(instance.bays.site == site), np.flatnonzero(instance.segments.site == site)
    service = np.flatnonzero(instance.reserves.site == site)
    bays, segments, storage = frames["bays"], frames["segments"], frames["storage"]
    stands = _within(bay, axes.bay_at(bays["hall"], bays["fit_out"])), _step_of(utc, bays["utc"])
    shape, stored = (len(bay), len(utc)), (_step_of(utc, storage["utc"]),)
    return HourCase(
        instance=instance,
        site=site,
        node=node,
        place={"site": instance.sites.names[site], "node": instance.tree.name[node]},
        bay=bay,
        segment=segment,
        segment_bay=_within(bay, instance.segments.bay[segment]),
        utc={"utc": pd.DatetimeIndex(utc)},
        bays=subset(axes.bays, bay),
        segments=subset(axes.segments, segment),
        hours=site_node(instance, site, node),
        spot_usd_per_mwh=store.spot(site, node),
        ambient_c=store.ambient_c[store.steps(site, node)],
        frames={**frames, "hours": frames["hours"].set_index("utc").reindex(utc).reset_index()},
        load_mw=_loads(axes, segment, utc, segments),
        shed_mw=scatter(shape, stands, bays["shed_mw"]),
        firm_mw=scatter(shape, stands, bays["firm_mw"]),
        bay_rows=scatter(shape, stands, np.ones(len(bays))),
        charge_mw=scatter((len(utc),), stored, storage["charge_mw"]),
        discharge_mw=scatter((len(utc),), stored, storage["discharge_mw"]),
        stored_mwh=scatter((len(utc),), stored, storage["stored_mwh"]),
        fitted=facts.fitted[bay, node],
        metered_mw=facts.metered_mw[bay, node],
        units=facts.units[instance.segments.placement[segment], node],
        worth_usd_per_mwh=instance.segments.value_usd_per_mwh[segment, node]
        + facts.premium_usd_per_btc[site, node] * instance.mined_btc_per_mwh[segment, node],
        service=service,
        services=subset(axes.services, service),
        **_offers(axes, service, segment, utc, frames),
        tenants=_tenants(instance, axes, facts, (site, node), utc, frames["unserved"]),
    )


def _tenants(
    instance: Instance, axes: Axes, facts: Facts, at: tuple[int, int], utc: pd.Series, frame: pd.DataFrame
) -> HourTenants:
    (site, node), compatible = at, instance.compatibility
    here = instance.bays.site[compatible.bay] == site
    contract, bay = compatible.contract[here], compatible.bay[here]
    row = np.full((len(instance.offers.names), len(instance.bays.names)), -1)
    row[contract, bay] = np.arange(len(bay))
    found, where = axes.contract_at(frame["contract"]), axes.bay_at(frame["hall"], frame["fit_out"])
    known = np.where((found >= 0) & (where >= 0), row[found, where], -1) if row.size else np.full(len(frame), -1)
    halls = subset(axes.bays, bay)
    return HourTenants(
        axis={**halls, "contract": [instance.offers.names[c] for c in contract]},
        contract=contract,
        bay=_within(np.flatnonzero(instance.bays.site == site), bay),
        metered_mw=_metered(instance, facts, node)[contract, bay],
        shed_mw=scatter((len(bay), len(utc)), (known, _step_of(utc, frame["utc"])), frame["shed_mw"]),
    )


def _metered(instance: Instance, facts: Facts, node: int) -> Floats:
    """Metered load of each contract in each bay, by its tranches in service in the node, (C, B)."""
    service = instance.service
    rows = np.flatnonzero(service.node == node)
    contract = service.contract[rows]
    tranche_mw = service.metered_mw[rows] / instance.offers.tranches[contract]
    total = np.zeros((len(instance.offers.names), len(instance.bays.names)))
    np.add.at(total, contract, tranche_mw[:, None] * facts.place[contract, :, service.signed[rows]])
    return total


def no_energy(instance: Instance) -> Energy:
    """Sums of hours nobody has read yet: nan; of batteries that are not there: 0."""
    sites, nodes = len(instance.sites.names), len(instance.tree)
    by_use = (sites, nodes, len(USES))
    there = [[has_battery(instance, site, node) for node in range(nodes)] for site in range(sites)]
    unread = np.where(there, np.nan, 0.0)
    return Energy(
        it_mwh=np.full(by_use, np.nan),
        gross_mwh=np.full(by_use, np.nan),
        cost_usd=np.full(by_use, np.nan),
        earned_usd=np.full((len(instance.models.names), sites, nodes), np.nan),
        credits_usd=np.full((len(instance.bays.names), nodes), np.nan),
        lost_usd=np.full((len(instance.offers.names), sites, nodes), np.nan),
        charged_mwh=unread.copy(),
        discharged_mwh=unread.copy(),
        charging_usd=unread.copy(),
        saved_usd=unread.copy(),
        mined_btc=np.full((sites, nodes), np.nan),
        sold=Sold(*(np.full((len(instance.reserves.names), nodes), np.nan) for _ in fields(Sold))),
    )


def add_energy(energy: Energy, case: HourCase) -> None:
    """Write the sums of one site and node into `energy`."""
    here, hours = (case.site, case.node), case.hours
    cost = hours.weight_h * hours.price_usd_per_mwh
    for use, name in enumerate(USES):
        draw = _draw(case, name)
        energy.it_mwh[(*here, use)] = _it_load(case, name).sum(axis=0) @ hours.weight_h
        energy.gross_mwh[(*here, use)] = draw @ hours.weight_h
        energy.cost_usd[(*here, use)] = draw @ cost
    energy.charged_mwh[here], energy.discharged_mwh[here] = (
        case.charge_mw @ hours.weight_h,
        case.discharge_mw @ hours.weight_h,
    )
    energy.charging_usd[here], energy.saved_usd[here] = case.charge_mw @ cost, case.discharge_mw @ cost
    mined_btc_per_mwh = case.instance.mined_btc_per_mwh[case.segment, case.node]
    energy.mined_btc[here] = mined_btc_per_mwh @ ((case.load_mw - _called_mw(case)) @ hours.weight_h)
    earned = (case.load_mw @ hours.weight_h) * hours.segment_value_usd_per_mwh
    by_model = np.zeros(len(case.instance.models.names))
    np.add.at(by_model, _model_of(case), earned)
    energy.earned_usd[:, case.site, case.node] = by_model
    energy.credits_usd[case.bay, case.node] = (case.shed_mw @ hours.weight_h) * hours.shed_usd_per_mwh
    energy.lost_usd[:, case.site, case.node] = _lost_usd(case)
    _add_sold(energy.sold, case)


def _called_mw(case: HourCase) -> Floats:
    """IT load of each segment that is expected to be called by the services it is offered to, (J, T)."""
    if case.hours.reserves is None:
        return np.zeros_like(case.load_mw)
    called = np.einsum("k,kjt->jt", case.hours.reserves.deployment_share, case.offer_mw)
    return np.asarray(called / (1.0 + case.hours.overhead[case.segment_bay]))


def _add_sold(sold: Sold, case: HourCase) -> None:
    hours, stated, cell = case.hours, case.hours.reserves, (case.service, case.node)
    if stated is None:
        return
    offered = case.offer_mw * hours.weight_h
    by_hour, called = offered.sum(axis=1), stated.deployment_share
    earned = hours.segment_value_usd_per_mwh[:, None] / (1.0 + hours.overhead[case.segment_bay])
    sold.offered_mw_h[cell] = by_hour.sum(axis=1)
    sold.called_mwh[cell] = called * by_hour.sum(axis=1)
    sold.capacity_usd[cell] = stated.kept_share * (by_hour * stated.price_usd_per_mw_hour).sum(axis=1)
    sold.called_usd[cell] = called * stated.deployment_usd_per_mwh * by_hour.sum(axis=1)
    sold.saved_usd[cell] = called * (by_hour * hours.price_usd_per_mwh).sum(axis=1)
    sold.lost_usd[cell] = called * (offered * earned).sum(axis=(1, 2))


def _lost_usd(case: HourCase) -> Floats:
    """What each contract would have paid at spot, overhead included, for the energy it did not get, (C,)."""
    tenants, offers = case.tenants, case.instance.offers
    drawn = tenants.shed_mw * (1.0 + case.hours.overhead[tenants.bay])
    lost = offers.pass_through_share[tenants.contract] * (drawn @ (case.hours.weight_h * case.spot_usd_per_mwh))
    return np.asarray(np.bincount(tenants.contract, lost, len(offers.names)), dtype=np.float64)


def _draw(case: HourCase, use: str) -> Floats:
    """Gross draw of one use in each step, (T,); what a battery takes less what it gives."""
    if use == "no_load":
        return np.full(case.hours.hours, float(case.hours.no_load_mw @ case.fitted))
    if use == "battery":
        return np.asarray(case.charge_mw - case.discharge_mw)
    return np.asarray(((1.0 + case.hours.overhead) * _it_load(case, use)).sum(axis=0))


def _it_load(case: HourCase, use: str) -> Floats:
    """Critical IT load of one use in each bay and step, (B, T)."""
    load = np.zeros_like(case.shed_mw)
    if use == "ai_colocation":
        return np.asarray(case.firm_mw - case.shed_mw)
    if use in ("mining", "gpu_cloud"):
        rents = case.instance.models.gpus[_model_of(case)] > 0
        own = rents if use == "gpu_cloud" else ~rents
        np.add.at(load, case.segment_bay[own], case.load_mw[own])
    return load


def _model_of(case: HourCase) -> Ints:
    return np.asarray(case.instance.placements.model[case.instance.segments.placement[case.segment]])


def _loads(axes: Axes, segment: Ints, utc: pd.Series, frame: pd.DataFrame) -> Floats:
    placement = axes.placement_at(frame["model"], axes.bay_at(frame["hall"], frame["fit_out"]))
    position = _within(segment, axes.segment_at(placement, frame["step"].to_numpy()))
    return scatter((len(segment), len(utc)), (position, _step_of(utc, frame["utc"])), frame["load_mw"])


def _offers(
    axes: Axes, service: Ints, segment: Ints, utc: pd.Series, frames: Mapping[str, pd.DataFrame]
) -> dict[str, Floats]:
    """Offers by load, (K, J, T), and as the table of offers states them, (K, T)."""
    loads, offers = frames["offered_loads"], frames["offers"]
    placement = axes.placement_at(loads["model"], axes.bay_at(loads["hall"], loads["fit_out"]))
    position = _within(segment, axes.segment_at(placement, loads["step"].to_numpy()))
    taker = _named(axes, service, loads["service"])
    at = _named(axes, service, offers["service"]), _step_of(utc, offers["utc"])
    shape = len(service), len(utc)
    return {
        "offer_mw": scatter(
            (len(service), len(segment), len(utc)), (taker, position, _step_of(utc, loads["utc"])), loads["offered_mw"]
        ),
        "offered_mw": scatter(shape, at, offers["offered_mw"]),
        "offered_price": scatter(shape, at, offers["price_usd_per_mw_hour"]),
        "offered_rows": scatter(shape, at, np.ones(len(offers))),
    }


def _named(axes: Axes, service: Ints, names: pd.Series) -> Ints:
    """Positions among the services of the site, whose names are its own."""
    own = pd.Index([axes.services["service"][k] for k in service], dtype="str")
    return np.asarray(own.get_indexer(pd.Index(names.astype("str"))), np.int64)


def _within(own: Ints, positions: Ints) -> Ints:
    """Positions counted among `own`, -1 for others."""
    return np.asarray(pd.Index(own).get_indexer(pd.Index(positions)), np.int64)


def _step_of(utc: pd.Series, cells: pd.Series) -> Ints:
    return np.asarray(pd.DatetimeIndex(utc).get_indexer(pd.DatetimeIndex(cells)), np.int64)

"""The hours of one site in one node: hourly tables read onto the instance's axes, and summed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

import numpy as np
import pandas as pd

from allocator.instance.battery import has_battery
from allocator.instance.grouped import add_by
from allocator.instance.site_node import site_node
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.schema import HOURLY, USES
from allocator.verify.axes import Axes, subset
from allocator.verify.case import Energy, HourCase, HourTenants, Sold, Worked
from allocator.verify.columns import Columns, Times, among, positions
from allocator.verify.facts import Facts, contract_load_mw, scatter


def steps(instance: Instance, site: int, node: int) -> Times:
    """Start of each step of the site in the node, UTC, rising."""
    return np.asarray(instance.hours.utc[instance.hours.steps(site, node)], dtype="datetime64[ms]")


def read_hours(
    instance: Instance,
    axes: Axes,
    facts: Facts,
    site: int,
    node: int,
    tables: Mapping[str, Columns],
    strike_usd_per_mwh: float | None,
) -> HourCase:
    """Hourly tables of right form, rows of known names only, on the axes of the site."""
    utc = steps(instance, site, node)
    store = instance.hours
    bay, segment = np.flatnonzero(instance.bays.site == site), np.flatnonzero(instance.segments.site == site)
    service, job = np.flatnonzero(instance.reserves.site == site), np.flatnonzero(instance.jobs.site == site)
    bays, storage = tables["bays"], tables["storage"]
    stands = _within(bay, axes.bay_at(bays.words("hall"), bays.words("fit_out"))), _step_of(utc, bays)
    shape, stored = (len(bay), len(utc)), (_step_of(utc, storage),)
    return HourCase(
        instance=instance,
        axes=axes,
        site=site,
        node=node,
        place={"site": instance.sites.names[site], "node": instance.tree.name[node]},
        bay=bay,
        segment=segment,
        segment_bay=_within(bay, instance.segments.bay[segment]),
        utc={"utc": pd.DatetimeIndex(utc).tz_localize("UTC")},
        bays=subset(axes.bays, bay),
        segments=subset(axes.segments, segment),
        hours=site_node(instance, site, node),
        strike_usd_per_mwh=strike_usd_per_mwh,
        spot_usd_per_mwh=store.spot(site, node),
        ambient_c=store.ambient_c[store.steps(site, node)],
        tables=tables,
        stated=_stated(utc, tables["hours"]),
        load_mw=_loads(axes, segment, utc, tables["segments"]),
        shed_mw=scatter(shape, stands, bays.numbers("shed_mw")),
        firm_mw=scatter(shape, stands, bays.numbers("firm_mw")),
        bay_rows=scatter(shape, stands, np.ones(len(bays))),
        charge_mw=scatter((len(utc),), stored, storage.numbers("charge_mw")),
        discharge_mw=scatter((len(utc),), stored, storage.numbers("discharge_mw")),
        stored_mwh=scatter((len(utc),), stored, storage.numbers("stored_mwh")),
        fitted=facts.fitted[bay, node],
        metered_mw=facts.metered_mw[bay, node],
        later_premium=float(facts.later_premium[site, node]),
        units=facts.units[instance.segments.placement[segment], node],
        worth_usd_per_mwh=instance.segments.value_usd_per_mwh[segment, node]
        + facts.premium_usd_per_btc[site, node] * instance.mined_btc_per_mwh[segment, node],
        service=service,
        services=subset(axes.services, service),
        **_offers(axes, service, segment, utc, tables),
        job=job,
        jobs=subset(axes.jobs, job),
        work_mw=_work(axes, job, segment, utc, tables["worked_loads"]),
        tenants=_tenants(instance, axes, facts, (site, node), utc, tables["unserved"]),
    )


def _tenants(
    instance: Instance, axes: Axes, facts: Facts, at: tuple[int, int], utc: Times, unserved: Columns
) -> HourTenants:
    (site, node), compatible = at, instance.compatibility
    here = instance.bays.site[compatible.bay] == site
    contract, bay = compatible.contract[here], compatible.bay[here]
    row = np.full((len(instance.offers.names), len(instance.bays.names)), -1)
    row[contract, bay] = np.arange(len(bay))
    found = axes.contract_at(unserved.words("contract"))
    where = axes.bay_at(unserved.words("hall"), unserved.words("fit_out"))
    known = np.where((found >= 0) & (where >= 0), row[found, where], -1) if row.size else np.full(len(unserved), -1)
    halls = subset(axes.bays, bay)
    return HourTenants(
        axis={**halls, "contract": [instance.offers.names[c] for c in contract]},
        contract=contract,
        bay=_within(np.flatnonzero(instance.bays.site == site), bay),
        metered_mw=contract_load_mw(instance, facts.place, node)[contract, bay],
        shed_mw=scatter((len(bay), len(utc)), (known, _step_of(utc, unserved)), unserved.numbers("shed_mw")),
    )


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
        unserved_mwh=np.full((len(instance.offers.names), len(instance.bays.names), nodes), np.nan),
        lost_usd=np.full((len(instance.offers.names), len(instance.bays.names), nodes), np.nan),
        charged_mwh=unread.copy(),
        discharged_mwh=unread.copy(),
        charging_usd=unread.copy(),
        saved_usd=unread.copy(),
        mined_btc=np.full((sites, nodes), np.nan),
        hash_ph_per_s=np.full((sites, nodes), np.nan),
        hash_mwh=np.full((sites, nodes), np.nan),
        block_mwh=np.zeros((sites, nodes)),
        replaced_usd=np.zeros((sites, nodes)),
        due_usd=np.full(len(instance.coincident.peak), np.nan),
        peak_mw=np.full(instance.demand.billed.shape, np.nan),
        worked=Worked(*(np.full((len(instance.jobs.names), nodes), np.nan) for _ in fields(Worked))),
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
    kept, ph_per_mw = (
        (case.load_mw - _called_mw(case)) @ hours.weight_h,
        case.instance.segments.hash_ph_per_mw[case.segment],
    )
    energy.mined_btc[here] = mined_btc_per_mwh @ kept
    energy.hash_ph_per_s[here] = ph_per_mw @ kept / hours.weight_h.sum()
    energy.hash_mwh[here] = kept[ph_per_mw > 0.0].sum()
    earned = (case.load_mw @ hours.weight_h) * hours.segment_value_usd_per_mwh
    by_model = np.zeros(len(case.instance.models.names))
    np.add.at(by_model, _model_of(case), earned)
    energy.earned_usd[:, case.site, case.node] = by_model
    _add_blocks(energy, case)
    _add_peaks(energy, case)
    _add_unserved(energy, case)
    _add_sold(energy.sold, case)
    by_segment = case.work_mw @ hours.weight_h
    energy.worked.done_mwh[case.job, case.node] = by_segment.sum(axis=1)
    energy.worked.displaced_usd[case.job, case.node] = by_segment @ hours.segment_value_usd_per_mwh


def _add_blocks(energy: Energy, case: HourCase) -> None:
    """What the draw at the meter takes of blocks, first of all, while spot is above zero."""
    block, here = case.hours.block, (case.site, case.node)
    if block is not None:
        drawn = sum(_draw(case, name) for name in USES)
        taken = np.where(case.spot_usd_per_mwh > 0.0, np.minimum(drawn, block.mw), 0.0) * case.hours.weight_h
        energy.block_mwh[here], energy.replaced_usd[here] = taken.sum(), taken @ case.spot_usd_per_mwh


def _add_peaks(energy: Energy, case: HourCase) -> None:
    """Highest draw at the meter in the hours that count for each demand charge, and what it adds at coincident ones."""
    drawn = np.sum([_draw(case, name) for name in USES], axis=0)
    if case.hours.coincident is not None:
        energy.due_usd[case.hours.coincident.cause] = case.hours.coincident.due_usd_per_mw @ drawn
    if case.hours.peaks:
        for peak in case.hours.peaks:
            energy.peak_mw[peak.label, case.node] = max(0.0, float(drawn[peak.counts].max()))


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
    sold.saved_usd[cell] = called * (by_hour * hours.paid_usd_per_mwh).sum(axis=1)
    sold.lost_usd[cell] = called * (offered * earned).sum(axis=(1, 2))


def _add_unserved(energy: Energy, case: HourCase) -> None:
    """Energy not served of each contract and bay, and what it would have paid for it at spot, overhead included."""
    tenants, weight_h = case.tenants, case.hours.weight_h
    at = tenants.contract, case.bay[tenants.bay], case.node
    energy.unserved_mwh[:, case.bay, case.node] = energy.lost_usd[:, case.bay, case.node] = 0.0
    energy.unserved_mwh[at] = tenants.shed_mw @ weight_h
    drawn = tenants.shed_mw * (1.0 + case.hours.overhead[tenants.bay])
    share = case.instance.offers.pass_through_share[tenants.contract]
    energy.lost_usd[at] = share * (drawn @ (weight_h * case.spot_usd_per_mwh))


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
        add_by(load, case.segment_bay[own], case.load_mw[own])
    return load


def _model_of(case: HourCase) -> Ints:
    return np.asarray(case.instance.placements.model[case.instance.segments.placement[case.segment]])


def _stated(utc: Times, hours: Columns) -> dict[str, Floats]:
    """Numbers of table hours by step, nan where a step has no row."""
    step = _step_of(utc, hours)
    numbers = [name for name, column in HOURLY["hours"].columns.items() if column.kind == "number"]
    stated = np.full((len(numbers), len(utc)), np.nan)
    stated[:, step[step >= 0]] = np.array([hours.numbers(name)[step >= 0] for name in numbers])
    return dict(zip(numbers, stated, strict=True))


def _loads(axes: Axes, segment: Ints, utc: Times, segments: Columns) -> Floats:
    position = _within(segment, axes.segment_of(segments))
    return scatter((len(segment), len(utc)), (position, _step_of(utc, segments)), segments.numbers("load_mw"))


def _offers(axes: Axes, service: Ints, segment: Ints, utc: Times, tables: Mapping[str, Columns]) -> dict[str, Floats]:
    """Offers by load, (K, J, T), and as the table of offers states them, (K, T)."""
    loads, offers = tables["offered_loads"], tables["offers"]
    own = positions([str(axes.services["service"][k]) for k in service])
    taken = loads.words("service").at(own), _within(segment, axes.segment_of(loads)), _step_of(utc, loads)
    at, shape = (offers.words("service").at(own), _step_of(utc, offers)), (len(service), len(utc))
    return {
        "offer_mw": scatter((len(service), len(segment), len(utc)), taken, loads.numbers("offered_mw")),
        "offered_mw": scatter(shape, at, offers.numbers("offered_mw")),
        "offered_price": scatter(shape, at, offers.numbers("price_usd_per_mw_hour")),
        "offered_rows": scatter(shape, at, np.ones(len(offers))),
    }


def _work(axes: Axes, job: Ints, segment: Ints, utc: Times, loads: Columns) -> Floats:
    """Load that does deferrable work, (D, J, T)."""
    own = positions([str(axes.jobs["job"][d]) for d in job])
    at = loads.words("job").at(own), _within(segment, axes.segment_of(loads)), _step_of(utc, loads)
    return scatter((len(job), len(segment), len(utc)), at, loads.numbers("work_mw"))


def _within(own: Ints, positions: Ints) -> Ints:
    """Positions counted among `own`, which rise, -1 for others."""
    return among(own, positions)


def _step_of(utc: Times, table: Columns) -> Ints:
    """Step of each row, -1 for times that are none."""
    return among(utc, table.times("utc"))

"""The hours of many site-nodes as flat tables: what `rows` needs to write all of them at once.

Only members that can matter are listed: loads where running, and the best offers for it, earn more than the cheapest
energy there can be, that mine Bitcoin that may be worth more than its price, or that are kept; bays where something may
run or firm load may stand, cooling limits that lie below what the hall limit lets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from allocator.dispatch.battery_hours import BatteryHours, battery_hours
from allocator.dispatch.battery_value import least_energy_usd_per_mwh
from allocator.dispatch.blocks import BlockHours, block_hours
from allocator.dispatch.blocks import spared_usd_per_mwh as spared_by_blocks
from allocator.dispatch.coincident import CauseHours, cause_hours, later_usd_per_mwh
from allocator.dispatch.interface import SiteNode
from allocator.dispatch.peaks import PeakHours, peak_hours
from allocator.dispatch.reserve_hours import Listed, OfferHours, offer_hours
from allocator.dispatch.reserve_value import earned_usd_per_mwh
from allocator.dispatch.shared_hours import PlantHours, SharedHours, feeder_hours, plant_hours
from allocator.dispatch.take import TakeHours, spared_usd_per_mwh, take_hours
from allocator.dispatch.work_hours import WorkHours, Workplace, work_hours
from allocator.instance.tree import Bools, Floats, Ints

T = TypeVar("T", bound=np.generic)


@dataclass(frozen=True)
class Pair:
    """One site-node and its place in the tables of capacity.

    Attributes:
        site, node: labels. first_hour: label of the first step; steps are numbered on from there.
        bays, tenancies, segments: labels, (B,), (K,) and (J,).
        bay_row: row of each bay in the table of fitted, -1 where the bay cannot exist, (B,).
        tenancy_row: row of each tenancy in the table of firm MW, -1 where it can have no load, (K,).
        segment_row: row of each segment in the table of segment MW, -1 where it cannot exist, (J,).
        services: labels of the ancillary services, (K,). jobs: of the deferrable work, (D,).
        peak_row: row of each of its demand charges in the table of peaks, (P,).
        kept: segments whose loads are listed whatever they earn, (J,), since something else than the margin of an hour
            may make them run; empty: none.
    """

    site_node: SiteNode
    site: int
    node: int
    first_hour: int
    bays: Ints
    tenancies: Ints
    segments: Ints
    bay_row: Ints
    tenancy_row: Ints
    segment_row: Ints
    services: Ints
    jobs: Ints
    peak_row: Ints
    kept: Bools = field(default_factory=lambda: np.zeros(0, dtype=bool))

    @property
    def firm(self) -> Bools:
        """True for bays in which firm load may stand, (B,)."""
        stands = np.zeros(self.site_node.bays, dtype=bool)
        stands[self.site_node.tenants.bay[self.tenancy_row >= 0]] = True
        return stands


@dataclass(frozen=True)
class Loads:
    """Segment-hours worth running; index (segment, bay, hour), R rows.

    Attributes:
        segment_row: row of the table of segment MW. pair: position of the site-node.
        air_share, liquid_share: heat split. margin_usd_per_mw: earnings less power, hour weight included.
        mined_btc_per_mw: hour weight included; 0 where nobody needs to count it.
    """

    index: pd.DataFrame
    segment_row: Ints
    pair: Ints
    air_share: Floats
    liquid_share: Floats
    margin_usd_per_mw: Floats
    mined_btc_per_mw: Floats


@dataclass(frozen=True)
class BayHours:
    """Bay-hours in use; index (bay, hour), R rows.

    Attributes:
        bay_row: row of the table of fitted. pair: position of the site-node.
        overhead, it_limit_mw, air_limit_mw, liquid_limit_mw, firm_air_share, firm_liquid_share: of the bay.
        air_binds, liquid_binds: True where the heat limit can bind before the hall limit does.
    """

    index: pd.DataFrame
    bay_row: Ints
    pair: Ints
    overhead: Floats
    it_limit_mw: Floats
    air_limit_mw: Floats
    liquid_limit_mw: Floats
    firm_air_share: Floats
    firm_liquid_share: Floats
    air_binds: Bools
    liquid_binds: Bools


@dataclass(frozen=True)
class FirmHours:
    """Tenancy-hours in which firm load may stand; index (tenancy, bay, hour), R rows.

    Attributes:
        tenancy_row: row of the table of firm MW. pair: position of the site-node. weight_h: of the step.
        shed_usd_per_mw: what shedding one MW saves in power less what it costs, hour weight included.
    """

    index: pd.DataFrame
    tenancy_row: Ints
    pair: Ints
    weight_h: Floats
    shed_usd_per_mw: Floats


@dataclass(frozen=True)
class Firm:
    """Tenancies that can have load in a site-node; index (tenancy, node), one row each.

    Attributes:
        tenancy_row: row of the table of firm MW. pair: position of the site-node.
        energy_usd_per_mw: energy of one MW over the node, if it is served.
        runs_out: True where an outage allowance can run out. outage_h: the allowance, hours of full load.
        beyond_usd_per_mwh: what is owed beyond it on top of its credit. most_mwh: more than can ever be beyond it.
    """

    index: pd.DataFrame
    tenancy_row: Ints
    pair: Ints
    energy_usd_per_mw: Floats
    runs_out: Bools
    outage_h: Floats
    beyond_usd_per_mwh: Floats
    most_mwh: Floats


@dataclass(frozen=True)
class Standing:
    """What a bay costs whatever runs; one row a bay that can exist in a site-node.

    Attributes:
        bay_row: row of the table of fitted. pair: position of the site-node.
        no_load_mw: gross draw when fitted. no_load_usd: its energy over the node, of a fitted bay.
    """

    bay_row: Ints
    pair: Ints
    no_load_mw: Floats
    no_load_usd: Floats


@dataclass(frozen=True)
class Steps:
    """Every step of every site-node; index (hour). pair: position of the site-node; site_limit_mw, weight_h: (R,)."""

    index: pd.DataFrame
    pair: Ints
    site_limit_mw: Floats
    weight_h: Floats


@dataclass(frozen=True)
class Hours:
    """All tables of some site-nodes; `pairs` has the axes (site, node).

    `energy_budget_mwh` of each pair, (pairs,); inf where the site limit lets no more through than the budget.
    """

    pairs: pd.DataFrame
    energy_budget_mwh: Floats
    steps: Steps
    bays: BayHours
    loads: Loads
    firm_hours: FirmHours
    firm: Firm
    standing: Standing
    batteries: BatteryHours
    feeders: SharedHours
    plants: PlantHours
    offers: OfferHours
    work: WorkHours
    takes: TakeHours
    blocks: BlockHours
    peaks: PeakHours
    causes: CauseHours


def make_hours(pairs: Sequence[Pair]) -> Hours:
    """Flat tables of the site-nodes, in the order given."""
    usage = [_usage(pair) for pair in pairs]
    bays = _bay_hours(pairs, usage)
    return Hours(
        pairs=pd.DataFrame({"site": [p.site for p in pairs], "node": [p.node for p in pairs]}, dtype=np.int64),
        energy_budget_mwh=np.array([_binding_budget_mwh(p.site_node) for p in pairs]),
        steps=_steps(pairs),
        bays=bays,
        loads=_loads(pairs, usage),
        firm_hours=_firm_hours(pairs),
        firm=_firm(pairs),
        standing=_standing(pairs),
        batteries=battery_hours([p.site_node for p in pairs], [p.first_hour for p in pairs]),
        feeders=feeder_hours(pairs, bays),
        plants=plant_hours(pairs, bays),
        offers=offer_hours([_listed(p, u) for p, u in zip(pairs, usage, strict=True)]),
        blocks=block_hours([p.site_node for p in pairs]),
        peaks=peak_hours(pairs),
        causes=cause_hours([p.site_node for p in pairs]),
        takes=take_hours([p.site_node for p in pairs], [p.bay_row for p in pairs]),
        work=work_hours([Workplace(_listed(p, u), p.jobs, p.node) for p, u in zip(pairs, usage, strict=True)]),
    )


@dataclass(frozen=True)
class _Usage:
    """margin: USD per MWh of load, (J, T); runs: worth running, offers included, (J, T); used: bay in use, (B, T)."""

    margin: Floats
    runs: Bools
    used: Bools


def _usage(pair: Pair) -> _Usage:
    here, gross = pair.site_node, (1 + pair.site_node.overhead)[pair.site_node.segment_bay]
    margin = here.segment_value_usd_per_mwh[:, None] - here.price_usd_per_mwh * gross
    least = least_energy_usd_per_mwh(here) - spared_usd_per_mwh(here) - spared_by_blocks(here) - later_usd_per_mwh(here)
    pays = (earned_usd_per_mwh(here) > least * gross) | (here.btc_per_mwh > 0)[:, None]
    if len(pair.kept):
        pays |= pair.kept[:, None]
    runs = pays & (pair.segment_row >= 0)[:, None]
    used = np.repeat(pair.firm[:, None], here.hours, axis=1)
    np.logical_or.at(used, here.segment_bay, runs)
    return _Usage(margin, runs, used)


def _listed(pair: Pair, usage: _Usage) -> Listed:
    return Listed(pair.site_node, pair.services, pair.segments, pair.bays, pair.first_hour, usage.runs)


def _binding_budget_mwh(here: SiteNode) -> float:
    return here.energy_budget_mwh if here.budget_binds else np.inf


def _steps(pairs: Sequence[Pair]) -> Steps:
    return Steps(
        index=_table(hour=_join([p.first_hour + np.arange(p.site_node.hours) for p in pairs])),
        pair=_join([np.full(p.site_node.hours, k) for k, p in enumerate(pairs)]),
        site_limit_mw=_join([p.site_node.site_limit_mw for p in pairs]),
        weight_h=_join([p.site_node.weight_h for p in pairs]),
    )


def _loads(pairs: Sequence[Pair], usage: Sequence[_Usage]) -> Loads:
    at = [np.nonzero(u.runs) for u in usage]
    each = list(zip(pairs, usage, at, strict=True))
    bay = [p.bays[p.site_node.segment_bay] for p in pairs]
    return Loads(
        index=_table(
            segment=_join([p.segments[j] for p, _, (j, _) in each]),
            bay=_join([bays[j] for bays, (j, _) in zip(bay, at, strict=True)]),
            hour=_join([p.first_hour + t for p, _, (_, t) in each]),
        ),
        segment_row=_join([p.segment_row[j] for p, _, (j, _) in each]),
        pair=_join([np.full(len(j), k) for k, (j, _) in enumerate(at)]),
        air_share=_join([p.site_node.segment_air_share[j] for p, _, (j, _) in each]),
        liquid_share=_join([p.site_node.segment_liquid_share[j] for p, _, (j, _) in each]),
        margin_usd_per_mw=_join([u.margin[j, t] * p.site_node.weight_h[t] for p, u, (j, t) in each]),
        mined_btc_per_mw=_join([p.site_node.btc_per_mwh[j] * p.site_node.weight_h[t] for p, _, (j, t) in each]),
    )


def _bay_hours(pairs: Sequence[Pair], usage: Sequence[_Usage]) -> BayHours:
    at = [np.nonzero(u.used) for u in usage]
    each = [(p.site_node, p, b, t) for p, (b, t) in zip(pairs, at, strict=True)]
    binds = [_heat_binds(p, u) for p, u in zip(pairs, usage, strict=True)]
    return BayHours(
        index=_table(
            bay=_join([p.bays[b] for _, p, b, _ in each]), hour=_join([p.first_hour + t for _, p, _, t in each])
        ),
        bay_row=_join([p.bay_row[b] for _, p, b, _ in each]),
        pair=_join([np.full(len(b), k) for k, (b, _) in enumerate(at)]),
        overhead=_join([s.overhead[b, t] for s, _, b, t in each]),
        it_limit_mw=_join([s.it_limit_mw[b] for s, _, b, _ in each]),
        air_limit_mw=_join([s.air_limit_mw[b, t] for s, _, b, t in each]),
        liquid_limit_mw=_join([s.liquid_limit_mw[b, t] for s, _, b, t in each]),
        firm_air_share=_join([s.firm_air_share[b] for s, _, b, _ in each]),
        firm_liquid_share=_join([s.firm_liquid_share[b] for s, _, b, _ in each]),
        air_binds=_join([air[b, t] for (air, _), (b, t) in zip(binds, at, strict=True)]),
        liquid_binds=_join([liquid[b, t] for (_, liquid), (b, t) in zip(binds, at, strict=True)]),
    )


def _firm_hours(pairs: Sequence[Pair]) -> FirmHours:
    at = [np.flatnonzero(p.tenancy_row >= 0) for p in pairs]
    each = [(p.site_node, p, np.repeat(k, p.site_node.hours)) for p, k in zip(pairs, at, strict=True)]
    return FirmHours(
        index=_table(
            tenancy=_join([p.tenancies[k] for _, p, k in each]),
            bay=_join([p.bays[s.tenants.bay[k]] for s, p, k in each]),
            hour=_join(
                [p.first_hour + np.tile(np.arange(p.site_node.hours), len(k)) for p, k in zip(pairs, at, strict=True)]
            ),
        ),
        tenancy_row=_join([p.tenancy_row[k] for _, p, k in each]),
        pair=_join([np.full(len(k), n) for n, (_, _, k) in enumerate(each)]),
        weight_h=_join([np.tile(s.weight_h, len(k)) for (s, _, _), k in zip(each, at, strict=True)]),
        shed_usd_per_mw=_join([_shed_margin(p.site_node)[k].ravel() for p, k in zip(pairs, at, strict=True)]),
    )


def _firm(pairs: Sequence[Pair]) -> Firm:
    at = [np.flatnonzero(p.tenancy_row >= 0) for p in pairs]
    each = [(p.site_node, p, k) for p, k in zip(pairs, at, strict=True)]
    return Firm(
        index=_table(
            tenancy=_join([p.tenancies[k] for _, p, k in each]),
            node=_join([np.full(len(k), p.node) for _, p, k in each]),
        ),
        tenancy_row=_join([p.tenancy_row[k] for _, p, k in each]),
        pair=_join([np.full(len(k), n) for n, k in enumerate(at)]),
        energy_usd_per_mw=_join(
            [(1 + s.overhead[s.tenants.bay[k]]) @ (s.weight_h * s.price_usd_per_mwh) for s, _, k in each]
        ),
        runs_out=_join([s.outage_runs_out[k] for s, _, k in each]),
        outage_h=_join([s.tenants.outage_h[k] for s, _, k in each]),
        beyond_usd_per_mwh=_join([s.beyond_usd_per_mwh[k] for s, _, k in each]),
        most_mwh=_join([s.it_limit_mw[s.tenants.bay[k]] * s.weight_h.sum() for s, _, k in each]),
    )


def _shed_margin(here: SiteNode) -> Floats:
    """(K, T) power saved by shedding one MW less what it costs, hour weight included."""
    power = here.price_usd_per_mwh * (1 + here.overhead[here.tenants.bay])
    return np.asarray(here.weight_h * (power - here.unserved_usd_per_mwh()))


def _heat_binds(pair: Pair, usage: _Usage) -> tuple[Bools, Bools]:
    """(B, T) twice: a loop whose limit is at least its largest heat share x the hall limit never binds first."""
    here = pair.site_node
    most = []
    for firm_share, share in (
        (here.firm_air_share, here.segment_air_share),
        (here.firm_liquid_share, here.segment_liquid_share),
    ):
        largest = np.repeat((pair.firm * firm_share)[:, None], here.hours, axis=1)
        np.maximum.at(largest, here.segment_bay, usage.runs * share[:, None])
        most.append(largest * here.it_limit_mw[:, None])
    return here.air_limit_mw < most[0], here.liquid_limit_mw < most[1]


def _standing(pairs: Sequence[Pair]) -> Standing:
    at = [np.flatnonzero(p.bay_row >= 0) for p in pairs]
    each = [(p.site_node, p, b) for p, b in zip(pairs, at, strict=True)]
    energy = [s.weight_h * s.price_usd_per_mwh for s, _, _ in each]
    return Standing(
        bay_row=_join([p.bay_row[b] for _, p, b in each]),
        pair=_join([np.full(len(b), k) for k, b in enumerate(at)]),
        no_load_mw=_join([s.no_load_mw[b] for s, _, b in each]),
        no_load_usd=_join([s.no_load_mw[b] * e.sum() for (s, _, b), e in zip(each, energy, strict=True)]),
    )


def _table(**columns: npt.NDArray[np.int64]) -> pd.DataFrame:
    return pd.DataFrame({name: np.asarray(values, dtype=np.int64) for name, values in columns.items()})


def _join(parts: Sequence[npt.NDArray[T]]) -> npt.NDArray[T]:
    return np.concatenate(parts)

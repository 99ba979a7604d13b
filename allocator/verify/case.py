"""What a rule is given: the instance, the plan's tables, the facts read off them, and the energy of the hours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from allocator.instance.coincident import at_later_worth
from allocator.instance.grouped import add_by
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Floats, Ints
from allocator.instance.types import Instance
from allocator.plan.meta import PlanMeta
from allocator.verify.axes import Axes
from allocator.verify.check import Axis, Check
from allocator.verify.columns import Columns
from allocator.verify.facts import Facts
from allocator.verify.timeline import Timeline


@dataclass(frozen=True)
class Sold:
    """What each ancillary service is sold in each node, (K, N) over the services of all sites; all money positive.

    Attributes:
        offered_mw_h: gross MW times hours. called_mwh: expected energy called.
        capacity_usd, called_usd: paid for capacity and for energy called. saved_usd: energy not bought.
        lost_usd: earnings of machines called.
    """

    offered_mw_h: Floats
    called_mwh: Floats
    capacity_usd: Floats
    called_usd: Floats
    saved_usd: Floats
    lost_usd: Floats


@dataclass(frozen=True)
class Worked:
    """What is done of deferrable work in each node, (D, N) over that of all sites.

    Attributes:
        done_mwh: work done. displaced_usd: rent that the same load would have earned.
    """

    done_mwh: Floats
    displaced_usd: Floats


@dataclass(frozen=True)
class Energy:
    """Sums over the hours, from the hourly tables; nan where a site-node's tables cannot be read.

    Attributes:
        it_mwh, gross_mwh, cost_usd: by site, node and use, (S, N, U).
        earned_usd: before power, by model, site and node, (M, S, N).
        unserved_mwh: tenant energy not served, by contract, bay and node, (C, B, N). lost_usd: the pass-through of it.
        charged_mwh, discharged_mwh: of the batteries; charging_usd, saved_usd: at the hour's price, (S, N).
        mined_btc: pool fee deducted, (S, N).
        hash_ph_per_s, hash_mwh: average hashrate and its IT energy, less what is expected to be called, (S, N).
        block_mwh, replaced_usd: used of blocks of power, and its cost at spot, (S, N).
        due_usd: what the draw adds to charges of coincident peaks, by cause, (E,).
        peak_mw: highest draw in the hours that count for each demand charge, (D, N).
        sold: to ancillary services. worked: of deferrable work.
    """

    it_mwh: Floats
    gross_mwh: Floats
    cost_usd: Floats
    earned_usd: Floats
    unserved_mwh: Floats
    lost_usd: Floats
    charged_mwh: Floats
    discharged_mwh: Floats
    charging_usd: Floats
    saved_usd: Floats
    mined_btc: Floats
    hash_ph_per_s: Floats
    hash_mwh: Floats
    block_mwh: Floats
    replaced_usd: Floats
    due_usd: Floats
    peak_mw: Floats
    sold: Sold
    worked: Worked


@dataclass(frozen=True)
class Case:
    """Everything about a plan but its single hours.

    Attributes:
        flow: table cash_flow, which every line of money asks for its rows.
        meta: head of the plan, None where only tables are verified.
        certificate: contents of certificate.json, None where there is none.
        derived: arrays that several rules need, by what derives them from the tables and what they were asked.
    """

    instance: Instance
    axes: Axes
    timeline: Timeline
    tables: Mapping[str, pd.DataFrame]
    flow: Columns
    facts: Facts
    energy: Energy
    meta: PlanMeta | None
    certificate: Mapping[str, object] | None
    derived: dict[tuple[object, ...], Floats] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True)
class HourTenants:
    """Contracts in the bays of one site; R pairs that the scenario allows, T steps.

    Attributes:
        axis: names of hall, fit-out and contract. contract: position. bay: among those of the site, (R,).
        metered_mw: load of the contract in the bay by its tranches, (R,). shed_mw: not served, (R, T).
    """

    axis: Axis
    contract: Ints
    bay: Ints
    metered_mw: Floats
    shed_mw: Floats


@dataclass(frozen=True)
class HourCase:
    """One site in one node. B bays, J segments and T steps are the site's own; H its halls.

    Attributes:
        place: {"site": ..., "node": ...}, put before the place of every violation.
        bay, segment: positions of the site's bays and segments in the instance. segment_bay: in `bay`, (J,).
        utc, bays, segments: axes for checks.
        hours: what the instance says of the hours. spot_usd_per_mwh, ambient_c: the same, beside it.
        axes: of the whole instance. tables: the hourly tables, rows of known names only.
        stated: columns of table hours by step, nan where a step has no row, (T,) each.
        load_mw: (J, T). shed_mw, firm_mw: (B, T). bay_rows: rows of table bays, (B, T).
        charge_mw, discharge_mw, stored_mwh: of the battery, 0 where there is none, (T,).
        worth_usd_per_mwh: earnings of each segment, with the premium that the plan states for Bitcoin, (J,).
        fitted: (B,). metered_mw: tenant load by the contracts, (B,). units: machines behind each segment, (J,).
        service: positions of the site's services, K of them; services: the axis for checks.
        offer_mw: from table offered_loads, (K, J, T). offered_mw, offered_price, offered_rows: from table offers,
            (K, T).
        job: positions of the site's deferrable work, D of it; jobs: the axis for checks.
        work_mw: from table worked_loads, (D, J, T).
        tenants: contracts that may stand in a bay of the site, and what they go short of.
        later_premium: what the plan says its hours gave for a dollar put off, beyond its discount.
        strike_usd_per_mwh: price of power that tells miners to run or to stop, as the head states; None: they earn.
    """

    instance: Instance
    axes: Axes
    site: int
    node: int
    place: Mapping[str, str]
    bay: Ints
    segment: Ints
    segment_bay: Ints
    utc: Axis
    bays: Axis
    segments: Axis
    hours: SiteNode
    spot_usd_per_mwh: Floats
    ambient_c: Floats
    tables: Mapping[str, Columns]
    stated: Mapping[str, Floats]
    load_mw: Floats
    shed_mw: Floats
    firm_mw: Floats
    bay_rows: Floats
    charge_mw: Floats
    discharge_mw: Floats
    stored_mwh: Floats
    fitted: Floats
    metered_mw: Floats
    units: Floats
    worth_usd_per_mwh: Floats
    service: Ints
    services: Axis
    offer_mw: Floats
    offered_mw: Floats
    offered_price: Floats
    offered_rows: Floats
    job: Ints
    jobs: Axis
    work_mw: Floats
    tenants: HourTenants
    strike_usd_per_mwh: float | None
    later_premium: float

    @cached_property
    def it_load_mw(self) -> Floats:
        """Critical IT load of each bay in each step, (B, T); many rules ask for it."""
        total = self.firm_mw - self.shed_mw
        add_by(total, self.segment_bay, self.load_mw)
        total.flags.writeable = False
        return total

    @cached_property
    def gross_mw(self) -> Floats:
        """Gross draw of each bay in each step, its own draw at no load included, (B, T)."""
        own = self.hours.no_load_mw * self.fitted
        gross: Floats = (1.0 + self.hours.overhead) * self.it_load_mw + own[:, None]
        gross.flags.writeable = False
        return gross

    @property
    def steering_usd_per_mwh(self) -> Floats:
        """Price of energy that the hours were run by, (T,): that of the table, but for what a dollar put off was worth
        beyond its discount."""
        return at_later_worth(self.hours, self.later_premium).price_usd_per_mwh


PlanRule = Callable[[Case], Iterable[Check]]
HourRule = Callable[[HourCase], Iterable[Check]]

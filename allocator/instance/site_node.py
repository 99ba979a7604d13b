"""The hours of one site in one node, cut out of the instance's hour store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from allocator.instance.battery import NodeBattery, node_battery
from allocator.instance.blocks import NodeBlock, node_block
from allocator.instance.coincident import NodeCoincident, node_coincident
from allocator.instance.demand import NodePeak, node_peaks
from allocator.instance.jobs import NodeJobs, node_jobs
from allocator.instance.reserves import NodeReserves, node_reserves
from allocator.instance.shared_limits import SiteFeeder, SitePlant, site_feeders, site_plants
from allocator.instance.take import NodeTake, node_take
from allocator.instance.tenants import SiteTenants, site_tenants
from allocator.instance.tree import Bools, Floats, Ints

if TYPE_CHECKING:
    from allocator.instance.types import Instance


@dataclass(frozen=True)
class SiteNode:
    """Everything the hours of one site in one node need; B bays, J segments, K tenancies, T hours.

    A bay is a hall in one fit-out. A segment is one power-mode step of one equipment model in one bay.

    Attributes:
        weight_h: hours each step stands for, (T,).
        price_usd_per_mwh: marginal price of grid energy, all adders included, (T,).
        site_limit_mw: gross limit at the meter, (T,).
        overhead: (PUE - 1) of each bay, (B, T).
        it_limit_mw: electrical limit of each bay when fitted, (B,).
        air_limit_mw, liquid_limit_mw: heat-rejection limits of each bay when fitted, (B, T).
        no_load_mw: gross MW a fitted bay draws whatever it runs, (B,).
        firm_air_share, firm_liquid_share: heat split of tenant load in each bay, (B,).
        segment_bay: bay of each segment, (J,), non-decreasing.
        segment_air_share, segment_liquid_share: heat split of each segment, (J,).
        segment_value_usd_per_mwh: net earnings per MWh of IT load before power, (J,).
        shed_usd_per_mwh: price of firm energy not served beyond what contracts allow, scalar.
        tenants: whose firm load it is.
        segment_btc_per_mwh: BTC mined per MWh of IT load where a BTC may be worth more or less than its price, (J,);
            None where it cannot.
        energy_budget_mwh: most gross energy over all steps, hour weights included; inf: none.
        battery: behind the meter; None: none.
        hall: hall of each bay, of which one bay at most is fitted, (B,); empty: every bay is a hall.
        feeders, plants: limits that several bays share.
        reserves: ancillary services to which running load may be offered; None: none.
        block: power bought at a fixed price for own use; None: none.
        take: energy that a host asks to be taken; None: none.
        peaks: demand charges, each a limit that planning sets on the draw of its hours.
        coincident: what of the price is due later, for coincident peaks; None: nothing.
    """

    weight_h: Floats
    price_usd_per_mwh: Floats
    site_limit_mw: Floats
    overhead: Floats
    it_limit_mw: Floats
    air_limit_mw: Floats
    liquid_limit_mw: Floats
    no_load_mw: Floats
    firm_air_share: Floats
    firm_liquid_share: Floats
    segment_bay: Ints
    segment_air_share: Floats
    segment_liquid_share: Floats
    segment_value_usd_per_mwh: Floats
    shed_usd_per_mwh: float
    energy_budget_mwh: float = np.inf
    battery: NodeBattery | None = None
    segment_btc_per_mwh: Floats | None = None
    tenants: SiteTenants = field(kw_only=True)

    @property
    def btc_per_mwh(self) -> Floats:
        """BTC mined per MWh of IT load, (J,); 0 where a BTC is worth its price, so that nobody needs to count it."""
        return np.zeros(self.segments) if self.segment_btc_per_mwh is None else self.segment_btc_per_mwh

    hall: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    feeders: tuple[SiteFeeder, ...] = ()
    plants: tuple[SitePlant, ...] = ()
    reserves: NodeReserves | None = None
    jobs: NodeJobs | None = None
    take: NodeTake | None = None
    block: NodeBlock | None = None
    peaks: tuple[NodePeak, ...] = ()
    coincident: NodeCoincident | None = None

    @property
    def paid_usd_per_mwh(self) -> Floats:
        """What of the price of grid energy is paid in the node, (T,): all but what coincident peaks add."""
        later = 0.0 if self.coincident is None else self.coincident.adder_usd_per_mwh
        return np.asarray(self.price_usd_per_mwh - later)

    @property
    def budget_binds(self) -> bool:
        """Whether the site limit lets more energy through than the budget."""
        return self.energy_budget_mwh < float(self.weight_h @ self.site_limit_mw)

    @property
    def bay_hall(self) -> Ints:
        """Hall of each bay, (B,)."""
        return self.hall if len(self.hall) else np.arange(self.bays)

    @property
    def hours(self) -> int:
        return int(self.weight_h.shape[0])

    @property
    def bays(self) -> int:
        return int(self.it_limit_mw.shape[0])

    @property
    def segments(self) -> int:
        return int(self.segment_bay.shape[0])

    @property
    def tenancies(self) -> int:
        return int(self.tenants.bay.shape[0])

    @property
    def outage_allowed(self) -> Bools:
        """Tenancies of which some load may be curtailed at less than the price of firm energy, (K,)."""
        low = self.tenants.outage_usd_per_mwh < self.shed_usd_per_mwh
        return np.asarray((self.tenants.outage_h > 0) & low)

    @property
    def outage_runs_out(self) -> Bools:
        """Those of them whose allowance does not cover every hour, (K,)."""
        return np.asarray(self.outage_allowed & (self.tenants.outage_h < float(self.weight_h.sum())))

    @property
    def credit_usd_per_mwh(self) -> Floats:
        """Credit for what is not served, as long as an allowance lasts, (K,)."""
        return np.where(self.outage_allowed, self.tenants.outage_usd_per_mwh, self.shed_usd_per_mwh)

    @property
    def beyond_usd_per_mwh(self) -> Floats:
        """What is owed on top of that credit beyond the allowance, (K,)."""
        return np.asarray(self.shed_usd_per_mwh - self.credit_usd_per_mwh)

    def unserved_usd_per_mwh(self) -> Floats:
        """What a MWh of firm load costs when it is not served: that credit and its pass-through, (K, T)."""
        return np.asarray(self.credit_usd_per_mwh[:, None] + self.tenants.passed_usd_per_mwh(self.overhead))


def site_node(instance: Instance, site: int, node: int) -> SiteNode:
    """The hours of one site in one node: views into the store, but for a price that is its own."""
    store, bays, segments = instance.hours, instance.bays, instance.segments
    coincident = node_coincident(instance, site, node)
    flat, own = store.steps(site, node), store.own_steps(site, node)
    of_bay, of_segment = bays.site == site, segments.site == site
    first_bay = int(np.argmax(of_bay))
    counted = instance.treasury is not None and bool(instance.treasury.coupled[node])
    return SiteNode(
        weight_h=store.weight_h[flat],
        price_usd_per_mwh=_plus(_less(store.price(site, node), instance.hosting.relief_of(site, node)), coincident),
        site_limit_mw=instance.sites.power_limit_mw[site] * store.open_share(flat),
        overhead=store.overhead[site][:, own],
        it_limit_mw=bays.it_limit_mw[of_bay],
        air_limit_mw=store.air_limit_mw[site][:, own],
        liquid_limit_mw=store.liquid_limit_mw[site][:, own],
        no_load_mw=bays.no_load_mw[of_bay],
        firm_air_share=bays.firm_air_share[of_bay],
        firm_liquid_share=bays.firm_liquid_share[of_bay],
        segment_bay=segments.bay[of_segment] - first_bay,
        segment_air_share=segments.air_share[of_segment],
        segment_liquid_share=segments.liquid_share[of_segment],
        segment_value_usd_per_mwh=segments.value_usd_per_mwh[of_segment, node],
        shed_usd_per_mwh=float(store.shed_usd_per_mwh[site]),
        energy_budget_mwh=float(instance.sites.energy_budget_mwh[site, node]),
        battery=node_battery(instance, site, node),
        tenants=site_tenants(instance, site, node),
        segment_btc_per_mwh=instance.mined_btc_per_mwh[of_segment, node] if counted else None,
        hall=bays.hall[of_bay],
        feeders=site_feeders(instance, site),
        plants=site_plants(instance, site, own),
        reserves=node_reserves(instance, site, own, segments.bay[of_segment]),
        jobs=node_jobs(instance, site, node, segments.bay[of_segment]),
        take=node_take(instance, site, node),
        block=node_block(instance, site, node),
        peaks=node_peaks(instance, site, node),
        coincident=coincident,
    )


def _plus(price_usd_per_mwh: Floats, coincident: NodeCoincident | None) -> Floats:
    """The price with what coincident peaks add; the same view where they add nothing."""
    return price_usd_per_mwh if coincident is None else price_usd_per_mwh + coincident.adder_usd_per_mwh


def _less(price_usd_per_mwh: Floats, relief_usd_per_mwh: float) -> Floats:
    """The price without relief; the same view where there is none."""
    return price_usd_per_mwh - relief_usd_per_mwh if relief_usd_per_mwh else price_usd_per_mwh

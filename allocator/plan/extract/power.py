"""Table power, and the money of energy, from the schedules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from allocator.dispatch.battery_value import BatteryMoney, battery_money
from allocator.dispatch.interface import Schedule
from allocator.dispatch.schedule import firm_by_bay
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats
from allocator.plan.extract.entries import Entry
from allocator.plan.extract.reserves import reserve_entries
from allocator.plan.extract.settled import Settled
from allocator.plan.extract.work import work_entries
from allocator.plan.frames import from_rows
from allocator.plan.schema import LOAD_USES, TABLES, USES


@dataclass(frozen=True)
class Energy:
    """Energy and money of one site in one node. MWh and USD; J segments and B bays of the site.

    Attributes:
        segment_use: index into USES of each segment, (J,).
    """

    site: int
    node: int
    hours: SiteNode
    schedule: Schedule
    fitted: Floats
    firm_mw: Floats
    segment_use: tuple[str, ...]

    @cached_property
    def gross(self) -> Floats:
        """Gross MW per IT MW of each bay in each step, (B, T)."""
        return 1.0 + self.hours.overhead

    @cached_property
    def segment_mwh(self) -> Floats:
        """IT energy of each segment, (J,)."""
        return _sum(self.schedule.load_mw * self.hours.weight_h)

    @cached_property
    def segment_gross(self) -> Floats:
        """Gross MW of each segment in each step, (J, T)."""
        return self.schedule.load_mw * self.gross[self.hours.segment_bay]

    @cached_property
    def shed_mw(self) -> Floats:
        """Tenant load not served, (B, T)."""
        return firm_by_bay(self.hours, self.schedule.shed_mw)

    @cached_property
    def firm_served_mw(self) -> Floats:
        """Tenant load served, (B, T)."""
        return self.firm_mw[:, None] - self.shed_mw

    @cached_property
    def no_load_gross(self) -> Floats:
        """Own draw of fitted bays in each step, (B, T)."""
        return np.repeat((self.hours.no_load_mw * self.fitted)[:, None], self.hours.hours, axis=1)

    @cached_property
    def segment_usd(self) -> Floats:
        """Earnings of each segment before power, (J,)."""
        return self.segment_mwh * self.hours.segment_value_usd_per_mwh

    @cached_property
    def battery(self) -> BatteryMoney | None:
        """Money of the battery; None where there is none."""
        owned, storage = self.hours.battery, self.schedule.storage
        return None if owned is None or storage is None else battery_money(self.hours, owned, storage)

    @property
    def uses(self) -> tuple[str, ...]:
        """Uses of power that the site has here."""
        return LOAD_USES if self.battery is None else USES

    def it_mwh(self, use: str) -> float:
        if use == "ai_colocation":
            return float(_sum(self.firm_served_mw * self.hours.weight_h).sum())
        return float(self.segment_mwh[self._of(use)].sum())

    def gross_mwh(self, use: str) -> float:
        return float(_sum(self._gross_mw(use) * self.hours.weight_h).sum())

    def power_cost_usd(self, use: str) -> float:
        return float(_sum(self._gross_mw(use) * self.hours.weight_h * self.hours.price_usd_per_mwh).sum())

    def _gross_mw(self, use: str) -> Floats:
        if use == "ai_colocation":
            return self.firm_served_mw * self.gross
        if use == "no_load":
            return self.no_load_gross
        if use == "battery":
            return self._battery_gross
        rows: Floats = self.segment_gross[self._of(use)]
        return rows

    @property
    def _battery_gross(self) -> Floats:
        storage = self.schedule.storage
        none = np.zeros((0, self.hours.hours))
        return none if storage is None else (storage.charge_mw - storage.discharge_mw)[None, :]

    def _of(self, use: str) -> Bools:
        return np.array([name == use for name in self.segment_use], dtype=bool)


@dataclass(frozen=True)
class TenantMoney:
    """What tenants of a site pay in a node, lost pass-through deducted, and what they are credited, USD."""

    paid_usd: float
    credited_usd: float


def energy(settled: Settled, site: int, node: int) -> Energy:
    """Energy of one site in one node under its schedule."""
    instance = settled.instance
    of_bay = instance.bays.site == site
    model = segment_models(settled, site)
    return Energy(
        site=site,
        node=node,
        hours=settled.hours(site, node),
        schedule=settled.schedules[site, node],
        fitted=settled.point.fitted[of_bay, node],
        firm_mw=settled.firm_mw[of_bay, node],
        segment_use=tuple("gpu_cloud" if instance.models.gpus[m] > 0 else "mining" for m in model),
    )


def segment_models(settled: Settled, site: int) -> list[int]:
    """Model of each segment of the site, (J,)."""
    instance = settled.instance
    of_segment = instance.segments.site == site
    return [int(model) for model in instance.placements.model[instance.segments.placement[of_segment]]]


def power_rows(found: Energy, settled: Settled, tenants: TenantMoney) -> list[dict[str, object]]:
    """Rows of table `power` of one site in one node."""
    names = settled.instance
    return [
        _power_row(found, names.tree.name[found.node], names.sites.names[found.site], use, tenants)
        for use in found.uses
    ]


def power_table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """Table `power`."""
    return from_rows(TABLES["power"], rows)


def battery_rows(found: Energy, settled: Settled) -> list[dict[str, object]]:
    """Rows of table `batteries` of one site in one node: one, or none."""
    money, storage = found.battery, found.schedule.storage
    if money is None or storage is None:
        return []
    weight = found.hours.weight_h
    return [
        {
            "node": settled.instance.tree.name[found.node],
            "site": settled.instance.sites.names[found.site],
            "charged_mwh": float(weight @ storage.charge_mw),
            "discharged_mwh": float(weight @ storage.discharge_mw),
            "charging_cost_usd": money.taken,
            "saved_usd": money.saved,
            "wear_cost_usd": money.wear,
            "foresight_usd": money.foresight,
            "margin_usd": money.total,
        }
    ]


def energy_entries(found: Energy, settled: Settled) -> Iterator[Entry]:
    """Earnings by model, power cost by use, the battery's money, reserves by service, work by job."""
    instance, node, site = settled.instance, found.node, found.site
    models = np.array(segment_models(settled, site), dtype=np.int64)
    for model in np.unique(models):
        line = "gpu_rental_revenue" if instance.models.gpus[model] > 0 else "mining_revenue"
        earned = float(found.segment_usd[models == model].sum())
        yield Entry(line, node, site, instance.models.names[model], earned)
    for use in LOAD_USES:
        yield Entry("power_cost", node, site, use, -found.power_cost_usd(use))
    if found.battery is not None:
        yield Entry("battery_trading", node, site, "", found.battery.saved - found.battery.taken)
        yield Entry("battery_wear", node, site, "", -found.battery.wear)
        yield Entry("battery_foresight", node, site, "", -found.battery.foresight)
    yield from reserve_entries(settled, site, node)
    yield from work_entries(settled, site, node)


def _power_row(found: Energy, node: str, site: str, use: str, tenants: TenantMoney) -> dict[str, object]:
    colocation = use == "ai_colocation"
    own = np.array([name == use for name in found.segment_use], dtype=bool)
    earned = tenants.paid_usd if colocation else float(found.segment_usd[own].sum())
    if use == "battery" and found.battery is not None:
        earned = -found.battery.wear - found.battery.foresight
    credited = tenants.credited_usd if colocation else 0.0
    cost = found.power_cost_usd(use)
    return {
        "node": node,
        "site": site,
        "use": use,
        "it_mwh": found.it_mwh(use),
        "gross_mwh": found.gross_mwh(use),
        "earnings_usd": earned,
        "sla_credits_usd": credited,
        "power_cost_usd": cost,
        "margin_usd": earned - credited - cost,
    }


def _sum(by_step: Floats) -> Floats:
    """Sum over the steps, the last axis."""
    total: Floats = by_step.sum(axis=-1)
    return total

"""Equipment models as a scenario states them: a catalogue reference, a full definition, or both."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.months import Month
from allocator.scenario.record import (
    UNCERTAIN,
    Count,
    Flag,
    GrowthPerYear,
    LeadMonths,
    Name,
    NonNegative,
    Positive,
    PositiveCount,
    Record,
    Share,
)
from allocator.scenario.values import UncertainValue

Cooling = Literal["air", "hydro", "immersion"]


class Equipment(Record):
    """One equipment model. A field stated here wins over the catalogue's."""

    catalogue: Name | None = None
    """Key of the catalogue to take technical figures from."""
    kind: Literal["asic", "gpu"] | None = None
    """asic or gpu; needed without a catalogue reference."""

    cooling: Cooling | None = None
    """ASIC: air, hydro or immersion."""
    th_per_s: Positive | None = None
    """ASIC: hashrate of its only mode, TH/s."""
    watts: Positive | None = None
    """ASIC: wall power of its only mode, W."""
    modes: Annotated[tuple[tuple[Positive, Positive], ...], Field(min_length=1, max_length=50)] | None = None
    """ASIC: power modes [[TH/s, W], ...], both rising; instead of `th_per_s` and `watts`."""

    power_kw: Positive | None = None
    """GPU: power of one system at full load, kW."""
    gpus: PositiveCount | None = None
    """GPU: GPUs in one system, count."""
    air_heat_share: Share | None = None
    """GPU: share of its heat that goes to air."""
    liquid_heat_share: Share | None = None
    """GPU: share of its heat that goes to the liquid loop; the two shares sum to 1."""
    idle_share: Share | None = None
    """GPU: power of an idle GPU as a share of full load."""
    rental_market: Name | None = None
    """GPU: name in the section `gpu_rental`."""

    block_units: PositiveCount
    """Indivisible lot in which units are bought, moved and sold, units."""
    slots_per_unit: Positive = 1.0
    """Rack positions one unit takes, count."""
    buyable: Flag
    """Whether units may be bought."""
    max_units: Count | None = None
    """Most units bought over the horizon, units; null: no limit."""
    lead_months: LeadMonths
    """From order to delivery, months."""
    price_usd: Annotated[NonNegative, UNCERTAIN] | None = None
    """Purchase price at the start, USD per unit; needed unless the catalogue has one."""
    resale_usd: Annotated[NonNegative, UNCERTAIN]
    """What a sold unit brings at the start, USD per unit; below the price."""
    price_growth_per_year: GrowthPerYear
    """Annual effective growth of price and resale alike, share."""
    install_usd: NonNegative = 0.0
    """Freight and racking, USD per unit installed."""
    refund_share: Share = 0.0
    """Share of the price that an order not delivered by the end of the horizon is worth."""
    uptime_share: Annotated[Share, Field(gt=0.0)]
    """Share of installed units that run; the others draw no power."""
    maintenance_usd_per_mwh: NonNegative = 0.0
    """Repairs and spare parts, USD per MWh of IT load."""
    restart_minutes: Annotated[NonNegative, Field(le=240.0)] = 0.0
    """From switching a machine on until it earns, minutes; it draws its power meanwhile. The nightly schedule counts
    this and the next three; the months do not, and say so."""
    least_off_hours: Annotated[NonNegative, Field(le=72.0)] = 0.0
    """Least time that a machine stays off once it is stopped, hours."""
    least_run_hours: Annotated[NonNegative, Field(le=72.0)] = 0.0
    """Least time that a machine runs once it is started, hours."""
    restart_usd_per_mw: NonNegative = 0.0
    """Wear and labour of one start, USD per MW of IT load in the first power mode."""


class Fleet(Record):
    """Units of one model that stand in one hall, or in the store, at the start, or that are on order then."""

    equipment: Name
    """Name in the section `equipment`."""
    hall: Name
    """Name of a hall, or `storage`."""
    units: Count
    """Units, a multiple of the model's `block_units`."""
    arrives: Month | None = None
    """Month in which an order that is paid for arrives in the store, YYYY-MM; null: the units are there."""


STORAGE = "storage"
"""The company-wide store between market and halls."""


class RentalMarket(Record):
    """A market in which GPU hours are sold."""

    usd_per_gpu_hour: UncertainValue
    """Rate, USD per GPU and hour."""
    sold_share: Annotated[Share, UNCERTAIN]
    """Share of GPU hours that find a buyer; the others draw idle power."""

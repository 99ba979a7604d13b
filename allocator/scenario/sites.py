"""Sites, their halls, and the fit-outs each hall may have."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from allocator.scenario.battery import Battery
from allocator.scenario.coincident_peaks import CoincidentPeak
from allocator.scenario.curves import Temperature
from allocator.scenario.day_ahead import DayAhead
from allocator.scenario.deferrable_work import DeferrableWork
from allocator.scenario.demand_charges import DemandCharge
from allocator.scenario.months import Month
from allocator.scenario.power_blocks import PowerBlock
from allocator.scenario.record import UNCERTAIN, Count, LeadMonths, Name, NonNegative, Number, Positive, Record
from allocator.scenario.reserves import Reserve
from allocator.scenario.shared_limits import Feeder, Plant
from allocator.scenario.values import UncertainValue, Value


class PowerPrice(Record):
    """What a MWh at the meter costs: scale * series + adder."""

    series: Annotated[Name, UNCERTAIN]
    """Name of a series in USD/MWh: the spot price of the site."""
    adder_usd_per_mwh: Number = 0.0
    """Wires, losses and retail margin, USD per MWh on top of spot. Not part of what tenants pass through."""
    scale: NonNegative = 1.0
    """Factor on the series, a plain number."""


class Ambient(Record):
    """Outdoor temperature of a site."""

    series: Annotated[Name, UNCERTAIN]
    """Name of a series in degrees C."""


class Conversion(Record):
    """What it takes to bring a hall into a fit-out."""

    capex_usd_per_mw: UncertainValue
    """Conversion capex, USD per MW of the option's IT limit; paid evenly over the lead time."""
    lead_months: LeadMonths
    """From decision to the first usable month, months."""
    downtime_months: LeadMonths
    """The last months of the lead in which the hall stands idle, months; at most `lead_months`."""


class HallOption(Record):
    """One fit-out a hall may have, with the limits the hall then has."""

    fit_out: Name
    """Name in the section `fit_outs`."""
    it_limit_mw: NonNegative
    """Electrical limit, critical IT MW."""
    slots: Count
    """Rack positions for machines, count."""
    air_heat_limit_mw: NonNegative | None
    """Heat the air side can remove at its best ambient, MW; null: not limiting."""
    liquid_heat_limit_mw: NonNegative | None
    """Heat the liquid loop can remove at its best ambient, MW; null: not limiting."""
    conversion: Conversion | None = None
    """How to get there. Needed for every option but the opening one."""


class UnderWay(Record):
    """A conversion that was decided before the start. It counts as decided in the first node, at what is left of it."""

    to: Name
    """Fit-out it leads to; one of `options`, which the hall is then converted to this once."""
    ready: Month
    """First month in which the new fit-out is usable, YYYY-MM; the first one where machines of the former fit-out are
    still there."""
    idle_from: Month
    """First month in which the hall stands idle, YYYY-MM; the month it is ready if it never does."""
    capex_left_usd: NonNegative
    """Capex that is not paid yet, USD; paid evenly over the months until it is ready."""


class Hall(Record):
    """A room or container block with its own electrical and cooling limits."""

    name: Name
    """Unique over all sites; not `storage`."""
    fit_out: Name
    """Fit-out at the start; one of `options`."""
    max_conversions: Annotated[Count, Field(le=10)] = 1
    """Most conversions over the horizon, one that is under way included, count."""
    under_way: UnderWay | None = None
    """A conversion under way at the start; null: none."""
    options: Annotated[tuple[HallOption, ...], Field(min_length=1)]
    """Every fit-out this hall may have, the opening one included."""

    @property
    def opening_option(self) -> HallOption:
        """The option the hall starts in."""
        return next(option for option in self.options if option.fit_out == self.fit_out)


class Site(Record):
    """One interconnection and the halls behind it."""

    name: Name
    """Unique."""
    power_limit_mw: Positive
    """Limit at the meter, gross MW."""
    price: PowerPrice
    """What power costs."""
    ambient: Ambient
    """Outdoor temperature."""
    day_ahead: DayAhead | None = None
    """What a MWh bought a day ahead costs, `scale` and adder of `price` on top; the plan does not look at it. null:
    nothing is bought ahead."""
    power_blocks: tuple[PowerBlock, ...] = ()
    """Blocks of power bought already for own use."""
    demand_charges: tuple[DemandCharge, ...] = ()
    """What is billed on the highest draw of each month."""
    coincident_peaks: tuple[CoincidentPeak, ...] = ()
    """What is billed on the draw while the whole system peaks (4CP and its kin)."""
    fixed_opex_usd_per_month: Value
    """Staff, rent, insurance and other cost that does not depend on the plan, USD per month."""
    energy_budget_mwh_per_month: Value | None = None
    """Most energy the meter may draw in each calendar month, gross MWh: of an interconnection agreement, a carbon cap,
    a tariff. A period of several months may spend the sum of theirs freely; beyond the horizon the last month's holds,
    spread evenly over the year. null: no budget."""
    design_ambient_c: Temperature | None = None
    """Temperature at which cooling is promised to tenants, degrees C; null: the hottest hour of each node."""
    battery: Battery | None = None
    """A battery behind the meter; null: none."""
    sla_shed_usd_per_mwh: Positive = 5000.0
    """Price of firm energy not served, USD per MWh of IT load. The default is an assumption."""
    reserves: tuple[Reserve, ...] = ()
    """Ancillary services to which running load may be offered."""
    deferrable_work: tuple[DeferrableWork, ...] = ()
    """Work that GPU machines of the site owe every month, in hours that suit."""
    halls: Annotated[tuple[Hall, ...], Field(min_length=1)]
    """The halls of the site."""
    feeders: tuple[Feeder, ...] = ()
    """Transformers, busways and feeders between the meter and several halls."""
    plants: tuple[Plant, ...] = ()
    """Cooling plants that several halls share."""

"""Hosting agreements: our machines at sites of others, who bring power, cooling and hands."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.equipment import Cooling
from allocator.scenario.months import Month
from allocator.scenario.record import Count, LeadMonths, Name, NonNegative, Positive, Record
from allocator.scenario.sites import PowerPrice
from allocator.scenario.unions import branch, by_kind
from allocator.scenario.values import UncertainValue, Value


class AllIn(Record):
    """One price a MWh for energy, space and care; the same in every hour of a month."""

    kind: Literal["all_in"]
    """A price by month."""
    usd_per_mwh: UncertainValue
    """Price of a MWh at the meter, USD per MWh; 75 is 7.5 US cents a kWh. A series is averaged over each month."""


class Indexed(PowerPrice):
    """A price that follows the hours of a market: scale * series + adder."""

    kind: Literal["indexed"]
    """A price by hour."""


HostingPrice = Annotated[
    Annotated[AllIn, branch("all_in")] | Annotated[Indexed, branch("indexed")], by_kind("all_in", "indexed")
]
"""kind: all_in, or kind: indexed."""


class Relief(Record):
    """The host bears part of a low hashprice:
    relief = min(usd_per_mwh_per_usd * max(0, below - hashprice), max(0, price of the period - floor))."""

    below_usd_per_ph_day: NonNegative
    """Gross hashprice under which the price falls, USD per PH/s and day."""
    usd_per_mwh_per_usd: NonNegative
    """Fall of the price, USD per MWh for each USD of hashprice below that."""
    floor_usd_per_mwh: NonNegative = 0.0
    """The average price of a period does not fall below this by relief, USD per MWh."""


class ProfitShare(Record):
    """The host takes a share of what mining earns there, instead of its price or beside it."""

    share: Annotated[float, Field(strict=True, gt=0.0, le=0.95)]
    """Share of the host, share."""
    of: Literal["margin", "revenue"] = "margin"
    """margin: what the energy at the agreement's price (`price`, the fee per MWh, relief) leaves of the revenue;
    revenue: all of it, pool and sale fees deducted."""


class MinimumTake(Record):
    """Energy that is paid for whether it is drawn or not, in every period."""

    share: Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
    """Share of the contracted power, overhead included, in the hours in which the host gives power, share."""
    usd_per_mwh: UncertainValue | None = None
    """Price of what is not taken, USD per MWh; null: the average price of the period, fee and relief included."""


class Termination(Record):
    """What it costs to end an agreement before its term."""

    fee_usd: NonNegative = 0.0
    """Paid when the agreement ends, USD."""
    fee_usd_per_month_left: NonNegative = 0.0
    """Paid besides for each month of the term that is left, USD."""


class HostingAgreement(Record):
    """Space, power and care for machines at one site of a host: in the plan a site with one hall, both of its name.

    It is in force in the nodes that lie wholly within its term.
    """

    name: Name
    """Unique among sites and halls; fleets name it as their hall."""
    cooling: Cooling
    """Which ASICs it takes: air, hydro or immersion."""
    capacity_mw: Positive
    """Contracted power of machines, critical IT MW; machines there draw no more than this at nameplate."""
    slots: Count | None = None
    """Rack positions, count; null: as many as the capacity can feed."""
    overhead_share: Annotated[NonNegative, Field(le=3.0)] = 0.0
    """What the host bills beyond the energy of the machines, share of it."""
    price: HostingPrice
    """What a MWh costs."""
    management_usd_per_mwh: NonNegative = 0.0
    """Management fee on top, USD per MWh."""
    management_usd_per_month: Value = 0.0
    """Management fee while the agreement is in force, whether machines run or not, USD per month."""
    profit_share: ProfitShare | None = None
    """What the host takes of earnings; null: nothing. With a price of 0 it stands instead of a price."""
    minimum_take: MinimumTake | None = None
    """What has to be taken or paid for; null: nothing."""
    curtailed_h_per_month: Annotated[Count, Field(le=600)] = 0
    """Hours of each month in which the host may give no power and pays nothing, hours: the dearest ones of an indexed
    price, any ones of a price by month."""
    relief: Relief | None = None
    """How the price falls with hashprice; null: it does not."""
    first_month: Month
    """First calendar month of the term, YYYY-MM; may lie before the horizon."""
    last_month: Month
    """Last calendar month of the term, YYYY-MM."""
    renewal_months: LeadMonths = 0
    """Months by which the term is prolonged on the same terms, unless notice is given to its end; that costs no fee."""
    notice_months: LeadMonths = 0
    """From notice to the end, months; the end falls on the start of a node that takes decisions."""
    termination: Termination | None = None
    """Price of ending it early; null: it cannot be ended within its term."""
    deposit_usd: NonNegative = 0.0
    """Paid in the first month of the term (earlier ones: held by the host already), given back at the end, USD."""
    removal_usd_per_unit: NonNegative = 0.0
    """Taking out a machine and bringing it home, USD per unit."""

    @property
    def end(self) -> Month:
        """The first month after the term, renewal included."""
        return self.last_month.plus(1 + self.renewal_months)

"""The month table that miners publish: Bitcoin produced, held and sold, hashrate, power cost net of credits.

Read off the tables of a plan, expected over all futures of a period. Definitions:

- sold: from holdings and of production, as the market takes it; without a treasury all production is sold as it is
  mined. Average price: of what is sold, before fees and slippage;
- deployed: nameplate of the miners standing in halls; operating: average over the hours, less what ancillary services
  are expected to call;
- power: energy at the site's price with adders, own blocks, fees of hosts and what a battery takes less what it saves,
  less energy that was sold to services and so not bought; of all uses, before tenants repay their part;
- power credits: fixed-price power resold at spot, above or below its price (line block_settlement); demand response:
  capacity offered to ancillary services and energy called by them;
- all-in cost: power less both credits, over the energy at the meter less what was called;
- fleet efficiency: energy of the operating miners over their hashrate; J/TH = MWh / (EH/s x h);
- m/m and y/y: against the calendar month before, and twelve before; none where periods are longer than a month.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from allocator.plan.lines import LATER_LINES
from allocator.plan.summary import SOURCES
from allocator.reports.periods import Periods, Tables

POWER_LINES = (
    *(line for line in SOURCES["power"] if line not in LATER_LINES),
    "battery_trading",
    "reserve_saved_energy",
    "hosting_management",
    "hosting_shortfall",
)
"""Lines of what power costs, hosts included; coincident peaks in the month that causes them, as its price has them."""
CREDIT_LINES = ("block_settlement",)
RESPONSE_LINES = ("reserve_sales", "reserve_called")
MONTHS_A_YEAR = 12

Figures = tuple[float | None, ...]


@dataclass(frozen=True)
class InvestorMonths:
    """One figure a period, (P,); None where a plan does not have it.

    Attributes:
        months: first calendar month of each period. lengths: months in it. days, hours: its length.
        proceeds_usd: what is sold, at the price of its node.
        hash_eh_h: operating hashrate x hours. hash_mwh: its energy, critical IT.
        metered_mwh: energy at the meter, less what services called.
    """

    months: tuple[str, ...]
    lengths: tuple[int, ...]
    days: tuple[float, ...]
    hours: tuple[float, ...]
    produced_btc: Figures
    sold_btc: Figures
    proceeds_usd: Figures
    held_btc: Figures
    deployed_eh_per_s: tuple[float, ...]
    hash_eh_h: tuple[float, ...]
    hash_mwh: tuple[float, ...]
    power_usd: tuple[float, ...]
    power_credits_usd: tuple[float, ...]
    demand_response_usd: tuple[float, ...]
    metered_mwh: tuple[float, ...]

    @property
    def btc_per_day(self) -> Figures:
        return _over(self.produced_btc, self.days)

    @property
    def average_usd_per_btc(self) -> Figures:
        return _over(self.proceeds_usd, self.sold_btc)

    @property
    def operating_eh_per_s(self) -> Figures:
        return _over(self.hash_eh_h, self.hours)

    @property
    def net_power_usd(self) -> tuple[float, ...]:
        """Power less both credits."""
        parts = zip(self.power_usd, self.power_credits_usd, self.demand_response_usd, strict=True)
        return tuple(power - credit - response for power, credit, response in parts)

    @property
    def all_in_c_per_kwh(self) -> Figures:
        return _over(self.net_power_usd, self.metered_mwh, 0.1)

    @property
    def fleet_j_per_th(self) -> Figures:
        return _over(self.hash_mwh, self.hash_eh_h)

    def change(self, values: Sequence[float | None], back: int) -> Figures:
        """Growth against the period `back` months before, as a share; None where there is none of a month."""
        return tuple(self._change(values, k, back) for k in range(len(self.months)))

    def _change(self, values: Sequence[float | None], k: int, back: int) -> float | None:
        here, before = values[k], values[k - back] if k >= back else None
        if here is None or not before or any(length != 1 for length in self.lengths[k - back : k + 1]):
            return None
        return here / before - 1.0


def investor_months(tables: Tables, time: Periods) -> InvestorMonths:
    """The table of a plan."""
    hashrate, flow = tables["hashrate"], tables["cash_flow"]
    produced, sold, proceeds, held = _bitcoin(tables, time)
    called = time.expected(tables["reserves"], "called_mwh")
    gross = time.expected(tables["power"], "gross_mwh")
    operating = hashrate["operating_ph_per_s"] * _hours_of(hashrate["node"], tables["nodes"]) / 1e3
    return InvestorMonths(
        months=time.starts,
        lengths=time.months,
        days=tuple(float(days) for days in time.days),
        hours=time.hours,
        produced_btc=produced,
        sold_btc=sold,
        proceeds_usd=proceeds,
        held_btc=held,
        deployed_eh_per_s=tuple(value / 1e3 for value in time.expected(hashrate, "deployed_ph_per_s")),
        hash_eh_h=time.expected_values(hashrate["node"], operating),
        hash_mwh=time.expected(hashrate, "operating_mwh"),
        power_usd=tuple(0.0 - value for value in _lines(flow, POWER_LINES, time)),
        power_credits_usd=_lines(flow, CREDIT_LINES, time),
        demand_response_usd=_lines(flow, RESPONSE_LINES, time),
        metered_mwh=tuple(drawn - less for drawn, less in zip(gross, called, strict=True)),
    )


def _bitcoin(tables: Tables, time: Periods) -> tuple[Figures, Figures, Figures, Figures]:
    """Produced, sold, what that brings at its price, and held at the end of each period."""
    made, own = tables["production"], tables["treasury"]
    if made.empty:
        none = (None,) * len(time)
        return none, none, none, none
    produced = time.expected(made, "mined_btc")
    if own.empty:
        worth = time.expected_values(made["node"], made["mined_btc"] * made["price_usd_per_btc"])
        return produced, produced, worth, (0.0,) * len(time)
    worth = time.expected_values(own["node"], own["market_btc"] * own["price_usd_per_btc"])
    return produced, time.expected(own, "market_btc"), worth, time.expected(own, "closing_btc")


def _lines(flow: pd.DataFrame, lines: Sequence[str], time: Periods) -> tuple[float, ...]:
    return time.expected(flow[flow["line"].isin(lines)], "amount_usd")


def _hours_of(node: pd.Series, nodes: pd.DataFrame) -> pd.Series:
    return node.map(dict(zip(nodes["node"], nodes["hours"], strict=True))).astype(float)


def _over(parts: Sequence[float | None], whole: Sequence[float | None], factor: float = 1.0) -> Figures:
    pairs = zip(parts, whole, strict=True)
    return tuple(None if part is None or not of else factor * part / of for part, of in pairs)

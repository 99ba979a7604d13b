"""What finance asks of a plan: EBITDA and free cash flow by year, internal rate of return, payback, yield on cost.

Everything is read off verified tables; nothing here is part of a plan. Amounts are undiscounted and expected (weighted
with the probability of their node). Definitions:

- EBITDA: operating lines of the period (`OPERATING_LINES`): all but capital, sold machines, deposits, Bitcoin, cash,
  loans and hedges;
- capex: `CAPITAL_LINES`; free cash flow: EBITDA - capex + sales of machines + deposits given back - deposits paid;
- NOI of colocation: rent + pass-through - power of its use - credits; its margin is a share of rent;
- internal rate of return: annual effective rate at which free cash flow at mid-period and the lines beyond the horizon
  at its end are worth nothing together; there is one only where money goes out before it comes in;
- payback: first month at whose end the free cash flow added up, once negative, is so no more;
- yield on cost: NOI of the hall's contracts in the last twelve months of the horizon, a year of them, over the capex
  of the conversion and of signing them. Power of colocation is known by site; a hall bears it by its contracted MW.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from allocator.instance.tree import Floats
from allocator.plan.lines import BELOW_LINES, OPERATING_LINES, PUT_OFF_LINES
from allocator.plan.schema import CAPITAL_LINES, DEPOSIT_LINES, LINES

REVENUE_LINES = tuple(line for line in OPERATING_LINES if LINES[line].sign > 0)
COLOCATION = "ai_colocation"
HIGHEST_RATE = 1e3
"""Rate per year beyond which no rate of return is sought: 100,000 %."""


@dataclass(frozen=True)
class YearFigures:
    """One calendar year, expected USD; `noi_usd` and `rent_usd` are of colocation alone.

    `deposits_usd`: given back less paid, with coincident peaks put off less those paid.
    """

    year: int
    revenue_usd: float
    ebitda_usd: float
    capex_usd: float
    machine_sales_usd: float
    deposits_usd: float
    rent_usd: float
    noi_usd: float

    @property
    def free_cash_flow_usd(self) -> float:
        return self.ebitda_usd - self.capex_usd + self.machine_sales_usd + self.deposits_usd

    @property
    def ebitda_margin_share(self) -> float | None:
        return self.ebitda_usd / self.revenue_usd if self.revenue_usd > 0 else None

    @property
    def noi_margin_share(self) -> float | None:
        return self.noi_usd / self.rent_usd if self.rent_usd > 0 else None


@dataclass(frozen=True)
class YieldOnCost:
    """A conversion: what its hall earns from tenants in a year at the end of the horizon, on what it cost."""

    hall: str
    fit_out: str
    capex_usd: float
    noi_usd_per_year: float

    @property
    def yield_share(self) -> float | None:
        return self.noi_usd_per_year / self.capex_usd if self.capex_usd > 0 else None


@dataclass(frozen=True)
class Metrics:
    """All of them; None where a figure does not exist, which `irr_note` and `payback_note` explain."""

    years: tuple[YearFigures, ...]
    irr_per_year: float | None
    irr_note: str
    payback_months: int | None
    payback_note: str
    yields: tuple[YieldOnCost, ...]
    yield_on_all_capex_share: float | None


def metrics(tables: Mapping[str, pd.DataFrame]) -> Metrics:
    """The figures of a plan's tables."""
    nodes, flow = _expected_flow(tables)
    irr, irr_note = rate_of_return(*flows_in_time(tables))
    payback, payback_note = _payback(flow, nodes)
    yields = _yields(tables, flow, nodes)
    return Metrics(
        years=_years(tables, flow, nodes),
        irr_per_year=irr,
        irr_note=irr_note,
        payback_months=payback,
        payback_note=payback_note,
        yields=yields,
        yield_on_all_capex_share=_overall(yields),
    )


def _expected_flow(tables: Mapping[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Nodes with their place in time, and the cash flow weighted with probability."""
    nodes = _timed(tables["nodes"])
    flow = tables["cash_flow"].merge(nodes, on="node", how="left")
    return nodes, flow.assign(expected_usd=flow["amount_usd"] * flow["probability"])


def rate_of_return(usd: Sequence[float], years: Sequence[float]) -> tuple[float | None, str]:
    """Annual effective rate at which flows are worth nothing, and in words why there is none.

    `usd` and `years` (K,): amounts and when they are paid, in order of time.
    """
    amount, when = np.asarray(usd, float), np.asarray(years, float)
    running = np.cumsum(amount)
    if not (amount < 0).any() or running.min() >= 0:
        return None, "no money is laid out before it comes in"
    if not (amount > 0).any():
        return None, "nothing comes back"

    def worth(rate: float) -> float:
        return float(amount @ (1.0 + rate) ** -when)

    if worth(0.0) < 0 and worth(-0.99) < 0:
        return None, "less comes back than was laid out, at any rate"
    low, high = (0.0, HIGHEST_RATE) if worth(0.0) >= 0 else (-0.99, 0.0)
    if worth(high) > 0:
        return None, "not defined: income comes before the outlays"
    return float(brentq(worth, low, high, xtol=1e-10)), ""


def _timed(nodes: pd.DataFrame) -> pd.DataFrame:
    """node, probability, year, first month of the horizon it starts in and its length, months."""
    start = nodes["start_month"].str.slice(0, 4).astype(int) * 12 + nodes["start_month"].str.slice(5, 7).astype(int)
    return pd.DataFrame(
        {
            "node": nodes["node"],
            "probability": nodes["probability"],
            "year": nodes["start_month"].str.slice(0, 4).astype(int),
            "first": start - start.min(),
            "months": nodes["months"],
        }
    )


def _total(flow: pd.DataFrame, lines: Sequence[str]) -> float:
    return math.fsum(flow.loc[flow["line"].isin(lines), "expected_usd"])


def _years(tables: Mapping[str, pd.DataFrame], flow: pd.DataFrame, nodes: pd.DataFrame) -> tuple[YearFigures, ...]:
    power = _colocation_power(tables["power"], nodes)
    found = []
    for year in sorted(set(nodes["year"])):
        own = flow[(flow["year"] == year) & (flow["when"] == "period")]
        rent, passed = _total(own, ["colocation_rent"]), _total(own, ["power_pass_through"])
        drawn = math.fsum(power.loc[power["year"] == year, "expected_usd"])
        found.append(
            YearFigures(
                year=int(year),
                revenue_usd=_total(own, REVENUE_LINES),
                ebitda_usd=_total(own, OPERATING_LINES),
                capex_usd=0.0 - _total(own, CAPITAL_LINES),
                machine_sales_usd=_total(own, ["equipment_sale"]),
                deposits_usd=_total(own, [*DEPOSIT_LINES, *PUT_OFF_LINES]),
                rent_usd=rent,
                noi_usd=rent + passed + _total(own, ["sla_credits"]) - drawn,
            )
        )
    return tuple(found)


def _colocation_power(power: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    """Expected power cost of colocation by node and site."""
    own = power[power["use"] == COLOCATION].merge(nodes, on="node", how="left")
    return own.assign(expected_usd=own["power_cost_usd"] * own["probability"])


def _free(flow: pd.DataFrame) -> pd.DataFrame:
    lines = [*OPERATING_LINES, *CAPITAL_LINES, *DEPOSIT_LINES, *PUT_OFF_LINES, "equipment_sale"]
    return flow[flow["line"].isin(lines)]


def flows_in_time(tables: Mapping[str, pd.DataFrame]) -> tuple[list[float], list[float]]:
    """Expected free cash flow at the middle of each period, and what lies beyond at the end of the horizon.

    USD, and years from the start, in order of time.
    """
    nodes, flow = _expected_flow(tables)
    free = _free(flow)
    when = (free["first"] + free["months"] / 2.0) / 12.0
    sums = {float(str(at)): math.fsum(amounts) for at, amounts in free.groupby(when)["expected_usd"]}
    end = float((nodes["first"] + nodes["months"]).max()) / 12.0
    times = sorted(sums)
    return [*(sums[at] for at in times), _beyond_usd(flow)], [*times, end]


def _beyond_usd(flow: pd.DataFrame) -> float:
    """What lies beyond the horizon, of what counts as free cash flow."""
    left = (flow["when"] == "horizon") & ~flow["line"].isin(BELOW_LINES)
    return math.fsum(flow.loc[left, "expected_usd"])


def _payback(flow: pd.DataFrame, nodes: pd.DataFrame) -> tuple[int | None, str]:
    free = _free(flow)
    ends = free["first"] + free["months"]
    sums = {int(str(end)): math.fsum(amounts) for end, amounts in free.groupby(ends)["expected_usd"]}
    months, running = sorted(sums), np.cumsum([sums[end] for end in sorted(sums)])
    short = np.flatnonzero(running < 0)
    if not len(short):
        return None, "no money is laid out before it comes in"
    last = int(short[-1])
    if last == len(months) - 1:
        return None, f"not within the {int((nodes['first'] + nodes['months']).max())} months of the horizon"
    if running[-1] + _beyond_usd(flow) < 0:
        return None, f"after {months[last + 1]} months, but what is owed beyond the horizon takes more than came back"
    return months[last + 1], ""


def _yields(tables: Mapping[str, pd.DataFrame], flow: pd.DataFrame, nodes: pd.DataFrame) -> tuple[YieldOnCost, ...]:
    """Of each conversion; one row a hall and fit-out."""
    noi = _noi_by_hall(tables, flow, nodes)
    signing = _signing_by_hall(tables, flow)
    made = tables["conversions"].drop_duplicates(["hall", "decided_node"])
    return tuple(
        YieldOnCost(
            hall=str(row["hall"]),
            fit_out=str(row["to_fit_out"]),
            capex_usd=float(row["capex_usd"]) + signing.get(str(row["hall"]), 0.0),
            noi_usd_per_year=noi.get(str(row["hall"]), 0.0),
        )
        for row in made.to_dict("records")
    )


def _noi_by_hall(tables: Mapping[str, pd.DataFrame], flow: pd.DataFrame, nodes: pd.DataFrame) -> dict[str, float]:
    """Colocation NOI of each hall in the last twelve months, a year of it."""
    end = int((nodes["first"] + nodes["months"]).max())
    late = nodes[nodes["first"] >= max(0, end - 12)]
    covered = float((late["months"] * late["probability"]).sum())
    rents = flow[flow["node"].isin(late["node"]) & flow["line"].isin(["colocation_rent", "power_pass_through"])]
    earned = _shared(tables["placements"], rents.groupby("subject")["expected_usd"].sum().to_dict())
    power = _colocation_power(tables["power"], late).dropna(subset=["expected_usd"])
    drawn = _power_by_hall(tables["halls"], power, late)
    years = covered / 12.0
    return {hall: (earned.get(hall, 0.0) - drawn.get(hall, 0.0)) / years for hall in {*earned, *drawn}}


def _signing_by_hall(tables: Mapping[str, pd.DataFrame], flow: pd.DataFrame) -> dict[str, float]:
    paid = flow[flow["line"] == "contract_capex"].groupby("subject")["expected_usd"].sum()
    return _shared(tables["placements"], (-paid).to_dict())


def _shared(placements: pd.DataFrame, by_contract: Mapping[object, float]) -> dict[str, float]:
    """Amounts by contract, shared among halls by the MW that stand there."""
    whole = placements.groupby("contract")["critical_it_mw"].transform("sum")
    amount = placements["contract"].map(by_contract).astype(float).fillna(0.0) * placements["critical_it_mw"] / whole
    return {str(hall): float(total) for hall, total in amount.groupby(placements["hall"]).sum().items()}


def _power_by_hall(halls: pd.DataFrame, power: pd.DataFrame, late: pd.DataFrame) -> dict[str, float]:
    """Power cost of colocation of each node and site, borne by halls by their contracted MW."""
    own = halls[halls["node"].isin(late["node"])]
    whole = own.groupby(["node", "site"])["contracted_mw"].transform("sum")
    cost = own.merge(power[["node", "site", "expected_usd"]], on=["node", "site"], how="left")["expected_usd"]
    share: Floats = np.where(whole > 0, own["contracted_mw"] / whole.where(whole > 0, 1.0), 0.0)
    borne = pd.Series(cost.to_numpy() * share, index=own.index)
    return {str(hall): float(total) for hall, total in borne.groupby(own["hall"]).sum().items()}


def _overall(yields: Sequence[YieldOnCost]) -> float | None:
    spent = math.fsum(line.capex_usd for line in yields)
    return math.fsum(line.noi_usd_per_year for line in yields) / spent if spent > 0 else None

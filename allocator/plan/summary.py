"""What a plan says in a page: structured data for the terminal and reports, read off the tables alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.hedges import SWAP
from allocator.plan.binding import Binding, binding
from allocator.plan.chance_lines import LimitedChance, limited_chances
from allocator.plan.covenant_lines import CovenantLine, covenant_lines
from allocator.plan.lines import LATER_LINES, TAX_LINES
from allocator.plan.meta import PlanMeta
from allocator.plan.peak_lines import PeakLine, peak_lines
from allocator.plan.plan import Plan
from allocator.plan.schema import (
    EQUITY_LINES,
    FINANCING_LINES,
    HEDGE_LINES,
    HOSTING_LINES,
    LINES,
    TREASURY_LINES,
    USES,
)

SOURCES: Mapping[str, tuple[str, ...]] = {
    "mining": ("mining_revenue", "terminal_mining"),
    "ai_colocation": (
        "colocation_rent",
        "power_pass_through",
        "pass_through_lost",
        "sla_credits",
        "curtailment_credits",
        "contract_capex",
        "terminal_contract_rent",
        "terminal_contract_energy",
    ),
    "gpu_cloud": ("gpu_rental_revenue",),
    "reserves": ("reserve_sales", "reserve_called", "reserve_saved_energy", "reserve_lost_earnings"),
    "work": ("work_pay", "work_displaced", "work_penalty"),
    "power": ("power_cost", "demand_charge", *LATER_LINES, "block_energy", "block_used"),
    "battery": ("battery_trading", "battery_wear", "battery_foresight"),
    "machines": (
        "equipment_purchase",
        "equipment_sale",
        "install_cost",
        "terminal_equipment",
        "terminal_undelivered",
    ),
    "conversions": ("conversion_capex", "terminal_unpaid_capex"),
    "hosting": HOSTING_LINES,
    "fixed_opex": ("fixed_opex", "terminal_fixed_opex"),
    "treasury": TREASURY_LINES,
    "debt": FINANCING_LINES,
    "equity": EQUITY_LINES,
    "tax": TAX_LINES,
    "hedges": HEDGE_LINES,
}
"""Lines of the cash flow by source of value; every line has exactly one source."""

MOVES = ("mined_btc", "retained_btc", "bought_btc", "sold_btc")
"""Columns of table treasury that are summed over a year."""
LEAST_SHORT_USD = 0.5
"""Cash that must be missing at a node for it to be told: less would be printed as $0."""


@dataclass(frozen=True)
class Conversion:
    """One conversion, as the table says it."""

    hall: str
    from_fit_out: str
    to_fit_out: str
    decided_node: str
    ready_node: str
    capex_usd: float


@dataclass(frozen=True)
class ContractLine:
    """One contract: where and from when it stands, or why not."""

    contract: str
    accepted: bool
    critical_it_mw: float
    first_service_month: str
    halls: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class HostLine:
    """One hosting agreement: machines there in the first and last node of its term, MW; energy, and its average price.

    `usd_per_mwh` is None where no energy was drawn. `ended`: node with whose start notice ends it, "" where none does.
    """

    agreement: str
    first_mw: float
    last_mw: float
    energy_mwh: float
    usd_per_mwh: float | None
    ended: str


@dataclass(frozen=True)
class Trade:
    """Units of one model ordered or sold in one node, and what that costs (negative) or brings, undiscounted."""

    node: str
    model: str
    bought_units: int
    sold_units: int
    flow_usd: float


@dataclass(frozen=True)
class UseOfYear:
    """Average gross MW at the meter by use, expected over the nodes that start in a calendar year."""

    year: int
    gross_mw: Mapping[str, float]


@dataclass(frozen=True)
class BitcoinYear:
    """Bitcoin in the nodes that start in a calendar year, expected; holdings at the end of the last of them."""

    year: int
    mined_btc: float
    retained_btc: float
    bought_btc: float
    sold_btc: float
    held_btc: float


@dataclass(frozen=True)
class HedgeLine:
    """One instrument: units held at the start and bought, and its money, expected; `worth_usd` is discounted.

    `per_mwh_usd`: of a block of power, spot less fixed price over what is delivered; None for the others.
    """

    hedge: str
    kind: str
    unit: str
    opening_units: float
    bought_units: float
    premium_usd: float
    payoff_usd: float
    worth_usd: float
    per_mwh_usd: float | None


@dataclass(frozen=True)
class SourceLine:
    """Discounted value of one source, within the horizon and beyond it."""

    source: str
    within_usd: float
    beyond_usd: float

    @property
    def total_usd(self) -> float:
        return self.within_usd + self.beyond_usd


@dataclass(frozen=True)
class Tightness:
    """How close the plan comes to limits that prices with integers fixed cannot value.

    Attributes:
        reserved: by site, (most reserved MW, limit MW, node). least_cash: (USD above the minimum, node).
        short_nodes: how many nodes end with a shortfall of cash of half a dollar or more.
    """

    reserved: Mapping[str, tuple[float, float, str]]
    least_cash: tuple[float, str]
    short_nodes: int = 0


@dataclass(frozen=True)
class Summary:
    """A plan in a page."""

    meta: PlanMeta
    conversions: tuple[Conversion, ...]
    contracts: tuple[ContractLine, ...]
    trades: tuple[Trade, ...]
    hosts: tuple[HostLine, ...]
    uses: tuple[UseOfYear, ...]
    bitcoin: tuple[BitcoinYear, ...]
    hedges: tuple[HedgeLine, ...]
    sources: tuple[SourceLine, ...]
    binding: tuple[Binding, ...]
    tightness: Tightness
    chances: tuple[LimitedChance, ...]
    covenants: tuple[CovenantLine, ...] = ()
    peaks: tuple[PeakLine, ...] = ()

    @property
    def accepted(self) -> tuple[ContractLine, ...]:
        return tuple(line for line in self.contracts if line.accepted)

    @property
    def refused(self) -> tuple[ContractLine, ...]:
        return tuple(line for line in self.contracts if not line.accepted)


def summarise(plan: Plan) -> Summary:
    """The page of a plan, from memory or read from disk."""
    tables = plan.tables
    return Summary(
        meta=plan.meta,
        conversions=_conversions(tables["conversions"]),
        contracts=_contracts(tables["contracts"], tables["placements"]),
        trades=_trades(tables["trades"]),
        hosts=_hosts(tables["hosting"], tables["terminations"]),
        uses=_uses(tables["power"], tables["nodes"]),
        bitcoin=_bitcoin(tables["treasury"], tables["nodes"]),
        hedges=_hedges(tables["hedges"], tables["nodes"], tables["cash_flow"]),
        sources=_sources(tables["cash_flow"]),
        binding=binding(tables["marginal_values"]),
        tightness=_tightness(_own(tables["reserved"], tables["hosting"]), tables["cash"]),
        chances=limited_chances(tables["chances"]),
        covenants=covenant_lines(tables["covenants"]),
        peaks=peak_lines(tables["demand_charges"], tables["coincident_peaks"], tables["nodes"]),
    )


def _conversions(table: pd.DataFrame) -> tuple[Conversion, ...]:
    named = list(Conversion.__dataclass_fields__)
    return tuple(Conversion(**row) for row in _records(table[named]))


def _contracts(table: pd.DataFrame, placements: pd.DataFrame) -> tuple[ContractLine, ...]:
    halls = placements.groupby("contract")["hall"].unique().to_dict()
    named = ["contract", "accepted", "critical_it_mw", "first_service_month", "reason"]
    return tuple(ContractLine(**row, halls=tuple(halls.get(row["contract"], ()))) for row in _records(table[named]))


def _trades(table: pd.DataFrame) -> tuple[Trade, ...]:
    flow = table["sold_units"] * table["resale_usd_per_unit"] - table["bought_units"] * table["price_usd_per_unit"]
    traded = table.assign(flow_usd=flow)[(table["bought_units"] > 0) | (table["sold_units"] > 0)]
    return tuple(Trade(**row) for row in _records(traded[list(Trade.__dataclass_fields__)]))


def _hosts(hosting: pd.DataFrame, terminations: pd.DataFrame) -> tuple[HostLine, ...]:
    ended = terminations.groupby("agreement")["end_node"].first().to_dict()
    return tuple(
        HostLine(
            agreement=str(name),
            first_mw=float(rows["installed_mw"].iloc[0]),
            last_mw=float(rows["installed_mw"].iloc[-1]),
            energy_mwh=math.fsum(rows["energy_mwh"]),
            usd_per_mwh=math.fsum(rows["energy_usd"]) / mwh if (mwh := math.fsum(rows["energy_mwh"])) else None,
            ended=str(ended.get(name, "")),
        )
        for name, rows in hosting.groupby("agreement", sort=False)
    )


def _own(reserved: pd.DataFrame, hosting: pd.DataFrame) -> pd.DataFrame:
    """Rows of the company's own sites: at hosts nothing can be reserved."""
    return reserved[~reserved["site"].isin(hosting["agreement"])]


def _uses(power: pd.DataFrame, nodes: pd.DataFrame) -> tuple[UseOfYear, ...]:
    """Energy of a year over its hours, both expected over the nodes that start in it."""
    weighted = nodes.set_index("node").assign(year=nodes["start_month"].str.slice(0, 4).astype(int).to_numpy())
    hours = (weighted["hours"] * weighted["probability"]).groupby(weighted["year"]).sum()
    expected = power["gross_mwh"] * power["node"].map(weighted["probability"])
    energy = expected.groupby([power["node"].map(weighted["year"]), power["use"]]).sum().to_dict()
    return tuple(
        UseOfYear(int(y), {use: float(energy.get((y, use), 0.0)) / float(hours[y]) for use in USES})
        for y in sorted(hours.index)
    )


def _bitcoin(treasury: pd.DataFrame, nodes: pd.DataFrame) -> tuple[BitcoinYear, ...]:
    """Nothing without a treasury."""
    both = treasury.merge(nodes[["node", "probability", "start_month"]], on="node")
    both["year"] = both["start_month"].str.slice(0, 4).astype(int)
    return tuple(_bitcoin_of(year, both[both["year"] == year]) for year in sorted(set(both["year"].tolist())))


def _bitcoin_of(year: int, own: pd.DataFrame) -> BitcoinYear:
    weight, last = own["probability"].to_numpy(), own[own["start_month"] == own["start_month"].max()]
    mined, retained, bought, sold = (weight @ own[name].to_numpy() for name in MOVES)
    held = np.average(last["closing_btc"].to_numpy(), weights=last["probability"].to_numpy())
    return BitcoinYear(year, *map(float, (mined, retained, bought, sold, held)))


def _hedges(hedges: pd.DataFrame, nodes: pd.DataFrame, cash_flow: pd.DataFrame) -> tuple[HedgeLine, ...]:
    both, of_hedges = hedges.merge(nodes[["node", "probability"]], on="node"), cash_flow["line"].isin(HEDGE_LINES)
    worth = cash_flow[of_hedges].groupby("subject")["discounted_usd"].sum()
    return tuple(
        _hedge_line(str(name), own, float(worth.get(name, 0.0))) for name, own in both.groupby("hedge", sort=False)
    )


def _hedge_line(name: str, own: pd.DataFrame, worth_usd: float) -> HedgeLine:
    def expected(column: str) -> float:
        return math.fsum(own["probability"] * own[column])

    kind, settled = str(own["kind"].iloc[0]), expected("settled_units")
    return HedgeLine(
        hedge=name,
        kind=kind,
        unit=str(own["unit"].iloc[0]),
        opening_units=float(own["held_units"].iloc[0]),
        bought_units=expected("bought_units"),
        premium_usd=expected("premium_usd"),
        payoff_usd=expected("payoff_usd"),
        worth_usd=worth_usd,
        per_mwh_usd=expected("payoff_usd") / settled if kind == SWAP and settled > 0 else None,
    )


def _sources(cash_flow: pd.DataFrame) -> tuple[SourceLine, ...]:
    def worth(lines: tuple[str, ...], when: str) -> float:
        chosen = [line for line in lines if LINES[line].when == when]
        return math.fsum(cash_flow.loc[cash_flow["line"].isin(chosen), "discounted_usd"])

    return tuple(SourceLine(name, worth(lines, "period"), worth(lines, "horizon")) for name, lines in SOURCES.items())


def _tightness(reserved: pd.DataFrame, cash: pd.DataFrame) -> Tightness:
    most = reserved.loc[reserved.groupby("site", sort=False)["reserved_mw"].idxmax()]
    spare = (cash["closing_usd"] - cash["minimum_usd"]).to_numpy()
    least = int(spare.argmin())
    return Tightness(
        reserved={row["site"]: (row["reserved_mw"], row["limit_mw"], row["node"]) for row in _records(most)},
        least_cash=(float(spare[least]), str(cash["node"][least])),
        short_nodes=int((cash["shortfall_usd"] >= LEAST_SHORT_USD).sum()),
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in table.to_dict("records")]

"""What finance asks of a plan, as one list of figures that plans can be aligned by.

Everything is read off verified tables; market prices and terms of contracts come from the instance and scenario the
plan was made for. Amounts are expected and undiscounted unless said otherwise. Besides those of `plan.metrics` and
`plan.liquidity`:

- conversion cost per MW: capex of conversions over the critical IT MW of the halls they make, both weighted with the
  probability of the decision;
- hashrate at work: PH-days, which are mining revenue over hashprice less fees, over days; installed: nameplate of the
  machines in halls when the horizon ends;
- hashcost: energy of mining over PH-days; energy per Bitcoin: the same over Bitcoin mined;
- backlog: rent of signed contracts over their whole terms, neither discounted nor weighted with credit;
- USD/MWh of a use: earnings before power, and after energy at the site's price, over energy at the meter;
- LTV headroom: call level less loan to value at the lowest price of the node, before acting and once free Bitcoin is
  posted, the least of all nodes; how a plan opens is left out;
- probability of a call, of one that free Bitcoin does not meet, of missing cash: share of paths that meet one at any
  time, the opening node left out of calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.instance.offers import terms_of
from allocator.instance.risk import RESOLUTION
from allocator.instance.tree import Floats
from allocator.plan.lines import BELOW_LINES
from allocator.plan.liquidity import LEAST_SHORTFALL_USD
from allocator.plan.metrics import Metrics, metrics
from allocator.plan.schema import USES
from allocator.plan.summary import UseOfYear, summarise
from allocator.scenario.load import LoadedScenario
from allocator.studies.compared import Compared
from allocator.studies.sample_figures import mean_of_worst

LEVEL = 0.9
"""Level of the worst paths where a scenario states none."""
LEAST_APART_USD = 0.5
"""Below this a plan's rank is its expected value."""
RANKED = "as plans are ranked: worst paths and broken limits counted"
TOLD_DIGITS = 9
"""Of loan to value: what is posted meets a call just so, but for the last digits of an engine."""
PH_PER_EH, TH_PER_PH = 1e3, 1e3


@dataclass(frozen=True)
class Figure:
    """One figure of one plan.

    Attributes:
        section, name, of: what it is; `of` is a year, a use or a loan, "" for the whole.
        unit: USD, share, share/year, months, MW, USD/MW, EH/s, BTC, USD/MWh, USD/PH/day, USD/BTC.
        value: None where it does not exist.
    """

    section: str
    name: str
    of: str
    unit: str
    value: float | None

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.section, self.name, self.of, self.unit


def figures(one: Compared) -> list[Figure]:
    """Every figure of a plan, in the order of a memo."""
    found = metrics(one.plan.tables)
    return [
        *_value(one),
        *_returns(found),
        *_years(found),
        *_capital(one),
        *_power(one),
        *_uses(one.plan.tables),
        *_mining(one),
        *_contracts(one),
        *_debt(one.plan.tables),
    ]


def _value(one: Compared) -> Iterator[Figure]:
    meta, section = one.plan.meta, "value"
    yield Figure(section, "net present value", "", "USD", meta.objective_usd)
    yield Figure(section, "of it within the horizon", "", "USD", meta.without_terminal_usd)
    beyond = round(meta.objective_usd - meta.without_terminal_usd, 2)  # to the cent: both are sums of many flows
    yield Figure(section, "of it beyond the horizon: terminal value", "", "USD", beyond)
    yield from _beyond(one.plan.tables, beyond)
    level = LEVEL if one.loaded.scenario.risk is None else one.loaded.scenario.risk.tail_level
    worst = _worst(one.plan.tables["paths"], level)
    yield Figure(section, f"mean of the worst {100 * (1 - level):g} % of paths", "", "USD", worst)
    if abs(meta.maximised_usd - meta.objective_usd) >= LEAST_APART_USD:
        yield Figure(section, RANKED, "", "USD", meta.maximised_usd)
    yield Figure(section, "price of limits broken, no part of the value", "", "USD", meta.penalty_usd)
    opening = _opening_usd(one.plan.tables)
    if opening is not None:
        yield Figure(section, "Bitcoin held less debt owed at the start", "", "USD", opening)
    yield Figure(section, "proven gap to the best possible", "", "share", meta.relative_gap)


def _beyond(tables: Mapping[str, pd.DataFrame], beyond: float) -> Iterator[Figure]:
    """What is left of Bitcoin, cash and debt when the horizon ends, apart from what operations go on to earn."""
    flow = tables["cash_flow"]
    left = flow[(flow["when"] != "period") & flow["line"].isin(BELOW_LINES)]
    if len(left):
        usd = math.fsum(left["discounted_usd"])
        yield Figure("value", "beyond it, Bitcoin left less debt", "", "USD", usd)
        yield Figure("value", "beyond it, operations and fixed costs", "", "USD", round(beyond - usd, 2))


def _opening_usd(tables: Mapping[str, pd.DataFrame]) -> float | None:
    """Bitcoin at the price of the first node less principal owed, as the plan opens; None without a treasury."""
    root = tables["nodes"].loc[tables["nodes"]["parent"] == "", "node"].iloc[0]
    held, owed = (tables[name][tables[name]["node"] == root] for name in ("treasury", "loans"))
    if held.empty:
        return None
    return float((held["opening_btc"] * held["price_usd_per_btc"]).sum() - owed["opening_usd"].sum())


def _worst(paths: pd.DataFrame, level: float) -> float | None:
    """None on one path, and where the paths are too few for the level."""
    chance: Floats = paths["probability"].to_numpy(dtype=float)
    if len(chance) == 1 or level > 1.0 - chance.min() + RESOLUTION:
        return None
    return mean_of_worst(paths["npv_usd"].to_numpy(dtype=float), chance, level)


def _returns(found: Metrics) -> Iterator[Figure]:
    yield Figure("returns", "internal rate of return", "", "share/year", found.irr_per_year)
    months = None if found.payback_months is None else float(found.payback_months)
    yield Figure("returns", "payback", "", "months", months)


def _years(found: Metrics) -> Iterator[Figure]:
    by_name = {
        "revenue": "revenue_usd",
        "EBITDA": "ebitda_usd",
        "EBITDA margin": "ebitda_margin_share",
        "capex": "capex_usd",
        "free cash flow": "free_cash_flow_usd",
    }
    for name, field in by_name.items():
        unit = "share" if field.endswith("share") else "USD"
        for year in found.years:
            yield Figure("by year", name, str(year.year), unit, getattr(year, field))


def _capital(one: Compared) -> Iterator[Figure]:
    tables = one.plan.tables
    flow = _expected(tables)
    spent = {line: 0.0 - math.fsum(flow.loc[flow["line"] == line, "expected_usd"]) for line in CAPEX}
    for line, name in CAPEX.items():
        yield Figure("capital", name, "", "USD", spent[line])
    whole, mw = _converted(one)
    yield Figure("capital", "capacity converted", "", "MW", mw)
    yield Figure("capital", "conversion cost per MW", "", "USD/MW", whole / mw if mw > 0 else None)


CAPEX: Mapping[str, str] = {
    "conversion_capex": "conversions, paid within the horizon",
    "contract_capex": "signing contracts",
    "equipment_purchase": "machines bought",
    "install_cost": "freight and racking",
}


def _converted(one: Compared) -> tuple[float, float]:
    """Whole capex, USD, and critical IT MW of conversions, expected."""
    instance = one.instance
    made = one.plan.tables["conversions"].drop_duplicates(["hall", "decided_node"])
    bay = made["hall"] + "/" + made["to_fit_out"]
    limit = bay.map(dict(zip(instance.bays.names, instance.bays.it_limit_mw, strict=True))).astype(float)
    chance = made["decided_node"].map(_chances(one)).astype(float)
    return float((made["capex_usd"] * chance).sum()), float((limit * chance).sum())


def _chances(one: Compared) -> dict[str, float]:
    return dict(zip(one.instance.tree.name, one.instance.tree.probability.tolist(), strict=True))


def _expected(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    flow = tables["cash_flow"].merge(tables["nodes"][["node", "probability"]], on="node")
    return flow.assign(expected_usd=flow["amount_usd"] * flow["probability"])


def _power(one: Compared) -> Iterator[Figure]:
    years: tuple[UseOfYear, ...] = summarise(one.plan).uses
    for use in USES:
        for year in years:
            yield Figure("power at the meter", use, str(year.year), "MW", year.gross_mw.get(use, 0.0))


def _uses(tables: Mapping[str, pd.DataFrame]) -> Iterator[Figure]:
    """The league table, the best use first."""
    power = tables["power"].merge(tables["nodes"][["node", "probability"]], on="node")
    sums = {}
    for use in ("mining", "ai_colocation", "gpu_cloud"):
        own = power[power["use"] == use]
        mwh, earned, paid = (
            float((own[c] * own["probability"]).sum()) for c in ("gross_mwh", "earnings_usd", "power_cost_usd")
        )
        if mwh > 0:
            sums[use] = (earned / mwh, (earned - paid) / mwh)
    for use, (earned, margin) in sorted(sums.items(), key=lambda pair: -pair[1][1]):
        yield Figure("earned by a MWh at the meter", use, "before power", "USD/MWh", earned)
        yield Figure("earned by a MWh at the meter", use, "after power at spot", "USD/MWh", margin)


def _mining(one: Compared) -> Iterator[Figure]:
    instance, tables, section = one.instance, one.plan.tables, "mining"
    days = ph_days(one)
    total, length = float(days @ instance.tree.probability), float(instance.tree.hours @ instance.tree.probability) / 24
    yield Figure(section, "hashrate at work", "", "EH/s", total / length / PH_PER_EH)
    yield Figure(section, "installed when the horizon ends", "", "EH/s", _installed(one))
    power = tables["power"][tables["power"]["use"] == "mining"]
    paid = float((power["power_cost_usd"] * power["node"].map(_chances(one)).astype(float)).sum())
    yield Figure(section, "hashcost: energy", "", "USD/PH/day", paid / total if total > 0 else None)
    made = tables["production"]
    mined = float((made["mined_btc"] * made["node"].map(_chances(one)).astype(float)).sum())
    if len(made):
        yield Figure(section, "Bitcoin mined", "", "BTC", mined)
        yield Figure(section, "energy of a Bitcoin mined", "", "USD/BTC", paid / mined if mined > 0 else None)
    yield from _holdings(one)


def _holdings(one: Compared) -> Iterator[Figure]:
    years = summarise(one.plan).bitcoin
    if years:
        yield Figure("mining", "Bitcoin sold from holdings", "", "BTC", math.fsum(year.sold_btc for year in years))
        yield Figure("mining", "Bitcoin held when the horizon ends", "", "BTC", years[-1].held_btc)


def ph_days(one: Compared) -> Floats:
    """Hashing of the whole company in each node, PH/s times days, (N,)."""
    flow, tree, market = one.plan.tables["cash_flow"], one.instance.tree, one.instance.market
    by_node = flow[flow["line"] == "mining_revenue"].groupby("node")["amount_usd"].sum()
    revenue = np.array([float(by_node.get(name, 0.0)) for name in tree.name])
    net = market.hashprice_usd_per_ph_day * market.mining_net_share
    days: Floats = np.divide(revenue, net, out=np.zeros_like(revenue), where=net > 0)
    return days


def _installed(one: Compared) -> float:
    """Nameplate hashrate in halls at the last nodes, expected, EH/s."""
    instance, fleets = one.instance, one.plan.tables["fleets"]
    leaves = {instance.tree.name[leaf]: float(instance.tree.probability[leaf]) for leaf in instance.tree.leaves}
    own = fleets[fleets["node"].isin(list(leaves)) & (fleets["hall"] != "")]
    rate = dict(zip(instance.models.names, instance.models.hash_th_per_s.tolist(), strict=True))
    th = own["units"] * own["model"].map(rate).astype(float) * own["node"].map(leaves).astype(float)
    return float(th.sum()) / TH_PER_PH / PH_PER_EH


def _contracts(one: Compared) -> Iterator[Figure]:
    signed = one.plan.tables["contracts"]
    signed = signed[signed["accepted"]]
    chance = signed["signed_node"].map(_chances(one)).astype(float)
    yield Figure("contracts", "contracted load signed", "", "MW", float((signed["critical_it_mw"] * chance).sum()))
    rents = _whole_rents(one.loaded)
    backlog = float((signed["contract"].map(rents).astype(float) * chance).sum())
    yield Figure("contracts", "backlog: rent over whole terms", "", "USD", backlog)


def _whole_rents(loaded: LoadedScenario) -> dict[str, float]:
    """Rent over its whole term of each contract on offer, USD."""
    scenario = loaded.scenario
    terms = {one.name: terms_of(one, scenario.horizon.start, scenario.uncertainty) for one in scenario.contracts}
    return {name: float(one.rent_by_month().sum()) for name, one in terms.items()}


def _debt(tables: Mapping[str, pd.DataFrame]) -> Iterator[Figure]:
    collateral, nodes = tables["collateral"], tables["nodes"]
    section = "debt and cash"
    root = set(nodes.loc[nodes["parent"] == "", "node"])
    later = collateral[~collateral["node"].isin(root)]
    for loan, own in later.groupby("loan", sort=False):
        for word, column in (("before acting", "ltv_before_share"), ("free Bitcoin posted", "ltv_posted_share")):
            headroom = round(float((own["call_ltv_share"] - own[column]).min()), TOLD_DIGITS) + 0.0
            yield Figure(section, f"least LTV headroom, {word},", str(loan), "share", headroom)
    if len(collateral):
        over = later["ltv_before_share"] > later["call_ltv_share"] * (1.0 + 1e-9)
        unmet = later["called_usd"] >= LEAST_SHORTFALL_USD
        for name, hit in (("margin call", over), ("call that free Bitcoin does not meet", unmet)):
            found = _ever(tables, set(later.loc[hit, "node"]))
            yield Figure(section, f"probability of a {name}", "", "share", found)
    cash = tables["cash"]
    short = set(cash.loc[cash["shortfall_usd"] >= LEAST_SHORTFALL_USD, "node"])
    yield Figure(section, "probability that cash misses its minimum", "", "share", _ever(tables, short))
    least = float((cash["closing_usd"] - cash["minimum_usd"]).min())
    yield Figure(section, "least cash above its minimum", "", "USD", least)


def _ever(tables: Mapping[str, pd.DataFrame], hit: set[str]) -> float:
    """Probability of the paths on which some node is one of `hit`."""
    parent = dict(zip(tables["nodes"]["node"], tables["nodes"]["parent"], strict=True))
    total = []
    for leaf, chance in zip(tables["paths"]["leaf"], tables["paths"]["probability"], strict=True):
        node = str(leaf)
        while node and node not in hit:
            node = parent[node]
        total.append(float(chance) if node else 0.0)
    return math.fsum(total)

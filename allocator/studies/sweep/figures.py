"""The figures of a plan that a sweep keeps: one row of its table.

Averages and counts are expected over the tree. Definitions beyond those of plan/metrics.py and plan/liquidity.py:

- MW of a use: its energy at the meter over the hours of the horizon; the AI share is that of colocation and GPU cloud
  in what mining and both of them draw, over the horizon and over its last twelve months;
- headroom of loan to value: the least over nodes and loans of the call level less what the loan has at the lowest
  price of the period, before the company acts;
- probability of a call: that of the paths with at least one node in which a lender calls.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pandas as pd

from allocator.plan.columns import Column, integer, number, text
from allocator.plan.liquidity import positions
from allocator.plan.metrics import metrics
from allocator.plan.plan import Plan
from allocator.plan.schema import CAPITAL_LINES
from allocator.studies.sweep.paths import chance_of_any
from allocator.studies.sweep.points import Figure

MINING, COLOCATION, CLOUD = "mining", "ai_colocation", "gpu_cloud"
LAST_MONTHS = 12
CERTAIN = 1.0 - 1e-9

COLUMNS: Mapping[str, Column] = MappingProxyType(
    {
        "npv_usd": number("USD", "expected net present value"),
        "bound_usd": number("USD", "what no plan can exceed; of what plans are ranked by, where worst paths weigh"),
        "relative_gap": number("share", "(bound - value) / max(1, |value|)"),
        "without_terminal_usd": number("USD", "net present value of the lines within the horizon"),
        "mean_of_worst_usd": number("USD", "mean of the worst paths, where the scenario weighs them"),
        "nested_value_usd": number("USD", "worth of the start, where the scenario weighs the worst children"),
        "penalty_usd": number("USD", "price of broken limits, no part of the net present value"),
        "irr_per_year": number("share", "internal rate of return of free cash flow"),
        "payback_months": integer("months", "until free cash flow has paid back what was laid out"),
        "capex_usd": number("USD", "capital expenditure, undiscounted"),
        "ai_share": number("share", "share of AI in the MW drawn by mining and AI over the horizon"),
        "ai_share_last_year": number("share", "the same over the last twelve months"),
        "mining_mw": number("MW", "average draw of mining at the meter over the horizon"),
        "ai_colocation_mw": number("MW", "average draw of tenants at the meter"),
        "gpu_cloud_mw": number("MW", "average draw of own GPUs at the meter"),
        "contracts_count": number("", "contracts signed"),
        "contracts_mw": number("MW", "critical IT load of contracts signed"),
        "contracts": text("contracts signed, with their probability where it is below one"),
        "conversions_count": number("", "halls converted"),
        "conversions": text("conversions with the month of their decision, or their probability where they branch"),
        "mined_btc": number("BTC", "Bitcoin mined, pool fee deducted"),
        "sold_btc": number("BTC", "Bitcoin sold: production that is not kept, and from holdings"),
        "held_btc": number("BTC", "Bitcoin held at the end"),
        "ltv_headroom_share": number("share", "least distance of a loan to value from its call level"),
        "call_probability": number("share", "that a lender calls at least once"),
        "shortfall_usd": number("USD", "largest expected cash missing to the minimum of any month"),
    }
)
"""Columns of a plan's figures, in the order of the table; a figure that does not exist is missing."""


def figures(plan: Plan) -> dict[str, Figure]:
    """The figures of a plan, by column of COLUMNS."""
    tables, meta = plan.tables, plan.meta
    found: dict[str, Figure] = {
        "npv_usd": meta.objective_usd,
        "bound_usd": meta.bound_usd,
        "relative_gap": meta.relative_gap,
        "without_terminal_usd": meta.without_terminal_usd,
        "mean_of_worst_usd": meta.mean_of_worst_usd,
        "nested_value_usd": meta.nested_value_usd,
        "penalty_usd": meta.penalty_usd,
        **_money(tables),
        **_uses(tables),
        **_decisions(tables),
        **_bitcoin(tables),
        **_lenders(tables),
    }
    return {name: _finite(found.get(name)) for name in COLUMNS}


def _finite(figure: Figure) -> Figure:
    return None if isinstance(figure, float) and not math.isfinite(figure) else figure


_Tables = Mapping[str, pd.DataFrame]


def _money(tables: _Tables) -> dict[str, Figure]:
    found = metrics(tables)
    flow = _weighted(tables, "cash_flow")
    spent = flow[flow["line"].isin(CAPITAL_LINES)]
    return {
        "irr_per_year": found.irr_per_year,
        "payback_months": found.payback_months,
        "capex_usd": 0.0 - math.fsum(spent["amount_usd"] * spent["probability"]),
    }


def _weighted(tables: _Tables, name: str) -> pd.DataFrame:
    """A table with a node column, with the probability of each node, its hours and its first month."""
    nodes = tables["nodes"][["node", "probability", "hours", "start_month", "months"]]
    return tables[name].merge(nodes, on="node", how="left")


def _uses(tables: _Tables) -> dict[str, Figure]:
    power, nodes = _weighted(tables, "power"), tables["nodes"]
    late = power[_month(power["start_month"]) >= (_month(nodes["start_month"]) + nodes["months"]).max() - LAST_MONTHS]
    hours = math.fsum(nodes["probability"] * nodes["hours"])
    drawn = _drawn_mwh(power)
    return {
        **{f"{use}_mw": mwh / hours for use, mwh in drawn.items()},
        "ai_share": _ai_share(drawn),
        "ai_share_last_year": _ai_share(_drawn_mwh(late)),
    }


def _month(start: pd.Series[str]) -> pd.Series[int]:
    return start.str.slice(0, 4).astype(int) * 12 + start.str.slice(5, 7).astype(int)


def _drawn_mwh(power: pd.DataFrame) -> dict[str, float]:
    """Expected energy at the meter by use."""
    energy = power["gross_mwh"] * power["probability"]
    return {use: math.fsum(energy[power["use"] == use]) for use in (MINING, COLOCATION, CLOUD)}


def _ai_share(drawn_mwh: Mapping[str, float]) -> float | None:
    total = math.fsum(drawn_mwh.values())
    return (drawn_mwh[COLOCATION] + drawn_mwh[CLOUD]) / total if total > 0 else None


def _decisions(tables: _Tables) -> dict[str, Figure]:
    chance = dict(zip(tables["nodes"]["node"], tables["nodes"]["probability"], strict=True))
    signed = tables["contracts"][tables["contracts"]["accepted"]]
    signing = signed["signed_node"].map(chance).astype(float)
    made = tables["conversions"].drop_duplicates(["hall", "to_fit_out", "decided_node"])
    deciding = made["decided_node"].map(chance).astype(float)
    return {
        "contracts_count": math.fsum(signing),
        "contracts_mw": math.fsum(signed["critical_it_mw"] * signing),
        "contracts": "; ".join(_with_chance(signed["contract"], signing)),
        "conversions_count": math.fsum(deciding),
        "conversions": "; ".join(_conversions(made.assign(probability=deciding), tables["nodes"])),
    }


def _with_chance(names: pd.Series[str], chance: pd.Series[float]) -> Iterator[str]:
    for name, share in chance.groupby(names, sort=False).sum().items():
        yield f"{name}" if share >= CERTAIN else f"{name} ({100 * share:.3g} %)"


def _conversions(made: pd.DataFrame, nodes: pd.DataFrame) -> Iterator[str]:
    month = dict(zip(nodes["node"], nodes["start_month"], strict=True))
    for (hall, fit_out), own in made.groupby(["hall", "to_fit_out"], sort=False):
        share, months = float(own["probability"].sum()), sorted({month[node] for node in own["decided_node"]})
        chance = "" if share >= CERTAIN else f" ({100 * share:.3g} %)"
        yield f"{hall} to {fit_out} {' or '.join(months)}{chance}"


def _bitcoin(tables: _Tables) -> dict[str, Figure]:
    production, held = _weighted(tables, "production"), _weighted(tables, "treasury")
    if production.empty:
        return {}
    mined = math.fsum(production["mined_btc"] * production["probability"])
    kept = math.fsum(held["retained_btc"] * held["probability"])
    leaves = set(tables["paths"]["leaf"])
    last = held[held["node"].isin(leaves)]
    return {
        "mined_btc": mined,
        "sold_btc": mined - kept + math.fsum(held["sold_btc"] * held["probability"]),
        "held_btc": math.fsum(last["closing_btc"] * last["probability"]),
    }


def _lenders(tables: _Tables) -> dict[str, Figure]:
    found, collateral = positions(tables), tables["collateral"]
    called = {position.node for position in found if position.calls}
    short = tables["nodes"]["probability"] * pd.Series([position.shortfall_usd for position in found])
    headroom = collateral["call_ltv_share"] - collateral["ltv_before_share"]
    return {
        "ltv_headroom_share": float(headroom.min()) if len(headroom) else None,
        "call_probability": chance_of_any(tables["nodes"], called) if len(collateral) else None,
        "shortfall_usd": float(short.groupby(tables["nodes"]["start_month"]).sum().max()),
    }

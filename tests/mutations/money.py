"""Faults of the MONEY, CASH and TERMINAL families."""

from __future__ import annotations

import pandas as pd

from allocator.plan.lines import LATER_LINES, TAX_LINES
from allocator.plan.schema import (
    EQUITY_LINES,
    FINANCING_LINES,
    HEDGE_LINES,
    HOSTING_LINES,
    LINES,
    TREASURY_LINES,
)
from tests.mutations.halls import DOCK_GPU, YARD_AIR
from tests.mutations.mutation import Mutation, Spoil, added, cell, decided, dropped, edited, first, judged, made, put
from tests.verify.draft import Frames


def paid(line: str, by: float, node: str = "2027-06") -> Spoil:
    """Add to the first amount of a line (or make one), discounted with it."""

    def edit(tables: Frames, _: object) -> None:
        flow = tables["cash_flow"]
        if not (flow["line"] == line).any():
            flow = added(
                flow,
                line=line,
                node=node,
                subject="barn/gpu",
                amount_usd=0.0,
                discounted_usd=0.0,
                discount_factor=float(flow["discount_factor"].iloc[-1]),
                when=LINES[line].when,
            )
        row = first(flow, {"line": line})
        flow = flow.copy()
        flow.loc[row, "amount_usd"] += by
        flow.loc[row, "discounted_usd"] += by * flow.loc[row, "discount_factor"]
        tables["cash_flow"] = flow

    return edited(edit)


def _flow(change: object) -> Spoil:
    def edit(tables: Frames, _: object) -> None:
        tables["cash_flow"] = change(tables["cash_flow"])

    return edited(edit)


def _no_rent(flow: pd.DataFrame) -> pd.DataFrame:
    return dropped(flow, line="colocation_rent", node="2027-04", site="site1")


def _twice_bought(flow: pd.DataFrame) -> pd.DataFrame:
    row = flow.iloc[first(flow, {"line": "equipment_purchase"})]
    return added(flow, **{**row, "subject": "s19"})


BLOCK_LINES = ("block_energy", "block_used")
"""Lines of blocks of power, of which this plan has none."""
WORK_LINES = ("work_pay", "work_displaced", "work_penalty")
"""Lines of deferrable work, which this plan does not owe."""
ELSEWHERE = (*WORK_LINES, *BLOCK_LINES, "demand_charge", *LATER_LINES)
WORTH = frozenset({"MONEY.objective", "RISK.value"})
CASH = WORTH | {"CASH.balance"}

MUTATIONS = [
    *(
        Mutation(
            f"MONEY.{line}",
            "another amount is stated",
            paid(line, 250.0),
            amount=250.0,
            also=CASH if LINES[line].when == "period" else WORTH,
        )
        for line in LINES
        if line
        not in (*TREASURY_LINES, *FINANCING_LINES, *EQUITY_LINES, *TAX_LINES, *HEDGE_LINES, *HOSTING_LINES, *ELSEWHERE)
    ),
    Mutation(
        "MONEY.colocation_rent",
        "rent that is owed is missing",
        _flow(_no_rent),
        place={"node": "2027-04", "site": "site1", "subject": "tenant"},
        amount=150e3,
        also=CASH,
    ),
    Mutation(
        "MONEY.equipment_purchase",
        "machines are paid that nobody bought",
        _flow(_twice_bought),
        place={"node": "2027-01", "site": "", "subject": "s19"},
        amount=2e5,
        also=CASH,
    ),
    Mutation(
        "MONEY.fixed_opex",
        "a line is paid at another site",
        cell("cash_flow", "site", "", line="fixed_opex", node="2027-03", site="site1"),
        place={"node": "2027-03", "site": "site1"},
        amount=10e3,
        count=2,
    ),
    Mutation(
        "MONEY.power_cost",
        "another discount factor is used",
        cell("cash_flow", "discount_factor", 0.5, line="power_cost", node="2027-01"),
        place={"node": "2027-01", "site": "site0", "subject": "mining"},
        amount=0.4952891240942405,
        also=frozenset({"RISK.value"}),
    ),
    Mutation(
        "MONEY.power_cost",
        "an amount is discounted to another value",
        cell("cash_flow", "discounted_usd", lambda usd: usd - 77.0, line="power_cost", node="2027-01"),
        place={"node": "2027-01", "site": "site0", "subject": "mining"},
        amount=77.0,
        also=frozenset({"MONEY.objective"}),
    ),
    Mutation(
        "MONEY.terminal_equipment",
        "what is left at the end is called cash",
        cell("cash_flow", "when", "period", line="terminal_equipment"),
        place={"node": "2027-06", "subject": "s21"},
        also=CASH,
    ),
    *(
        Mutation(
            "MONEY.power_table",
            f"a use states other {column}",
            cell("power", column, lambda usd: usd + 33.0, site="site0", node="2027-05", use="ai_colocation"),
            place={"site": "site0", "node": "2027-05", "use": "ai_colocation"},
            amount=33.0,
        )
        for column in ("earnings_usd", "sla_credits_usd", "power_cost_usd", "margin_usd")
    ),
    Mutation(
        "MONEY.objective",
        "the head states another objective",
        lambda draft: draft.head.update(objective_usd=draft.meta(draft.frames()[0]).objective_usd + 0.5),
        amount=0.5,
        also=frozenset({"CERTIFICATE.gap"}),
    ),
    Mutation(
        "MONEY.objective",
        "the head states another objective without what lies beyond",
        lambda draft: draft.head.update(without_terminal_usd=draft.meta(draft.frames()[0]).without_terminal_usd - 3.0),
        amount=3.0,
    ),
    Mutation(
        "CASH.balance",
        "a node opens with other cash",
        cell("cash", "opening_usd", lambda usd: usd + 9.0, node="2027-03"),
        place={"node": "2027-03"},
        amount=9.0,
        count=2,
    ),
    Mutation(
        "CASH.balance",
        "a node states another flow",
        cell("cash", "flow_usd", lambda usd: usd + 9.0, node="2027-03"),
        place={"node": "2027-03"},
        amount=9.0,
        count=2,
    ),
    Mutation(
        "CASH.balance",
        "a node closes with other cash",
        cell("cash", "closing_usd", lambda usd: usd + 9.0, node="2027-03"),
        place={"node": "2027-03"},
        amount=9.0,
        count=2,
    ),
    Mutation(
        "CASH.minimum",
        "cash falls below the minimum",
        made("finance", opening_cash_usd=2e6),
        place={"node": "2027-03"},
        amount=4_704_746.438,
        count=6,
    ),
    Mutation(
        "CASH.minimum",
        "a node states another minimum",
        cell("cash", "minimum_usd", 2e6, node="2027-03"),
        place={"node": "2027-03"},
        amount=1e6,
    ),
    Mutation(
        "CASH.minimum",
        "a node states a shortfall it has not",
        cell("cash", "shortfall_usd", 5e3, node="2027-03"),
        place={"node": "2027-03"},
        amount=5e3,
    ),
    Mutation(
        "CASH.penalty",
        "the head states another price of the shortfalls",
        lambda draft: draft.head.update(penalty_usd=0.5),
        amount=0.5,
        also=frozenset({"CERTIFICATE.gap"}),
    ),
    Mutation(
        "CASH.budget",
        "more capital is spent than there is",
        made("finance", capex_budget_usd=5e6),
        place={"node": "2027-06"},
        amount=1_521_000.0,
    ),
    Mutation(
        "TERMINAL.hall",
        "a hall mines more than its limit beyond the horizon",
        decided("tail_mw", YARD_AIR, 0, 0, to=6.5),
        place={"hall": "yard", "fit_out": "air", "year": "1", "node": "2027-06"},
        amount=0.5,
    ),
    Mutation(
        "TERMINAL.hall",
        "a hall that converted goes on mining",
        decided("tail_mw", 0, 0, 0, to=1.0),
        place={"hall": "barn", "fit_out": "air", "year": "1"},
        amount=1.0,
    ),
    Mutation(
        "TERMINAL.site",
        "a site draws more than its limit beyond the horizon",
        made("terminal", overhead=put(YARD_AIR, to=1.0)),
        place={"site": "site0", "year": "1", "node": "2027-06"},
        amount=0.976,
        also=frozenset({"TERMINAL.feeder"}),
        count=2,
    ),
    Mutation(
        "TERMINAL.feeder",
        "tenants draw more than their feeder carries beyond the horizon",
        made("terminal", overhead=put(DOCK_GPU, to=4.5)),
        place={"feeder": "pier", "year": "1", "node": "2027-06"},
        amount=0.4,
        count=2,
    ),
    Mutation(
        "TERMINAL.plant",
        "halls are hotter than their plant can take beyond the horizon",
        judged("plants", tail_limit_mw=put(0, to=6.0)),
        place={"plant": "tower", "year": "1", "node": "2027-06"},
        amount=0.16,
        count=2,
    ),
    Mutation(
        "TERMINAL.value",
        "a year states another value",
        cell("tail", "value_usd", lambda usd: usd + 55.0, year=1),
        place={"hall": "yard", "year": "1"},
        amount=55.0,
    ),
    Mutation(
        "TERMINAL.value",
        "a year lies beyond those that are valued",
        edited(lambda tables, _: tables.update(tail=added(tables["tail"], year=3, mining_mw=2.0, value_usd=0.0))),
        place={"hall": "yard", "year": "3"},
        amount=2.0,
    ),
]

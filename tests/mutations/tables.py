"""Faults of the TABLE family: tables that are no tables of a plan, or not of this instance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.plan.schema import HOURLY
from tests.mutations.mutation import Mutation, Spoil, added, cell, dropped, edited, hour_cell, judged
from tests.verify.draft import Edit, Frames

Hourly = dict[tuple[str, str], Frames]


def _table(name: str, change: object) -> Spoil:
    def edit(tables: Frames, _: Hourly) -> None:
        tables[name] = change(tables[name])

    return edited(edit)


def _hours(name: str, change: object) -> Spoil:
    def edit(_: Frames, dispatch: Hourly) -> None:
        dispatch["site0", "2027-03"][name] = change(dispatch["site0", "2027-03"][name])

    return edited(edit)


def _both(do: Edit) -> Spoil:
    return edited(do)


NOT_TO_BE_HAD = frozenset(
    {
        "FLEET.operating",
        "POWER.energy",
        "MONEY.mining_revenue",
        "MONEY.gpu_rental_revenue",
        "MONEY.power_cost",
        "MONEY.sla_credits",
        "MONEY.pass_through_lost",
        "MONEY.curtailment_credits",
        "MONEY.power_table",
        "RESERVE.sums",
        "MONEY.reserve_sales",
        "MONEY.reserve_called",
        "MONEY.reserve_saved_energy",
        "MONEY.reserve_lost_earnings",
    }
)
"""Rules that need the sums of every hour."""


MUTATIONS = [
    Mutation("TABLE.missing", "a table is missing", _both(lambda tables, _: tables.pop("moves")), {"table": "moves"}),
    Mutation(
        "TABLE.missing",
        "an hourly table is missing",
        _both(lambda _, hours: hours["site0", "2027-03"].pop("bays")),
        {"site": "site0", "node": "2027-03", "table": "bays"},
        also=NOT_TO_BE_HAD,
    ),
    Mutation(
        "TABLE.missing",
        "the hours of a site and node are missing",
        _both(lambda _, hours: hours.pop(("site0", "2027-03"))),
        {"site": "site0", "node": "2027-03", "table": "hours"},
        also=NOT_TO_BE_HAD,
        count=len(HOURLY),
    ),
    Mutation(
        "TABLE.unknown",
        "there is a table nobody knows",
        _both(lambda tables, _: tables.update(extra=tables["cash"])),
        {"table": "extra"},
    ),
    Mutation(
        "TABLE.unknown",
        "there are hours of nowhere",
        _both(lambda _, hours: hours.update({("moon", "2027-03"): hours["site0", "2027-03"]})),
        {"site": "moon"},
    ),
    Mutation(
        "TABLE.malformed",
        "a table could not be read",
        _both(lambda tables, _: tables.update(cash=OSError("truncated"))),
        {"table": "cash"},
    ),
    Mutation(
        "TABLE.columns",
        "a column is missing",
        _table("cash", lambda t: t.drop(columns="flow_usd")),
        {"table": "cash", "column": "flow_usd"},
    ),
    Mutation(
        "TABLE.columns",
        "a column is new",
        _table("cash", lambda t: t.assign(rumour=1.0)),
        {"table": "cash", "column": "rumour"},
    ),
    Mutation(
        "TABLE.columns",
        "a column stands there twice",
        _table("cash", lambda t: pd.concat([t, t[["flow_usd"]]], axis=1)),
        {"column": "flow_usd"},
    ),
    Mutation(
        "TABLE.dtype",
        "numbers are texts",
        _table("cash", lambda t: t.assign(flow_usd=t["flow_usd"].astype(str))),
        {"table": "cash", "column": "flow_usd"},
    ),
    Mutation(
        "TABLE.dtype",
        "counts are fractions",
        _table("fleets", lambda t: t.assign(units=t["units"] + 0.5)),
        {"table": "fleets", "column": "units"},
    ),
    Mutation("TABLE.dtype", "texts are numbers", _table("halls", lambda t: t.assign(hall=1.0)), {"column": "hall"}),
    Mutation(
        "TABLE.dtype",
        "hours have no time zone",
        _hours("hours", lambda t: t.assign(utc=t["utc"].dt.tz_localize(None))),
        {"site": "site0", "node": "2027-03", "table": "hours", "column": "utc"},
        also=NOT_TO_BE_HAD,
    ),
    Mutation(
        "TABLE.value",
        "a number is none",
        cell("cash", "flow_usd", np.nan, node="2027-03"),
        {"table": "cash", "column": "flow_usd", "row": "2"},
        amount=np.nan,
    ),
    Mutation(
        "TABLE.value",
        "a number is infinite",
        cell("cash", "flow_usd", np.inf, node="2027-03"),
        {"table": "cash", "column": "flow_usd", "row": "2"},
        amount=np.nan,
    ),
    Mutation(
        "TABLE.value",
        "a name is missing",
        cell("halls", "hall", np.nan, node="2027-03"),
        {"table": "halls", "column": "hall"},
        amount=np.nan,
    ),
    Mutation(
        "TABLE.value",
        "an hour has no draw",
        hour_cell("site0", "2027-03", "hours", "grid_mw", np.nan),
        {"site": "site0", "node": "2027-03", "column": "grid_mw"},
        amount=np.nan,
        also=NOT_TO_BE_HAD,
    ),
    Mutation(
        "TABLE.duplicate", "a row stands there twice", _table("cash", added), {"table": "cash", "node": "2027-01"}
    ),
    Mutation(
        "TABLE.duplicate",
        "an hour stands there twice",
        _hours("bays", added),
        {"site": "site0", "node": "2027-03", "hall": "barn"},
        also=NOT_TO_BE_HAD,
    ),
    Mutation(
        "TABLE.names",
        "a machine nobody knows stands there",
        _table("fleets", lambda t: added(t, model="s99")),
        {"table": "fleets", "column": "model"},
    ),
    Mutation(
        "TABLE.names",
        "money is paid for a line nobody knows",
        _table("cash_flow", lambda t: added(t, line="bribes")),
        {"table": "cash_flow", "column": "line"},
    ),
    Mutation(
        "TABLE.names",
        "a contract nobody offered is signed",
        _table("contracts", lambda t: added(t, contract="ghost")),
        {"table": "contracts", "column": "contract"},
    ),
    Mutation(
        "TABLE.names",
        "a limit nobody knows is priced",
        cell("marginal_values", "quantity", "luck", subject="company"),
        {"column": "quantity"},
    ),
    Mutation(
        "TABLE.names",
        "an hour that is not in the node is used",
        _hours("segments", lambda t: added(t, utc=pd.Timestamp("2030-01-01", tz="UTC"))),
        {"table": "segments", "column": "utc"},
    ),
    Mutation(
        "TABLE.rows",
        "a node has no cash",
        _table("cash", lambda t: dropped(t, node="2027-06")),
        {"table": "cash", "node": "2027-06"},
        also=frozenset({"CASH.balance", "CASH.minimum"}),
    ),
    Mutation(
        "TABLE.rows",
        "a use of power is left out",
        _table("power", lambda t: dropped(t, node="2027-06", site="site1", use="mining")),
        {"table": "power", "node": "2027-06", "site": "site1", "use": "mining"},
    ),
    Mutation(
        "TABLE.rows",
        "a contract is left out",
        _table("contracts", lambda t: dropped(t, contract="late")),
        {"table": "contracts", "contract": "late"},
        also=frozenset({"CONTRACT.record"}),
    ),
    Mutation(
        "TABLE.rows",
        "a row says nothing",
        _table("moves", lambda t: added(t, node="2027-01", hall="yard", installed_units=0, removed_units=0)),
        {"table": "moves"},
    ),
    Mutation(
        "TABLE.rows",
        "an hour is missing",
        _hours("hours", lambda t: t.iloc[1:].reset_index(drop=True)),
        {"site": "site0", "node": "2027-03", "table": "hours"},
        also=frozenset({"HOURS.table", "POWER.grid"}),
    ),
    Mutation(
        "TABLE.nodes",
        "a node has another parent",
        cell("nodes", "parent", "2027-01", node="2027-03"),
        {"node": "2027-03"},
    ),
    Mutation(
        "TABLE.nodes",
        "a node starts in another month",
        cell("nodes", "start_month", "2027-04", node="2027-03"),
        {"node": "2027-03"},
    ),
    Mutation("TABLE.nodes", "a node is longer", cell("nodes", "months", 2, node="2027-03"), {"node": "2027-03"}),
    Mutation(
        "TABLE.nodes",
        "a node has other hours",
        cell("nodes", "hours", 730.0, node="2027-03"),
        {"node": "2027-03"},
        amount=10.0,
    ),
    Mutation(
        "TABLE.nodes",
        "a node is less probable",
        cell("nodes", "probability", 0.5, node="2027-03"),
        {"node": "2027-03"},
        amount=0.5,
    ),
    Mutation("TABLE.nodes", "a node decides", cell("nodes", "decision", True, node="2027-05"), {"node": "2027-05"}),
    Mutation(
        "TABLE.nodes",
        "the plan has another calendar",
        judged("tree", start_month="2027-02"),
        {"node": "2027-03"},
        also=frozenset({"HALL.record", "CONTRACT.record"}),
        count=6,
    ),
    Mutation(
        "TABLE.marginal_values",
        "more of a limit is worth less than nothing",
        cell("marginal_values", "value_usd_per_unit", -0.25, subject="company"),
        {"subject": "company"},
        0.25,
    ),
    Mutation(
        "TABLE.marginal_values",
        "the horizon is worth other than its nodes",
        cell("marginal_values", "value_usd_per_unit", lambda usd: usd + 10.0, subject="site0", node=""),
        {"subject": "site0", "quantity": "site_power"},
        10.0,
    ),
    Mutation(
        "TABLE.marginal_values",
        "nodes are priced and the horizon is not",
        _table("marginal_values", lambda t: dropped(t, subject="site0", node="")),
        {"subject": "site0", "quantity": "site_power"},
        300.0,
    ),
]

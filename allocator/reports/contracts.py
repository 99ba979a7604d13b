"""Figures of contracts: which are signed, where they stand, why others are refused."""

from __future__ import annotations

import numpy as np
import pandas as pd

from allocator.plan.plan import Plan
from allocator.reports.figure import END_OF_MONTH, Column, Figure, Listing, Series, listing, what_differs
from allocator.reports.periods import periods_of

MOST_CONTRACTS, MOST_HALLS = 30, 24


def placements(plan: Plan) -> Figure | None:
    """Critical IT MW by contract and hall, expected where futures differ; None where nothing is signed."""
    table = plan.tables["placements"]
    if table.empty:
        return None
    chance = periods_of(plan).probability
    rows = table.assign(mw=table["critical_it_mw"] * table["signed_node"].map(chance))
    halls = list(dict.fromkeys(rows["hall"]))[:MOST_HALLS]
    shown = tuple(
        Series(str(contract), tuple(_mw(own, hall) for hall in halls))
        for contract, own in list(rows.groupby("contract", sort=False))[:MOST_CONTRACTS]
    )
    about = "Critical IT megawatts of each contract in each hall"
    about += "." if _certain(plan) else ", times the probability that it is signed."
    return Figure("placements", "Contracts by hall", about, "heatmap", "MW", "hall", tuple(map(str, halls)), shown)


def _mw(own: pd.DataFrame, hall: object) -> float | None:
    there = own.loc[own["hall"] == hall, "mw"]
    return float(there.sum()) if len(there) else None


def _certain(plan: Plan) -> bool:
    return len(plan.tables["paths"]) == 1


def signed(plan: Plan) -> Listing | None:
    """Contracts that are accepted: when, how large, where, in how many futures."""
    table = plan.tables["contracts"]
    chance = periods_of(plan).probability
    halls = plan.tables["placements"].groupby("contract")["hall"].unique().to_dict()
    rows = []
    for name, own in table[table["accepted"]].groupby("contract", sort=False):
        months = sorted({str(month) for month in own["first_service_month"]})
        share = min(1.0, float(own["signed_node"].map(chance).sum()))
        service = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
        where = ", ".join(map(str, halls.get(name, ())))
        rows.append(
            (str(name), float(own["critical_it_mw"].iloc[0]), service, where, share, str(own["reason"].iloc[0]))
        )
    columns = (
        Column("contract"),
        Column("critical IT", "MW"),
        Column("service from"),
        Column("halls"),
        Column("futures", "share"),
        Column("what it earns"),
    )
    if not rows:
        return None
    about = "Offers that are accepted, and what they are worth."
    return what_differs(listing("signed", "Contracts signed", about, columns, rows))


def refused(plan: Plan) -> Listing | None:
    """Contracts that are signed in no future, with the reason."""
    table = plan.tables["contracts"]
    never = ~table["contract"].isin(table.loc[table["accepted"], "contract"])
    rows = [
        (str(name), float(mw), str(reason))
        for name, mw, reason in table.loc[never, ["contract", "critical_it_mw", "reason"]].itertuples(index=False)
    ]
    columns = (Column("contract"), Column("critical IT", "MW"), Column("why"))
    if not rows:
        return None
    return listing("refused", "Contracts refused", "Offers that are accepted in no future, and why.", columns, rows)


def backlog(plan: Plan) -> Figure | None:
    """Rent still to be earned within the horizon of what is signed by the end of each period; None without rent.

    On a tree a contract counts where it is signed on the way to a node, so that the figure is what is expected to be
    signed, not what may still be.
    """
    tables = plan.tables
    rent = tables["cash_flow"][tables["cash_flow"]["line"] == "colocation_rent"]
    if rent.empty:
        return None
    when = periods_of(plan)
    rows = when.weighted(rent)
    usd = (rows["amount_usd"] * rows["weight"]).to_numpy(float)
    signed_at = _signing_periods(plan)
    since = np.array([signed_at.get((str(n), str(c)), 0) for n, c in zip(rows["node"], rows["subject"], strict=True)])
    paid = rows["period"].to_numpy()
    values = [float(usd[(since <= k) & (paid > k)].sum()) for k in range(len(when.starts))]
    about = (
        "Rent that contracts signed so far will still bring within the horizon, undiscounted and expected, when each "
        "period closes. What they bring beyond the horizon stands in the value by source."
    )
    series = (Series("rent to come", tuple(values), key="ai_colocation"),)
    return Figure("backlog", "Backlog", about, "bars", "USD", END_OF_MONTH, when.closes, series, months=when.months)


def _signing_periods(plan: Plan) -> dict[tuple[str, str], int]:
    """By (node, contract): the period in which the contract was signed on the way to the node."""
    when = periods_of(plan)
    table = plan.tables["contracts"]
    own: dict[str, list[str]] = {}
    for contract, node in table.loc[table["accepted"], ["contract", "signed_node"]].itertuples(index=False):
        own.setdefault(str(node), []).append(str(contract))
    held: dict[str, dict[str, int]] = {"": {}}
    for node, parent in plan.tables["nodes"][["node", "parent"]].itertuples(index=False):
        new = own.get(str(node), [])
        before = held[str(parent)]
        held[str(node)] = {**before, **dict.fromkeys(new, when.of_node[str(node)])} if new else before
    return {(node, contract): period for node, found in held.items() for contract, period in found.items()}

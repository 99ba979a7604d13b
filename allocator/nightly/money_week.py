"""What the plan does with Bitcoin and loans, for the days of a schedule: the share of a month's that its days are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from allocator.instance.types import Instance
from allocator.nightly.schedule import Schedule, sure_nodes

BITCOIN = ("sold_btc", "bought_btc", "mined_btc", "market_btc")
LOANS = ("drawn_usd", "repaid_usd")
COLLATERAL = ("posted_btc", "pledged_btc", "released_btc")


def money_of_week(instance: Instance, tables: Mapping[str, pd.DataFrame], found: Schedule) -> dict[str, Any]:
    """Bitcoin to sell and buy, pro rata of the hours; what is done about loans, whole, by period that the days touch.

    `market_btc` is all that goes to the market, production included. Loans are acted on once, by the end of the period.
    A schedule without hours, as of representative days, has no money either.
    """
    stamps = {pd.Timestamp(row.utc): row.hours for row in found.rows}
    names = list(instance.tree.name)
    shares = {}
    for node in sure_nodes(tables["nodes"]) if stamps else ():
        utc, _ = instance.hours.every_hour(0, names.index(node))
        if not len(utc):
            continue
        first, last = (pd.Timestamp(utc[k], tz="UTC") for k in (0, -1))
        inside = sum(hours for stamp, hours in stamps.items() if first <= stamp <= last + pd.Timedelta(minutes=59))
        if inside:
            shares[node] = inside / float(instance.tree.hours[names.index(node)])
    return {
        "bitcoin": [_pro_rata(row, share) for node, share in shares.items() for row in _of(tables["treasury"], node)],
        "loans": [_acts(row, LOANS) for node in shares for row in _of(tables["loans"], node)],
        "collateral": [
            {**_acts(row, COLLATERAL), "ltv_after_share": _number(row["ltv_after_share"])}
            for node in shares
            for row in _of(tables["collateral"], node)
        ],
    }


def _of(table: pd.DataFrame, node: str) -> Iterator[dict[str, Any]]:
    for row in table[table["node"] == node].to_dict("records"):
        yield {str(name): value for name, value in row.items()}


def _pro_rata(row: Mapping[str, Any], share: float) -> dict[str, Any]:
    return {"node": row["node"], "share_of_period": share, **{name: share * float(row[name]) for name in BITCOIN}}


def _acts(row: Mapping[str, Any], columns: tuple[str, ...]) -> dict[str, Any]:
    return {"node": row["node"], "loan": row["loan"], **{name: float(row[name]) for name in columns}}


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None

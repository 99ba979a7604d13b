"""What is owed at the end of every calendar year, by loan and to tenants who have paid ahead, read off tables.

Expected over the nodes that close the year; what a plan opens with stands before its first year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Balance:
    """One creditor.

    Attributes:
        creditor: loan, or contract of a tenant. opening_usd: owed at the start. year_end_usd: by calendar year.
    """

    creditor: str
    opening_usd: float
    year_end_usd: Mapping[int, float]


def balances(tables: Mapping[str, pd.DataFrame]) -> tuple[Balance, ...]:
    """Every loan, then every contract with money paid ahead, in the order of their tables."""
    nodes, loans, ahead = tables["nodes"], tables["loans"], tables["prepayments"]
    root = nodes.loc[nodes["parent"] == "", "node"].iloc[0]
    opening = loans[loans["node"] == root].set_index("loan")["opening_usd"]
    closing = closing_nodes(nodes)
    return (
        *(
            Balance(str(loan), float(usd), _by_year(loans[loans["loan"] == loan], "closing_usd", closing))
            for loan, usd in opening.items()
        ),
        *(
            _tenant(str(contract), ahead[ahead["contract"] == contract], str(root), closing)
            for contract in dict.fromkeys(ahead["contract"])
        ),
    )


def _tenant(contract: str, rows: pd.DataFrame, root: str, closing: Mapping[int, Mapping[str, float]]) -> Balance:
    """Money paid ahead on a contract: what the first node closes with, less what moved in it, was owed before."""
    first = rows[rows["node"] == root]
    moved = first["received_usd"] - first["earned_usd"] - first["refunded_usd"]
    return Balance(contract, float((first["unearned_usd"] - moved).sum()), _by_year(rows, "unearned_usd", closing))


def closing_nodes(nodes: pd.DataFrame) -> Mapping[int, Mapping[str, float]]:
    """Year -> nodes that end it, or the plan within it, and their share of all futures that reach it."""
    start = nodes["start_month"].str.slice(0, 4).astype(int) * 12 + nodes["start_month"].str.slice(5, 7).astype(int) - 1
    year, end = start // 12, start + nodes["months"]
    last = end == end.groupby(year).transform("max")
    return {int(own): _shares(nodes[last & (year == own)]) for own in sorted(year.unique())}


def _shares(nodes: pd.DataFrame) -> Mapping[str, float]:
    share = nodes["probability"] / nodes["probability"].sum()
    return dict(zip(nodes["node"], share.astype(float), strict=True))


def _by_year(rows: pd.DataFrame, column: str, closing: Mapping[int, Mapping[str, float]]) -> Mapping[int, float]:
    owed = dict(zip(rows["node"], rows[column].astype(float), strict=True))
    return {year: sum(share * owed.get(node, 0.0) for node, share in nodes.items()) for year, nodes in closing.items()}


def years(found: Sequence[Balance]) -> list[int]:
    """Calendar years of the balances."""
    return sorted({year for balance in found for year in balance.year_end_usd})

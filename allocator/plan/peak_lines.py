"""What peaks cost by year, in lines for people; read off tables demand_charges and coincident_peaks alone."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class PeakLine:
    """One charge on peaks of a site in the nodes that start in a calendar year, expected.

    Attributes:
        mw: billed peak, or draw at peaks of the system, average of the nodes by their months. usd: what that costs.
        due: "" where it is paid as it is billed; the month of a later January.
    """

    year: int
    site: str
    charge: str
    mw: float
    usd: float
    due: str


def peak_lines(demand: pd.DataFrame, coincident: pd.DataFrame, nodes: pd.DataFrame) -> tuple[PeakLine, ...]:
    """By year, demand charges before coincident peaks."""
    billed = demand.rename(columns={"billed_mw": "mw", "charge_usd": "usd"}).assign(due="")
    shared = coincident.rename(columns={"peak": "charge", "expected_mw": "mw", "due_usd": "usd", "due_month": "due"})
    columns = ["node", "site", "charge", "mw", "usd", "due"]
    both = pd.concat([billed[columns], shared[columns]], ignore_index=True).merge(nodes, on="node")
    both["year"] = both["start_month"].str.slice(0, 4).astype(int)
    keys = ["year", "due", "site", "charge"]
    return tuple(_line(own) for _, own in both.groupby(keys, sort=False))


def _line(own: pd.DataFrame) -> PeakLine:
    first, weight = own.iloc[0], own["probability"] * own["months"]
    usd = float((own["probability"] * own["usd"]).sum())
    mw = float((weight * own["mw"]).sum() / weight.sum())
    return PeakLine(int(first["year"]), str(first["site"]), str(first["charge"]), mw, usd, str(first["due"]))

"""How likely events of limited probability are, in lines for people; read off table `chances` alone."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class LimitedChance:
    """How likely an event of limited probability is, share of all futures.

    `loan` is "" for a shortfall of cash. `by_month`: the highest of a month, which is `month`; `of_path`: that it
    happens at all. Their limits beside them; 1: none.
    """

    event: str
    loan: str
    by_month: float
    month: str
    most_by_month: float
    of_path: float
    most_of_path: float


def limited_chances(table: pd.DataFrame) -> tuple[LimitedChance, ...]:
    """Lines of table `chances`."""
    return tuple(
        _chance(str(event), str(loan), own) for (event, loan), own in table.groupby(["event", "loan"], sort=False)
    )


def _chance(event: str, loan: str, own: pd.DataFrame) -> LimitedChance:
    whole, months = own[own["month"] == ""].iloc[0], own[own["month"] != ""]
    worst = months.iloc[int(months["probability"].to_numpy().argmax())]
    return LimitedChance(
        event=event,
        loan=loan,
        by_month=float(worst["probability"]),
        month=str(worst["month"]),
        most_by_month=float(worst["most_probability"]),
        of_path=float(whole["probability"]),
        most_of_path=float(whole["most_probability"]),
    )

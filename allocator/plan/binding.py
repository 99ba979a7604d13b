"""The limits of which one more unit is worth most, read off table marginal_values."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

OF_MONEY = ("cash", "capex_budget")
"""Limits that stand in every node or path: one more unit is one more in all of them."""
MOST_BINDING = 8
LEAST_WORTH_USD = 0.005
"""What one more unit must be worth for a limit to be told: less would be printed as $0.00."""


@dataclass(frozen=True)
class Binding:
    """A limit worth raising: value of one more unit throughout, of a MW in the mean year of the horizon."""

    subject: str
    quantity: str
    value_usd_per_unit: float
    unit: str


def binding(table: pd.DataFrame) -> tuple[Binding, ...]:
    """The limits worth most, whole horizon; money has a limit in every node or path, all of them moved together."""
    of_money = table["quantity"].isin(OF_MONEY)
    named = ["subject", "quantity", "unit"]
    summed = table[of_money].groupby(named, as_index=False).agg({"value_usd_per_unit": "sum"})
    whole = pd.concat([table[(table["node"] == "") & ~of_money], summed], ignore_index=True)
    worth = whole["value_usd_per_unit"].abs()
    ranked = whole.assign(rank=-worth)[worth >= LEAST_WORTH_USD].sort_values("rank", kind="stable")
    fields = list(Binding.__dataclass_fields__)
    return tuple(
        Binding(**{str(name): value for name, value in row.items()})
        for row in ranked.head(MOST_BINDING)[fields].to_dict("records")
    )

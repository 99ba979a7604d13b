"""Who says what of a figure: history, the market, or somebody's view, each with date and author."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import Flag, Number, Record

Text = Annotated[str, Field(min_length=1, max_length=300)]


class Statement(Record):
    """One statement on one figure; several may stand beside each other, and at most one is used."""

    figure: Text
    """The figure's place below `uncertainty`, for example btc_price.changes.volatility_per_year."""
    basis: Literal["history", "market", "view"]
    """history: estimated from a series; market: implied by traded prices; view: somebody's own."""
    value: Number
    """What it says, unit of the figure."""
    date: date
    """Day it was made, YYYY-MM-DD."""
    author: Text
    """Who made it."""
    source: Annotated[str, Field(max_length=300)] = ""
    """What it rests on: a series and its span, a quote, a note."""
    used: Flag
    """Whether the scenario uses it; then it equals the figure."""

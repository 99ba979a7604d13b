"""Ancillary services and demand response: running load that can be interrupted, offered for a price."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from allocator.scenario.record import UNCERTAIN, Name, NonNegative, Number, Positive, Record, Share

PositiveShare = Annotated[float, Field(strict=True, gt=0.0, le=1.0)]
"""A share above 0, at most 1."""

ProperShare = Annotated[float, Field(strict=True, ge=0.0, lt=1.0)]
"""A share of at least 0, below 1."""

Use = Literal["mining", "gpu_cloud"]
"""Own machines that may be interrupted; tenants never are."""


class ReservePrice(Record):
    """What a service pays for capacity: scale * series."""

    series: Annotated[Name, UNCERTAIN]
    """Name of a series in USD/MW/h: the price of one MW offered for one hour."""
    scale: NonNegative = 1.0
    """Factor on the series, a plain number."""


class Reserve(Record):
    """A service that pays for load that runs and can be interrupted. MW are gross, at the meter: what the grid loses
    when the load stops. A running MW stands behind one service at a time."""

    name: Name
    """Unique among the services of the site."""
    price: ReservePrice
    """Price of capacity."""
    halls: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """Halls of the site whose machines qualify; null: all."""
    uses: Annotated[tuple[Use, ...], Field(min_length=1)] = ("mining",)
    """Whose machines qualify: `mining`, `gpu_cloud`. Tenants never do."""
    most_mw: Positive | None = None
    """Most offered in any hour, gross MW: of a qualification, a contract, a share of the market; null: no limit."""
    qualifying_share: PositiveShare = 1.0
    """Share of the running load behind an offer that counts, share: one MW offered ties up 1 / share MW that run."""
    deployment_share: ProperShare = 0.0
    """Expected share of the MW offered that is called in an hour, share. Machines called earn nothing and draw
    nothing."""
    deployment_usd_per_mwh: NonNegative = 0.0
    """Paid for energy called, USD per gross MWh not drawn, on top of its price that is saved."""
    performance_share: Share = 1.0
    """Share of the price that is paid after deductions for availability and performance, share."""
    capture_share: Share | None = None
    """Share of the price that an offer made before the hour is known can earn, share, from a backtest. null: all of it,
    and the plan calls what it earns so an upper bound."""
    minimum_usd_per_mw_hour: Number = 0.0
    """Hours whose price is below are not offered, USD per MW and hour."""

"""What hosts take of earnings, and hours in which they give no power."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from allocator.instance.hosting import Hosting
from allocator.instance.hour_store import HourStore
from allocator.instance.market import mining_usd_per_mwh
from allocator.instance.market_state import MarketState
from allocator.instance.tree import Bools, Floats, NodeTree
from allocator.instance.types import Segments
from allocator.scenario.hosting import HostingAgreement


def revenue_share(agreement: HostingAgreement) -> float:
    """Share of what mining earns, pool and sale fees deducted, that is the host's."""
    return 0.0 if agreement.profit_share is None else agreement.profit_share.share


def energy_kept(agreement: HostingAgreement) -> float:
    """Share of the energy at the agreement's price that is ours to bear: less than 1 where the margin is shared."""
    stated = agreement.profit_share
    return 1.0 if stated is None or stated.of == "revenue" else 1.0 - stated.share


def shared(segments: Segments, hosting: Hosting, market: MarketState) -> Segments:
    """Earnings of machines at hosts less what is the host's, in a market (N,); maintenance is not shared.

    A host that takes a share s of the margin leaves (1 - s) (earnings - energy): both are scaled, so that machines run
    in the hours in which they would without, and no hour's loss is shared.
    """
    of_bay = np.zeros(int(segments.bay.max(initial=-1)) + 1)
    here = hosting.bay[hosting.bay < len(of_bay)]
    of_bay[here] = hosting.revenue_share[: len(here)]
    share = of_bay[segments.bay]
    if not share.any():
        return segments
    earned = mining_usd_per_mwh(
        market.hashprice_usd_per_ph_day, market.mining_net_share, segments.hash_ph_per_mw[:, None]
    )
    return replace(segments, value_usd_per_mwh=segments.value_usd_per_mwh - share[:, None] * earned)


def open_hours(price_usd_per_mwh: Floats, lengths: Sequence[int], closed_h: int, priced_by_hour: bool) -> Bools:
    """Hours in which the host gives power, (T,): in each month it closes the dearest ones, of equal ones the last.

    Args:
        lengths: hours of each month. priced_by_hour: False where a price by month tells no hour from another.
    """
    is_open, first = np.ones(len(price_usd_per_mwh), dtype=np.bool_), 0
    for hours in lengths if closed_h else ():
        own = price_usd_per_mwh[first : first + hours] if priced_by_hour else np.zeros(hours)
        is_open[first + np.argsort(own, kind="stable")[hours - min(closed_h, hours) :]] = False
        first += hours
    return is_open


def with_closed_hours(hosting: Hosting, hours: HourStore, tree: NodeTree) -> Hosting:
    """The agreements with the hours of each node in which the host gives no power."""
    if hours.open_steps is None:
        return hosting
    closed = np.zeros(hosting.in_term.shape)
    for g, site in enumerate(hosting.site.tolist()):
        for node in range(len(tree)):
            steps = hours.steps(site, node)
            closed[g, node] = hours.weight_h[steps] @ (1.0 - hours.open_share(steps))
    return replace(hosting, closed_h=closed)

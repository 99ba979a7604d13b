"""Offers of many site-nodes as flat tables: what `reserves` needs to write all of them at once.

Only offers that can pay are listed, of loads that are worth running; whether calls pay that cost Bitcoin depends on its
premium, so these are listed where it counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from allocator.dispatch.battery_value import discharge_limit_mw
from allocator.dispatch.reserve_value import offer_btc_per_mw, offer_usd_per_mw
from allocator.instance.site_node import SiteNode
from allocator.instance.tree import Bools, Floats, Ints


@dataclass(frozen=True)
class OfferHours:
    """Offers of running loads; index (service, segment, bay, hour), R rows.

    Attributes:
        load_row: row of the table of loads. pair: position of the site-node.
        share: gross MW offered per gross MW behind it. gross: gross MW per IT MW of the load.
        possible_mw: what the site could offer if all it may draw stood behind the service.
        most_mw: what the service takes; inf where that is not less.
        stored: True where a battery may feed loads in the hour.
        usd_per_mw: net earnings; lost_btc_per_mw: Bitcoin not mined while called, where it counts; weights included.
    """

    index: pd.DataFrame
    load_row: Ints
    pair: Ints
    share: Floats
    gross: Floats
    possible_mw: Floats
    most_mw: Floats
    stored: Bools
    usd_per_mw: Floats
    lost_btc_per_mw: Floats


@dataclass(frozen=True)
class Listed:
    """One site-node as the table needs it: labels of services, segments and bays, first hour, loads listed, (J, T)."""

    site_node: SiteNode
    services: Ints
    segments: Ints
    bays: Ints
    first_hour: int
    runs: Bools


def offer_hours(listed: Sequence[Listed]) -> OfferHours:
    """The table of all site-nodes, whose loads are numbered in order: by site-node, then segment, then hour."""
    parts = [_Part.of(one) for one in listed]
    first_load = np.cumsum([0, *(int(one.runs.sum()) for one in listed)])[:-1]
    return OfferHours(
        index=pd.DataFrame(
            {
                name: np.concatenate([getattr(part, name) for part in parts]).astype(np.int64)
                for name in ("service", "segment", "bay", "hour")
            }
        ),
        load_row=np.concatenate([first + part.load for first, part in zip(first_load, parts, strict=True)]),
        pair=np.concatenate([np.full(len(part.load), k) for k, part in enumerate(parts)]),
        share=np.concatenate([part.share for part in parts]),
        gross=np.concatenate([part.gross for part in parts]),
        possible_mw=np.concatenate([part.possible_mw for part in parts]),
        most_mw=np.concatenate([part.most_mw for part in parts]),
        stored=np.concatenate([part.stored for part in parts]).astype(bool),
        usd_per_mw=np.concatenate([part.usd_per_mw for part in parts]),
        lost_btc_per_mw=np.concatenate([part.lost_btc_per_mw for part in parts]),
    )


@dataclass(frozen=True)
class _Part:
    """The rows of one site-node; `load` counts its listed loads from 0."""

    service: Ints
    segment: Ints
    bay: Ints
    hour: Ints
    load: Ints
    share: Floats
    gross: Floats
    possible_mw: Floats
    most_mw: Floats
    stored: Bools
    usd_per_mw: Floats
    lost_btc_per_mw: Floats

    @staticmethod
    def of(listed: Listed) -> _Part:
        here, stated = listed.site_node, listed.site_node.reserves
        net, lost_btc = offer_usd_per_mw(here), offer_btc_per_mw(here)
        k, j, t = np.nonzero(((net > 0) | (lost_btc > 0)) & listed.runs)
        share = np.zeros(0) if stated is None else stated.qualifying_share
        most = np.zeros(0) if stated is None else stated.most_mw
        possible = share[k] * here.site_limit_mw[t]
        number = np.cumsum(listed.runs.ravel()).reshape(listed.runs.shape) - 1
        return _Part(
            service=listed.services[k],
            segment=listed.segments[j],
            bay=listed.bays[here.segment_bay[j]],
            hour=listed.first_hour + t,
            load=number[j, t],
            share=share[k],
            gross=1.0 + here.overhead[here.segment_bay[j], t],
            possible_mw=possible,
            most_mw=np.where(most[k] < possible, most[k], np.inf),
            stored=_gives(here)[t],
            usd_per_mw=net[k, j, t] * here.weight_h[t],
            lost_btc_per_mw=lost_btc[k, j, t] * here.weight_h[t],
        )


def _gives(here: SiteNode) -> Bools:
    """Whether a battery may give in each step, (T,)."""
    if here.battery is None:
        return np.zeros(here.hours, dtype=bool)
    return np.asarray(discharge_limit_mw(here, here.battery.battery) > 0.0)

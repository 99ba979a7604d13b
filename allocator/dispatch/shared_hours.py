"""Flat tables of the limits that several bays share: which bay-hours each of them limits, in hours when it can bind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from allocator.dispatch.shared_limits import feeder_binds, plant_binds
from allocator.instance.tree import Bools, Floats, Ints
from solvers.model import Expr

if TYPE_CHECKING:
    from allocator.dispatch.hours import BayHours, Pair

Axis = Literal["feeder", "plant"]


@dataclass(frozen=True)
class SharedHours:
    """Rows of one kind of shared limit; index (feeder, hour) or (plant, hour), R rows.

    Attributes:
        limit_mw: (R,).
        row, bay_hour: rows of this table and of the bay-hours it limits, (M,) each.
        standing_row, standing_bay_row, standing_mw: rows of this table, rows of the table of fitted MW, and what a
            fitted bay takes of the limit before anything runs, (K,) each.
    """

    index: pd.DataFrame
    limit_mw: Floats
    row: Ints
    bay_hour: Ints
    standing_row: Ints
    standing_bay_row: Ints
    standing_mw: Floats

    def total(self, by_bay_hour: Expr, rows: Bools | None = None) -> Expr:
        """Sum of an expression over the bay-hours that each row limits; of `rows` (R,) alone, 0 for the others."""
        counts = slice(None) if rows is None else rows[self.row]
        return by_bay_hour.pick(self.bay_hour[counts], self._at(self.row[counts])).sum_by(self.index, empty="zero")

    def standing(self, fitted: Expr) -> Expr:
        """What fitted bays take of each limit before anything runs."""
        taken = fitted.pick(self.standing_bay_row, self._at(self.standing_row)) * self.standing_mw
        return taken.sum_by(self.index, empty="zero")

    def _at(self, rows: Ints) -> pd.DataFrame:
        return self.index.iloc[rows].reset_index(drop=True)


@dataclass(frozen=True)
class PlantHours:
    """Rows of the plants, and which of them take heat of the air loop, (R,); the others take liquid heat."""

    rows: SharedHours
    air: Bools


@dataclass(frozen=True)
class _Limited:
    """One limit in one site-node.

    Attributes:
        pair: position of the site-node. label: of the limit.
        binds: steps in which it can bind, (T,). limit_mw: (T,).
        inside: its bays, (B,). standing_mw: what a fitted bay takes of it before anything runs, (B,).
    """

    pair: int
    label: int
    binds: Bools
    limit_mw: Floats
    inside: Bools
    standing_mw: Floats


def feeder_hours(pairs: Sequence[Pair], bays: BayHours) -> SharedHours:
    """Feeders of all site-nodes."""
    found = [
        _Limited(k, f.label, feeder_binds(here, f), np.full(here.hours, f.limit_mw), f.inside, here.no_load_mw)
        for k, here in enumerate(pair.site_node for pair in pairs)
        for f in here.feeders
    ]
    return _joined([_none("feeder"), *(_part("feeder", pairs, bays, limited) for limited in found)])


def plant_hours(pairs: Sequence[Pair], bays: BayHours) -> PlantHours:
    """Plants of all site-nodes."""
    found = [
        (p.loop == "air", _Limited(k, p.label, plant_binds(here, p), p.limit_mw, p.inside, np.zeros(here.bays)))
        for k, here in enumerate(pair.site_node for pair in pairs)
        for p in here.plants
    ]
    air = [np.full(int(limited.binds.sum()), is_air) for is_air, limited in found]
    rows = _joined([_none("plant"), *(_part("plant", pairs, bays, limited) for _, limited in found)])
    return PlantHours(rows, np.concatenate([np.zeros(0, dtype=bool), *air]))


def _none(axis: Axis) -> SharedHours:
    rows, mw = np.zeros(0, dtype=np.int64), np.zeros(0)
    return SharedHours(pd.DataFrame({axis: rows, "hour": rows}), mw, rows, rows, rows, rows, mw)


def _part(axis: Axis, pairs: Sequence[Pair], bays: BayHours, limited: _Limited) -> SharedHours:
    """Rows of one limit in one site-node."""
    pair, steps = pairs[limited.pair], np.flatnonzero(limited.binds)
    number = np.where(limited.inside[:, None], _bay_hour_rows(pair, bays, limited.pair), -1)[:, steps]
    bay, row = np.nonzero(number >= 0)
    draws = np.flatnonzero(limited.inside & (limited.standing_mw > 0) & (pair.bay_row >= 0))
    return SharedHours(
        index=pd.DataFrame({axis: np.full(len(steps), limited.label), "hour": pair.first_hour + steps}),
        limit_mw=limited.limit_mw[steps],
        row=row,
        bay_hour=number[bay, row],
        standing_row=np.tile(np.arange(len(steps)), len(draws)),
        standing_bay_row=np.repeat(pair.bay_row[draws], len(steps)),
        standing_mw=np.repeat(limited.standing_mw[draws], len(steps)),
    )


def _bay_hour_rows(pair: Pair, bays: BayHours, position: int) -> Ints:
    """Row of each bay and step of a site-node among the bay-hours in use, -1 where it is in none, (B, T)."""
    rows = np.full((pair.site_node.bays, pair.site_node.hours), -1, dtype=np.int64)
    own = np.arange(*np.searchsorted(bays.pair, [position, position + 1]))
    at = bays.index.iloc[own]
    rows[np.searchsorted(pair.bays, at["bay"].to_numpy()), at["hour"].to_numpy() - pair.first_hour] = own
    return rows


def _joined(parts: Sequence[SharedHours]) -> SharedHours:
    """The rows of all parts, one after the other."""
    first = np.cumsum([0, *(len(part.index) for part in parts)])[:-1]

    def together(name: str) -> NDArray[Any]:
        return np.concatenate([getattr(part, name) for part in parts])

    return SharedHours(
        index=pd.concat([part.index for part in parts], ignore_index=True),
        limit_mw=together("limit_mw"),
        row=np.concatenate([start + part.row for start, part in zip(first, parts, strict=True)]),
        bay_hour=together("bay_hour"),
        standing_row=np.concatenate([start + part.standing_row for start, part in zip(first, parts, strict=True)]),
        standing_bay_row=together("standing_bay_row"),
        standing_mw=together("standing_mw"),
    )

"""What stored energy is worth: the price below which a battery takes, and the one above which it gives, by level.

With p = m[t] + a[t] x the price at the meter, x the spread of `strike` and a its scale, and s what is stored at the
beginning of a step,

    V(t, s, x) = max over c, d of  - h p c + W(t, p, d) - h k d + E V(t+1, s', x')
    s' = r^h s + h (ec c - d / ed)

with all symbols as in `dispatch.battery` and c at most the room at the meter beside what runs. Nothing is exported, so
what the battery gives either replaces grid energy or keeps running what the price would stop, the dearest first:

    W(t, p, d) = h * sum over tenants and tiers i, dearest first, of min(p, v[i]) * (its part of d)

with v[i] the price that the load bears. Nothing is given where p < 0. The level moves on an even grid of `CELLS` cells;
with M[i](x) = E (V(t+1, upper end of cell i) - V(t+1, lower end)) / its MWh, which falls in i, cell i is

    taken where  p < ec M[i](x)            given where  p - k > M[i](x) / ed

and since p rises faster in x than M, each is one price. A load that bears only v keeps running on cell i where v lies
above the price of giving. At the end of the window a stored MWh is worth ed times the mean of min(p, v) expected in
it, v the most that any load bears. What starts cost is left out, and so are demand charges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from allocator.dispatch.peaks import limit_mw
from allocator.instance.battery import Battery
from allocator.instance.tree import Floats
from allocator.week.interface import Part, Spread, StoredPrices
from allocator.week.standing import Standing
from allocator.week.strike import Moves

CELLS, POINTS = 20, 61
"""Cells of what is stored, and of the spread."""
FAR_USD_PER_MWH = 1e6


@dataclass(frozen=True)
class Store:
    """A battery and what it may feed in T steps; R loads that one of its size can feed, dearest first.

    Attributes:
        charge_mw, discharge_mw: most taken and given, (T,). kept_share: what a step leaves of what is stored, (T,).
        bears_usd_per_mwh, load_mw: price that each load bears, and its gross draw, (R, T).
        room_mw: limit at the meter, (T,). step_h: of every step.
    """

    battery: Battery
    charge_mw: Floats
    discharge_mw: Floats
    kept_share: Floats
    bears_usd_per_mwh: Floats
    load_mw: Floats
    room_mw: Floats
    step_h: float

    @property
    def levels_mwh(self) -> Floats:
        """Ends of the cells, (CELLS + 1,)."""
        return np.linspace(0.0, self.battery.energy_mwh, CELLS + 1)

    @property
    def most_given_mw(self) -> Floats:
        """Most that the loads take of it, (T,)."""
        return np.asarray(np.minimum(self.discharge_mw, self.load_mw.sum(axis=0)))

    @property
    def bears_at_full_power(self) -> Floats:
        """What the loads bear that full power feeds, on average, (T,)."""
        below = np.cumsum(self.load_mw, axis=0) - self.load_mw
        part = np.clip(self.discharge_mw - below, 0.0, self.load_mw)
        total = part.sum(axis=0)
        return np.asarray((self.bears_usd_per_mwh * part).sum(axis=0) / np.where(total > 0.0, total, 1.0))

    def steps(self, first: int, end: int) -> Store:
        """The same of some steps."""
        by_step = ("charge_mw", "discharge_mw", "kept_share", "bears_usd_per_mwh", "load_mw", "room_mw")
        return replace(self, **{name: getattr(self, name)[..., first:end] for name in by_step})

    def worth_usd_per_h(self, t: int, price: Floats, given_mw: Floats) -> Floats:
        """W of a step an hour, at prices (X,), of what is given (K,), (K, X)."""
        worth, below = np.zeros((len(given_mw), len(price))), 0.0
        for bears, load in zip(self.bears_usd_per_mwh[:, t], self.load_mw[:, t], strict=True):
            part = np.clip(given_mw - below, 0.0, load)
            worth += part[:, None] * np.minimum(price, bears)
            below += load
            if below >= self.discharge_mw[t]:
                break
        return worth

    def left_mw(self, t: int, price: Floats) -> Floats:
        """Room at the meter beside what runs at prices (X,)."""
        runs = (self.bears_usd_per_mwh[:, t, None] >= price) * self.load_mw[:, t, None]
        return np.asarray(np.maximum(self.room_mw[t] - runs.sum(axis=0), 0.0))


def stored_prices(site: Standing, spread: Spread) -> StoredPrices | None:
    """Prices by cell and step; None where no battery stands in the window."""
    store = _store(site)
    if store is None:
        return None
    expected = site.structure.price_usd_per_mwh
    moves = Moves.of(spread, store.step_h, POINTS)
    found = marginal_prices(store, expected[:, None] + spread.scale(len(expected))[:, None] * moves.x, moves)
    return StoredPrices(store.levels_mwh[:-1], store.levels_mwh[1:], *found)


def marginal_prices(store: Store, price: Floats, moves: Moves) -> tuple[Floats, Floats]:
    """Prices below which each cell is taken, and above which it is given, (CELLS, T) each.

    `price` at every point of the spread, (T, X).
    """
    worth, battery = _marginal(store, price, moves), store.battery
    take = _equal(price, battery.charge_efficiency * worth)
    give = _equal(price, worth / battery.discharge_efficiency + battery.wear_usd_per_mwh)
    take, give = np.minimum.accumulate(take, axis=0), np.minimum.accumulate(give, axis=0)
    return np.minimum(take, give), give


def _marginal(store: Store, price: Floats, moves: Moves) -> Floats:
    """M of every step, (T, CELLS, X)."""
    levels, steps = store.levels_mwh, len(price)
    most = np.minimum(price.mean(axis=1), store.bears_at_full_power)
    last = store.battery.discharge_efficiency * max(0.0, float(most.mean()))
    value = np.repeat((last * levels)[:, None], len(moves.x), axis=1)
    found = np.empty((steps, CELLS, len(moves.x)))
    for t in range(steps - 1, -1, -1):
        then = value @ moves.mean.T
        found[t] = np.diff(then, axis=0) / (levels[1] - levels[0])
        value = _step(store, t, price[t], then)
    return found


def _step(store: Store, t: int, price: Floats, then: Floats) -> Floats:
    """V of a step, (CELLS + 1, X), from what levels are worth after it: the best of every grid level, both limits and
    standing."""
    levels, battery, h = store.levels_mwh, store.battery, store.step_h
    kept = store.kept_share[t] * levels
    up = np.minimum(kept + h * battery.charge_efficiency * store.charge_mw[t], battery.energy_mwh)
    down = np.maximum(kept - h * store.most_given_mw[t] / battery.discharge_efficiency, 0.0)
    ends = np.concatenate([np.tile(levels, (len(levels), 1)), np.stack([kept, up, down], axis=1)], axis=1)
    ends = np.clip(ends, down[:, None], up[:, None])
    moved = ends - kept[:, None]
    taken = (np.maximum(moved, 0.0) / (h * battery.charge_efficiency)).ravel()
    given = (np.maximum(-moved, 0.0) * battery.discharge_efficiency / h).ravel()
    usd = store.worth_usd_per_h(t, price, given) - battery.wear_usd_per_mwh * given[:, None] - taken[:, None] * price
    usd[(given[:, None] > 0.0) & (price < 0.0)] = -np.inf
    usd[taken[:, None] > store.left_mw(t, price) + 1e-9] = -np.inf
    whole = h * usd + _at(levels, then, ends.ravel())
    return np.asarray(whole.reshape(*ends.shape, -1).max(axis=1))


def _at(levels: Floats, values: Floats, asked: Floats) -> Floats:
    """Values (levels, X) at levels in between, (K, X)."""
    place = np.clip(asked / (levels[1] - levels[0]), 0.0, CELLS)
    low = np.minimum(place.astype(np.int64), CELLS - 1)
    share = (place - low)[:, None]
    return np.asarray((1.0 - share) * values[low] + share * values[low + 1])


def _equal(price: Floats, worth: Floats) -> Floats:
    """The price of each cell and step, (CELLS, T), that is what the cell is worth at it: worth (T, CELLS, X) is linear
    between points of the grid, and constant beyond them."""
    over = worth - price[:, None, :]
    last = (over > 0.0).sum(axis=2) - 1
    low, high = (np.clip(last + k, 0, over.shape[2] - 1)[:, :, None] for k in (0, 1))
    at_low, at_high = (np.take_along_axis(over, k, axis=2)[:, :, 0] for k in (low, high))
    between = (last >= 0) & (at_low > at_high)
    share = np.where(between, at_low / np.where(between, at_low - at_high, 1.0), 0.0)
    ends = [np.take_along_axis(worth, k, axis=2)[:, :, 0] for k in (low, high)]
    return np.asarray((ends[0] + share * (ends[1] - ends[0])).T)


def _store(site: Standing) -> Store | None:
    structure = site.structure
    owned = [part.here.battery for part in structure.parts]
    battery = next((one.battery for one in owned if one is not None), None)
    if battery is None:
        return None
    works = [
        np.zeros(part.here.hours) if part.here.battery is None else part.here.battery.works for part in structure.parts
    ]
    return store_of(
        battery,
        np.concatenate(works),
        np.concatenate([limit_mw(part.here, part.capacity)[0] for part in structure.parts]),
        [_loads(part, site.available_mw[:, at]) for part, at in zip(structure.parts, structure.slices, strict=True)],
        structure.step_h,
    )


def store_of(
    battery: Battery, stands: Floats, limit_mw: Floats, loads: Sequence[tuple[Floats, Floats]], step_h: float
) -> Store:
    """A battery that stands in some steps (T,), 1 or 0, under a limit at the meter (T,); loads part by part, in any
    order: what they bear, and their gross draw, (R, steps of the part) each."""
    bears, load = (np.concatenate([one[k] for one in loads], axis=1) for k in (0, 1))
    order = np.argsort(-bears, axis=0, kind="stable")
    return Store(
        battery=battery,
        charge_mw=battery.charge_mw * stands,
        discharge_mw=battery.discharge_mw * stands,
        kept_share=np.full(len(limit_mw), battery.kept_share_per_h**step_h),
        bears_usd_per_mwh=np.take_along_axis(bears, order, axis=0),
        load_mw=np.take_along_axis(load, order, axis=0),
        room_mw=limit_mw,
        step_h=step_h,
    )


def _loads(part: Part, available_mw: Floats) -> tuple[Floats, Floats]:
    """What halls draw at no load, tenants and tiers: the price that each bears, and its gross draw, (R, T) each."""
    here, capacity, bay = part.here, part.capacity, part.here.tenants.bay
    always = np.full((1, here.hours), float(here.no_load_mw @ capacity.fitted))
    gross = 1.0 + here.overhead
    bears = (
        np.full((1, here.hours), FAR_USD_PER_MWH),
        here.unserved_usd_per_mwh() / gross[bay],
        here.segment_value_usd_per_mwh[:, None] / gross[here.segment_bay],
    )
    load = always, capacity.firm_mw[:, None] * gross[bay], available_mw * gross[here.segment_bay]
    return np.concatenate(bears), np.concatenate(load)

"""The price at which a running tier stops, and the one at which a stopped tier starts: two, where a start costs.

With p = m[t] + a[t] x the price at the meter, m the expected one, a a scale and x the spread around it, which moves
step by step as

    x' = q x + s sqrt(1 - q^2) z        s standard deviation over time, q persistence over one step, z normal
    x' = q x + e                        e any of the amounts of `Spread.noise_usd_per_mwh`, where they are known

a fleet is switched as in `fleets`, but seeing only the present price: before each step

    V_on(t, a, x)  = max( g(t, x) + E V_on(t+1, a+1, x'),  E V_off(t+1, 1, x') where a = L )
    V_off(t, b, x) = max( E V_off(t+1, b+1, x'),  g(t, x) - c[t] + E V_on(t+1, 1, x') where b = D )

with g what the fleet earns in the step less its power (later power-mode steps where they earn), c the cost of a start
as in `restarts`, later steps that wait for it counted at expected prices. The strikes of its first tier are the prices
at which both sides are worth the same:

    off: g(t, x) + E V_on(t+1, L, x') = E V_off(t+1, 1, x')
    on:  g(t, x) - c[t] + E V_on(t+1, 1, x') = E V_off(t+1, D, x')

Both sides' difference falls in x, so each is one price. Without a term, and for later tiers, which a running machine
enters and leaves at will, both are value / (1 + overhead). Limits that tiers share are left out: what they take is in
the schedule, not in the strikes. Expectations are taken on an even grid of x, 6 s either way, by 9 Gauss-Hermite points
and linear interpolation, constant beyond its ends. Without a spread (s = 0) a surprise lasts one step.

Machines that follow prices L steps late decide on x of L steps before. For them g(t, x) is the mean of what the step
earns given that, and strikes are prices as they are seen then: m[t-L] + a[t-L] x. A later tier runs where the price
that is expected given that is one it bears: m[t] + a[t] q^L x <= value / (1 + overhead). What is seen in the first L
steps is known when the window opens, and says nothing new: there a tier runs at any price, or at none. Without a spread
nothing is known of what a price says of the next one, and lateness changes no strike.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.instance.tree import Bools, Floats, Ints
from allocator.week.interface import Spread, Structure
from allocator.week.restarts import FleetSteps
from allocator.week.standing import Standing

POINTS = 121
REACH = 6.0
"""How many standard deviations the grid reaches."""
NODES = 9
HALVINGS = 60
FAR_USD_PER_MWH = 1e6
"""No strike price lies as far from the expected price."""


@dataclass(frozen=True)
class Strikes:
    """USD/MWh at the meter, (J, T) each; off is never below on."""

    off_usd_per_mwh: Floats
    on_usd_per_mwh: Floats

    def at(self, running: Bools) -> Floats:
        """The price that counts for each tier: of stopping where it runs, of starting where it does not, (J, T)."""
        return np.where(running, self.off_usd_per_mwh, self.on_usd_per_mwh)


def strike_prices(site: Standing, spread: Spread, lag_h: float = 0.0) -> Strikes:
    """Strike prices of all tiers, of machines that follow prices so late."""
    structure = site.structure
    fleets, late = site.slow_fleets, _Late.of(structure, spread, lag_h)
    plain = structure.strike_usd_per_mwh if late is None else late.seen(structure.strike_usd_per_mwh)
    off, on = plain.copy(), plain.copy()
    for f, first in enumerate(fleets.first.tolist()):
        here = _Fleet.of(site, fleets, f, spread)
        found = _hysteresis(here, Moves.of(spread, fleets.step_h), late)
        runs = here.capacity_mw[0] > 0.0
        off[first] = np.where(runs, found[0], plain[first])
        on[first] = np.where(runs, np.minimum(*found), plain[first])
    return Strikes(off, on)


@dataclass(frozen=True)
class _Late:
    """Machines some steps late: expected prices and scales, (T,) each, and what is left of a spread after so long."""

    steps: int
    expected_usd_per_mwh: Floats
    scale: Floats
    kept: float

    @staticmethod
    def of(structure: Structure, spread: Spread, lag_h: float) -> _Late | None:
        """None where they are not, or where a price that is seen says nothing."""
        steps = round(lag_h / structure.step_h)
        if steps == 0 or spread.sd_usd_per_mwh == 0.0:
            return None
        kept = spread.persistence ** (steps * structure.step_h)
        return _Late(steps, structure.price_usd_per_mwh, spread.scale(structure.hours), kept)

    def seen(self, wanted_usd_per_mwh: Floats) -> Floats:
        """Prices seen at which those wanted are expected, (J, T) both."""
        off, a = wanted_usd_per_mwh - self.expected_usd_per_mwh, self.scale * self.kept
        return self.at(np.where(a > 0.0, off / np.where(a > 0.0, a, 1.0), np.where(off >= 0.0, np.inf, -np.inf)), off)

    def at(self, x: Floats, now: Floats) -> Floats:
        """Prices as seen at spreads x; runs at any price, or at none, by the sign of `now`, in the first steps."""
        before = np.maximum(np.arange(len(self.scale)) - self.steps, 0)
        price = self.expected_usd_per_mwh[before] + self.scale[before] * x
        told = np.arange(len(self.scale)) < self.steps
        price = np.where(told, np.where(now >= 0.0, FAR_USD_PER_MWH, -FAR_USD_PER_MWH), price)
        return np.asarray(np.clip(price, -FAR_USD_PER_MWH, FAR_USD_PER_MWH))


@dataclass(frozen=True)
class _Fleet:
    """One fleet: tiers from the first, (R, T), and what switching it takes.

    Attributes:
        value_usd_per_mwh, capacity_mw, overhead: (R, T). expected_usd_per_mwh, scale, start_usd: (T,). step_h: of a
            step.
    """

    value_usd_per_mwh: Floats
    capacity_mw: Floats
    overhead: Floats
    expected_usd_per_mwh: Floats
    scale: Floats
    start_usd: Floats
    step_h: float
    least_run: int
    least_off: int

    @staticmethod
    def of(site: Standing, fleets: FleetSteps, f: int, spread: Spread) -> _Fleet:
        tiers = np.concatenate([[fleets.first[f]], fleets.later[fleets.later_fleet == f]])
        structure = site.structure
        found = _Fleet(
            value_usd_per_mwh=structure.value_usd_per_mwh[tiers],
            capacity_mw=site.available_mw[tiers],
            overhead=structure.overhead[tiers],
            expected_usd_per_mwh=structure.price_usd_per_mwh,
            scale=spread.scale(structure.hours),
            start_usd=fleets.start_usd[f].copy(),
            step_h=fleets.step_h,
            least_run=int(fleets.least_run[f]),
            least_off=int(fleets.least_off[f]),
        )
        later = found.earned(np.zeros((structure.hours, 1)), first=False)[:, 0]
        for k, away in enumerate(fleets.away_share[f]):
            found.start_usd[: structure.hours - k] += away * later[k:]
        return found

    def earned(self, x: Floats, first: bool = True) -> Floats:
        """What a step earns at spreads x, USD; x and the answer (T, any); of later tiers alone without the first."""
        price = self.expected_usd_per_mwh[:, None] + self.scale[:, None] * x
        usd = np.zeros(price.shape)
        for r in range(0 if first else 1, len(self.capacity_mw)):
            margin = self.value_usd_per_mwh[r, :, None] - (1.0 + self.overhead[r, :, None]) * price
            usd += self.step_h * self.capacity_mw[r, :, None] * (margin if r == 0 else np.maximum(margin, 0.0))
        return usd


@dataclass(frozen=True)
class Moves:
    """The grid of x, (X,), and what is expected a step later of a function on it: mean @ values, (X, X)."""

    x: Floats
    mean: Floats

    @staticmethod
    def of(spread: Spread, step_h: float, points: int = POINTS) -> Moves:
        """Of a spread, on so many points."""
        if spread.sd_usd_per_mwh == 0.0:
            return Moves(np.zeros(1), np.ones((1, 1)))
        kept = spread.persistence**step_h
        lasts = np.sqrt(1.0 - kept**2)
        if spread.noise_usd_per_mwh:
            noise = np.array(spread.noise_usd_per_mwh) * lasts / np.sqrt(1.0 - spread.persistence**2)
            return _chain(_spaced(noise, points), kept, noise, np.ones(len(noise)))
        sd = spread.sd_usd_per_mwh
        z, weight = np.polynomial.hermite_e.hermegauss(NODES)
        return _chain(np.linspace(-REACH * sd, REACH * sd, points), kept, sd * lasts * z, weight)

    def at(self, by_step: Floats, x: Floats) -> Floats:
        """Functions on the grid (T, X) at one x a step, (T,)."""
        if len(self.x) == 1:
            return by_step[:, 0]
        row = np.arange(len(x))
        low, share = _between(self.x, x)
        return np.asarray((1.0 - share) * by_step[row, low] + share * by_step[row, low + 1])


def _chain(x: Floats, kept: float, noise: Floats, weight: Floats) -> Moves:
    """On a grid (X,), with noise of some weights, (Z,) each."""
    later = kept * x[:, None] + noise[None, :]
    low, share = _between(x, later.ravel())
    row, mean = np.repeat(np.arange(len(x)), len(noise)), np.zeros((len(x), len(x)))
    each = np.broadcast_to(weight / weight.sum(), later.shape).ravel()
    np.add.at(mean, (row, low), each * (1.0 - share))
    np.add.at(mean, (row, low + 1), each * share)
    return Moves(x, mean)


def _spaced(noise: Floats, points: int) -> Floats:
    """A grid that is dense where most noise lies and reaches its ends."""
    scale = max(float(np.median(np.abs(noise))), 1e-6 * float(np.abs(noise).max()))
    ends = np.arcsinh(np.array([min(noise[0], -scale), max(noise[-1], scale)]) / scale)
    return np.asarray(scale * np.sinh(np.linspace(ends[0], ends[1], points)))


def _between(x: Floats, asked: Floats) -> tuple[Ints, Floats]:
    """Grid point at or below each, and how far towards the next one, within the grid."""
    asked = np.clip(asked, x[0], x[-1])
    low = np.minimum(np.searchsorted(x, asked, side="right") - 1, len(x) - 2)
    return low, (asked - x[low]) / (x[low + 1] - x[low])


def _hysteresis(fleet: _Fleet, moves: Moves, late: _Late | None = None) -> tuple[Floats, Floats]:
    """Prices at which the first tier stops and starts, (T,) each."""
    gain = fleet.earned(np.broadcast_to(moves.x, (len(fleet.start_usd), len(moves.x))))
    if late is not None:
        gain = gain @ np.linalg.matrix_power(moves.mean, late.steps).T
    going_on, coming_on = _continuations(fleet, moves, gain)
    if late is not None:
        both = gain + going_on, gain + coming_on - fleet.start_usd[:, None]
        off, on = (_seen(fleet, moves.x, worth, late) for worth in both)
        return off, on
    m, a = fleet.expected_usd_per_mwh, fleet.scale
    return m + a * _root(fleet, moves, going_on, 0.0), m + a * _root(fleet, moves, coming_on, fleet.start_usd)


def _seen(fleet: _Fleet, x: Floats, worth: Floats, late: _Late) -> Floats:
    """The price seen at which going on is worth nothing more, (T,): `worth` (T, X) falls in x, straight beyond it."""
    row, last = np.arange(len(worth)), (worth > 0.0).sum(axis=1)
    low = np.clip(last - 1, 0, len(x) - 2)
    at_low, at_high = worth[row, low], worth[row, low + 1]
    inside = x[low] + (x[low + 1] - x[low]) * at_low / np.where(at_low > at_high, at_low - at_high, 1.0)
    drawn = fleet.step_h * ((1.0 + fleet.overhead) * fleet.capacity_mw).sum(axis=0) * fleet.scale * late.kept
    end = np.where(last == 0, 0, len(x) - 1)
    slope = np.where(drawn > 0.0, drawn, 1.0 / FAR_USD_PER_MWH)
    outside = x[end] + worth[row, end] / slope
    at_none = np.array([np.interp(0.0, x, one) for one in worth])
    return late.at(np.where((last > 0) & (last < len(x)), inside, outside), at_none)


def _continuations(fleet: _Fleet, moves: Moves, gain: Floats) -> tuple[Floats, Floats]:
    """What being on is worth more than being off from the next step on, USD, (T, X) each: to one that may stop, and to
    one that may start; `gain` is what each step earns, (T, X)."""
    hours, run, off = len(fleet.start_usd), fleet.least_run, fleet.least_off
    value_on, value_off = np.zeros((run + 1, len(moves.x))), np.zeros((off + 1, len(moves.x)))
    older, longer = np.minimum(np.arange(run + 1) + 1, run), np.minimum(np.arange(off + 1) + 1, off)
    stays, starts = np.zeros(gain.shape), np.zeros(gain.shape)
    for t in range(hours - 1, -1, -1):
        then_on, then_off = value_on @ moves.mean.T, value_off @ moves.mean.T
        stays[t], starts[t] = then_on[run] - then_off[1], then_on[1] - then_off[off]
        value_on = gain[t] + then_on[older] if fleet.capacity_mw[0, t] > 0.0 else np.tile(then_off[1], (run + 1, 1))
        value_on[run] = np.maximum(value_on[run], then_off[1])
        value_off = then_off[longer]
        if fleet.capacity_mw[0, t] > 0.0:
            value_off[off] = np.maximum(value_off[off], gain[t] - fleet.start_usd[t] + then_on[1])
    return stays, starts


def _root(fleet: _Fleet, moves: Moves, continuation: Floats, cost: Floats | float) -> Floats:
    """The spread of each step at which going on is worth nothing more, (T,), by halving: the difference falls in x."""
    low = np.full(len(continuation), -FAR_USD_PER_MWH)
    high = -low
    for _ in range(HALVINGS):
        x = 0.5 * (low + high)
        more = fleet.earned(x[:, None])[:, 0] - cost + moves.at(continuation, x) > 0.0
        low, high = np.where(more, x, low), np.where(more, high, x)
    return np.asarray(0.5 * (low + high))

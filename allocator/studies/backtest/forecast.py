"""Prices beyond what is known: what comes is like the weeks before, and like the last hours.

With h an hour, W = 4 weeks, and means over what is known of the W weeks before now:

    season(h)  = mean of real-time prices in the hour of the week of h; of all hours where that hour is missing
    base(h)    = r * day_ahead(h) where that is published, season(h) elsewhere;
                 r = mean real-time price / mean day-ahead price of the same hours, within RATIO
    size(h) = |base(h)|, at least LEAST_USD_PER_MWH: dear hours surprise more than cheap ones
    expected(h) = base(h) + phi^k (last - base(last)) size(h) / size(last), k = hours from the last known hour to h;
                 phi = correlation of (real_time - base) / size from one hour to the next, within PERSISTENCE

Day-ahead prices that are not published are expected at their own mean in the hour of the week. What the price that
settles does around the expected one is told by the W weeks too: deviation, persistence and noise of
(real_time - base) / size.

Whether energy bought ahead pays is a question of its own: buyers pay for certainty, so that day-ahead prices lie above
what settles more often than not, and an expected price that is off by a few dollars finds hours to buy in any week. So
nothing is bought ahead unless the past says that it pays: over PROOF_WEEKS before now the mean of what it saved,
real_time - day_ahead by day, is more than SURE of its standard errors above nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from allocator.series.specs import Floats, Ints
from allocator.studies.backtest.knowledge import WEEK_H, Known

WEEKS = 4
RATIO = (0.5, 1.5)
PERSISTENCE = (0.0, 0.9)
PROOF_WEEKS, SURE = 13, 2.0
NOISE, LEAST_USD_PER_MWH = 24, 10.0
FEWEST = 24
"""Hours from which on means say something."""


@dataclass(frozen=True)
class Outlook:
    """Expected prices of the hours from now on, USD/MWh, (H,) each; NaN where nothing at all is known.

    Attributes:
        sd_usd_per_mwh, persistence: of what real-time prices did around base, 0 where that is not known.
        noise_usd_per_mwh, scale: what they did from one hour to the next, and in which hours how much of it, (H,), as
            `Spread` takes them.
        ahead_pays: whether energy bought ahead has been the cheaper one.
    """

    real_time: Floats
    day_ahead: Floats
    sd_usd_per_mwh: float
    persistence: float
    noise_usd_per_mwh: tuple[float, ...]
    scale: Floats
    ahead_pays: bool


def outlook(known: Known, hours: int) -> Outlook:
    """What is expected of the next `hours` from the first that is not over, cut where the market's axis ends."""
    first, end = known.now, min(known.now + hours, len(known.market.utc))
    past, ahead = np.arange(max(0, first - WEEKS * WEEK_H), first), np.arange(first, end)
    of_week = known.market.hour_of_week
    told = known.day_ahead[ahead]
    usual = season(known.day_ahead[past], of_week[past], of_week[ahead])
    base, was = _base(known, past, ahead), _base(known, past, past)
    usual_usd = float(np.nanmean(_size(was))) if len(was) and not np.isnan(was).all() else 1.0
    scale, off = _size(base) / usual_usd, (known.real_time[past] - was) * usual_usd / _size(was)
    seen = np.flatnonzero(~np.isnan(off))
    persistence, real_time = _persistence(off), base
    if len(seen):
        real_time = base + scale * persistence ** (ahead - past[seen[-1]]) * off[seen[-1]]
    sd = float(off[seen].std()) if len(seen) >= FEWEST else 0.0
    return Outlook(
        real_time=real_time,
        day_ahead=np.where(np.isnan(told), usual, told),
        sd_usd_per_mwh=sd,
        persistence=persistence,
        noise_usd_per_mwh=_noise(off, persistence),
        scale=np.where(np.isnan(scale), 1.0, scale),
        ahead_pays=_ahead_pays(known),
    )


def _size(base: Floats) -> Floats:
    """How large surprises around an expected price are, but for a factor: as the price itself, cheap hours apart."""
    return np.maximum(np.abs(base), LEAST_USD_PER_MWH)


def _ahead_pays(known: Known) -> bool:
    end = known.now
    first = max(0, end - PROOF_WEEKS * WEEK_H)
    saved = known.real_time[first:end] - known.day_ahead[first:end]
    days = saved[len(saved) % 24 :].reshape(-1, 24)
    mean = days[~np.isnan(days).any(axis=1)].mean(axis=1)
    if len(mean) < FEWEST:
        return False
    return bool(mean.mean() > SURE * mean.std(ddof=1) / np.sqrt(len(mean)))


def _base(known: Known, past: Ints, asked: Ints) -> Floats:
    """base of some hours, by what is known of the past ones."""
    of_week, seen = known.market.hour_of_week, known.real_time[past]
    ahead = _ratio(seen, known.day_ahead[past]) * known.day_ahead[asked]
    return np.where(np.isnan(ahead), season(seen, of_week[past], of_week[asked]), ahead)


def season(values: Floats, of_week: Ints, asked: Ints) -> Floats:
    """Mean of values in each asked hour of the week; the mean of all where there is none."""
    told = ~np.isnan(values)
    if not told.any():
        return np.full(len(asked), np.nan)
    count = np.bincount(of_week[told], minlength=WEEK_H)
    total = np.bincount(of_week[told], values[told], minlength=WEEK_H)
    mean = np.where(count > 0, total / np.maximum(count, 1), values[told].mean())
    return np.asarray(mean[asked])


def _ratio(real_time: Floats, day_ahead: Floats) -> float:
    """Mean real-time over mean day-ahead price of hours in which both are known; 1 where that says nothing."""
    both = ~np.isnan(real_time) & ~np.isnan(day_ahead)
    if both.sum() < FEWEST or day_ahead[both].mean() <= 0:
        return 1.0
    return float(np.clip(real_time[both].mean() / day_ahead[both].mean(), *RATIO))


def _persistence(off: Floats) -> float:
    """Correlation of neighbouring hours."""
    one, next_one = off[:-1], off[1:]
    both = ~np.isnan(one) & ~np.isnan(next_one)
    if both.sum() < FEWEST or not one[both].std() or not next_one[both].std():
        return 0.0
    return float(np.clip(np.corrcoef(one[both], next_one[both])[0, 1], *PERSISTENCE))


def _noise(off: Floats, persistence: float) -> tuple[float, ...]:
    """Means of `NOISE` equal shares of what is left of one hour's deviation beyond the last one's, in order."""
    left = off[1:] - persistence * off[:-1]
    left = np.sort(left[~np.isnan(left)])
    if len(left) < FEWEST:
        return ()
    shares = np.array([share.mean() for share in np.array_split(left, NOISE)])
    return tuple((shares - shares.mean()).tolist())


HORIZONS: tuple[tuple[int, int], ...] = ((1, 1), (2, 6), (7, 24), (25, 48), (49, WEEK_H))
"""First and last hour ahead of each group of forecasts whose errors are told together."""


@dataclass(frozen=True)
class Errors:
    """Sums over forecasts by group of hours ahead, (5,): how many, of |error|, of error = expected - real, USD/MWh."""

    count: Floats
    absolute: Floats
    signed: Floats

    def plus(self, other: Errors) -> Errors:
        return Errors(self.count + other.count, self.absolute + other.absolute, self.signed + other.signed)


NO_ERRORS = Errors(*(np.zeros(len(HORIZONS)) for _ in range(3)))


def errors(expected: Floats, real: Floats) -> Errors:
    """Errors of a forecast (H,) against what came, (H,); hours missing in either are left out."""
    off = expected - real
    parts = [off[first - 1 : last] for first, last in HORIZONS]
    parts = [part[~np.isnan(part)] for part in parts]
    return Errors(
        np.array([float(len(part)) for part in parts]),
        np.array([float(np.abs(part).sum()) for part in parts]),
        np.array([float(part.sum()) for part in parts]),
    )

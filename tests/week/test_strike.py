"""Two prices where a start costs: by hand, at their limits, and on prices drawn from the spread that they expect."""

from __future__ import annotations

import numpy as np
import pytest

from allocator.instance.restarts import Restarts
from allocator.week.interface import UNKNOWN, Opening, Prices, Spread
from allocator.week.standing import standing
from allocator.week.strike import Strikes, strike_prices
from tests.week.sites import Fleet, restarts, settling, site

ONE = [Fleet((10.0,), (60.0,))]


def strikes(prices: list[float], terms: Restarts, spread: Spread | None = None) -> Strikes:
    made = site(ONE, len(prices), terms)
    return strike_prices(standing(made, settling(made, prices), UNKNOWN), spread or Spread())


@pytest.mark.parametrize(
    ("after", "off", "on"),
    [
        # Good hours to come: stopping now costs a start later; starting now costs the one that is due anyway.
        ([20.0, 20.0], 60 + 10, 60.0),
        # No good hour to come: stopping costs nothing, and a start has to be earned at once.
        ([100.0, 100.0], 60.0, 60 - 10),
        # One good hour, of 15: a start is worth it then, and half the cost is spared by waiting only where it is due.
        ([45.0, 100.0], 60 + 10, 60.0),
        # One hour of 5 does not earn its start: running on into it is worth 5.
        ([55.0, 100.0], 60 + 5, 60 - 10 + 5),
    ],
)
def test_a_start_of_ten_dollars_moves_both_prices_as_far_as_what_follows_says(
    after: list[float], off: float, on: float
) -> None:
    found = strikes([60.0, *after], restarts(usd=10.0))
    assert found.off_usd_per_mwh[0, 0] == pytest.approx(off)
    assert found.on_usd_per_mwh[0, 0] == pytest.approx(on)


def test_a_least_time_off_adds_the_hours_that_are_lost() -> None:
    found = strikes([60.0, 20.0, 20.0], restarts(least_off_h=2.0))
    assert found.off_usd_per_mwh[0, 0] == pytest.approx(60 + 40)
    assert found.on_usd_per_mwh[0, 0] == pytest.approx(60)


def test_a_least_run_takes_off_the_hours_that_are_run_at_a_loss() -> None:
    found = strikes([60.0, 90.0, 90.0], restarts(least_run_h=2.0))
    assert found.off_usd_per_mwh[0, 0] == pytest.approx(60)
    assert found.on_usd_per_mwh[0, 0] == pytest.approx(60 - 30)


def test_a_restart_of_a_quarter_of_an_hour_costs_a_quarter_of_an_hour_of_earnings() -> None:
    found = strikes([60.0, 20.0], restarts(restart_h=0.25))
    assert found.off_usd_per_mwh[0, 0] == pytest.approx(60 + 15)


def test_without_terms_both_are_what_earnings_bear_whatever_the_spread() -> None:
    made = site([Fleet((10.0, 5.0), (60.0, 44.0), 0.1)], 5, restarts())
    found = strike_prices(standing(made, settling(made, [20.0] * 5), UNKNOWN), Spread(30.0, 0.5))
    for price in (found.off_usd_per_mwh, found.on_usd_per_mwh):
        assert price == pytest.approx(np.array([[60 / 1.1] * 5, [44 / 1.1] * 5]))


def test_a_tiny_term_hardly_moves_them_and_a_later_mode_never_has_two() -> None:
    made = site([Fleet((10.0, 5.0), (60.0, 44.0))], 24, restarts(usd=1e-6))
    found = strike_prices(standing(made, settling(made, [50.0] * 24), UNKNOWN), Spread(30.0, 0.5))
    assert found.off_usd_per_mwh[0] == pytest.approx(60.0, abs=1e-3)
    assert found.on_usd_per_mwh[0] == pytest.approx(60.0, abs=1e-3)
    assert found.off_usd_per_mwh[1].tolist() == found.on_usd_per_mwh[1].tolist() == [44.0] * 24


def test_what_may_spread_widens_the_band_less_than_what_is_known_to_stay() -> None:
    """A spread makes a return of good prices likely, so stopping costs something even where none is expected."""
    known = strikes([100.0] * 12, restarts(usd=10.0))
    drawn = strikes([100.0] * 12, restarts(usd=10.0), Spread(40.0, 0.5))
    assert known.off_usd_per_mwh[0, 0] == pytest.approx(60.0)
    assert 60.0 < drawn.off_usd_per_mwh[0, 0] < 70.0
    assert 50.0 < drawn.on_usd_per_mwh[0, 0] < drawn.off_usd_per_mwh[0, 0]


@pytest.mark.parametrize("persistence", [0.0, 0.7])
def test_two_prices_earn_more_than_one_on_prices_that_spread(persistence: float) -> None:
    """Followed hour by hour on drawn prices, beside the price that earnings bear and others near it."""
    terms, hours, draws = restarts(restart_h=0.25, usd=6.0), 48, 400
    expected = 50.0 + 15.0 * np.sin(np.arange(hours) * 2 * np.pi / 24)
    made, spread = site(ONE, hours, terms), Spread(20.0, persistence)
    found = strike_prices(standing(made, settling(made, expected.tolist()), UNKNOWN), spread)
    price = expected + _drawn(np.random.default_rng(5), spread, (draws, hours))
    two = _followed(price, found.off_usd_per_mwh[0], found.on_usd_per_mwh[0], terms)
    single = [np.full(hours, level) for level in np.arange(40.0, 80.0, 4.0)]
    best = max(_followed(price, level, level, terms).mean() for level in [*single, np.full(hours, 60.0)])
    assert two.mean() > best


def test_machines_that_are_late_look_at_what_a_price_says_of_the_next_hour() -> None:
    """Half of a surprise is left after an hour. 50 are expected, 60 are borne: 70 seen say 60. A later mode bears 44,
    which 38 say. What the first hour brings is known: 50, which one bears and the other does not."""
    made = site([Fleet((10.0, 5.0), (60.0, 44.0))], 4, restarts())
    found = strike_prices(standing(made, settling(made, [50.0] * 4), UNKNOWN), Spread(30.0, 0.5), lag_h=1.0)
    for price in (found.off_usd_per_mwh, found.on_usd_per_mwh):
        assert price == pytest.approx(np.array([[1e6, 70.0, 70.0, 70.0], [-1e6, 38.0, 38.0, 38.0]]))


def test_a_tiny_term_hardly_moves_what_late_machines_go_by() -> None:
    """Two routes: an expectation on a grid, and the formula of tiers without terms."""
    prices, spread = [50.0, 45.0, 70.0, 50.0, 62.0, 50.0], Spread(30.0, 0.5, scales=np.array([1.0, 2, 1, 1, 3, 1]))
    found = []
    for terms in (restarts(), restarts(usd=1e-6)):
        made = site(ONE, 6, terms)
        found.append(strike_prices(standing(made, settling(made, prices), UNKNOWN), spread, lag_h=2.0))
    assert found[1].off_usd_per_mwh == pytest.approx(found[0].off_usd_per_mwh, abs=1e-2)
    assert found[1].on_usd_per_mwh == pytest.approx(found[0].on_usd_per_mwh, abs=1e-2)


def test_late_machines_earn_more_by_prices_made_for_them() -> None:
    terms, hours, draws, spread = restarts(restart_h=0.25, usd=6.0), 48, 400, Spread(20.0, 0.7)
    expected = 50.0 + 15.0 * np.sin(np.arange(hours) * 2 * np.pi / 24)
    made = site(ONE, hours, terms)
    stands = standing(made, settling(made, expected.tolist()), UNKNOWN)
    price = expected + _drawn(np.random.default_rng(5), spread, (draws, hours))
    seen = np.concatenate([price[:, :1], price[:, :-1]], axis=1)
    one, other = (strike_prices(stands, spread, lag_h) for lag_h in (0.0, 1.0))
    usd = [_followed(price, f.off_usd_per_mwh[0], f.on_usd_per_mwh[0], terms, seen).mean() for f in (one, other)]
    assert usd[1] > usd[0]


def _drawn(rng: np.random.Generator, spread: Spread, shape: tuple[int, int]) -> np.ndarray:
    noise = rng.normal(size=shape)
    x = np.empty(shape)
    x[:, 0] = spread.sd_usd_per_mwh * noise[:, 0]
    for t in range(1, shape[1]):
        fresh = spread.sd_usd_per_mwh * np.sqrt(1 - spread.persistence**2)
        x[:, t] = spread.persistence * x[:, t - 1] + fresh * noise[:, t]
    return x


def _followed(
    price: np.ndarray, off: np.ndarray, on: np.ndarray, terms: Restarts, seen: np.ndarray | None = None
) -> np.ndarray:
    """USD of 10 MW that run at the start and stop above `off`, start below `on`, by draw; at prices as `seen`."""
    seen = price if seen is None else seen
    running, earned = np.ones(len(price), dtype=bool), np.zeros(len(price))
    start_usd = 10.0 * float(terms.restart_usd_per_mw[0] + terms.restart_h[0] * 60.0)
    for t in range(price.shape[1]):
        stays = running & (seen[:, t] <= off[t])
        starts = ~running & (seen[:, t] < on[t])
        running = stays | starts
        earned += running * 10.0 * (60.0 - price[:, t]) - starts * start_usd
    return earned


def test_prices_may_be_asked_of_a_site_that_is_partly_down() -> None:
    made = site(ONE, 4, restarts(usd=10.0))
    share = np.array([[1.0, 0.0, 1.0, 1.0]])
    opened = standing(made, Prices(made.utc, np.full(4, 20.0), np.full(4, np.nan)), Opening(available_share=share))
    found = strike_prices(opened, Spread(10.0, 0.5))
    assert found.off_usd_per_mwh[0, 1] == found.on_usd_per_mwh[0, 1] == 60.0
    assert np.isfinite(found.off_usd_per_mwh).all()

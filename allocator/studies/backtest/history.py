"""What a site's market did, read from the series of its scenario as they were recorded: gaps stay gaps.

A plan may fill gaps of a series as the scenario allows. Here a filled step is missing again, and so is every hour with
such a step: nothing is earned or lost in an hour whose price nobody recorded.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np

from allocator.instance.hosting_share import energy_kept
from allocator.pipeline.errors import BadInputError
from allocator.scenario.bitcoin import Hashprice as StatedHashprice
from allocator.scenario.day_ahead import DayAhead
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.hosting import Indexed
from allocator.scenario.load import LoadedScenario
from allocator.scenario.series_sources import FileSeries
from allocator.scenario.sites import Site
from allocator.scenario.values import FromSeries
from allocator.series.clock import HOUR, parse_zone
from allocator.series.reader import read_series
from allocator.series.sources import file_spec
from allocator.series.specs import Floats, GapRepair, HourlySeries, Span, Times
from allocator.series.window import window
from allocator.studies.backtest.knowledge import DAY, Auction, Market
from allocator.studies.backtest.site import Hashprice

ANY_GAP = GapRepair("previous", 8784.0)
BEFORE = np.timedelta64(400 * 24, "h")
"""History looked at before the first night: a year for the strike price of the year before, and what forecasts need."""


def market(loaded: LoadedScenario, site: Site, first: np.datetime64, end: np.datetime64) -> Market:
    """Prices of a site from `BEFORE` its first hour to its last one (UTC), factor of the scenario made.

    Raises:
        BadInputError: its prices are no file, or the file has faults.
    """
    utc = np.arange(first - BEFORE, end, HOUR)
    zone, scale = parse_zone(loaded.scenario.horizon.time_zone), site.price.scale
    ahead = np.full(len(utc), np.nan)
    if site.day_ahead is not None:
        ahead = scale * recorded(loaded, site.day_ahead.series, utc)
    return Market(utc, scale * recorded(loaded, site.price.series, utc), ahead, zone, _auction(site.day_ahead))


def service_prices(loaded: LoadedScenario, site: Site, first: np.datetime64, end: np.datetime64) -> Floats:
    """Prices of capacity of the ancillary services of a site in the hours of its `market`, USD/MW/h, (K, T).

    Raises:
        BadInputError: as `market`.
    """
    utc = np.arange(first - BEFORE, end, HOUR)
    found = [stated.price.scale * recorded(loaded, stated.price.series, utc) for stated in site.reserves]
    return np.array(found).reshape(len(found), len(utc))


def hosted_market(loaded: LoadedScenario, name: str, first: np.datetime64, end: np.datetime64) -> Market | None:
    """Prices of a hosting agreement that follow a market, as `market`: our part of the host's price, before fees.
    None: there is no such agreement, or it has one price a month.
    """
    agreement = next((one for one in loaded.scenario.hosting if one.name == name), None)
    if agreement is None or not isinstance(agreement.price, Indexed):
        return None
    utc, stated = np.arange(first - BEFORE, end, HOUR), agreement.price
    tariff = stated.scale * recorded(loaded, stated.series, utc) + stated.adder_usd_per_mwh
    zone = parse_zone(loaded.scenario.horizon.time_zone)
    return Market(utc, energy_kept(agreement) * tariff, np.full(len(utc), np.nan), zone)


def hashprice(loaded: LoadedScenario, utc: Times, planned_usd_per_ph_day: Floats) -> Hashprice:
    """Hashprice of some hours (T,) over that of the plan (T,); 1 where the scenario has no series of it.

    Known is the value of a day before: the last whole day of a daily series.
    """
    stated = loaded.scenario.bitcoin
    if not isinstance(stated, StatedHashprice) or not isinstance(stated.usd_per_ph_day, FromSeries):
        return Hashprice(np.ones(len(utc)), np.ones(len(utc)), np.full(len(utc), np.nan))
    daily = recorded(loaded, stated.usd_per_ph_day.series, np.arange(utc[0] - DAY, utc[-1] + HOUR, HOUR))
    real, known = daily[-len(utc) :], daily[: len(utc)]
    share, known_share = real / planned_usd_per_ph_day, known / planned_usd_per_ph_day
    return Hashprice(np.where(np.isnan(share), 1.0, share), np.where(np.isnan(known_share), 1.0, known_share), known)


def recorded(loaded: LoadedScenario, name: str, utc: Times) -> Floats:
    """A series in some hours that follow one another, (T,); NaN where the file has no value.

    Raises:
        BadInputError: it is no file, or has faults other than gaps.
    """
    source = loaded.scenario.series[name]
    if not isinstance(source, FileSeries):
        raise BadInputError(
            f"series {name} is a profile: nothing that happened", ["replay a scenario whose prices are a file"]
        )
    spec = replace(file_spec(source), repair=ANY_GAP, repeat="no")
    try:
        series = read_series(loaded.folder / source.file, spec, (utc[0], utc[-1] + HOUR), source.file)
        return _hours(series, utc, parse_zone(loaded.scenario.horizon.time_zone))
    except ScenarioFaults as error:
        raise BadInputError(f"series {name} has faults", [str(fault) for fault in error.faults]) from error


def _hours(series: HourlySeries, utc: Times, zone: dt.tzinfo) -> Floats:
    """Means over hours; an hour with a step that is missing or was filled has none."""
    values, step = series.values.copy(), np.timedelta64(series.step_minutes, "m")
    for repair in series.repairs:
        values[(series.utc >= repair.first) & (series.utc <= repair.last)] = np.nan
    first, last = _inside((series.utc[0], series.utc[-1] + step), utc)
    found = np.full(len(utc), np.nan)
    if last > first:
        found[first:last] = window(replace(series, values=values), utc[first], utc[last - 1] + HOUR, zone)
    return found


def _inside(covered: Span, utc: Times) -> tuple[int, int]:
    """Hours that lie in a span as a whole: first, and the one after the last."""
    whole = (utc >= covered[0]) & (utc + HOUR <= covered[1])
    at = np.flatnonzero(whole)
    return (int(at[0]), int(at[-1]) + 1) if len(at) else (0, 0)


def _auction(stated: DayAhead | None) -> Auction:
    if stated is None:
        return Auction()
    return Auction(dt.time.fromisoformat(stated.bids_until), dt.time.fromisoformat(stated.published))

"""Prices that a night expects of the hours to come: as the scenario has them, or as the weeks before say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from allocator.instance.tree import Floats
from allocator.pipeline.errors import BadInputError
from allocator.scenario.load import LoadedScenario
from allocator.scenario.operations import Operations
from allocator.scenario.sites import Site
from allocator.studies.backtest.forecast import outlook
from allocator.studies.backtest.history import market
from allocator.studies.backtest.knowledge import Known, known_at
from allocator.week.interface import Prices, Spread, Structure, planned_prices

LEAST_HOURS = 14 * 24
"""Recorded hours up to now from which on they say what to expect."""
HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True)
class Expected:
    """Prices of a site's steps and what they may do; `remarks` say where a night could not look as it was asked to."""

    prices: Prices
    spread: Spread
    remarks: tuple[str, ...] = ()


def expected_prices(loaded: LoadedScenario, structure: Structure, as_of: datetime) -> Expected:
    """What is expected of a site at a moment. Sites of hosts settle as the scenario says."""
    asked = loaded.scenario.operations or Operations()
    stated = Spread(asked.spread_usd_per_mwh, asked.spread_persistence_share)
    planned = planned_prices(structure)
    site = next((one for one in loaded.scenario.sites if one.name == structure.site), None)
    recent = asked.expected_prices == "recent"
    if site is None or not (recent or site.day_ahead):
        return Expected(planned, stated)
    try:
        known = _known(loaded, site, structure, as_of)
    except BadInputError as error:
        words = f"site {structure.site}: prices are those of the plan, since {error.message}"
        return Expected(planned, stated, (words,))
    ahead = _on_steps(structure, known, known.day_ahead)
    if not recent:
        return Expected(Prices(planned.utc, planned.spot_usd_per_mwh, ahead), stated)
    told = int(np.isfinite(known.real_time).sum())
    if told < LEAST_HOURS:
        words = f"site {structure.site}: {told} h of prices are recorded up to now, so those of the plan are expected"
        return Expected(Prices(planned.utc, planned.spot_usd_per_mwh, ahead), stated, (words,))
    found = outlook(known, len(known.market.utc))
    whole = np.concatenate([known.real_time[: known.now], found.real_time])
    spot = _on_steps(structure, known, whole)
    spot = np.where(np.isnan(spot), planned.spot_usd_per_mwh, spot)
    return Expected(Prices(planned.utc, spot, ahead), Spread(found.sd_usd_per_mwh, found.persistence))


def _known(loaded: LoadedScenario, site: Site, structure: Structure, as_of: datetime) -> Known:
    """The site's market from the past up to the end of the window, at a moment."""
    moment = np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None), "s")
    first = structure.utc[0].astype("datetime64[h]").astype("datetime64[s]")
    end = structure.utc[-1].astype("datetime64[h]").astype("datetime64[s]") + HOUR
    return known_at(market(loaded, site, min(first, moment), end), moment)


def _on_steps(structure: Structure, known: Known, by_hour: Floats) -> Floats:
    """Hourly values in each step, (T,)."""
    at = ((structure.utc - known.market.utc[0]) // HOUR).astype(np.int64)
    return np.asarray(by_hour[at])

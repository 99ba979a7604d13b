"""Prices that a night expects of the hours to come: as the scenario has them, or as the weeks before say."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from allocator.instance.tree import Floats
from allocator.pipeline.errors import BadInputError
from allocator.scenario.load import LoadedScenario
from allocator.scenario.operations import Operations
from allocator.scenario.sites import Site
from allocator.studies.backtest.forecast import outlook
from allocator.studies.backtest.history import hosted_market, market
from allocator.studies.backtest.knowledge import Known, known_at
from allocator.week.interface import Prices, Spread, Stamps, Structure, planned_prices

V = TypeVar("V", bound=np.generic)

LEAST_HOURS = 14 * 24
"""Recorded hours up to now from which on they say what to expect."""
HOUR = np.timedelta64(3600, "s")


@dataclass(frozen=True)
class Expected:
    """Prices of a site's steps, and what they may do.

    Attributes:
        bids_close: until when each step can be bid for, UTC, (T,); NaT where there is no market a day ahead.
        remarks: where a night could not look as it was asked to.
    """

    prices: Prices
    spread: Spread
    bids_close: Stamps
    remarks: tuple[str, ...] = ()


def expected_prices(loaded: LoadedScenario, structure: Structure, as_of: datetime) -> Expected:
    """What is expected of a site at a moment; a hosting agreement at one price a month settles as the scenario says.

    A day-ahead price that is not published is expected where bids are still taken: as the weeks before have it, else at
    the price at which the hour is expected to settle, so that there is nothing to gain and only a spread to be rid of.
    """
    asked = loaded.scenario.operations or Operations()
    stated = Spread(asked.spread_usd_per_mwh, asked.spread_persistence_share)
    planned = planned_prices(structure)
    plain = Expected(planned, stated, np.full(structure.hours, np.datetime64("NaT"), dtype="datetime64[s]"))
    site = next((one for one in loaded.scenario.sites if one.name == structure.site), None)
    day_ahead = None if site is None else site.day_ahead
    if not (asked.expected_prices == "recent" or day_ahead):
        return plain
    try:
        known = _known(loaded, site, structure, as_of)
    except BadInputError as error:
        return replace(plain, remarks=(f"{structure.site}: prices are those of the plan, since {error.message}",))
    if known is None:
        return plain
    spot, ahead, spread = planned.spot_usd_per_mwh, np.full(structure.hours, np.nan), stated
    remarks: tuple[str, ...] = ()
    if asked.expected_prices == "recent":
        told = int(np.isfinite(known.real_time).sum())
        if told < LEAST_HOURS:
            words = f"{told} h of prices are recorded up to now, so those of the plan are expected"
            remarks = (f"{structure.site}: {words}",)
        else:
            spot, ahead, spread = _recent(structure, known, spot)
    if day_ahead is None:
        return Expected(Prices(planned.utc, spot, np.full(structure.hours, np.nan)), spread, plain.bids_close, remarks)
    published, opens = _on_steps(structure, known, known.day_ahead), _on_steps(structure, known, known.open)
    ahead = np.where(np.isnan(ahead), spot, ahead)
    ahead = np.where(np.isnan(published), np.where(opens > 0, ahead, np.nan), published)
    return Expected(Prices(planned.utc, spot, ahead), spread, _on_steps(structure, known, known.market.closes), remarks)


def _recent(structure: Structure, known: Known, planned: Floats) -> tuple[Floats, Floats, Spread]:
    """Prices that settle (planned ones where the weeks before say nothing) and prices ahead, (T,) each; the spread."""
    found = outlook(known, len(known.market.utc))
    past = np.full(known.now, np.nan)
    spot = _on_steps(structure, known, np.concatenate([known.real_time[: known.now], found.real_time]))
    ahead = _on_steps(structure, known, np.concatenate([past, found.day_ahead]))
    scales = _on_steps(structure, known, np.concatenate([np.ones(known.now), found.scale]))
    spread = Spread(found.sd_usd_per_mwh, found.persistence, found.noise_usd_per_mwh, scales)
    return np.where(np.isnan(spot), planned, spot), ahead, spread


def _known(loaded: LoadedScenario, site: Site | None, structure: Structure, as_of: datetime) -> Known | None:
    """The market of a site, or of a host where `site` is None, from the past up to the end of the window, at a moment;
    None where there is none."""
    moment = np.datetime64(as_of.astimezone(UTC).replace(tzinfo=None), "s")
    first = structure.utc[0].astype("datetime64[h]").astype("datetime64[s]")
    end = structure.utc[-1].astype("datetime64[h]").astype("datetime64[s]") + HOUR
    if site is not None:
        return known_at(market(loaded, site, min(first, moment), end), moment)
    hosted = hosted_market(loaded, structure.site, min(first, moment), end)
    return None if hosted is None else known_at(hosted, moment)


def _on_steps(structure: Structure, known: Known, by_hour: NDArray[V]) -> NDArray[V]:
    """Hourly values in each step, (T,)."""
    at = ((structure.utc - known.market.utc[0]) // HOUR).astype(np.int64)
    return np.asarray(by_hour[at])

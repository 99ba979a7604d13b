"""Tables of a backtest: every rule of every site, by month too, errors of forecasts, regret."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from allocator.series.clock import local_times
from allocator.studies.backtest.forecast import HORIZONS, Errors
from allocator.studies.backtest.rules import PERFECT, WITHOUT_BATTERY
from allocator.studies.backtest.score import Scored, figures

RULES, MONTHS, FORECAST, REGRET, BATTERY = "rules", "months", "forecast", "regret", "battery"
ALL_SITES = "all sites"


def rules_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a site and rule, and one a rule for all sites where there are several."""
    rows = [row for one in scored for row in _rules(one)]
    table = pd.DataFrame(rows)
    return pd.concat([table, _together(table)], ignore_index=True) if len(scored) > 1 else table


def _rules(one: Scored) -> Iterator[dict[str, object]]:
    whole = slice(0, one.site.hours)
    for run in one.runs:
        yield {
            "site": one.site.structure.site,
            "rule": run.rule,
            **asdict(figures(one, run, whole)),
            "capture_share": one.capture_share(run.rule),
            "best_gain_usd": one.bound_usd - one.margin_usd("stand_still"),
            "strike_usd_per_mwh": run.strike_usd_per_mwh,
        }


def _together(table: pd.DataFrame) -> pd.DataFrame:
    """Sums over sites; what is no sum is missing."""
    total = table.groupby("rule", sort=False).sum(numeric_only=True, min_count=1).reset_index()
    best = total["best_gain_usd"]
    total["capture_share"] = ((total["gain_usd"] - total["day_ahead_usd"]) / best).where(best > 0)
    total[["strike_usd_per_mwh", "full_load_share"]] = np.nan
    return total.assign(site=ALL_SITES)


def months_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a site, month of the market's clock and rule."""
    return pd.DataFrame([row for one in scored for row in _months(one)])


def _months(one: Scored) -> Iterator[dict[str, object]]:
    local, _ = local_times(one.site.structure.utc, one.site.market.zone)
    month = local.astype("datetime64[M]")
    firsts = np.flatnonzero(np.append(True, month[1:] != month[:-1]))
    for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), one.site.hours], strict=True):
        hours = slice(first, end)
        for run in one.runs:
            yield {
                "site": one.site.structure.site,
                "month": str(month[first]),
                "rule": run.rule,
                "hours": int(one.site.counted[hours].sum()),
                **asdict(figures(one, run, hours)),
            }


def battery_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a site with a battery and rule that runs it; shares are of perfect foresight."""
    columns = [
        "site", "rule", "gain_usd", "capture_share", "traded_usd", "traded_share", "wear_usd", "given_mwh",
        "cycles", "take_below_usd_per_mwh", "give_above_usd_per_mwh",
    ]  # fmt: skip
    rows = [row for one in scored if one.site.around is not None for row in _stored(one)]
    return pd.DataFrame(rows, columns=columns)


def _stored(one: Scored) -> Iterator[tuple[object, ...]]:
    around = one.site.around
    assert around is not None
    stored_mwh = around.battery.discharge_efficiency * around.battery.energy_mwh
    most, most_traded = one.battery_usd(PERFECT), one.traded_usd(PERFECT)
    for run in one.runs:
        if run.rule not in WITHOUT_BATTERY:
            continue
        gain, traded, given = one.battery_usd(run.rule), one.traded_usd(run.rule), float(run.hours.given_mwh.sum())
        shares = (gain / most if most > 0 else np.nan), (traded / most_traded if most_traded > 0 else np.nan)
        take, give = run.pair_usd_per_mwh or (np.nan, np.nan)
        name, wear = one.site.structure.site, float(run.hours.wear.sum())
        yield name, run.rule, gain, shares[0], traded, shares[1], wear, given, given / stored_mwh, take, give


def forecast_table(errors: Sequence[tuple[str, Errors]]) -> pd.DataFrame:
    """One row a site and group of hours ahead."""
    columns = ["site", "from_h", "until_h", "forecasts", "mae_usd_per_mwh", "bias_usd_per_mwh"]
    return pd.DataFrame([row for site, found in errors for row in _errors(site, found)], columns=columns)


def _errors(site: str, found: Errors) -> Iterator[tuple[str, int, int, int, float, float]]:
    for (first, last), count, absolute, signed in zip(
        HORIZONS, found.count.tolist(), found.absolute.tolist(), found.signed.tolist(), strict=True
    ):
        if count:
            yield site, first, last, int(count), absolute / count, signed / count


def regret_table(scored: Sequence[Scored]) -> pd.DataFrame:
    """One row a site and component; `share` of what machines that follow every price at once gain, and of what a
    battery can."""
    rows = []
    for one in scored:
        free = one.followed_usd
        rows += [
            (one.site.structure.site, component, usd, usd / free if free > 0 else np.nan)
            for component, usd in one.regret().items()
        ]
    return pd.DataFrame(rows, columns=["site", "component", "usd", "share"])

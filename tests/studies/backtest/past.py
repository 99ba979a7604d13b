"""A past that fits on a page: one barn of two fleets, a month of hourly prices, a day-ahead market."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.instance.compile import compile_instance
from allocator.scenario.load import load_scenario
from allocator.series.specs import Floats
from allocator.studies.backtest.build import in_pieces, make_site
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.windows import Windows
from allocator.week.structure import Window, opening_structure

FIRST = pd.Timestamp("2023-03-01", tz="America/Chicago")
BEFORE_DAYS, DAYS = 35, 31
SCENARIO = """\
version: 1
name: past
horizon: {start: 2023-03, months: MONTHS, time_zone: America/Chicago}
discount: {operations_per_year: 0, contracted_per_year: 0}
finance: {opening_cash_usd: 0}
terminal: {tail_years: 0, hashprice_growth_per_year: 0, halving_hashprice_share: 0.5}
bitcoin: {kind: hashprice, usd_per_ph_day: 48, pool_fee_share: 0, sale_fee_share: 0}
series:
  real_time: {kind: file, file: prices.csv, column: real_time, unit: USD/MWh, time_column: utc, time_zone: UTC,
    gaps: {repair: previous_day, max_hours: 48}}
  day_ahead: {kind: file, file: prices.csv, column: day_ahead, unit: USD/MWh, time_column: utc, time_zone: UTC}
  ambient: {kind: file, file: prices.csv, column: ambient_c, unit: C, time_column: utc, time_zone: UTC}
sites:
  - name: site
    power_limit_mw: LIMIT
    battery: BATTERY
    demand_charges: CHARGES
    reserves: SERVICES
    price: {series: real_time}
    day_ahead: {series: day_ahead}
    ambient: {series: ambient}
    fixed_opex_usd_per_month: 0
    halls:
      - name: barn
        fit_out: barn
        options: [{fit_out: barn, it_limit_mw: 20, slots: 9000, air_heat_limit_mw: null, liquid_heat_limit_mw: 0}]
fit_outs:
  barn: {kind: air_mining, overhead: 0}
equipment:   # 250 units draw 1 MW and earn 120 and 80 USD a MWh
  new: {kind: asic, cooling: air, th_per_s: 240, watts: 4000, block_units: 250, buyable: false, lead_months: 0,
    price_usd: 0, resale_usd: 0, price_growth_per_year: 0, install_usd: 10, uptime_share: 1, TERMS}
  old: {kind: asic, cooling: air, th_per_s: 160, watts: 4000, block_units: 250, buyable: false, lead_months: 0,
    price_usd: 0, resale_usd: 0, price_growth_per_year: 0, install_usd: 10, uptime_share: 1, TERMS}
fleets:
  - {equipment: new, hall: barn, units: 1000}
  - {equipment: old, hall: barn, units: 1500}
"""
TERMS = "restart_minutes: 15, least_off_hours: 2"
BATTERY = """{power_mw: 3, energy_mwh: 6, charge_efficiency_share: 0.95, discharge_efficiency_share: 0.9,
      wear_usd_per_mwh: 4, standing_loss_share_per_hour: 0.001}"""


SERVICE_SERIES = """\
  {name}: {{kind: file, file: prices.csv, column: {name}, unit: USD/MW/h, time_column: utc, time_zone: UTC}}
"""


def hours(before_days: int = BEFORE_DAYS, days: int = DAYS) -> pd.DatetimeIndex:
    """Every hour of the file, UTC."""
    first, end = FIRST - pd.Timedelta(days=before_days), FIRST + pd.DateOffset(days=days)
    return pd.date_range(first.tz_convert("UTC"), end.tz_convert("UTC"), freq="h", inclusive="left")


def spiky(seed: int = 1, before_days: int = BEFORE_DAYS, days: int = DAYS) -> pd.DataFrame:
    """Prices around 60 with an evening peak that day-ahead prices half foresee, and spikes that they do not."""
    utc, rng = hours(before_days, days), np.random.default_rng(seed)
    local = utc.tz_convert("America/Chicago")
    ahead = 50.0 + 60.0 * (np.asarray(local.hour) // 18) + rng.normal(0, 8, len(utc))
    spikes = np.repeat(rng.random(len(utc) // 3 + 1) < 0.03, 3)[: len(utc)] * 300.0
    return pd.DataFrame({"real_time": ahead + rng.normal(0, 25, len(utc)) + spikes, "day_ahead": ahead, "utc": utc})


def write(
    folder: Path,
    prices: pd.DataFrame,
    terms: str = TERMS,
    limit_mw: float = 20.0,
    months: int = 1,
    battery: str = "null",
    charges: str = "[]",
    services: str = "[]",
) -> Path:
    """The scenario with these prices."""
    folder.mkdir(parents=True, exist_ok=True)
    text = SCENARIO.replace("TERMS", terms).replace("LIMIT", str(limit_mw)).replace("MONTHS", str(months))
    text = text.replace("BATTERY", battery).replace("CHARGES", charges).replace("SERVICES", services)
    own = "".join(SERVICE_SERIES.format(name=name) for name in prices if name in ("fast", "slow"))
    text = text.replace("series:\n", f"series:\n{own}", 1)
    (folder / "scenario.yaml").write_text(text, encoding="utf-8")
    prices.assign(utc=prices["utc"].dt.tz_localize(None), ambient_c=20.0).to_csv(folder / "prices.csv", index=False)
    return folder


def site_of(
    folder: Path, peaks_mw: tuple[float, ...] = (), days: tuple[date, date] = (date(2023, 3, 1), date(2023, 4, 1))
) -> tuple[Site, Windows]:
    """Days of a scenario up to the last, with the machines that stand at its start and some peaks: no plan is
    solved."""
    loaded = load_scenario(folder)
    instance, span = compile_instance(loaded), [_utc(pd.Timestamp(day, tz=FIRST.tz)) for day in days]
    nodes = tuple(instance.tree.name)
    opening = opening_structure(instance, "site", nodes, Window(span[0], 24)).parts[0].capacity
    opening = replace(opening, peak_mw=np.array(peaks_mw))
    made = in_pieces(Windows(instance, "site", lambda *_: opening, nodes), span[0], span[1])
    return make_site(loaded, made, span[0], span[1]), made


def _utc(moment: pd.Timestamp) -> np.datetime64:
    return np.datetime64(moment.tz_convert("UTC").tz_localize(None), "s")


def margins(found: Site) -> Floats:
    """What each tier gains in each hour, USD/MWh, (J, T)."""
    return found.value - found.gross * found.real_time

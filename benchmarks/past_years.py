"""Scenarios of past years: a site of 100 MW in West Texas with machines of the time, more or less of it AI.

Prices (ERCOT hub West, real-time and day-ahead), weather and hashprice are cut from the development data into the
folder of the scenario; nothing of them is kept. Figures of the sites are assumptions of their time: fleets, halls and
rents as in `benchmarks.site_year`, restart of stock firmware 10 minutes and an hour off at least.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.derive_profiles import ambient_hours

ZONE = "America/Chicago"
HISTORY = pd.Timedelta(days=401)
SERVICES = {"rrs_usd_per_mw_h": "responsive", "nspin_usd_per_mw_h": "non_spinning"}
COLUMNS = {"rt_hb_west_usd_per_mwh": "real_time_usd_per_mwh", "da_hb_west_usd_per_mwh": "day_ahead_usd_per_mwh"}


@dataclass(frozen=True)
class Kind:
    """Halls of 100 MW gross: MW of IT of two air barns and of AI halls, and their machines and tenants. A battery of
    20 MW and 40 MWh stands behind a meter that leaves room for it. Responsive and non-spinning reserve take 30 MW
    each."""

    old_units: int
    new_units: int
    ai_mw: float
    battery: bool = False
    services: bool = False


KINDS = {"mining": Kind(10_000, 21_000, 0.0), "mixed": Kind(5_500, 12_000, 32.0), "ai_heavy": Kind(2_500, 4_000, 60.0)}
STORED = {f"{name}_with_battery": replace(kind, battery=True) for name, kind in KINDS.items()}
"""The same with a battery."""
SERVED = {f"{name}_with_services": replace(kind, services=True) for name, kind in KINDS.items()}
"""The same that offers to ancillary services."""
YEARS = (2022, 2023, 2024)


def write_year(data: Path, folder: Path, kind: str, year: int) -> Path:
    """Write the scenario of a kind of site in a year, and its series, into `folder`; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    own = {**KINDS, **STORED, **SERVED}[kind]
    (folder / "scenario.yaml").write_text(_scenario(own, kind, year), encoding="utf-8")
    _prices(data, year, {**COLUMNS, **(SERVICES if own.services else {})}).to_csv(folder / "prices.csv", index=False)
    _weather(data, year).to_csv(folder / "ambient.csv", index=False)
    _hashprice(data, year).to_csv(folder / "hashprice.csv", index=False)
    return folder


def _prices(data: Path, year: int, columns: dict[str, str]) -> pd.DataFrame:
    table = pd.read_csv(data / "ercot_hourly_2021_2024.csv.gz", usecols=["hour_start_utc", *columns])
    utc = pd.to_datetime(table.pop("hour_start_utc"))
    first, end = _span(year)
    inside = (utc >= first - HISTORY) & (utc < end)
    return table[inside].rename(columns=columns).assign(utc=utc[inside].dt.tz_localize(None))


def _weather(data: Path, year: int) -> pd.DataFrame:
    """A typical year laid on this one, hour by hour; 31 December of a leap year is that of the day before."""
    _, dry_bulb = ambient_hours(data)
    first, end = _span(year)
    hours = pd.date_range(first, end, freq="h", inclusive="left").tz_localize(None)
    at = np.minimum(np.arange(len(hours)), len(dry_bulb) - 1 - (len(hours) - 1 - np.arange(len(hours))) % 24)
    return pd.DataFrame({"utc": hours, "dry_bulb_c": np.asarray(dry_bulb)[np.minimum(at, len(dry_bulb) - 1)]})


def _hashprice(data: Path, year: int) -> pd.DataFrame:
    table = pd.read_csv(data / "btc_daily_2020_2024.csv.gz", usecols=["date_utc", "hashprice_usd_per_phs_day"])
    inside = table["date_utc"].between(f"{year - 1}-12-20", f"{year + 1}-01-01")
    found = table[inside].rename(columns={"date_utc": "date", "hashprice_usd_per_phs_day": "usd_per_ph_day"})
    last = found.iloc[[-1]].assign(date=f"{year + 1}-01-01")
    return found if found["date"].iloc[-1] >= f"{year + 1}-01-01" else pd.concat([found, last])


def _span(year: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    first, end = pd.Timestamp(f"{year}-01-01", tz=ZONE), pd.Timestamp(f"{year + 1}-01-01", tz=ZONE)
    return first.tz_convert("UTC"), end.tz_convert("UTC")


def _scenario(kind: Kind, name: str, year: int) -> str:
    ai = kind.ai_mw > 0
    return f"""\
version: 1
name: {name}_{year}
description: 100 MW in West Texas in {year}.
horizon: {{start: {year}-01, months: 12, time_zone: {ZONE}, decision_every_months: 12, hours: full}}
discount: {{operations_per_year: 0.12, contracted_per_year: 0.09}}
finance: {{opening_cash_usd: 90e6, minimum_cash_usd: 0}}
terminal: {{hashprice_growth_per_year: -0.20, halving_hashprice_share: 0.60}}
bitcoin:
  kind: hashprice
  usd_per_ph_day: {{series: hashprice}}
  pool_fee_share: 0.005
  sale_fee_share: 0.002
  halving_dates: [2024-04-20, 2028-04-20]
series:
  real_time: {{kind: file, file: prices.csv, column: real_time_usd_per_mwh, unit: USD/MWh, time_column: utc,
    time_zone: UTC, gaps: {{repair: previous_day, max_hours: 500}}}}
  day_ahead: {{kind: file, file: prices.csv, column: day_ahead_usd_per_mwh, unit: USD/MWh, time_column: utc,
    time_zone: UTC, gaps: {{repair: previous_day, max_hours: 500}}}}
  ambient: {{kind: file, file: ambient.csv, column: dry_bulb_c, unit: C, time_column: utc, time_zone: UTC}}
  hashprice: {{kind: file, file: hashprice.csv, column: usd_per_ph_day, unit: USD/PH/day, time_column: date,
    time_zone: UTC}}
{SERVICE_SERIES if kind.services else ""}sites:
  - name: west
    power_limit_mw: {120 if kind.battery else 100}
{BATTERY if kind.battery else ""}{OFFERS if kind.services else ""}    price: {{series: real_time, adder_usd_per_mwh: 5}}
    day_ahead: {{series: day_ahead}}
    ambient: {{series: ambient}}
    fixed_opex_usd_per_month: 250e3
    design_ambient_c: 43
    sla_shed_usd_per_mwh: 15000
    halls:
      - {{name: old_barn, fit_out: air_barn, options: [{{fit_out: air_barn, it_limit_mw: 34, slots: 12000,
         air_heat_limit_mw: 34, liquid_heat_limit_mw: 0}}]}}
      - {{name: new_barn, fit_out: air_barn, options: [{{fit_out: air_barn, it_limit_mw: 66, slots: 24000,
         air_heat_limit_mw: 66, liquid_heat_limit_mw: 0}}]}}
{AI_HALL.format(mw=kind.ai_mw) if ai else ""}fit_outs:
  air_barn: {{kind: air_mining, overhead: [[10, 0.03], [35, 0.06], [42, 0.10]], heat_derate: [[36, 1.0], [45, 0.8]]}}
  liquid_hall: {{kind: liquid_gpu, overhead: [[10, 0.12], [35, 0.22], [42, 0.30]], no_load_share: 0.01,
    tenant_air_share: 0.15}}
equipment:
  s19j_pro: {{catalogue: antminer_s19j_pro, block_units: 500, buyable: false, lead_months: 0, price_usd: 1200,
    resale_usd: 0, price_growth_per_year: -0.35, install_usd: 20, uptime_share: 0.94, {TERMS}}}
  s19_xp: {{catalogue: antminer_s19_xp, block_units: 500, buyable: false, lead_months: 0, price_usd: 3360,
    resale_usd: 0, price_growth_per_year: -0.35, install_usd: 20, uptime_share: 0.95, {TERMS}}}
fleets:
  - {{equipment: s19j_pro, hall: old_barn, units: {kind.old_units}}}
  - {{equipment: s19_xp, hall: new_barn, units: {kind.new_units}}}
{TENANT.format(mw=kind.ai_mw, year=year) if ai else ""}"""


TERMS = "restart_minutes: 10, least_off_hours: 1"
BATTERY = """\
    battery: {power_mw: 20, energy_mwh: 40, charge_efficiency_share: 0.94, discharge_efficiency_share: 0.94,
      wear_usd_per_mwh: 10}
"""
SERVICE_SERIES = "".join(
    f"""  {name}: {{kind: file, file: prices.csv, column: {name}, unit: USD/MW/h, time_column: utc, time_zone: UTC,
    gaps: {{repair: previous_day, max_hours: 500}}}}
"""
    for name in SERVICES.values()
)
OFFERS = """\
    reserves:
      - {name: responsive, price: {series: responsive}, most_mw: 30, performance_share: 0.95}
      - {name: non_spinning, price: {series: non_spinning}, most_mw: 30, performance_share: 0.95,
         deployment_share: 0.02}
"""
AI_HALL = """\
      - {{name: ai_hall, fit_out: liquid_hall, options: [{{fit_out: liquid_hall, it_limit_mw: {mw}, slots: 600,
         air_heat_limit_mw: null, liquid_heat_limit_mw: null}}]}}
"""
TENANT = """\
contracts:
  - {{name: neocloud, kind: colocation, critical_it_mw: {mw}, rent_usd_per_kw_month: 121, term_months: 120,
     first_service: {year}-01, last_service: {year}-12, load_factor: 0.8, gross_up: 1.0, pass_through_share: 1.0,
     fit_outs: [liquid_hall], credit_probability: 0.95}}
"""

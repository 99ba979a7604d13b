"""Derive the quantile tables of scenarios/texas_pivot from the development data.

Usage, from the root of the repository, with the development data beside it:

    python benchmarks/derive_profiles.py [--data ../shared/data] [--out scenarios/texas_pivot]

Writes west_price_profile.csv (ERCOT hub West real-time settlement prices, 2022 to 2024) and
midland_ambient_profile.csv (NREL TMY3 dry bulb). Only quantiles and means leave the data folder, never a series.
Hours without a price are left out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from allocator.series.clock import local_calendar, parse_zone

ZONE = "America/Chicago"
LEVELS = {
    "min": 0.0,
    "p05": 0.05,
    "p10": 0.1,
    "p25": 0.25,
    "p50": 0.5,
    "p75": 0.75,
    "p90": 0.9,
    "p95": 0.95,
    "max": 1.0,
}
KEYS = ["month", "hour", "day_type"]
TMY_REFERENCE_YEAR = "2023"  # any year of 365 days; only its daylight-saving dates matter
TMY_STANDARD_TIME = np.timedelta64(6 * 3600, "s")

PRICE_NOTE = """\
# Quantiles and mean of ERCOT real-time settlement point prices, hub West (HB_WEST), hourly, 2022 to 2024, USD/MWh.
# By month, local hour (America/Chicago) and day type.
# Source: ERCOT public reports; derived by benchmarks/derive_profiles.py.
"""
AMBIENT_NOTE = """\
# Quantiles and mean of the dry bulb of a typical year at Midland International Airport, Texas, degrees Celsius.
# By month and local hour (America/Chicago).
# Source: NREL TMY3; derived by benchmarks/derive_profiles.py.
"""


def price_hours(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """UTC hour starts and prices of 2022 to 2024 (local years), hours without a price left out."""
    table = pd.read_csv(data / "ercot_hourly_2021_2024.csv.gz", usecols=["hour_start_utc", "rt_hb_west_usd_per_mwh"])
    utc = pd.to_datetime(table["hour_start_utc"]).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    price = table["rt_hb_west_usd_per_mwh"].to_numpy()
    wanted = (local_calendar(utc, parse_zone(ZONE)).year >= 2022) & np.isfinite(price)
    return utc[wanted], price[wanted]


def ambient_hours(data: Path) -> tuple[np.ndarray, np.ndarray]:
    """UTC hour starts, laid on a reference year, and dry bulb of the typical year."""
    table = pd.read_csv(data / "tmy3_texas_hourly.csv.gz")
    table = table[table["site"] == "midland_intl_ap"]
    start = table["hour_of_year"].to_numpy() * np.timedelta64(3600, "s")  # hour ending 1 is hour 0 of the year
    utc = np.datetime64(f"{TMY_REFERENCE_YEAR}-01-01", "s") + TMY_STANDARD_TIME + start
    return utc, table["dry_bulb_c"].to_numpy()


def quantile_table(utc: np.ndarray, values: np.ndarray, *, by_day_type: bool, decimals: int) -> pd.DataFrame:
    """Quantiles and mean by month, local hour and day type; means keep one decimal more."""
    calendar = local_calendar(utc, parse_zone(ZONE))
    day_type = np.where(calendar.weekend, "weekend", "weekday") if by_day_type else np.full(len(utc), "any")
    frame = pd.DataFrame({"month": calendar.month, "hour": calendar.hour, "day_type": day_type, "value": values})
    groups = frame.groupby(KEYS)["value"]
    columns = {name: groups.quantile(level).round(decimals) for name, level in LEVELS.items()}
    return pd.DataFrame(columns | {"mean": groups.mean().round(decimals + 1)}).reset_index()


def write(path: Path, note: str, table: pd.DataFrame) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(note + table.to_csv(index=False, lineterminator="\n"), encoding="utf-8")
    partial.replace(path)
    print(f"{path}: {len(table)} rows")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--out", type=Path, default=Path(__file__).parents[1] / "scenarios" / "texas_pivot")
    arguments = parser.parse_args()
    price = quantile_table(*price_hours(arguments.data), by_day_type=True, decimals=1)
    ambient = quantile_table(*ambient_hours(arguments.data), by_day_type=False, decimals=1)
    write(arguments.out / "west_price_profile.csv", PRICE_NOTE, price)
    write(arguments.out / "midland_ambient_profile.csv", AMBIENT_NOTE, ambient)


if __name__ == "__main__":
    main()

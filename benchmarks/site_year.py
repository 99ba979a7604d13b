"""One site over one real year at full hours: ERCOT hub West 2023 real-time prices, Midland weather, hashprice of 2023.

Usage, from the root of the repository, with the development data beside it:

    python -m benchmarks.site_year [--data ../shared/data] [--seconds 300] [--out benchmarks/results/site_year.json]

Solves by decomposition to 0.1 % and as one model within the time limit, each in a process of its own, verifies both
plans, and prints what came out. Weather is the typical year of NREL TMY3 laid on 2023.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.derive_profiles import ambient_hours

YEAR = ("2023-01-01T06:00", "2024-01-01T06:00")
"""2023 on the clock of Chicago, in UTC."""
GAP = 1e-3
METHODS = ("decomposed", "monolithic")
PACKAGES = ("highspy", "numpy", "pandas", "scipy")

SCENARIO = """\
version: 1
name: site_year
description: 100 MW of miners of 2023 weigh one conversion and two colocation offers at full hours.
horizon: {start: 2023-01, months: 12, time_zone: America/Chicago, decision_every_months: 3, hours: full}
discount: {operations_per_year: 0.12, contracted_per_year: 0.09}
finance: {opening_cash_usd: 90e6, minimum_cash_usd: 5e6, capex_budget_usd: 90e6}
terminal: {hashprice_growth_per_year: -0.20, halving_hashprice_share: 0.60}
bitcoin:
  kind: hashprice
  usd_per_ph_day: {series: hashprice}
  pool_fee_share: 0.005
  sale_fee_share: 0.002
  halving_dates: [2024-04-20, 2028-04-20]
series:
  west_rt: {kind: file, file: prices.csv, column: price_usd_per_mwh, unit: USD/MWh, time_column: utc, time_zone: UTC}
  midland: {kind: file, file: ambient.csv, column: dry_bulb_c, unit: C, time_column: utc, time_zone: UTC}
  hashprice: {kind: file, file: hashprice.csv, column: usd_per_ph_day, unit: USD/PH/day, time_column: date,
    time_zone: UTC}
sites:
  - name: midland
    power_limit_mw: 100
    price: {series: west_rt, adder_usd_per_mwh: 5}
    ambient: {series: midland}
    fixed_opex_usd_per_month: 250e3
    design_ambient_c: 43
    sla_shed_usd_per_mwh: 15000
    halls:
      - name: barn
        fit_out: air_barn
        max_conversions: 0
        options: [{fit_out: air_barn, it_limit_mw: 46, slots: 15000, air_heat_limit_mw: 46, liquid_heat_limit_mw: 0}]
      - name: annex
        fit_out: air_barn
        options:
          - {fit_out: air_barn, it_limit_mw: 30, slots: 10000, air_heat_limit_mw: 30, liquid_heat_limit_mw: 0}
          - {fit_out: liquid_retrofit, it_limit_mw: 16, slots: 140, air_heat_limit_mw: 4, liquid_heat_limit_mw: 16,
             conversion: {capex_usd_per_mw: 3.6e6, lead_months: 6, downtime_months: 3}}
      - name: hydro
        fit_out: hydro_hall
        max_conversions: 0
        options: [{fit_out: hydro_hall, it_limit_mw: 22, slots: 4000, air_heat_limit_mw: 1, liquid_heat_limit_mw: 22}]
fit_outs:
  air_barn: {kind: air_mining, overhead: [[10, 0.03], [35, 0.06], [42, 0.10]], heat_derate: [[32, 1.0], [45, 0.7]]}
  hydro_hall: {kind: hydro_mining, overhead: [[10, 0.05], [35, 0.08], [42, 0.12]],
    liquid_derate: [[35, 1.0], [45, 0.85]]}
  liquid_retrofit: {kind: liquid_gpu, overhead: [[10, 0.12], [35, 0.22], [42, 0.30]], no_load_share: 0.01,
    liquid_derate: [[38, 1.0], [45, 0.92]], tenant_air_share: 0.15}
equipment:
  s19j_pro: {catalogue: antminer_s19j_pro, block_units: 500, buyable: false, lead_months: 0, price_usd: 1200,
    resale_usd: 900, price_growth_per_year: -0.35, install_usd: 20, uptime_share: 0.94}
  s19_xp: {catalogue: antminer_s19_xp, block_units: 500, buyable: true, max_units: 4000, lead_months: 3,
    price_usd: 3360, resale_usd: 2350, price_growth_per_year: -0.35, install_usd: 20, uptime_share: 0.95}
  s19_xp_hyd: {catalogue: antminer_s19_xp_hyd, block_units: 250, buyable: false, lead_months: 0, price_usd: 6100,
    resale_usd: 4300, price_growth_per_year: -0.35, install_usd: 50, uptime_share: 0.96}
fleets:
  - {equipment: s19_xp, hall: barn, units: 12000}
  - {equipment: s19j_pro, hall: annex, units: 9500}
  - {equipment: s19_xp_hyd, hall: hydro, units: 4000}
contracts:
  - {name: neocloud, kind: colocation, critical_it_mw: 12, rent_usd_per_kw_month: 121, escalator_per_year: 0.02,
     term_months: 120, first_service: 2023-07, last_service: 2023-12, ramp: [0.5, 0.75], load_factor: 0.82,
     gross_up: 1.45, pass_through_share: 1.0, fit_outs: [liquid_retrofit], credit_probability: 0.9}
  - {name: research, kind: colocation, critical_it_mw: 4, tranches: 2, rent_usd_per_kw_month: 150, term_months: 60,
     first_service: 2023-07, last_service: 2023-12, load_factor: 0.6, gross_up: 1.35, pass_through_share: 0.0,
     fit_outs: [liquid_gpu], credit_probability: 0.95}
"""


def write_site_year(data: Path, folder: Path) -> Path:
    """Write the scenario and its three series, cut from the development data, into `folder`; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(SCENARIO, encoding="utf-8")
    _prices(data).to_csv(folder / "prices.csv", index=False)
    utc, dry_bulb = ambient_hours(data)
    pd.DataFrame({"utc": utc, "dry_bulb_c": dry_bulb}).to_csv(folder / "ambient.csv", index=False)
    _hashprice(data).to_csv(folder / "hashprice.csv", index=False)
    return folder


def _prices(data: Path) -> pd.DataFrame:
    table = pd.read_csv(data / "ercot_hourly_2021_2024.csv.gz", usecols=["hour_start_utc", "rt_hb_west_usd_per_mwh"])
    utc = pd.to_datetime(table["hour_start_utc"]).dt.tz_localize(None).to_numpy().astype("datetime64[s]")
    inside = (utc >= np.datetime64(YEAR[0])) & (utc < np.datetime64(YEAR[1]))
    return pd.DataFrame({"utc": utc[inside], "price_usd_per_mwh": table["rt_hb_west_usd_per_mwh"].to_numpy()[inside]})


def _hashprice(data: Path) -> pd.DataFrame:
    """Days in UTC, with the one after the year in which the last local day ends."""
    table = pd.read_csv(data / "btc_daily_2020_2024.csv.gz", usecols=["date_utc", "hashprice_usd_per_phs_day"])
    inside = table["date_utc"].between("2023-01-01", "2024-01-01")
    return pd.DataFrame(
        {"date": table["date_utc"][inside], "usd_per_ph_day": table["hashprice_usd_per_phs_day"][inside]}
    )


def run(folder: Path, method: str, seconds: float) -> dict[str, object]:
    """Solve and verify in this process."""
    from allocator.pipeline.errors import PipelineError
    from allocator.pipeline.method import SolveRequest
    from allocator.pipeline.solve import solve_scenario
    from allocator.scenario.load import load_scenario

    request = SolveRequest(method=method, relative_gap=GAP, time_limit_s=seconds)
    started = time.perf_counter()
    try:
        found = solve_scenario(load_scenario(folder), request=request)
    except PipelineError as error:
        return {"method": method, "seconds": round(time.perf_counter() - started, 2), "error": error.message}
    return {
        "method": method,
        "seconds": round(time.perf_counter() - started, 2),
        "phases": {phase: round(spent, 2) for phase, spent in found.run.seconds.items()},
        "peak_memory_mb": round(found.run.peak_memory_mb),
        "objective_usd": found.meta.objective_usd,
        "bound_usd": found.meta.bound_usd,
        "relative_gap": found.meta.relative_gap,
        "stop_reason": found.meta.stop_reason,
        "verified": found.meta.verified,
    }


def compare(data: Path, seconds: float) -> dict[str, object]:
    """Every method in a process of its own."""
    with tempfile.TemporaryDirectory() as home:
        folder = write_site_year(data, Path(home))
        runs = [_in_process(folder, method, seconds) for method in METHODS]
    return {
        "instance": "one site, 12 months, 8,760 hours, ERCOT hub West 2023",
        "gap": GAP,
        "limit_seconds": seconds,
        "versions": {name: version(name) for name in PACKAGES},
        "machine": {"cores": len(os.sched_getaffinity(0)), "python": platform.python_version()},
        "runs": runs,
    }


def _in_process(folder: Path, method: str, seconds: float) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.site_year", "--folder", str(folder), "--method", method]
    ended = subprocess.run([*command, "--seconds", str(seconds)], capture_output=True, text=True, check=False)
    if ended.returncode:
        return {"method": method, "error": ended.stderr.strip().splitlines()[-1:]}
    found: dict[str, object] = json.loads(ended.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--folder", type=Path, help="run one method on a folder written before")
    parser.add_argument("--method", choices=METHODS, default=METHODS[0])
    given = parser.parse_args()
    if given.folder:
        print(json.dumps(run(given.folder, given.method, given.seconds)))
        return
    text = json.dumps(compare(given.data, given.seconds), indent=2) + "\n"
    if given.out:
        given.out.parent.mkdir(parents=True, exist_ok=True)
        partial = given.out.with_suffix(".partial")
        partial.write_text(text, encoding="utf-8")
        partial.replace(given.out)
    print(text)


if __name__ == "__main__":
    main()

"""Backtests of past years: what the nightly run captures of perfect foresight, beside simple rules.

Usage, from the root of the repository, with the development data beside it:

    python -m benchmarks.backtest [--data ../shared/data] [--work FOLDER] [--out benchmarks/results/backtest.json]
        [--site mining ...]

ERCOT hub West 2022 to 2024, sites of `benchmarks.past_years`, machines that follow prices within the hour; in one of
them also an hour late. A folder of work that was left goes on where it stopped; results of sites that were not asked
for stay in the file.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from allocator.pipeline.method import SolveRequest
from allocator.scenario.load import load_scenario
from allocator.studies.backtest.study import PLAN, Backtested, BacktestRequest, backtest
from allocator.week.plan import plan_week
from benchmarks.machine import machine, versions
from benchmarks.past_years import KINDS, SERVED, STORED, YEARS, write_year

GAP = 1e-3
LATE = ("mining", 2022, 1)
"""The site-year that is also run an hour late."""
WITH_BATTERY, WITH_SERVICES = "mining_with_battery", "mining_with_services"
FIGURES = ("margin_usd", "capture_share", "services_usd", "day_ahead_usd", "run_mwh", "starts", "strike_usd_per_mwh")

OF_BATTERY = (
    "gain_usd", "capture_share", "traded_share", "cycles", "take_below_usd_per_mwh", "give_above_usd_per_mwh",
)  # fmt: skip


def measure(data: Path, work: Path, kind: str, year: int, lag_h: int) -> dict[str, object]:
    """One site-year."""
    scenario = write_year(data, work / f"{kind}_{year}", kind, year)
    first = work / f"{kind}_{year}_out_0"
    plan = first / PLAN if lag_h else None
    request = BacktestRequest(
        date(year, 1, 1), date(year, 12, 31), lag_h=lag_h, plan=plan, solve=SolveRequest(relative_gap=GAP)
    )
    found = backtest(load_scenario(scenario), request, work / f"{kind}_{year}_out_{lag_h}", plan_week)
    return {"site": kind, "year": year, "lag_hours": lag_h, **_told(found)}


def _told(found: Backtested) -> dict[str, object]:
    site, table = found.head["sites"][0], found.tables["rules"].set_index("rule")
    nights = found.timing.nights
    return {
        "hours": site["hours"],
        "hours_without_price": site["hours_without_price"],
        "share_of_planned_hours": _rounded(site["share_of_planned_hours"]),
        "rules": {str(rule): {name: _rounded(row[name]) for name in FIGURES} for rule, row in table.iterrows()},
        "battery": {row["rule"]: {name: _rounded(row[name]) for name in OF_BATTERY} for row in _rows(found, "battery")},
        "regret_usd": {row["component"]: _rounded(row["usd"]) for row in _rows(found, "regret")},
        "forecast_mae_usd_per_mwh": {
            f"{row['from_h']}-{row['until_h']} h": _rounded(row["mae_usd_per_mwh"]) for row in _rows(found, "forecast")
        },
        "seconds_of_a_night": {"mean": round(sum(nights) / len(nights), 3), "most": round(max(nights), 3)},
        "seconds_of_all_runs_of_the_year": round(sum(nights), 1),
    }


def _rows(found: Backtested, name: str) -> list[dict[str, Any]]:
    return [{str(key): value for key, value in row.items()} for row in found.tables[name].to_dict("records")]


def _rounded(value: Any) -> float | None:
    """Six digits; None where there is none."""
    number = float("nan") if value is None else float(value)
    return None if number != number else float(f"{number:.6g}")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--work", type=Path, help="folder for scenarios and backtests; a temporary one where not said")
    parser.add_argument("--out", type=Path)
    parser.add_argument(
        "--site", action="append", choices=[*KINDS, *STORED, *SERVED], help="this site alone; may be repeated"
    )
    given = parser.parse_args()
    every = [(kind, year, 0) for year in YEARS for kind in (*KINDS, WITH_BATTERY, WITH_SERVICES)] + [LATE]
    cases = _stand(given.out)
    with tempfile.TemporaryDirectory() as home:
        for case in (one for one in every if given.site is None or one[0] in given.site):
            cases[case] = measure(given.data, given.work or Path(home), *case)
            print(json.dumps(cases[case]["rules"]))
            if given.out:
                whole = _whole([cases[one] for one in every if one in cases])
                given.out.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")


def _stand(out: Path | None) -> dict[tuple[str, int, int], dict[str, object]]:
    """Cases of an earlier run."""
    if out is None or not out.exists():
        return {}
    cases = json.loads(out.read_text(encoding="utf-8"))["cases"]
    return {(case["site"], case["year"], case["lag_hours"]): case for case in cases}


def _whole(cases: list[dict[str, object]]) -> dict[str, object]:
    return {
        "data": "ERCOT hub West, real-time and day-ahead, hours; hashprice by day",
        "machine": machine(),
        "versions": versions("numpy", "pandas", "highspy", "numba"),
        "cases": cases,
    }


if __name__ == "__main__":
    main()

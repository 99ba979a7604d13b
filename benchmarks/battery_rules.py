"""What a battery gains over past years by prices of what it stores, beside simple rules and perfect foresight.

Usage, from the root of the repository, with the development data beside it:

    python -m benchmarks.battery_rules [--data ../shared/data] [--year 2022 ...]
        [--out benchmarks/results/battery_rules.json]

The mining site of `benchmarks.past_years` with a battery of 20 MW and 40 MWh: machines that stand at the start of the
year, no plan, and of every night only the prices that it hands over. `benchmarks.backtest` replays the whole of it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np

from allocator.pipeline.inputs import with_hours
from allocator.pipeline.solve import compiled
from allocator.scenario.load import load_scenario
from allocator.studies.backtest import battery_rules, rules
from allocator.studies.backtest.build import in_pieces, make_site
from allocator.studies.backtest.nights import Replay, Replayed
from allocator.studies.backtest.orders import Kept
from allocator.studies.backtest.rules import Run
from allocator.studies.backtest.site import Site
from allocator.studies.backtest.study import FULL_HOURS, BacktestRequest, days_of
from allocator.studies.backtest.windows import Windows
from allocator.week.interface import Opening, Prices, Structure, WeekMoney, WeekOptions, WeekPlan
from allocator.week.standing import standing
from allocator.week.stored import stored_prices
from allocator.week.strike import strike_prices
from allocator.week.structure import Window, opening_structure
from benchmarks.machine import machine, versions
from benchmarks.past_years import YEARS, write_year

KIND, SITE = "mining_with_battery", "west"


def only_prices(structure: Structure, prices: Prices, opening: Opening, options: WeekOptions) -> WeekPlan:
    """What a night hands over, and no schedule."""
    site, none = standing(structure, prices, opening), np.zeros(structure.hours)
    strikes, money = strike_prices(site, options.spread), WeekMoney(0.0, 0.0, 0.0)
    return WeekPlan(
        structure, prices, opening, options, none, none, none, (), strikes.off_usd_per_mwh, strikes.on_usd_per_mwh,
        none, (), money, 0.0, "prices alone", stored=stored_prices(site, options.spread),
    )  # fmt: skip


def year_of(data: Path, home: Path, year: int) -> tuple[Site, Windows]:
    """A site-year."""
    loaded = with_hours(load_scenario(write_year(data, home / str(year), KIND, year)), FULL_HOURS)
    instance = compiled(loaded)
    span = days_of(loaded, BacktestRequest(date(year, 1, 1), date(year, 12, 31)))
    nodes = tuple(str(name) for name in instance.tree.name)
    stands = opening_structure(instance, SITE, nodes, Window(span[0], 24)).parts[0].capacity
    made = in_pieces(Windows(instance, SITE, lambda *_: stands, nodes), *span)
    return make_site(loaded, made, *span), made


def measure(data: Path, home: Path, year: int) -> dict[str, object]:
    """Of one year."""
    site, made = year_of(data, home, year)
    began = time.process_time()
    best = rules.by_program(site)
    program_s = time.process_time() - began
    began = time.process_time()
    replay = Replay(site, made, only_prices, 0, rules.NIGHTLY, Kept(home / f"{year}_nights"))
    replayed: Replayed = replay.run(lambda _: None)
    night_s = (time.process_time() - began) / len(site.days)
    assert replayed.without is not None
    alone = rules.perfect(site, rules.PERFECT_WITHOUT, _usd(rules.free(site)))
    plain, most = rules.break_even(site, 0), _usd(best) - _usd(alone)
    told = {rules.PERFECT: (best, alone), rules.NIGHTLY: (replayed.run, replayed.without)}
    told |= {run.rule: (run, plain) for run in _simple(site)}
    machines = (_usd(replayed.without) - _usd(rules.never(site))) / (_usd(alone) - _usd(rules.never(site)))
    return {
        "year": year,
        "machines_capture_share": round(machines, 6),
        "rules": {rule: _told(*pair, most) for rule, pair in told.items()},
        "cpu_seconds": {"perfect_foresight": round(program_s, 1), "night": round(night_s, 3)},
    }


def _simple(site: Site) -> list[Run]:
    pairs = {
        rules.PAIR_HINDSIGHT: battery_rules.best_pair(battery_rules.of_site(site, 0)),
        rules.PAIR_BEFORE: battery_rules.best_pair(battery_rules.of_year_before(site, 0)),
    }
    by_pair = [battery_rules.by_pair(site, rule, pair, 0) for rule, pair in pairs.items()]
    return [*by_pair, battery_rules.by_day_ahead(site, 0)]


def _told(run: Run, without: Run, most_usd: float) -> dict[str, object]:
    gain, pair = _usd(run) - _usd(without), run.pair_usd_per_mwh
    return {
        "gain_usd": float(f"{gain:.6g}"),
        "share": round(gain / most_usd, 4),
        "given_mwh": float(f"{run.hours.given_mwh.sum():.6g}"),
        "traded_usd": float(f"{run.hours.traded.sum():.6g}"),
        **({} if pair is None else {"takes_below": round(pair[0], 2), "gives_above": round(pair[1], 2)}),
    }


def _usd(run: Run) -> float:
    return float(run.hours.margin.sum() - run.hours.day_ahead.sum())


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--year", type=int, action="append", choices=YEARS)
    parser.add_argument("--out", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        found = [measure(given.data, Path(home), year) for year in given.year or YEARS]
    whole = {"machine": machine(), "versions": versions("numpy", "highspy"), "years": found}
    text = json.dumps(whole, indent=1)
    print(text)
    if given.out:
        given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

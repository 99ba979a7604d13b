"""One night of four sites, 36 months on a tree of about a hundred nodes: cold, then warm, every night its own process.

    python -m benchmarks.nightly_four_sites [--months 36] [--hours full] [--gap 0.005] [--warm 2] [--nights 0]
        [--out NAME.json]

The sites are those of `portfolio`, the market that of `scenarios/cango_2026`. Each warm night finds another price of
Bitcoin than the night before. `--nights` also runs so many warm nights in one process and reads its memory after each;
with `--months 9`, 15 nodes, that takes minutes.
Seconds of the wall and of the processor are both told: the machine may be shared, which the wall shows.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ruamel.yaml import YAML

from benchmarks.machine import machine, tell, versions
from benchmarks.portfolio import portfolio, write_portfolio

SITES, MONTHS, YEAR = 4, 36, 12
MARKET = Path(__file__).parents[1] / "scenarios" / "cango_2026" / "scenario.yaml"
BRANCHING = ((6, 3), (12, 3))
"""Month at which every node gets children, and how many: 6 + 3 x 6 + 9 x 8 nodes."""
FIRST = datetime(2027, 1, 1, 8, tzinfo=UTC)
PRICE_USD, STEP = 87_500.0, 0.004
"""Price of a Bitcoin in the first night, and by how much it moves from one to the next, to and fro."""


def periods(months: int) -> list[dict[str, int]]:
    """Months of the first year, then quarters."""
    quarters = {"months": 3, "count": max(0, months - YEAR) // 3}
    return [{"months": 1, "count": min(months, YEAR)}, *([quarters] if quarters["count"] else [])]


def write_scenario(folder: Path, night: int, months: int = MONTHS) -> None:
    """The scenario of a night, counted from 0."""
    write_portfolio(folder, SITES, months)
    yaml = YAML(typ="safe")
    market = yaml.load(MARKET)
    document = portfolio(SITES, months)
    assert isinstance(document["horizon"], dict)
    document["horizon"] |= {"periods": periods(months)}
    branching = [{"month": month, "children": children} for month, children in BRANCHING if month < months]
    uncertainty = {key: value for key, value in market["uncertainty"].items() if key != "statements"}
    moved = PRICE_USD * (1.0 + STEP * (night % 3 - 1 if night else 0))
    document |= {
        "name": "four_sites",
        "bitcoin": market["bitcoin"] | {"btc_price_usd": moved},
        "uncertainty": uncertainty | {"branching": branching},
    }
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(document, file)


def arguments(home: Path, night: int, asked: argparse.Namespace) -> list[str]:
    """Of `allocator` for a night."""
    as_of = (FIRST + timedelta(days=night)).isoformat()
    words = ["nightly", str(home / "scenario"), "--store", str(home / "store"), "--as-of", as_of, "--json"]
    return [*words, "--hours", asked.hours, "--gap", str(asked.gap)]


def own_process(home: Path, night: int, asked: argparse.Namespace) -> dict[str, object]:
    """A night as cron runs it: seconds and memory of the process, and where the seconds went by its log."""
    write_scenario(home / "scenario", night, asked.months)
    log, answer = home / "log", home / "answer"
    started = time.perf_counter()
    with log.open("w") as err, answer.open("w") as out:
        child = subprocess.Popen(
            [sys.executable, "-m", "allocator", *arguments(home, night, asked)], stdout=out, stderr=err
        )
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    said = json.loads(answer.read_text())
    return {
        "night": night,
        "exit_code": child.returncode,
        "rung": said.get("rung"),
        "wall_s": round(time.perf_counter() - started, 1),
        "processor_s": round(used.ru_utime + used.ru_stime, 1),
        "peak_memory_mb": round(used.ru_maxrss / 1024),
        "relative_gap": said.get("relative_gap"),
        "load_average": os.getloadavg()[0],
        "steps_s": steps([json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]),
        "plan_phases_s": phases(home / "store" / "current" / "plan" / "run.json"),
    }


def steps(events: list[dict[str, str]]) -> dict[str, float]:
    """Seconds of the wall from each event of the log to the next."""
    at = [datetime.fromisoformat(event["at"]) for event in events]
    found: dict[str, float] = {}
    for event, start, end in zip(events, at, at[1:], strict=False):
        name = event.get("phase", event["event"])
        found[name] = round(found.get(name, 0.0) + (end - start).total_seconds(), 1)
    return found


def phases(run_json: Path) -> dict[str, float]:
    """Seconds of the solve's phases, which the plan's run file keeps."""
    if not run_json.exists():
        return {}
    return {name: round(seconds, 1) for name, seconds in json.loads(run_json.read_text())["seconds"].items()}


def in_one_process(home: Path, nights: range, asked: argparse.Namespace) -> list[int]:
    """Memory of this process after each of many nights, MB."""
    from allocator.cli.main import run

    found = []
    for night in nights:
        write_scenario(home / "scenario", night, asked.months)
        run([*arguments(home, night, asked), "--quiet"])
        gc.collect()
        found.append(round(int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20))
    return found


def measured(home: Path, asked: argparse.Namespace) -> dict[str, object]:
    """All nights, and what they found."""
    nights = [own_process(home, night, asked) for night in range(1 + asked.warm)]
    head = json.loads((home / "store" / "current" / "plan" / "plan.json").read_text())
    found: dict[str, object] = {
        "machine": machine(),
        "versions": versions("highspy", "numba", "numpy", "pandas"),
        "months": asked.months,
        "hours": asked.hours,
        "gap_asked": asked.gap,
        "site_nodes": sum(head["dispatch"].values()),
        "cold": nights[0],
        "warm": nights[1:],
    }
    if asked.nights:
        found["memory_mb_in_one_process"] = in_one_process(home, range(len(nights), len(nights) + asked.nights), asked)
    return found


def main() -> None:
    """Run the nights, then say what they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=MONTHS)
    parser.add_argument("--hours", default="full")
    parser.add_argument("--gap", type=float, default=0.005)
    parser.add_argument("--warm", type=int, default=2)
    parser.add_argument("--nights", type=int, default=0)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        found = measured(Path(room), asked)
    tell(found, asked.out)


if __name__ == "__main__":
    main()

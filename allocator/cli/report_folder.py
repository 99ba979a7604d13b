"""The report of whatever stands in a folder: a plan, a comparison, a sweep, a frontier or a backtest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from allocator.cli.assumptions import assumptions
from allocator.cli.cooling import cooling_of
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.solve import compiled, plan_in, scenario_in
from allocator.plan.plan import Plan
from allocator.plan.reader import read_meta
from allocator.plan.schema import PLAN_JSON
from allocator.reports.backtested import BacktestTables
from allocator.reports.night import NightFiles
from allocator.reports.swept import SweptTables
from allocator.reports.web.backtest import backtest_report
from allocator.reports.web.night import night_report
from allocator.reports.web.plan import plan_report
from allocator.reports.web.report import Decision, Report
from allocator.reports.web.studies import comparison_report, frontier_report, sweep_report
from allocator.scenario.load import LoadedScenario
from allocator.studies.backtest.tables import BATTERY, FORECAST, MONTHS, REGRET, RULES, battery_table
from allocator.studies.decision_tree import Step, decision_tree

COMPARISON_JSON, SWEEP_JSON, FRONTIER_JSON = "comparison.json", "sweep.json", "frontier.json"
SENSITIVITY_JSON = "sensitivity.json"
SCHEDULE_JSON, ALERTS_JSON, CHANGES_MD = "schedule.json", "alerts.json", "changes.md"
BACKTEST_JSON, BACKTEST_TABLES = "backtest.json", (RULES, MONTHS, REGRET, FORECAST, BATTERY)


def report_in(folder: Path) -> Report:
    """The report of a folder.

    Raises:
        BadInputError: nothing of that kind is there, or it is damaged.
    """
    if (folder / COMPARISON_JSON).is_file():
        return _read(lambda: comparison_report(_json(folder / COMPARISON_JSON), *_tables(folder, "figures", "bridge")))
    if (folder / SWEEP_JSON).is_file():
        return _read(lambda: sweep_report(_swept(folder)))
    if (folder / FRONTIER_JSON).is_file():
        return _read(lambda: frontier_report(_json(folder / FRONTIER_JSON)))
    if (folder / SCHEDULE_JSON).is_file():
        return _read(lambda: night_report(_night(folder)))
    if (folder / BACKTEST_JSON).is_file():
        return _read(lambda: backtest_report(_backtested(folder)))
    plan = plan_in(folder)
    return report_of(plan, scenario_in(folder, plan.meta))


def _read(report: Callable[[], Report]) -> Report:
    """A report of files that may be damaged."""
    try:
        return report()
    except KeyError as error:
        raise BadInputError("the study cannot be read", [f"there is no {error} in it"]) from error
    except (OSError, ValueError, pa.ArrowException) as error:
        raise BadInputError("the study cannot be read", [str(error)]) from error


def _tables(folder: Path, *names: str) -> list[pd.DataFrame]:
    return [pd.read_parquet(folder / f"{name}.parquet") for name in names]


def _json(path: Path) -> dict[str, Any]:
    found = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} is not an object")
    return found


def _night(folder: Path) -> NightFiles:
    """What a night wrote, with the head of its plan; a week that was decided again has neither that nor alerts."""
    told, changes, plan = folder / ALERTS_JSON, folder / CHANGES_MD, folder / "plan"
    alerts = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else []
    lines = changes.read_text(encoding="utf-8").splitlines() if changes.is_file() else []
    meta = read_meta(plan) if (plan / PLAN_JSON).is_file() else None
    return NightFiles(_json(folder / SCHEDULE_JSON), alerts, lines, meta)


def _backtested(folder: Path) -> BacktestTables:
    """A folder from before there were batteries has no table of them."""
    head = _json(folder / BACKTEST_JSON)
    missing = [name for name in BACKTEST_TABLES if not (folder / f"{name}.parquet").is_file()]
    old = missing == [BATTERY] and not any("battery_gain_share" in site for site in head["sites"])
    if missing and not old:
        files = ", ".join(f"{name}.parquet" for name in missing)
        raise BadInputError(
            f"{folder} is a backtest without {files}",
            ["run the same `allocator backtest` again: it keeps its nights and writes every table"],
        )
    rules, months, regret, forecast = _tables(folder, *BACKTEST_TABLES[:-1])
    battery = battery_table([]) if old else _tables(folder, BATTERY)[0]
    return BacktestTables(head, rules, months, regret, forecast, battery)


def _swept(folder: Path) -> SweptTables:
    (table,) = _tables(folder, "results")
    tells, base = folder / SENSITIVITY_JSON, folder / "base" / PLAN_JSON
    return SweptTables(
        table=table,
        asked=_json(folder / SWEEP_JSON),
        sensitivity=_json(tells) if tells.is_file() else {},
        base_usd=float(_json(base)["objective_usd"]) if base.is_file() else None,
    )


def report_of(plan: Plan, loaded: LoadedScenario) -> Report:
    """The report of a plan and the scenario it was made for."""
    instance = compiled(loaded)
    decisions = _decision(decision_tree(instance, plan.tables)) if len(plan.tables["paths"]) > 1 else None
    return plan_report(plan, assumptions(loaded), tuple(cooling_of(loaded, instance)), decisions)


def _decision(step: Step, condition: str = "", share: float = 1.0) -> Decision:
    """The same tree in the words of a report; what is done in any case stands before the ways part."""
    ways = tuple(_decision(branch.step, branch.condition, branch.probability) for branch in step.branches)
    return Decision(step.period, step.actions, condition, share, ways)

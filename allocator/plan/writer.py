"""Writes a plan into a folder: Parquet tables, CSV views, hourly partitions and the JSON heads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa

from allocator.plan import csv_view, parquet
from allocator.plan.frames import conform
from allocator.plan.hourly_writer import HourlyWriter
from allocator.plan.meta import PlanMeta, RunMeta, dump
from allocator.plan.plan import Dispatch, HourlyTables, Plan
from allocator.plan.relaxation_file import write_relaxation
from allocator.plan.schema import (
    CERTIFICATE_JSON,
    CSV_FOLDER,
    HOURLY,
    PLAN_JSON,
    RUN_JSON,
    TABLES,
    TABLES_FOLDER,
)


def write_plan(plan: Plan, folder: Path) -> None:
    """Write every table, plan.json and what a later solve may start from into an existing folder.

    Raises:
        FrameError: a table does not agree with the registry. OSError: a file cannot be written.
    """
    write_tables(plan, folder)
    write_dispatch(plan, folder)
    write_relaxation(plan.relaxation, folder)
    write_meta(plan.meta, folder)


def write_tables(plan: Plan, folder: Path) -> None:
    """tables/<name>.parquet and csv/<name>.csv of every planning table."""
    (folder / TABLES_FOLDER).mkdir()
    (folder / CSV_FOLDER).mkdir()
    for name, table in TABLES.items():
        parquet.write(table, plan.tables[name], folder / TABLES_FOLDER / f"{name}.parquet")
        csv_view.write(table, plan.tables[name], folder / CSV_FOLDER / f"{name}.csv")


def write_dispatch(plan: Plan, folder: Path) -> None:
    """dispatch/<site>/<table>.parquet of every hourly table; one pair is written while the next one is made."""
    with HourlyWriter(folder) as files, ThreadPoolExecutor(1) as beside:
        written = beside.submit(lambda: None)
        for site, node in plan.dispatch:
            tables = _arrow(plan.dispatch, (site, node))
            written.result()
            written = beside.submit(files.write, site, node, tables)
        written.result()


def _arrow(dispatch: Dispatch, pair: tuple[str, str]) -> Mapping[str, pa.Table]:
    """Straight from schedules; frames from elsewhere are checked first."""
    if isinstance(dispatch, HourlyTables):
        return dispatch.arrow(pair)
    frames = dispatch[pair]
    return {name: parquet.to_arrow(table, conform(table, frames[name])) for name, table in HOURLY.items()}


def write_meta(meta: PlanMeta, folder: Path) -> None:
    """plan.json."""
    (folder / PLAN_JSON).write_text(dump(meta), encoding="utf-8")


def write_certificate(certificate: Mapping[str, object] | None, folder: Path) -> None:
    """certificate.json; nothing where the engine gave none."""
    if certificate is not None:
        text = json.dumps(certificate, indent=2, allow_nan=False) + "\n"
        (folder / CERTIFICATE_JSON).write_text(text, encoding="utf-8")


def write_run(run: RunMeta, folder: Path) -> None:
    """run.json."""
    (folder / RUN_JSON).write_text(dump(run), encoding="utf-8")

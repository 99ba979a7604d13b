"""Reads a plan folder back. Hourly tables are read when asked for, one site and node at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pandas as pd
import pyarrow as pa

from allocator.plan import parquet
from allocator.plan.frames import FrameError
from allocator.plan.hourly_reader import SiteFiles
from allocator.plan.meta import MetaError, PlanMeta, load_plan_meta
from allocator.plan.plan import Plan, SiteNodeTables
from allocator.plan.relaxation_file import read_relaxation
from allocator.plan.schema import DISPATCH_FOLDER, HOURLY, PLAN_JSON, TABLES, TABLES_FOLDER, partition


class PlanReadError(ValueError):
    """A folder that is not a whole plan; the message names the file and what is wrong with it."""


def read_meta(folder: Path) -> PlanMeta:
    """The head of the plan; raises PlanReadError where there is none this version can read."""
    path = folder / PLAN_JSON
    try:
        return load_plan_meta(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, MetaError) as error:
        raise PlanReadError(f"{folder} is not a plan folder: {path.name}: {error}") from error


def read_plan(folder: Path) -> Plan:
    """The plan in a folder: all planning tables, hourly ones on demand.

    Raises:
        PlanReadError: a file is missing, damaged or does not agree with the registry of tables. Hourly
            files raise it when they are asked for.
    """
    meta = read_meta(folder)
    _demand_all(folder)
    tables = {name: read_table(folder, name) for name in TABLES}
    return Plan(tables, FolderDispatch(folder, tables), meta, read_relaxation(folder))


def _demand_all(folder: Path) -> None:
    files = [f"{TABLES_FOLDER}/{name}.parquet" for name in TABLES]
    lost = [file for file in files if not (folder / file).exists()]
    if lost:
        raise PlanReadError(
            f"{folder}: no {', '.join(lost)}: another version wrote this plan, or files were lost; "
            "solve the scenario again, of which the folder keeps a copy"
        )


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """One planning table; raises PlanReadError, or KeyError for a name the registry does not know."""
    return _read(folder, Path(TABLES_FOLDER) / f"{name}.parquet", name)


def _read(folder: Path, path: Path, name: str) -> pd.DataFrame:
    try:
        return parquet.read(TABLES[name], folder / path)
    except FrameError as error:
        raise PlanReadError(f"{path}: {error}") from error


class FolderDispatch(Mapping[tuple[str, str], SiteNodeTables]):
    """Hourly tables of a folder, one pair in memory at a time; pairs as `reserved` lists them."""

    def __init__(self, folder: Path, tables: Mapping[str, pd.DataFrame]) -> None:
        self._home = folder / DISPATCH_FOLDER
        self._open = cache(SiteFiles)
        sites, nodes = tables["reserved"]["site"].unique(), tables["nodes"]["node"]
        self._pairs = {(str(site), str(node)): None for site in sites for node in nodes}

    def __getitem__(self, pair: tuple[str, str]) -> SiteNodeTables:
        if pair not in self._pairs:
            raise KeyError(pair)
        site, node = pair
        return dict(_frames(self._open(self._home / partition(site)).read(node), site))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def _frames(tables: Mapping[str, pa.Table | FrameError], site: str) -> Iterator[tuple[str, pd.DataFrame]]:
    for name, table in tables.items():
        try:
            if isinstance(table, FrameError):
                raise table
            yield name, parquet.to_frame(HOURLY[name], table)
        except FrameError as error:
            path = Path(DISPATCH_FOLDER) / partition(site) / f"{name}.parquet"
            raise PlanReadError(f"{path}: {error}") from error

"""Verifies a plan folder: what cannot be read is a violation, not an error."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from allocator.instance.types import Instance
from allocator.plan.hourly_reader import SiteFiles
from allocator.plan.meta import PlanMeta
from allocator.plan.reader import PlanReadError, read_meta, read_table
from allocator.plan.schema import CERTIFICATE_JSON, DISPATCH_FOLDER, PLAN_JSON, TABLES, TABLES_FOLDER, partition
from allocator.verify.report import VerificationReport, Violation
from allocator.verify.run import verify_plan
from allocator.verify.structure import MALFORMED


def verify_folder(instance: Instance, folder: Path) -> VerificationReport:
    """Verify the plan in `folder` against the compiled scenario; see `verify_plan`."""
    meta, unreadable = _meta(folder)
    certificate, also = _certificate(folder)
    report = verify_plan(instance, _tables(folder), FolderHours(instance, folder), meta, certificate)
    return VerificationReport((*unreadable, *also, *report.violations), report.checked)


class FolderHours(Mapping[tuple[str, str], Mapping[str, object]]):
    """Hourly tables of a folder by (site, node), read when asked for.

    Folders that belong to no site of the scenario are listed under the names they have on disk.
    """

    def __init__(self, instance: Instance, folder: Path) -> None:
        names = {partition(site): site for site in instance.sites.names}
        self._files = {names.get(home.name, home.name): SiteFiles(home) for home in _folders(folder / DISPATCH_FOLDER)}
        self._pairs = {(site, node): None for site, files in self._files.items() for node in files.nodes or [""]}

    def __getitem__(self, pair: tuple[str, str]) -> Mapping[str, object]:
        if pair not in self._pairs:
            raise KeyError(pair)
        site, node = pair
        return self._files[site].read(node)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


def _folders(home: Path) -> list[Path]:
    return sorted(entry for entry in home.iterdir() if entry.is_dir()) if home.is_dir() else []


def _tables(folder: Path) -> dict[str, object]:
    """Every table on disk: its frame, or the error that reading it raised."""
    stems = {path.stem: None for path in (folder / TABLES_FOLDER).glob("*.parquet")}
    return {name: _table(folder, name) for name in stems}


def _table(folder: Path, name: str) -> object:
    if name not in TABLES:
        return None
    try:
        return read_table(folder, name)
    except PlanReadError as error:
        return error


def _meta(folder: Path) -> tuple[PlanMeta | None, list[Violation]]:
    try:
        return read_meta(folder), []
    except PlanReadError as error:
        return None, [Violation(MALFORMED, {"file": PLAN_JSON}, float("nan"), "", str(error))]


def _certificate(folder: Path) -> tuple[Mapping[str, object] | None, list[Violation]]:
    path = folder / CERTIFICATE_JSON
    if not path.exists():
        return None, []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        return None, [Violation(MALFORMED, {"file": CERTIFICATE_JSON}, float("nan"), "", f"cannot be read: {error}")]
    return found if isinstance(found, dict) else {}, []

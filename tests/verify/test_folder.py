"""A plan folder is verified as it stands on disk: damaged, missing and foreign files are violations, not errors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allocator.plan.plan import Plan
from allocator.plan.schema import HOURLY
from allocator.plan.writer import write_plan
from allocator.verify import Violation, verify_folder
from tests.verify.plans import works

INSTANCE = works().instance


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draft = works()
    tables, dispatch = draft.frames()
    write_plan(Plan(tables, dispatch, draft.meta(tables)), tmp_path)
    return tmp_path


def _violations(folder: Path) -> list[Violation]:
    return list(verify_folder(INSTANCE, folder).violations)


def test_a_good_folder_passes(folder: Path) -> None:
    report = verify_folder(INSTANCE, folder)
    assert report.passed, report.violations
    assert report.checked["MONEY.objective"] == 2
    assert report.checked["POWER.site"] == 36


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("tables/cash.parquet", {"table": "cash"}),
        ("dispatch/site0/hours.parquet", {"site": "site0", "node": "2027-03", "table": "hours"}),
        ("plan.json", {"file": "plan.json"}),
    ],
)
@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"PAR1 torn"), lambda path: path.write_bytes(b"")])
def test_a_damaged_file_is_a_violation(
    folder: Path, file: str, place: dict[str, str], damage: Callable[[Path], object]
) -> None:
    damage(folder / file)
    found = _violations(folder)
    assert any(v.rule == "TABLE.malformed" and place.items() <= v.place.items() for v in found), found


def test_a_missing_table_is_named(folder: Path) -> None:
    (folder / "tables" / "moves.parquet").unlink()
    [violation] = _violations(folder)
    assert (violation.rule, violation.place) == ("TABLE.missing", {"table": "moves"})


def test_missing_hours_are_named(folder: Path) -> None:
    for file in (folder / "dispatch" / "site1").iterdir():
        whole = pq.read_table(file)
        _rewritten(file, whole.filter(pc.not_equal(whole["node"], "2027-02")))
    found = [v for v in _violations(folder) if v.rule == "TABLE.missing"]
    assert {v.place["table"] for v in found} == set(HOURLY)
    assert {(v.place["site"], v.place["node"]) for v in found} == {("site1", "2027-02")}


def test_hours_of_a_node_that_the_scenario_does_not_have_are_named(folder: Path) -> None:
    file = folder / "dispatch" / "site0" / "hours.parquet"
    whole = pq.read_table(file)
    renamed = pc.replace_substring(whole["node"], "2027-03", "2031-01")
    _rewritten(file, whole.set_column(0, whole.schema.field(0), renamed))
    found = {(v.rule, v.place["node"]) for v in _violations(folder) if v.rule in ("TABLE.unknown", "TABLE.rows")}
    assert found == {("TABLE.unknown", "2031-01"), ("TABLE.rows", "2027-03")}


def _rewritten(file: Path, table: pa.Table) -> None:
    """The table in place of the file's, one row group a node."""
    with pq.ParquetWriter(file, table.schema) as writer:
        for node in pc.unique(table["node"]):
            writer.write_table(table.filter(pc.equal(table["node"], node)))


def test_foreign_tables_and_hours_are_named(folder: Path) -> None:
    (folder / "tables" / "extra.parquet").write_bytes(b"anything")
    (folder / "dispatch" / "moon").mkdir()
    found = _violations(folder)
    assert [v.place for v in found] == [{"table": "extra"}]
    (folder / "tables" / "extra.parquet").unlink()
    [violation] = _violations(folder)
    assert (violation.rule, violation.place) == ("TABLE.unknown", {"site": "moon", "node": ""})


def test_a_torn_certificate_is_a_violation(folder: Path) -> None:
    (folder / "certificate.json").write_text('{"engine": ')
    [violation] = _violations(folder)
    assert violation.place == {"file": "certificate.json"}


def test_an_empty_folder_is_no_plan(tmp_path: Path) -> None:
    found = _violations(tmp_path)
    assert {v.rule for v in found} == {"TABLE.missing", "TABLE.malformed"}

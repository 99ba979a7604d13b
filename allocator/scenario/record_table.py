"""CSV tables of records: one row a record, one column a field; every fault by line and column.

Text that a spreadsheet keeps from being a formula by an apostrophe is read without it. An empty cell is a field that is
left out. Numbers may be written as people write them (1,250,000 or 12.5 %).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from allocator.scenario.faults import Fault, ScenarioFaults
from allocator.scenario.places import Places, suggestion
from allocator.scenario.record import Record
from allocator.scenario.sheets.cells import number, whole
from allocator.scenario.translate import translate
from allocator.scenario.yaml_reader import Path, YamlText

T = TypeVar("T", bound=Record)
MOST_ROWS = 500_000
LARGEST_BYTES = 100_000_000
FORMULA = "=+-@"


@dataclass(frozen=True)
class Line(Places):
    """Places of the fields of one row; `number` is its line in the file."""

    number: int = 0

    def place(self, path: Path) -> str:
        """units_down.csv: line 3, column units."""
        return f"{self.file_name}: line {self.number}" + (f", column {path[0]}" if path else "")


@dataclass(frozen=True)
class Row(Generic[T]):
    """A record, and where it stands."""

    record: T
    places: Line


def load_table(path: FilePath, kind: type[T], wanted: str) -> list[Row[T]]:
    """Every row of a table; `wanted` says what file it is.

    Raises:
        ScenarioFaults: with every fault of every row.
    """
    names, lines = _lines(path, wanted)
    properties = kind.model_json_schema(mode="validation")["properties"]
    faults = list(_heads(path.name, names, properties, kind))
    if faults:
        raise ScenarioFaults(faults)
    rows: list[Row[T]] = []
    for line, cells in lines:
        places = Line(path.name, YamlText(None, {}), number=line)
        if len(cells) > len(names):
            faults.append(places.fault((), len(cells), f"{len(names)} cells", "quote text that holds commas"))
            continue
        data = _data(names, cells, properties)
        try:
            rows.append(Row(kind.model_validate(data), places))
        except ValidationError as error:
            faults += translate(error, data, places, kind)
    if faults:
        raise ScenarioFaults(faults)
    return rows


def _lines(path: FilePath, wanted: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Names of the columns, and the line and cells of every row that is not empty."""
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_BYTES + 1)
    except OSError as error:
        raise _unread(path, error.strerror or "an unreadable file", wanted, "check the path") from None
    if len(content) > LARGEST_BYTES:
        raise _unread(path, f"more than {LARGEST_BYTES:,} bytes", wanted, "cut the table")
    try:
        reader = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip() for name in next(reader, [])]
        lines = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _unread(path, f"no CSV in UTF-8: {error}", wanted, "export it as CSV in UTF-8") from None
    if len(lines) > MOST_ROWS:
        raise _unread(path, f"{len(lines):,} rows", f"at most {MOST_ROWS:,}", "cut the table")
    return names, lines


def _unread(path: FilePath, found: str, expected: str, fix: str) -> ScenarioFaults:
    return ScenarioFaults([Fault(path.name, found, expected, fix)])


def _heads(file: str, names: Sequence[str], properties: Mapping[str, Any], kind: type[Record]) -> Iterator[Fault]:
    here = f"{file}: line 1"
    for name in names:
        if name not in properties:
            yield Fault(here, f"the column {name!r}", "a column of the format", suggestion(name, properties))
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Fault(here, f"the column {name!r} {names.count(name)} times", "each column once", "remove one")
    for name, field in kind.model_fields.items():
        if field.is_required() and name not in names:
            yield Fault(here, f"no column {name!r}", f"the column {name}", f"add {name}")


def _data(names: Sequence[str], cells: Sequence[str], properties: Mapping[str, Any]) -> dict[str, Any]:
    said = {name: cell.strip() for name, cell in zip(names, cells, strict=False)}
    return {name: _value(cell, properties[name]) for name, cell in said.items() if cell}


def _value(cell: str, field: Mapping[str, Any]) -> Any:
    types = {branch.get("type") for branch in (field, *field.get("anyOf", ()))}
    if "number" in types:
        return number(cell)
    if "integer" in types:
        return whole(number(cell))
    return cell[1:] if cell[0] == "'" and cell[1:2] and cell[1] in FORMULA else cell

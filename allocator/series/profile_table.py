"""The table behind a profile: quantiles (and the mean) by month, hour and day type, read and checked."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa

from allocator.series.checks import FaultLog, Kind, did_you_mean
from allocator.series.columns import RAGGED, noting
from allocator.series.gather import NUMBER, RANGE
from allocator.series.numbers import NUMBER_TEXT
from allocator.series.reader import UNIT
from allocator.series.specs import Floats
from allocator.series.units import UNITS, Unit

MOST_BYTES = 4_000_000
MOST_KEPT = 8
"""Tables kept in memory, the last ones read."""
KEYS = ("month", "hour", "day_type")
DAY_TYPES = {"weekday": (0,), "weekend": (1,), "any": (0, 1)}
_MONTHS = {text: month for month in range(1, 13) for text in (str(month), f"{month:02d}")}
_HOURS = {text: hour for hour in range(24) for text in (str(hour), f"{hour:02d}")}
_NAMED_LEVELS = {"min": 0.0, "median": 0.5, "max": 1.0}
_MEAN_SLACK = 0.25
"""Sample quantiles and the sample mean of few values may disagree by a part of what the quantiles leave open."""
_LEVEL = re.compile(r"p(\d{1,2}(?:[._]\d+)?)")

SIZE = Kind(f"a table of at most {MOST_BYTES // 1_000_000} MB", "give quantiles by month, hour and day type only")
COLUMNS = Kind(
    "the columns month, hour, day_type, at least two of min, p05, p50, p99_9, max and so on, and if you like mean",
    "rename, add or remove the column",
)
KEY = Kind("month 1 to 12, hour 0 to 23, day_type weekday, weekend or any", "mend the row")
CELL_TWICE = Kind("each month, hour and day type once", "remove one of the two rows")
CELL_MISSING = Kind("a row for every month, hour and day type", "add the row")
FALLING = Kind("quantiles that do not fall from one level to the next", "mend the row")
MEAN = Kind("a mean that the quantiles of the row allow", "mend the mean or the quantiles")


@dataclass(frozen=True)
class ProfileTable:
    """Quantiles in the canonical unit.

    Attributes:
        name: file, for messages. unit: canonical unit.
        levels: probabilities from 0 to 1, rising, (L,).
        quantiles: by month - 1, local hour, weekend (0 or 1) and level, (12, 24, 2, L).
        mean: by month - 1, local hour, weekend, (12, 24, 2); NaN where the table states none.
    """

    name: str
    unit: str
    levels: Floats
    quantiles: Floats
    mean: Floats


@dataclass(frozen=True)
class _Header:
    """Positions of the key columns, of the quantiles by rising level, and of the mean (-1: none)."""

    keys: tuple[int, int, int]
    levels: tuple[float, ...]
    quantiles: tuple[int, ...]
    mean: int


def read_profile(path: Path, unit: str, name: str | None = None) -> ProfileTable:
    """Read a profile table from a CSV file; lines that start with # above the header are comments.

    Columns: month (1..12), hour (0..23, local), day_type (weekday, weekend, any), quantiles named min, p05, p50,
    p99_9, max or the like, and optionally mean. Below the lowest and above the highest level stated the
    distribution ends: give min and max.

    Raises:
        ScenarioFaults: every fault found, with line and fix.
    """
    log = FaultLog(name or path.name)
    if unit not in UNITS:
        log.add(UNIT, f"unit {unit!r}; {did_you_mean(unit, UNITS)}")
    text = _text(path, log)
    log.raise_if_any()
    return _parsed(text, unit, log.file)


@lru_cache(maxsize=MOST_KEPT)
def _parsed(text: str, unit: str, file: str) -> ProfileTable:
    """The table of a text, nobody's to write into: sites often draw their series from one file by several seeds."""
    log, rows = FaultLog(file), _rows(text)
    header = _header(rows[0][1], log) if rows else None
    if header is None:
        log.add(COLUMNS, "no header line") if not rows else None
        raise log.error()
    table = _table(header, rows[1:], UNITS[unit], log)
    for array in (table.levels, table.quantiles, table.mean):
        array.flags.writeable = False
    return table


def _text(path: Path, log: FaultLog) -> str:
    """What the file holds; empty, and a fault, where that cannot be said."""
    with noting(log), pa.input_stream(str(path)) as stream:
        content = stream.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            log.add(SIZE, "a larger file")
            return ""
        return str(content, "utf-8-sig")
    return ""


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Line number and fields of every line that is neither comment nor empty."""
    lines = enumerate(text.splitlines(), 1)
    return [(n, _fields(line)) for n, line in lines if line.strip() and not line.startswith("#")]


def _fields(line: str) -> list[str]:
    return [field.strip() for field in next(csv.reader(io.StringIO(line)), [])]


def _header(names: list[str], log: FaultLog) -> _Header | None:
    levels = {position: level for position, name in enumerate(names) if (level := _level(name)) is not None}
    for name in names:
        if name not in (*KEYS, "mean") and _level(name) is None:
            log.add(COLUMNS, f"a column {name!r}; {did_you_mean(name, [*KEYS, 'mean', *_NAMED_LEVELS])}")
        if names.count(name) > 1:
            log.add(COLUMNS, f"column {name!r} {names.count(name)} times")
    for key in KEYS:
        if key not in names:
            log.add(COLUMNS, f"no column {key!r}; {did_you_mean(key, names)}")
    if len(set(levels.values())) < max(2, len(levels)):
        log.add(COLUMNS, f"{len(set(levels.values()))} different quantiles in {len(levels)} columns")
    if log:
        return None
    rising = sorted(levels, key=lambda position: levels[position])
    keys = (names.index("month"), names.index("hour"), names.index("day_type"))
    mean = names.index("mean") if "mean" in names else -1
    return _Header(keys, tuple(levels[position] for position in rising), tuple(rising), mean)


def _level(name: str) -> float | None:
    """Probability of a quantile column: p05 is 0.05, p99_9 (or p99.9) is 0.999; None for other names."""
    if name in _NAMED_LEVELS:
        return _NAMED_LEVELS[name]
    found = _LEVEL.fullmatch(name)
    return float(found[1].replace("_", ".")) / 100.0 if found else None


def _table(header: _Header, rows: list[tuple[int, list[str]]], unit: Unit, log: FaultLog) -> ProfileTable:
    quantiles = np.full((12, 24, 2, len(header.levels)), np.nan)
    mean = np.full((12, 24, 2), np.nan)
    taken = np.zeros((12, 24, 2), dtype=bool)
    for line, fields in rows:
        cells = _cells(header, fields, line, log)
        numbers = _numbers(header, fields, line, unit, log)
        for cell in cells:
            if taken[cell]:
                log.add(CELL_TWICE, f"month {cell[0] + 1}, hour {cell[1]}, {_day_name(cell[2])} again", f"line {line}")
            taken[cell] = True
            if numbers is not None:
                quantiles[cell], mean[cell] = numbers[:-1], numbers[-1]
    for month, hour, day in np.argwhere(~taken):
        log.add(CELL_MISSING, f"no row for month {month + 1}, hour {hour}, {_day_name(int(day))}")
    log.raise_if_any()
    levels, ends = _to_both_ends(np.array(header.levels), quantiles)
    return ProfileTable(log.file, unit.canonical, levels, unit.convert(ends), unit.convert(mean))


def _to_both_ends(levels: Floats, quantiles: Floats) -> tuple[Floats, Floats]:
    """Levels from 0 to 1: below the first and above the last stated level the distribution ends."""
    below, above = int(levels[0] > 0.0), int(levels[-1] < 1.0)
    padded = np.pad(quantiles, [(0, 0)] * 3 + [(below, above)], mode="edge")
    return np.concatenate([[0.0] * below, levels, [1.0] * above]), padded


def _day_name(weekend: int) -> str:
    return "weekend" if weekend else "weekday"


def _cells(header: _Header, fields: list[str], line: int, log: FaultLog) -> list[tuple[int, int, int]]:
    """Cells of the table that a row fills; empty, and a fault, where its keys make no sense."""
    if len(fields) <= max(*header.keys, *header.quantiles, header.mean):
        log.add(RAGGED, f"{len(fields)} fields", f"line {line}")
        return []
    month, hour, day_type = (fields[position] for position in header.keys)
    known = month in _MONTHS and hour in _HOURS
    if not known or day_type not in DAY_TYPES:
        log.add(KEY, f"month {month!r}, hour {hour!r}, day_type {day_type!r}", f"line {line}")
        return []
    return [(_MONTHS[month] - 1, _HOURS[hour], day) for day in DAY_TYPES[day_type]]


def _numbers(header: _Header, fields: list[str], line: int, unit: Unit, log: FaultLog) -> Floats | None:
    """Quantiles by rising level and, last, the mean (NaN: none stated), in the written unit; None with a fault."""
    if len(fields) <= max(*header.quantiles, header.mean):
        return None
    texts = [fields[position] for position in header.quantiles]
    wanted = texts if header.mean < 0 else [*texts, fields[header.mean]]
    values = [_number(text) for text in wanted]
    low, high = unit.written_range()
    for text, value in zip(wanted, values, strict=True):
        if value is None:
            log.add(NUMBER, repr(text), f"line {line}")
        elif not low <= value <= high:
            log.add(RANGE, f"{value:g} {unit.name}, outside {low:g} to {high:g}", f"line {line}")
    if any(value is None for value in values):
        return None
    numbers = np.array(values if header.mean >= 0 else [*values, math.nan], dtype=np.float64)
    _check_shape(header, numbers, line, log)
    return numbers


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(NUMBER_TEXT, text, re.ASCII) else None


def _check_shape(header: _Header, numbers: Floats, line: int, log: FaultLog) -> None:
    quantiles, mean = numbers[:-1], float(numbers[-1])
    if any(later < earlier for earlier, later in pairwise(quantiles)):
        log.add(FALLING, ", ".join(f"{value:g}" for value in quantiles), f"line {line}")
        return
    levels, ends = _to_both_ends(np.array(header.levels), quantiles.reshape(1, 1, 1, -1))
    share, ends = np.diff(levels), ends.ravel()
    low, high = float(share @ ends[:-1]), float(share @ ends[1:])
    slack = _MEAN_SLACK * (high - low) + 1e-9 * max(1.0, abs(low), abs(high))
    if mean < low - slack or mean > high + slack:
        log.add(MEAN, f"mean {mean:g}, but the quantiles allow only {low:g} to {high:g}", f"line {line}")

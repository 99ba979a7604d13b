"""From what a scenario says of a series file to what the reader needs to know."""

from __future__ import annotations

from allocator.scenario.series_sources import FileSeries
from allocator.series.specs import FileSpec, GapRepair


def file_spec(source: FileSeries) -> FileSpec:
    """The reader's record of a column of a file."""
    return FileSpec(
        column=source.column,
        unit=source.unit,
        time_column=source.time_column,
        time_zone=source.time_zone,
        stamp=source.stamp,
        repair=None if source.gaps == "error" else GapRepair(source.gaps.repair, source.gaps.max_hours),
        range=source.range,
        repeat=source.repeat,
    )

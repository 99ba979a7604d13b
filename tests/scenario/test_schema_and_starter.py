"""The JSON Schema for editors, and the starter scenario."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from allocator.scenario.json_schema import json_schema
from allocator.scenario.load import load_scenario
from allocator.scenario.starter import write_starter


def properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, definition in [("Scenario", schema), *schema["$defs"].items()]:
        for field, content in definition.get("properties", {}).items():
            yield f"{name}.{field}", content


def test_every_field_is_described() -> None:
    undescribed = [name for name, content in properties(json_schema()) if not content.get("description")]
    assert undescribed == []


def test_every_number_names_its_unit() -> None:
    units = ("USD", "MW", "W", "TH/s", "degrees C", "share", "Share", "months", "Months", "count", "units", "plain")
    more = (
        "Version",
        "Days",
        "year",
        "BTC",
        "hours",
        "Seed",
        "kW",
        "GPUs",
        "PH/s",
        "unit of the field",
        "times",
        "minutes",
    )
    numbers = [
        (name, content["description"])
        for name, content in properties(json_schema())
        if content.get("type") in {"number", "integer"}
    ]
    assert [name for name, text in numbers if not any(unit in text for unit in units + more)] == []


def test_fields_that_may_differ_by_node_are_marked() -> None:
    marked = {name for name, content in properties(json_schema()) if content.get("uncertain")}
    assert {"Hashprice.usd_per_ph_day", "Network.btc_price_usd", "PowerPrice.series", "Ambient.series"} <= marked
    assert "Site.power_limit_mw" not in marked


def test_unknown_fields_are_forbidden_everywhere() -> None:
    schema = json_schema()
    records = [schema, *schema["$defs"].values()]
    assert all(record["additionalProperties"] is False for record in records if "properties" in record)


def test_the_starter_has_no_faults(tmp_path: Path) -> None:
    write_starter(tmp_path / "new" / "starter")
    loaded = load_scenario(tmp_path / "new" / "starter")
    assert loaded.scenario.name == "starter"
    assert sorted(file.name for file in loaded.folder.iterdir()) == [
        "ambient.csv",
        "prices.csv",
        "scenario.schema.json",
        "scenario.yaml",
    ]


def test_the_starter_goes_into_an_empty_folder_but_never_over_anything(tmp_path: Path) -> None:
    write_starter(tmp_path)
    with pytest.raises(FileExistsError):
        write_starter(tmp_path)


def test_nothing_is_left_behind_where_the_starter_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OSError, match="file"):
        write_starter(tmp_path / "file" / "starter")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]

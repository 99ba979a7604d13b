"""The registry is complete, consistent and says the unit of every number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.plan.plan import Plan
from allocator.plan.schema import HOURLY, LINES, TABLES, Table, partition
from allocator.plan.summary import SOURCES

EVERY = [*TABLES.values(), *HOURLY.values()]
SUFFIXES = {
    "MW": ("_mw",),
    "MWh": ("_mwh",),
    "MW h": ("_mw_h",),
    "USD per MW and hour": ("_usd_per_mw_hour",),
    "USD": ("_usd",),
    "USD/unit": ("_usd_per_unit",),
    "USD/MWh": ("_usd_per_mwh",),
    "PH/s": ("_ph_per_s",),
    "BTC": ("_btc",),
    "USD/BTC": ("_usd_per_btc",),
    "C": ("_c",),
    "h": ("_h", "hours"),
    "units": ("units",),
    "tranches": ("tranches",),
    "months": ("months",),
    "year": ("year",),
    "times": ("_times",),
    "share": ("probability", "discount_factor", "_share"),
}


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_keys_are_columns_and_every_column_says_what_it_is(table: Table) -> None:
    assert set(table.keys) <= set(table.columns)
    assert table.description
    assert all(column.description for column in table.columns.values())


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.name)
def test_the_name_of_a_number_ends_in_its_unit(table: Table) -> None:
    wrong = {
        name: column.unit
        for name, column in table.columns.items()
        if column.kind in ("number", "integer") and name != "step" and not name.endswith(SUFFIXES[column.unit])
    }
    assert wrong == {}


def test_a_plan_holds_the_tables_of_the_registry_and_no_other(plan: Plan) -> None:
    assert list(plan.tables) == list(TABLES)
    for frames in plan.dispatch.values():
        assert list(frames) == list(HOURLY)


def test_every_table_has_the_columns_and_types_of_the_registry(plan: Plan) -> None:
    for name, frame in plan.tables.items():
        assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == TABLES[name].dtypes
    for frames in plan.dispatch.values():
        for name, frame in frames.items():
            assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == HOURLY[name].dtypes


def test_every_line_of_the_cash_flow_has_exactly_one_source_of_value() -> None:
    assert sorted(line for lines in SOURCES.values() for line in lines) == sorted(LINES)


@given(st.text(min_size=1))
def test_no_name_leaves_the_folder_or_hides_in_it(name: str) -> None:
    folder = partition(name)
    assert folder
    assert not folder.startswith(".")
    assert not set(folder) & set("/\\\0:")


@given(st.text(), st.text())
def test_different_names_have_different_folders(one: str, other: str) -> None:
    assert (partition(one) == partition(other)) == (one == other)

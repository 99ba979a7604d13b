"""No cell of a plan can change by more than its tolerance without being found: all tables, all kinds of columns."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.plan.schema import HOURLY, TABLES, Kind
from allocator.verify import verify_plan
from tests.mutations.chance import rare
from tests.quick import examples
from tests.verify.billed import billed
from tests.verify.built import built
from tests.verify.draft import Draft, Frames
from tests.verify.hedged import hedged
from tests.verify.hosts import hosts
from tests.verify.levied import levied
from tests.verify.lien import fallen
from tests.verify.listed import listed
from tests.verify.nested import nested
from tests.verify.pact import pact
from tests.verify.plans import works
from tests.verify.shared_peaks import charged
from tests.verify.vault import vault
from tests.verify.worked import worked

Home = tuple[str, str] | None
"""Site and node of an hourly table, None for a planning table."""

Cell = tuple[str, Home, str, str, int]
"""Plan, home, table, column, row."""

PLANS = {
    "works": works,
    "hosts": hosts,
    "vault": vault,
    "fallen": fallen,
    "worked": worked,
    "hedged": hedged,
    "pact": pact,
    "listed": listed,
    "built": built,
    "billed": billed,
    "charged": charged,
    "rare": rare,
    "levied": levied,
    "nested": nested,
}
"""Between them they have rows in every table."""

FREE_TEXT = {("contracts", "reason"), ("marginal_values", "basis")}
"""Words for people: nothing is derived from them."""

UNPROVEN = {("marginal_values", "value_usd_per_unit", "company"), ("marginal_values", "unit", "company")}
"""Prices of cash and of the budget: one number a node, with no second one in the plan to hold it against."""


@cache
def _draft(plan: str) -> Draft:
    return PLANS[plan]()


@cache
def _cells() -> tuple[Cell, ...]:
    """Every cell that must not be changed."""
    return tuple(cell for plan in PLANS for cell in _cells_of(plan))


def _cells_of(plan: str) -> Iterator[Cell]:
    tables, dispatch = _draft(plan).frames()
    homes: list[tuple[Home, Frames]] = [(None, tables), *dispatch.items()]
    yield from (
        (plan, home, name, column, row)
        for home, frames in homes
        for name, frame in frames.items()
        for column in frame.columns
        for row in range(len(frame))
        if _is_bound(name, column, frame, row)
    )


NEVER_CALLED = ("slow",)
"""Services that are never called: which running step stands behind their offer moves no dollar."""


def _is_bound(name: str, column: str, frame: pd.DataFrame, row: int) -> bool:
    if (name, column) == ("offered_loads", "step") and frame["service"].iloc[row] in NEVER_CALLED:
        return False
    subject = frame["subject"].iloc[row] if "subject" in frame else ""
    return (name, column) not in FREE_TEXT and (name, column, subject) not in UNPROVEN


def _corrupted(cell: Cell, up: bool) -> tuple[Frames, dict[tuple[str, str], Frames]]:
    plan, home, name, column, row = cell
    tables, dispatch = _draft(plan).frames()
    frames = tables if home is None else dispatch[home]
    frame = frames[name]
    cells = frame[column].tolist()
    cells[row] = _other(({**TABLES, **HOURLY})[name].columns[column].kind, cells[row], up)
    frames[name] = frame.assign(**{column: pd.Series(cells, dtype=frame[column].dtype)})
    return tables, dispatch


def _other(kind: Kind, old: object, up: bool) -> object:
    """Another value of a cell: a thousandth more or less, at least two cents or two watts; one unit; other words."""
    match kind, old:
        case "number", float():
            return old + (1 if up else -1) * max(1e-3 * abs(old), 0.02)
        case "integer", int():
            return old + (1 if up else -1)
        case "flag", bool():
            return not old
        case "time", pd.Timestamp():
            return old + pd.Timedelta(hours=1 if up else -1)
        case _:
            return "" if old else "2027-01" if up else "site0"


def _is_found(cell: Cell, up: bool) -> bool:
    draft = _draft(cell[0])
    tables, dispatch = _corrupted(cell, up)
    return not verify_plan(draft.instance, tables, dispatch, draft.meta(draft.frames()[0])).passed


@examples(50)
@given(at=st.integers(min_value=0), up=st.booleans())
def test_a_changed_cell_is_found(at: int, up: bool) -> None:
    cells = _cells()
    assert _is_found(cells[at % len(cells)], up), cells[at % len(cells)]


@pytest.mark.slow
@pytest.mark.parametrize("up", [True, False])
def test_every_changed_cell_is_found(up: bool) -> None:
    assert [cell for cell in _cells() if not _is_found(cell, up)] == []


def test_cells_cover_every_column_of_every_table() -> None:
    named = {(name, column) for _, _, name, column, _ in _cells()}
    every = {(name, column) for name, table in {**TABLES, **HOURLY}.items() for column in table.columns}
    assert named | FREE_TEXT == every


@examples(40)
@given(at=st.integers(min_value=0))
def test_a_dropped_row_is_found(at: int) -> None:
    bound = (cell for cell in _cells() if cell[2] != "marginal_values")
    rows = sorted({(plan, home or ("", ""), name, row) for plan, home, name, _, row in bound})
    plan, home, name, row = rows[at % len(rows)]
    draft = _draft(plan)
    tables, dispatch = draft.frames()
    frames = dispatch.get(home, tables)
    frames[name] = frames[name].drop(index=row).reset_index(drop=True)
    assert not verify_plan(draft.instance, tables, dispatch, draft.meta(draft.frames()[0])).passed, (home, name, row)


def test_a_change_within_tolerance_is_no_violation() -> None:
    draft = _draft("works")
    tables, dispatch = draft.frames()
    hours = dispatch["site0", "2027-03"]["hours"]
    dispatch["site0", "2027-03"]["hours"] = hours.assign(grid_mw=hours["grid_mw"] + 5e-7)
    tables["power"] = tables["power"].assign(earnings_usd=tables["power"]["earnings_usd"] + 0.004)
    assert verify_plan(draft.instance, tables, dispatch).passed
    assert np.isfinite(hours["grid_mw"]).all()

"""Whatever stands in place of a table, the verifier reports and does not fall over."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

from allocator.plan.schema import HOURLY, TABLES
from allocator.verify import verify_plan
from tests.verify.draft import Frames
from tests.verify.plans import works

Damage = Callable[[pd.DataFrame], object]


def _scaled(frame: pd.DataFrame, by: float) -> pd.DataFrame:
    numbers = frame.select_dtypes("float64").columns
    return frame.assign(**{name: frame[name] * by for name in numbers})


def _renamed(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame.select_dtypes("str").columns
    return frame.assign(**{name: frame[name] + "'; drop\n\u202e=1" for name in texts})


DAMAGES: dict[str, Damage] = {
    "nothing": lambda _: None,
    "a number": lambda _: 7,
    "no columns": lambda _: pd.DataFrame(),
    "no rows": lambda frame: frame.iloc[:0],
    "objects": lambda frame: frame.astype(object).map(lambda _: {"a": 1}),
    "texts": lambda frame: frame.astype(str),
    "missing values": lambda frame: frame.reindex(range(len(frame) + 2)),
    "huge values": lambda frame: _scaled(frame, 1e300),
    "huge values of the other sign": lambda frame: _scaled(frame, -1e300),
    "complex values": lambda frame: frame.assign(**dict.fromkeys(frame.columns, 1j)),
    "other names": _renamed,
    "twice the rows": lambda frame: pd.concat([frame, frame]),
    "two levels of columns": lambda frame: pd.concat({"top": frame}, axis=1),
}

PRICES_ALONE = {"no rows", "huge values"}
"""A plan without prices is a plan, and prices in another currency agree among themselves."""


PARTS = 4
"""The damages of a table are done in so many parts, one of them every time: another one for the next table."""


def _parts(names: Iterable[str]) -> list[object]:
    """Each table with each part of the damages; all but one marked slow."""
    return [
        pytest.param(name, part, marks=[] if part == place % PARTS else pytest.mark.slow)
        for place, name in enumerate(names)
        for part in range(PARTS)
    ]


def _damaged(frame: pd.DataFrame, part: int) -> dict[str, object]:
    """Every damage of a part that changes the frame."""
    done = {damage: DAMAGES[damage](frame) for damage in list(DAMAGES)[part::PARTS]}
    return {damage: table for damage, table in done.items() if not frame.equals(table)}


def _passes(tables: Frames, dispatch: dict[tuple[str, str], Frames]) -> bool:
    draft = works()
    return verify_plan(draft.instance, tables, dispatch, draft.meta(draft.frames()[0])).passed


@pytest.mark.parametrize(("name", "part"), _parts(TABLES))
def test_a_damaged_table_is_a_violation(name: str, part: int) -> None:
    tables, dispatch = works().frames()
    damaged = _damaged(tables[name], part)
    passed = {damage for damage, table in damaged.items() if _passes({**tables, name: table}, dispatch)}
    assert passed == (PRICES_ALONE & set(damaged) if name == "marginal_values" else set())


@pytest.mark.parametrize(("name", "part"), _parts(HOURLY))
def test_a_damaged_hourly_table_is_a_violation(name: str, part: int) -> None:
    tables, dispatch = works().frames()
    pair = ("site0", "2027-05")
    damaged = _damaged(dispatch[pair][name], part)
    hours = {damage: {**dispatch, pair: {**dispatch[pair], name: table}} for damage, table in damaged.items()}
    assert {damage for damage, spoiled in hours.items() if _passes(tables, spoiled)} == set()


def test_reading_hours_may_fail() -> None:
    class Broken(dict):
        def __getitem__(self, pair: tuple[str, str]) -> Frames:
            raise OSError(f"disk of {pair[0]} is gone")

        def get(self, pair: tuple[str, str], default: object = None) -> Frames:
            return self[pair]

    draft = works()
    tables, dispatch = draft.frames()
    report = verify_plan(draft.instance, tables, Broken(dispatch))
    assert {v.place.get("site") for v in report.of("TABLE.malformed")} == {"site0", "site1"}
    assert "disk of site0 is gone" in report.of("TABLE.malformed")[0].message


def test_row_order_is_no_fact() -> None:
    """Tables are compared by key; that equal plans are equal files is the writer's business."""
    draft = works()
    tables, dispatch = draft.frames()
    rng = np.random.default_rng(1)
    shuffled = {name: frame.sample(frac=1.0, random_state=rng) for name, frame in tables.items()}
    hours = {
        pair: {name: frame.sample(frac=1.0, random_state=rng) for name, frame in frames.items()}
        for pair, frames in dispatch.items()
    }
    report = verify_plan(draft.instance, shuffled, hours, draft.meta(tables))
    assert report.passed, "\n".join(map(str, report.violations))

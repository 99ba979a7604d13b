"""Planted faults: one thing broken in a good plan, and what a verifier must say about it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
import pytest

from allocator.instance.types import Instance
from allocator.verify import Violation
from tests.verify.draft import Draft, Edit, Frames
from tests.verify.plans import works

Spoil = Callable[[Draft], None]


@dataclass(frozen=True)
class Mutation:
    """A fault and its finding.

    Attributes:
        rule: the rule that must report it. says: what is broken, in words.
        place: part of the place that one of its violations must name.
        amount: of that violation.
        also: rules that break with it because they speak of the same thing; all others must hold.
        count: violations of the rule.
        base: the good plan that is spoiled.
    """

    rule: str
    says: str
    spoil: Spoil
    place: Mapping[str, str] = field(default_factory=dict)
    amount: float = 1.0
    also: frozenset[str] = frozenset()
    count: int = 1
    base: Callable[[], Draft] = works

    def __str__(self) -> str:
        return f"{self.rule}-{self.says}".replace(" ", "_")

    def found_in(self, violations: list[Violation]) -> bool:
        """True where one of the violations is at the place, with the amount."""
        return any(self._is(violation) for violation in violations)

    def _is(self, violation: Violation) -> bool:
        amount = math.isnan(self.amount) and math.isnan(violation.amount)
        amount = amount or violation.amount == pytest.approx(self.amount, rel=1e-6)
        return amount and self.place.items() <= violation.place.items()


def edited(edit: Edit) -> Spoil:
    """Break the tables, not the decisions behind them."""
    return lambda draft: draft.edits.append(edit)


def cell(table: str, column: str, change: object, **key: object) -> Spoil:
    """Change one cell of a planning table: to a value, or by a function of the old one."""

    def edit(tables: Frames, _: object) -> None:
        tables[table] = changed(tables[table], column, change, key)

    return edited(edit)


def hour_cell(site: str, node: str, table: str, column: str, change: object, **key: object) -> Spoil:
    """Change one cell of an hourly table; of several rows that fit the key, the first."""

    def edit(_: object, dispatch: dict[tuple[str, str], Frames]) -> None:
        dispatch[site, node][table] = changed(dispatch[site, node][table], column, change, key)

    return edited(edit)


def changed(frame: pd.DataFrame, column: str, change: object, key: Mapping[str, object]) -> pd.DataFrame:
    """A copy of the frame with one cell changed: the first row that fits the key."""
    row = first(frame, key)
    old = frame[column].iloc[row]
    cells = frame[column].tolist()
    cells[row] = change(old) if callable(change) else change
    return frame.assign(**{column: pd.Series(cells, dtype=frame[column].dtype)})


def first(frame: pd.DataFrame, key: Mapping[str, object]) -> int:
    """Position of the first row that fits the key."""
    fits = np.ones(len(frame), dtype=bool)
    for name, value in key.items():
        fits &= (frame[name] == value).to_numpy()
    return int(np.flatnonzero(fits)[0])


def dropped(frame: pd.DataFrame, **key: object) -> pd.DataFrame:
    """A copy without the first row that fits the key."""
    return frame.drop(index=first(frame, key)).reset_index(drop=True)


def added(frame: pd.DataFrame, **row: object) -> pd.DataFrame:
    """A copy with one more row: the first row of the frame, but for what is stated."""
    return pd.concat([frame, frame.iloc[:1].assign(**row).astype(frame.dtypes.to_dict())], ignore_index=True)


def judged(part: str, **fields: object) -> Spoil:
    """Verify against another instance: a part of it with some fields replaced by functions of the old arrays."""

    def spoil(draft: Draft) -> None:
        draft.judged_by = replaced(draft.instance, part, fields)

    return spoil


def made(part: str, **fields: object) -> Spoil:
    """Make the tables, and verify them, with another instance; decisions and hours stay."""

    def spoil(draft: Draft) -> None:
        draft.touched = True
        draft.instance = replaced(draft.instance, part, fields)

    return spoil


def replaced(instance: Instance, part: str, fields: Mapping[str, object]) -> Instance:
    """The instance with some fields of a part replaced; a function is given a copy of the old array to change."""
    old = getattr(instance, part)
    new = {}
    for name, change in fields.items():
        value = getattr(old, name)
        if callable(change):
            value = value.copy() if isinstance(value, np.ndarray) else value
            value = value if (result := change(value)) is None else result
        else:
            value = change
        new[name] = value
    return replace(instance, **{part: replace(old, **new)})


def put(*at: int, to: float) -> Callable[[np.ndarray], None]:
    """Set one entry of an array."""

    def change(array: np.ndarray) -> None:
        array[at] = to

    return change


def then(*spoils: Spoil) -> Spoil:
    """One after the other."""

    def spoil(draft: Draft) -> None:
        for step in spoils:
            step(draft)

    return spoil


def again(draft: Draft) -> None:
    """Operate the decisions as they now stand."""
    draft.dispatch_again()


def decided(array: str, *at: object, to: float) -> Spoil:
    """Set entries of an array of the plan point."""

    def spoil(draft: Draft) -> None:
        draft.touched = True
        getattr(draft.point, array)[at] = to

    return spoil


def scheduled(site: int, node: int, array: str, *at: int, by: float) -> Spoil:
    """Change one entry of a schedule; the draw at the meter follows."""

    def spoil(draft: Draft) -> None:
        draft.touched = True
        old = draft.schedules[site, node]
        load, shed = old.load_mw.copy(), old.shed_mw.copy()
        {"load_mw": load, "shed_mw": shed}[array][at] += by
        grid = old.grid_mw.copy()
        instance = draft.instance
        bay = (_bay_of_tenancy if array == "shed_mw" else _bay_of)(instance, site, at[0])
        hour = instance.hours.own_steps(site, node).start + at[1]
        grid[at[1]] += (by if array == "load_mw" else -by) * (1.0 + instance.hours.overhead[site][bay, hour])
        draft.schedules[site, node] = replace(old, load_mw=load, shed_mw=shed, grid_mw=grid)

    return spoil


def _bay_of_tenancy(instance: Instance, site: int, tenancy: int) -> int:
    tenancies = instance.tenancies
    return int(tenancies.bay[tenancies.first(site) + tenancy] - np.argmax(instance.bays.site == site))


def _bay_of(instance: Instance, site: int, segment: int) -> int:
    own = np.flatnonzero(instance.segments.site == site)
    return int(instance.segments.bay[own[segment]] - np.argmax(instance.bays.site == site))

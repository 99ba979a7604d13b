"""Labelled modelling layer: variables and rows over index tables, compiled to one sparse `Problem`.

An index table is a DataFrame with one row a member and one column an axis ("site", "node", ...); it
may be ragged, and it is never changed after it is handed over. Expressions are lists of terms (row, column,
coefficient) plus a constant per row. Nothing is aligned or broadcast silently: axes are equal or an error is raised,
moving from one table to another is said with `sum_by`, `take`, `pick` or `lag`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.axes import (
    AxisMismatchError,
    Bools,
    Factor,
    Floats,
    Ints,
    check_range_index,
    check_same_index,
    describe,
    gather,
    labels,
    positions_of,
    repeated,
    vector,
)
from solvers.problem import Family, Problem, Sense

On = Sequence[str] | Mapping[str, str]

SCALAR = pd.DataFrame(index=pd.RangeIndex(1))
"""The index table of a single number: no axes, one row."""


class Expr:
    """Linear expression over an index table: for each row, sum of coefficient * column, plus a constant.

    Attributes:
        index: index table, R rows.
        row, column, coefficient: the terms, each (T,); several terms may share a row and a column.
        constant: (R,).
    """

    __slots__ = ("coefficient", "column", "constant", "index", "model", "row")
    __array_ufunc__ = None  # lets `array * expr` reach __rmul__ instead of looping over elements
    __pandas_priority__ = 5000  # the same for `series * expr`

    def __init__(
        self, index: pd.DataFrame, row: Ints, column: Ints, coefficient: Floats, constant: Floats, model: object = None
    ) -> None:
        self.index = index
        self.row = row
        self.column = column
        self.coefficient = coefficient
        self.constant = constant
        self.model = model

    @staticmethod
    def zero(index: pd.DataFrame) -> Expr:
        """The expression 0 over an index table."""
        return Expr.of(0.0, index)

    @staticmethod
    def of(value: Factor, index: pd.DataFrame) -> Expr:
        """A constant expression; `value` is a number or has shape (len(index),)."""
        check_range_index(index)
        none = np.empty(0, dtype=np.int64)
        return Expr(index, none, none, np.empty(0), vector(value, len(index), "constant"))

    def __len__(self) -> int:
        return len(self.index)

    @property
    def has_terms(self) -> Bools:
        """Rows that hold at least one term, (R,)."""
        return np.bincount(self.row, minlength=len(self)) > 0

    def __neg__(self) -> Expr:
        return self * -1.0

    def __mul__(self, factor: Factor) -> Expr:
        by_row = vector(factor, len(self), "factor")
        coefficient = self.coefficient * by_row[self.row]
        return Expr(self.index, self.row, self.column, coefficient, self.constant * by_row, self.model)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Factor) -> Expr:
        return self * (1.0 / vector(divisor, len(self), "divisor"))

    def __add__(self, other: Expr | Factor) -> Expr:
        return add([self, other if isinstance(other, Expr) else Expr.of(other, self.index)])

    __radd__ = __add__

    def __sub__(self, other: Expr | Factor) -> Expr:
        return self + (-other)

    def __rsub__(self, other: Factor) -> Expr:
        return -self + other

    def __le__(self, other: Expr | Factor) -> Relation:
        return Relation(self - other, -np.inf, 0.0)

    def __ge__(self, other: Expr | Factor) -> Relation:
        return Relation(self - other, 0.0, np.inf)

    def __eq__(self, other: Any) -> Any:
        return Relation(self - other, 0.0, 0.0)

    def total(self) -> Expr:
        """Sum of all rows, over the table without axes."""
        row = np.zeros(len(self.row), dtype=np.int64)
        return Expr(SCALAR, row, self.column, self.coefficient, np.array([self.constant.sum()]), self.model)

    def sum_by(
        self,
        index: pd.DataFrame,
        on: Sequence[str] | None = None,
        empty: Literal["raise", "zero"] = "raise",
        drop: Literal["none", "unmatched"] = "none",
    ) -> Expr:
        """Group sums: row r is the sum of the members whose axes `on` equal row r of `index`.

        `on` are all columns of `index` (the default). A row of `index` without members is an error
        unless empty="zero"; a member that matches no row is an error unless drop="unmatched".
        """
        on = list(index.columns) if on is None else list(on)
        if sorted(on) != sorted(index.columns):
            raise AxisMismatchError(f"sum_by on {on}, but the table has the axes {list(index.columns)}")
        target = positions_of(index, self.index, dict(zip(on, on, strict=True)))
        if drop == "none" and (target < 0).any():
            raise AxisMismatchError(f"{describe(self.index, target < 0)} matches no row of the table summed into")
        inside = target >= 0
        if empty == "raise" and (found := np.bincount(target[inside], minlength=len(index)) == 0).any():
            raise AxisMismatchError(f"no member to sum for {describe(index, found)}")
        row, constant = target[self.row], np.bincount(target[inside], self.constant[inside], len(index)).astype(float)
        if inside.all():
            return Expr(index, row, self.column, self.coefficient, constant, self.model)
        kept = row >= 0
        return Expr(index, row[kept], self.column[kept], self.coefficient[kept], constant, self.model)

    def take(self, frame: pd.DataFrame, on: On, absent: Literal["raise", "zero"] = "raise") -> Expr:
        """Look-up: row r is the member whose axes equal row r of `frame`.

        `on` lists shared columns, or maps a column of `frame` to an axis of this expression; the
        axes looked up must identify a member. With absent="zero" a missing member counts as 0.
        """
        pairs = dict(on) if isinstance(on, Mapping) else {axis: axis for axis in on}
        return self.pick(positions_of(self.index, frame, pairs), frame, absent)

    def pick(self, positions: Ints, index: pd.DataFrame, absent: Literal["raise", "zero"] = "raise") -> Expr:
        """Look-up by position: row r is the member positions[r]; -1 counts as 0 only with absent="zero"."""
        check_range_index(index)
        positions = np.asarray(positions, dtype=np.int64)
        if positions.shape != (len(index),) or (positions < -1).any() or (positions >= len(self)).any():
            raise AxisMismatchError(f"positions must be {len(index)} numbers from -1 to {len(self) - 1}")
        missing = positions < 0
        if absent == "raise" and missing.any():
            raise AxisMismatchError(f"no member found for {describe(index, missing)}")
        row, term = gather(self.row, len(self), positions)
        constant = np.append(self.constant, 0.0)[positions]
        return Expr(index, row, self.column[term], self.coefficient[term], constant, self.model)

    def keep(self, mask: Bools) -> Expr:
        """The rows where `mask` (R,) is true, over a table of those rows only."""
        chosen = np.flatnonzero(mask)
        return self.pick(chosen, self.index.iloc[chosen].reset_index(drop=True))


@dataclass(frozen=True)
class Relation:
    """lower <= expr <= upper, row by row; made by comparing an expression."""

    expr: Expr
    lower: float
    upper: float

    def __bool__(self) -> bool:
        raise TypeError("a relation has no truth value: write a <= e <= b as m.rows(name, e, lower=a, upper=b)")


def add(parts: Sequence[Expr]) -> Expr:
    """Sum of expressions that stand over equal index tables."""
    first = parts[0]
    for part in parts[1:]:
        check_same_index(first.index, part.index)
    models = {id(p.model): p.model for p in parts if p.model is not None}
    if len(models) > 1:
        raise AxisMismatchError("expressions of different models cannot be added")
    return Expr(
        first.index,
        np.concatenate([p.row for p in parts]),
        np.concatenate([p.column for p in parts]),
        np.concatenate([p.coefficient for p in parts]),
        np.sum([p.constant for p in parts], axis=0),
        next(iter(models.values()), None),
    )


def lag(
    expr: Expr,
    axis: str,
    parent: Ints,
    initial: Factor | None = None,
    absent: Literal["raise", "zero"] = "raise",
) -> Expr:
    """The value at the parent along `axis`, over the same table.

    `parent[k]` is the parent of label k of the axis (labels are positions), -1 at a root. Root rows
    get `initial`, a number or (R,) of which only root rows count; without it a root row is an error.
    """
    of_row = np.asarray(parent, dtype=np.int64)[expr.index[axis].to_numpy()]
    root = of_row < 0
    if initial is None and root.any():
        raise AxisMismatchError(f"{describe(expr.index, root)} is a root and no initial value is given")
    before = expr.index.assign(**{axis: of_row})
    positions = positions_of(expr.index, before, {name: name for name in expr.index.columns})
    if absent == "raise" and (lost := (positions < 0) & ~root).any():
        raise AxisMismatchError(f"{describe(expr.index, lost)} has no member at its parent")
    opening = vector(0.0 if initial is None else initial, len(expr), "initial")
    return expr.pick(positions, expr.index, absent="zero") + np.where(root, opening, 0.0)


@dataclass(frozen=True)
class Variables:
    """A family of columns; `expr` is the family itself as an expression."""

    family: Family
    expr: Expr

    @property
    def name(self) -> str:
        return self.family.name

    @property
    def index(self) -> pd.DataFrame:
        return self.family.index


class Ledger:
    """A named meeting point: many families add expressions over one table, one owner closes it."""

    def __init__(self, index: pd.DataFrame) -> None:
        self.index = index
        self._parts = [Expr.zero(index)]

    def add(self, expr: Expr) -> None:
        """Add an expression over the ledger's own table."""
        check_same_index(self.index, expr.index)
        self._parts.append(expr)

    @property
    def total(self) -> Expr:
        return add(self._parts)


class Model:
    """Collects variables, rows and an objective; `build` makes the frozen Problem."""

    def __init__(self, name: str, sense: Sense) -> None:
        self.name = name
        self.sense: Sense = sense
        self._columns: dict[str, Family] = {}
        self._rows: dict[str, Family] = {}
        self._bounds: list[tuple[Floats, Floats, Bools]] = []
        self._sides: list[tuple[Expr, Floats, Floats]] = []
        self._objective: list[Expr] = []

    def variables(
        self,
        name: str,
        index: pd.DataFrame,
        lower: Factor = 0.0,
        upper: Factor = np.inf,
        integer: bool | Bools = False,
    ) -> Variables:
        """Add one column a row of `index`; bounds are numbers or have shape (len(index),)."""
        family = _new_family(self._columns, name, index)
        size = len(index)
        low, high = vector(lower, size, f"{name} lower", True), vector(upper, size, f"{name} upper", True)
        self._bounds.append((low, high, np.broadcast_to(np.asarray(integer, dtype=bool), (size,))))
        here = np.arange(size, dtype=np.int64)
        return Variables(family, Expr(index, here, here + family.start, np.ones(size), np.zeros(size), self))

    def rows(self, name: str, body: Expr | Relation, lower: Factor = -np.inf, upper: Factor = np.inf) -> Family:
        """Add the rows lower <= body <= upper, or a relation; constants in the body move to the sides."""
        if isinstance(body, Relation):
            expr, lower, upper = body.expr, body.lower, body.upper
        else:
            expr = body
        size = len(expr)
        low, high = vector(lower, size, f"{name} lower", True), vector(upper, size, f"{name} upper", True)
        if size and not (np.isfinite(low) | np.isfinite(high)).any():
            raise ValueError(f"rows {name} have no finite side")
        self._check_owner(expr)
        family = _new_family(self._rows, name, expr.index)
        self._sides.append((expr, low - expr.constant, high - expr.constant))
        return family

    def objective(self, expr: Expr) -> None:
        """Add the total of an expression to the objective."""
        self._check_owner(expr)
        self._objective.append(expr.total())

    def extent(self, expr: Expr) -> tuple[Floats, Floats]:
        """Least and most that each row of an expression can be within the bounds of its columns, (R,) each."""
        low, high = (np.concatenate([np.empty(0), *(b[k] for b in self._bounds)])[expr.column] for k in (0, 1))
        up, coefficient = expr.coefficient > 0, expr.coefficient
        sides = (np.where(up, low, high), np.where(up, high, low))
        found = (np.bincount(expr.row, coefficient * side, minlength=len(expr)) for side in sides)
        least, most = (expr.constant + side for side in found)
        return least, most

    def build(self) -> Problem:
        """The frozen problem: one sparse matrix, duplicate terms summed."""
        columns = _stop(self._columns)
        cost, offset = self._cost(columns)
        return Problem(
            sense=self.sense,
            cost=cost,
            offset=offset,
            matrix=self._matrix(columns),
            row_lower=_join([low for _, low, _ in self._sides]),
            row_upper=_join([high for _, _, high in self._sides]),
            lower=_join([low for low, _, _ in self._bounds]),
            upper=_join([high for _, high, _ in self._bounds]),
            integer=_join([flags for _, _, flags in self._bounds]).astype(bool),
            rows=self._rows,
            columns=self._columns,
            name=self.name,
        )

    def _check_owner(self, expr: Expr) -> None:
        if expr.model is not None and expr.model is not self:
            raise AxisMismatchError("the expression belongs to another model")

    def _cost(self, columns: int) -> tuple[Floats, float]:
        if not self._objective:
            return np.zeros(columns), 0.0
        total = add(self._objective)
        cost = np.bincount(total.column, total.coefficient, minlength=columns).astype(float)
        return cost, float(total.constant[0])

    def _matrix(self, columns: int) -> sp.csc_matrix:
        starts = [family.start for family in self._rows.values()]
        parts = [expr for expr, _, _ in self._sides]
        row = _join([e.row + start for e, start in zip(parts, starts, strict=True)]).astype(np.int32)
        column = _join([e.column for e in parts]).astype(np.int32)
        shape = (_stop(self._rows), columns)
        matrix = sp.coo_matrix((_join([e.coefficient for e in parts]), (row, column)), shape=shape).tocsc()
        matrix.eliminate_zeros()
        return matrix


def _stop(families: Mapping[str, Family]) -> int:
    return max((family.stop for family in families.values()), default=0)


def _join(parts: Iterable[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate([np.empty(0), *parts])


def _new_family(families: dict[str, Family], name: str, index: pd.DataFrame) -> Family:
    if name in families:
        raise ValueError(f"the name {name} is used twice")
    check_range_index(index)
    if any(pd.isna(of_axis).any() for of_axis in labels(index).values() if of_axis.dtype.kind != "i"):
        raise ValueError(f"the index of {name} holds a missing label")
    if len(index.columns) and (again := repeated(index)).any():
        raise ValueError(f"the index of {name} repeats {describe(index, again)}")
    families[name] = Family(name, _stop(families), index)
    return families[name]

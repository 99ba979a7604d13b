"""Names for positions: the family of a row or column and its axes, as plain Python values."""

from __future__ import annotations

from typing import Any

from solvers.problem import Family, Problem

Index = dict[str, Any]


def index_of(family: Family, position: int) -> Index:
    """Axes of the member at a position of the whole problem."""
    member = family.index.iloc[position - family.start : position - family.start + 1]
    return {str(axis): member[axis].tolist()[0] for axis in member.columns}


def row_name(problem: Problem, row: int) -> tuple[str, Index]:
    """Family and axes of a row."""
    family = problem.row_family(row)
    return family.name, index_of(family, row)


def column_name(problem: Problem, column: int) -> tuple[str, Index]:
    """Family and axes of a column."""
    family = problem.column_family(column)
    return family.name, index_of(family, column)

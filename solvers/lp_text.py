"""A problem, or some of its row families, as text in the LP file format: for reading, comparing and other solvers.

Names are the family's and, in parentheses, the labels of the member: `fitted(0,2)`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from solvers.problem import Family, Problem

_WIDTH = 110
"""Lines are broken after this many characters, since some readers refuse long ones."""


def lp_text(problem: Problem, rows: Collection[str] | None = None, objective: bool = True) -> str:
    """The problem as LP text, ending in a line break.

    `rows` names the row families to write (None: all, and then every column is declared); of the columns only those
    in use are declared. Without `objective` the objective is left empty. A row with two different finite sides is
    written twice, its upper side as "NAME_upper". Raises KeyError for an unknown family.
    """
    names = _names(problem.columns.values(), problem.shape[1])
    families = list(problem.rows.values()) if rows is None else [problem.rows[name] for name in rows]
    cost = problem.cost if objective else np.zeros(problem.shape[1])
    matrix = problem.matrix.tocsr()
    chosen = np.concatenate([np.empty(0, np.int64), *(np.arange(f.start, f.stop) for f in families)])
    used = (cost != 0.0) | (np.diff(matrix[chosen].tocsc().indptr) > 0) | (rows is None)
    lines = [f"\\ {problem.name}", "Maximize" if problem.sense == "max" else "Minimize"]
    lines += _wrapped("obj:", [*_terms(np.flatnonzero(cost), cost[cost != 0.0], names), *_offset(problem, objective)])
    lines.append("Subject To")
    for family in families:
        lines += _rows(problem, family, matrix, names)
    lines += ["Bounds", *_bounds(problem, np.flatnonzero(used), names)]
    whole = np.flatnonzero(used & problem.integer)
    lines += ["General", *(f" {names[c]}" for c in whole)] if len(whole) else []
    return "\n".join([*lines, "End", ""])


def _names(families: Collection[Family], size: int) -> list[str]:
    names = [f"x{position}" for position in range(size)]
    for family in families:
        names[family.slice] = _labels(family)
    return names


def _labels(family: Family) -> list[str]:
    if not len(family.index.columns):
        return [family.name] * len(family.index)
    return [f"{family.name}({','.join(map(_word, row))})" for row in family.index.itertuples(index=False)]


def _word(label: object) -> str:
    """A label without the characters that mean something in the format."""
    return "".join(ch if ch.isalnum() or ch in "_.#" else "_" for ch in str(label))


def _rows(problem: Problem, family: Family, matrix: sp.csr_matrix, names: list[str]) -> Iterator[str]:
    for label, row in zip(_labels(family), range(family.start, family.stop), strict=True):
        inside = slice(matrix.indptr[row], matrix.indptr[row + 1])
        columns, order = matrix.indices[inside], np.argsort(matrix.indices[inside])
        terms = _terms(columns[order], matrix.data[inside][order], names) or [f"+ 0 {names[0]}"]
        low, high = problem.row_lower[row], problem.row_upper[row]
        if low == high:
            yield from _wrapped(f"{label}:", [*terms, f"= {_number(low)}"])
            continue
        if np.isfinite(low):
            yield from _wrapped(f"{label}:", [*terms, f">= {_number(low)}"])
        if np.isfinite(high):
            name = f"{label}_upper:" if np.isfinite(low) else f"{label}:"
            yield from _wrapped(name, [*terms, f"<= {_number(high)}"])


def _terms(columns: NDArray[np.signedinteger], coefficients: NDArray[np.float64], names: list[str]) -> list[str]:
    return [
        f"{'-' if value < 0 else '+'} {'' if abs(value) == 1 else _number(abs(value)) + ' '}{names[column]}"
        for column, value in zip(columns, coefficients, strict=True)
    ]


def _offset(problem: Problem, objective: bool) -> list[str]:
    if not objective or problem.offset == 0.0:
        return []
    return [f"{'-' if problem.offset < 0 else '+'} {_number(abs(problem.offset))}"]


def _bounds(problem: Problem, columns: NDArray[np.int64], names: list[str]) -> Iterator[str]:
    for column in columns:
        low, high, name = problem.lower[column], problem.upper[column], names[column]
        if low == high:
            yield f" {name} = {_number(low)}"
        elif np.isneginf(low) and np.isposinf(high):
            yield f" {name} free"
        elif low != 0.0 or np.isfinite(high):
            yield f" {_number(low)} <= {name} <= {_number(high)}" if np.isfinite(high) else f" {name} >= {_number(low)}"


def _wrapped(head: str, words: list[str]) -> list[str]:
    lines, line = [], f" {head}"
    for word in words:
        if len(line) + len(word) > _WIDTH:
            lines.append(line)
            line = "  "
        line += f" {word}"
    return [*lines, line]


def _number(value: float) -> str:
    if np.isinf(value):
        return "inf" if value > 0 else "-inf"
    return f"{value:.12g}"

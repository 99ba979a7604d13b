"""What crosses the border to a worker process and back; needs numpy alone, so that workers start fast.

A job is a folder: `program.npz` and `request.json` go in, `answer.json` and `outcome.npz` come out.
Every file is written under a temporary name and then renamed, so a half-written answer is never read.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, Protocol
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

INFINITE = 1e20
"""Bounds at or beyond this size are infinite to every engine behind a worker."""


@dataclass(frozen=True)
class Program:
    """A problem by rows: min or max cost @ x + offset, row_lower <= A x <= row_upper, lower <= x <= upper.

    Row i of A holds `data[indptr[i]:indptr[i+1]]` in columns `indices[...]`, sorted, no duplicates, no
    zeros. `hint` is a starting point of shape (columns,), or empty.
    """

    maximize: bool
    offset: float
    cost: NDArray[np.float64]
    indptr: NDArray[np.int64]
    indices: NDArray[np.int64]
    data: NDArray[np.float64]
    row_lower: NDArray[np.float64]
    row_upper: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    integer: NDArray[np.bool_]
    hint: NDArray[np.float64]

    @property
    def row_of_entry(self) -> NDArray[np.int64]:
        """Row number of every entry of `data`."""
        return np.repeat(np.arange(len(self.row_lower)), np.diff(self.indptr))

    @property
    def best_unknown(self) -> float:
        """The bound that says nothing: +inf when maximising, -inf when minimising."""
        return np.inf if self.maximize else -np.inf


@dataclass(frozen=True)
class Request:
    """Which engine, with which of its own parameters (already translated from SolveOptions).

    `task` "describe" asks for the engine's version instead of a solve.
    """

    engine: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    log: bool = False
    task: Literal["solve", "describe"] = "solve"


@dataclass(frozen=True)
class Outcome:
    """What an engine found. `reason` and `limit` are values of the enums in solvers.result.

    `dual_bound` is in the problem's own sense; `x` is (columns,); `row_duals` is (rows,) and
    `column_duals` (columns,), with the signs of solvers.result.Duals.
    """

    reason: str
    limit: str | None
    dual_bound: float
    x: NDArray[np.float64] | None = None
    row_duals: NDArray[np.float64] | None = None
    column_duals: NDArray[np.float64] | None = None
    statistics: Mapping[str, float] = field(default_factory=dict)


class Report(Protocol):
    """How a worker tells its parent where it stands."""

    def solving(self) -> None:
        """The engine has the problem; its time limit starts now."""

    def progress(self, incumbent: float | None, bound: float) -> None:
        """A new incumbent or bound, in the problem's own sense."""


class RefusalError(Exception):
    """A worker declines a job. `kind`: "option", "problem" (outside what the engine takes) or "engine" (it failed)."""

    def __init__(self, kind: Literal["option", "problem", "engine"], message: str) -> None:
        super().__init__(message)
        self.kind = kind


class BrokenAnswerError(Exception):
    """The files a worker left behind are not an answer."""


def write_job(folder: Path, request: Request, program: Program | None) -> None:
    """Write what the worker reads. Raises OSError when the disk is full."""
    if program is not None:
        _write_arrays(folder / "program.npz", {f.name: getattr(program, f.name) for f in fields(Program)})
    text = {"engine": request.engine, "parameters": dict(request.parameters), "log": request.log, "task": request.task}
    _write_json(folder / "request.json", text)


def read_request(folder: Path) -> Request:
    """The request of a job folder."""
    return Request(**json.loads((folder / "request.json").read_text()))


def read_program(folder: Path) -> Program:
    """The program of a job folder."""
    with np.load(folder / "program.npz", allow_pickle=False) as arrays:
        plain = {name: arrays[name] for name in arrays.files}
    return Program(**{**plain, "maximize": bool(plain["maximize"]), "offset": float(plain["offset"])})


def write_outcome(folder: Path, outcome: Outcome) -> None:
    """Write a solve's answer: arrays first, the note that says "solved" last."""
    arrays = {name: getattr(outcome, name) for name in ("x", "row_duals", "column_duals")}
    present = {name: values for name, values in arrays.items() if values is not None}
    _write_arrays(folder / "outcome.npz", {**present, "dual_bound": np.float64(outcome.dual_bound)})
    write_answer(
        folder,
        {
            "kind": "solved",
            "reason": outcome.reason,
            "limit": outcome.limit,
            "statistics": {name: float(value) for name, value in outcome.statistics.items()},
        },
    )


def write_answer(folder: Path, answer: Mapping[str, Any]) -> None:
    """Write the note that ends a job; `answer["kind"]` is solved, described or refused."""
    _write_json(folder / "answer.json", answer)


def read_answer(folder: Path) -> dict[str, Any]:
    """The note that ends a job; raises BrokenAnswerError when it is missing or unreadable."""
    try:
        answer = json.loads((folder / "answer.json").read_bytes())
    except (OSError, ValueError) as fault:
        raise BrokenAnswerError(f"no readable answer ({type(fault).__name__})") from fault
    if not isinstance(answer, dict) or "kind" not in answer:
        raise BrokenAnswerError("the answer is not a note with a kind")
    return answer


def read_outcome(folder: Path, answer: Mapping[str, Any], rows: int, columns: int) -> Outcome:
    """The outcome of a solved job, shapes and finiteness checked; raises BrokenAnswerError."""
    try:
        with np.load(folder / "outcome.npz", allow_pickle=False) as arrays:
            found = {name: np.asarray(arrays[name], dtype=np.float64) for name in arrays.files}
        dual_bound = float(found.pop("dual_bound"))
        outcome = Outcome(
            reason=str(answer["reason"]),
            limit=answer["limit"],
            dual_bound=dual_bound,
            statistics=dict(answer["statistics"]),
            **found,
        )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile) as fault:
        raise BrokenAnswerError(f"unreadable outcome ({fault})") from fault
    _check_arrays(outcome, rows, columns)
    return outcome


def _check_arrays(outcome: Outcome, rows: int, columns: int) -> None:
    if np.isnan(outcome.dual_bound):
        raise BrokenAnswerError("the bound is not a number")
    for name, size in (("x", columns), ("row_duals", rows), ("column_duals", columns)):
        values = getattr(outcome, name)
        if values is not None and (values.shape != (size,) or not np.isfinite(values).all()):
            raise BrokenAnswerError(f"{name} has shape {values.shape} or holds a value that is not finite")


def _write_arrays(path: Path, arrays: Mapping[str, Any]) -> None:
    temporary = path.with_suffix(".part")
    with temporary.open("wb") as file:
        np.savez(file, **arrays)
    os.replace(temporary, path)


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(content))
    os.replace(temporary, path)

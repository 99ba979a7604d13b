"""What every backend offers: a name, capabilities, supported options, and one solve call.

A backend module exposes `BACKENDS: dict[str, Backend]`; `solvers.registry` imports it only when one
of its names is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from solvers.options import SolveOptions, UnsupportedOptionError
from solvers.problem import Problem
from solvers.result import Result


class Capability(Enum):
    """What a backend can do; ask `capability in backend.capabilities` instead of testing names."""

    LP = "lp"
    MIP = "mip"
    DUALS = "duals"
    """Returns duals for linear programs."""
    CONFLICT = "conflict"
    """Returns an irreducible conflict set for infeasible linear programs."""
    WARM = "warm"
    """Offers a session that keeps its basis between solves."""
    HINT = "hint"
    """Uses a starting point; where absent a hint is ignored, since it never changes the answer."""
    PROGRESS = "progress"
    """Calls `on_progress` while solving."""
    INTEGER_ONLY = "integer_only"
    """Accepts only problems whose columns are all integer with finite bounds."""


@dataclass(frozen=True)
class Progress:
    """State of a running solve, in the problem's own sense.

    Attributes:
        seconds: wall-clock seconds since the solve started.
        incumbent: best objective so far; None without a point.
        bound: what no point can beat; +-inf when unknown.
        gap: relative gap as in `result.relative_gap`; inf without a point or a bound.
    """

    seconds: float
    incumbent: float | None
    bound: float
    gap: float


OnProgress = Callable[[Progress], None]
Hint = NDArray[np.float64]


class Backend(Protocol):
    """A way to solve a `Problem`."""

    @property
    def name(self) -> str:
        """Name in the registry."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this backend can do."""

    @property
    def supported_options(self) -> frozenset[str]:
        """Fields of SolveOptions that it honours."""

    def version(self) -> str:
        """Version of the engine, "" when it is not available."""

    def is_available(self) -> bool:
        """Whether the engine is installed; never raises."""

    def solve(
        self,
        problem: Problem,
        options: SolveOptions,
        hint: Hint | None = None,
        on_progress: OnProgress | None = None,
    ) -> Result:
        """Solve the problem.

        `hint` is a point of shape (columns,). Raises UnsupportedOptionError for an option outside
        `supported_options`, SolverError when the engine fails. Ctrl-C ends the solve with
        Limit.INTERRUPT and the best point so far where the engine can give one; a second Ctrl-C,
        or an engine that cannot, raises KeyboardInterrupt.
        """


def check_options(backend: Backend, options: SolveOptions) -> None:
    """Raise UnsupportedOptionError when an asked option is outside the backend's table."""
    refused = sorted(options.asked() - backend.supported_options)
    if refused:
        raise UnsupportedOptionError(
            f"backend {backend.name} cannot honour option {', '.join(refused)}; "
            f"it supports {', '.join(sorted(backend.supported_options))}"
        )


@dataclass(frozen=True)
class ConflictSet:
    """Row sides and column bounds that cannot hold together.

    Attributes:
        rows, columns: positions, ascending.
        row_sides, column_sides: "lower", "upper" or "both", one for each position.
        is_minimal: whether dropping any member restores feasibility.
    """

    rows: NDArray[np.int64]
    row_sides: tuple[str, ...]
    columns: NDArray[np.int64]
    column_sides: tuple[str, ...]
    is_minimal: bool

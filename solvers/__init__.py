"""Domain-free modelling and solving of linear and mixed-integer programs.

Importing this package loads nothing else: names are loaded when first used, so that worker processes,
which import it too, start fast and load one engine only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from solvers.backends.base import Backend, Capability, Progress
    from solvers.model import Expr, Ledger, Model, lag
    from solvers.options import SolveOptions, UnsupportedOptionError
    from solvers.problem import Family, Problem
    from solvers.registry import UnknownBackendError, available_backends, get_backend, solve
    from solvers.result import Duals, Limit, Reason, Result, SolverError, relative_gap, values

__all__ = [
    "Backend",
    "Capability",
    "Duals",
    "Expr",
    "Family",
    "Ledger",
    "Limit",
    "Model",
    "Problem",
    "Progress",
    "Reason",
    "Result",
    "SolveOptions",
    "SolverError",
    "UnknownBackendError",
    "UnsupportedOptionError",
    "available_backends",
    "get_backend",
    "lag",
    "relative_gap",
    "solve",
    "values",
]

_HOMES = {
    "solvers.backends.base": ("Backend", "Capability", "Progress"),
    "solvers.model": ("Expr", "Ledger", "Model", "lag"),
    "solvers.options": ("SolveOptions", "UnsupportedOptionError"),
    "solvers.problem": ("Family", "Problem"),
    "solvers.registry": ("UnknownBackendError", "available_backends", "get_backend", "solve"),
    "solvers.result": ("Duals", "Limit", "Reason", "Result", "SolverError", "relative_gap", "values"),
}


def __getattr__(name: str) -> object:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module 'solvers' has no attribute {name!r}")

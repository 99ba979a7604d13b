"""Domain-free modelling and solving of linear and mixed-integer programs.

Importing this package loads no solver: engines are loaded when they are asked for.
"""

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

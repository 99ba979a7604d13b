"""Backends by name, and the one call that solves a problem with any of them.

Backend modules are imported only when one of their names is asked for.
"""

from __future__ import annotations

from importlib import import_module

from solvers.backends.base import Backend, Hint, OnProgress
from solvers.options import SolveOptions
from solvers.problem import Problem
from solvers.result import Result

_MODULES = {
    "highs": "solvers.backends.highs",
    "scip": "solvers.backends.ortools_backend",
    "cp_sat": "solvers.backends.ortools_backend",
    "glop": "solvers.backends.ortools_backend",
    "pdlp": "solvers.backends.ortools_backend",
    "cbc": "solvers.backends.pulp_backend",
}
PULP_PREFIX = "pulp:"
"""pulp:<NAME> reaches any solver PuLP knows, such as pulp:GUROBI."""


class UnknownBackendError(LookupError):
    """A backend name that is not in the registry."""


def backend_names() -> tuple[str, ...]:
    """Every name of the registry, installed or not."""
    return tuple(_MODULES)


def get_backend(name: str) -> Backend:
    """The backend of that name; raises UnknownBackendError naming the known ones."""
    if name.startswith(PULP_PREFIX):
        licensed: Backend = import_module(_MODULES["cbc"]).named(name)
        return licensed
    if name not in _MODULES:
        raise UnknownBackendError(f"no backend {name}: choose one of {', '.join(_MODULES)}, or {PULP_PREFIX}<NAME>")
    backend: Backend = import_module(_MODULES[name]).BACKENDS[name]
    return backend


def available_backends() -> dict[str, Backend]:
    """Backends whose engine is installed, by name; the licensed ones behind PuLP are not looked for."""
    backends = {name: get_backend(name) for name in _MODULES}
    return {name: backend for name, backend in backends.items() if backend.is_available()}


def solve(
    problem: Problem,
    backend: str = "highs",
    options: SolveOptions | None = None,
    hint: Hint | None = None,
    on_progress: OnProgress | None = None,
) -> Result:
    """Solve a problem; see `Backend.solve` for hints, progress, interrupts and errors."""
    return get_backend(backend).solve(problem, options or SolveOptions(), hint, on_progress)

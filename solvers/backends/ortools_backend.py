"""SCIP, GLOP, PDLP and CP-SAT through OR-Tools, in worker processes.

OR-Tools is never imported here: it cannot share a process with highspy. SCIP, GLOP and PDLP are reached
through MathOpt, because it tells an unbounded program from an infeasible one and returns both bounds;
the plainer ModelBuilderHelper reports INFEASIBLE for an unbounded linear program and a bound of 0 for
every solved one.
"""

from __future__ import annotations

from solvers.backends.base import Backend, Capability
from solvers.backends.external import WorkerBackend
from solvers.backends.translation import CP_SAT, GLOP, PDLP, SCIP, Table

_MATH_OPT = "solvers.backends.ortools_worker"
_CP_SAT = "solvers.backends.cp_sat_worker"


def _backend(name: str, module: str, table: Table, *capabilities: Capability) -> Backend:
    return WorkerBackend(name, name, module, table, frozenset(capabilities))


BACKENDS: dict[str, Backend] = {
    "scip": _backend("scip", _MATH_OPT, SCIP, Capability.LP, Capability.MIP, Capability.HINT),
    "glop": _backend("glop", _MATH_OPT, GLOP, Capability.LP, Capability.DUALS),
    "pdlp": _backend("pdlp", _MATH_OPT, PDLP, Capability.LP, Capability.DUALS),
    "cp_sat": _backend(
        "cp_sat", _CP_SAT, CP_SAT, Capability.MIP, Capability.INTEGER_ONLY, Capability.HINT, Capability.PROGRESS
    ),
}

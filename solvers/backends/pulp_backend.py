"""CBC, and any licensed solver that PuLP reaches, in worker processes. PuLP is never imported here."""

from __future__ import annotations

from solvers.backends.base import Backend, Capability
from solvers.backends.external import WorkerBackend
from solvers.backends.translation import ANY_PULP, CBC

PREFIX = "pulp:"
_MODULE = "solvers.backends.pulp_worker"

BACKENDS: dict[str, Backend] = {
    "cbc": WorkerBackend(
        name="cbc",
        engine="cbc",
        module=_MODULE,
        table=CBC,
        capabilities=frozenset({Capability.LP, Capability.MIP, Capability.DUALS, Capability.HINT}),
    ),
}


def named(name: str) -> Backend:
    """The backend "pulp:NAME" for a NAME in PuLP's own list of solvers, for example "pulp:GUROBI".

    Whether PuLP knows and reaches the solver is found out when it is asked to solve. A solver that hands
    no bound over is never called optimal.
    """
    return WorkerBackend(name, name.removeprefix(PREFIX), _MODULE, ANY_PULP, frozenset({Capability.LP, Capability.MIP}))

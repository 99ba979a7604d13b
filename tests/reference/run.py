"""Solves the reference problem of an instance with CBC, in a process of its own: PuLP and highspy do not mix."""

from __future__ import annotations

import pulp

from allocator.instance.types import Instance
from tests.reference.scalar_pulp import write

RELATIVE_GAP = 1e-9


def solved(instance: Instance) -> dict[str, object]:
    """Of one instance: status, objective in MUSD (None without a point), and the members of every row family."""
    draft = write(instance)
    status = draft.problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=RELATIVE_GAP, threads=1))
    found = status == pulp.LpStatusOptimal
    return {
        "status": pulp.LpStatus[status].lower(),
        "objective_musd": pulp.value(draft.problem.objective) if found else None,
        "rows": draft.rows,
    }

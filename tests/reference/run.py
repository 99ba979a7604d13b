"""Solves the reference problem of instances with CBC, in a process of its own: PuLP and highspy do not mix.

python -m tests.reference.run INSTANCES.pickle    writes a JSON list to standard output, one object an instance:
status, objective in MUSD (null without a point), and the members of every row family.
"""

from __future__ import annotations

import json
import pickle
import sys
from pathlib import Path

import pulp

from allocator.instance.types import Instance
from tests.reference.scalar_pulp import write

RELATIVE_GAP = 1e-9


def solved(instance: Instance) -> dict[str, object]:
    """Outcome of one instance, ready for JSON."""
    draft = write(instance)
    status = draft.problem.solve(pulp.PULP_CBC_CMD(msg=False, gapRel=RELATIVE_GAP, threads=1))
    found = status == pulp.LpStatusOptimal
    return {
        "status": pulp.LpStatus[status].lower(),
        "objective_musd": pulp.value(draft.problem.objective) if found else None,
        "rows": draft.rows,
    }


if __name__ == "__main__":
    instances = pickle.loads(Path(sys.argv[1]).read_bytes())
    json.dump([solved(instance) for instance in instances], sys.stdout)

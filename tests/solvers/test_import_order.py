"""HiGHS, OR-Tools and PuLP solve in every order from one parent, which itself never loads the latter two."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

SOLVE_ALL = """
import sys
{before}
from solvers import SolveOptions, solve
from solvers.conformance.runner import CASES

case = next(c for c in CASES if c.name == "general_integers")
for backend in {order}:
    result = solve(case.problem, backend, SolveOptions(time_limit_s=60))
    assert abs(result.primal_bound - 20.0) < 1e-6, (backend, result)
    assert result.reason.value == "optimal", (backend, result)
loaded = {{"ortools", "pulp"}} & set(sys.modules)
assert not loaded, loaded
print("solved")
"""


def run_python(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("order", list(itertools.permutations(["highs", "scip", "cbc"])), ids="-".join)
def test_every_order_of_engines_gives_the_same_optimum(order: tuple[str, ...]) -> None:
    assert "solved" in run_python(SOLVE_ALL.format(before="", order=list(order)))


def test_workers_start_when_main_has_imported_highspy() -> None:
    code = SOLVE_ALL.format(before="import highspy", order=["cp_sat", "cbc", "highs", "scip"])
    assert "solved" in run_python(code)


@pytest.mark.parametrize(
    ("code", "absent"),
    [
        (
            "import solvers.worker, solvers.backends.ortools_worker, solvers.backends.cp_sat_worker",
            "highspy pulp pandas",
        ),
        ("from solvers.backends import pulp_worker; pulp_worker._pulp('cbc')", "ortools pandas"),
        ("import solvers", "highspy ortools pulp pandas numpy"),
        (
            "from solvers import solve; from solvers.backends import ortools_backend, pulp_backend",
            "highspy ortools pulp",
        ),
    ],
)
def test_a_process_loads_only_the_engine_it_is_for(code: str, absent: str) -> None:
    loaded = run_python(f"{code}\nimport sys\nprint([m for m in {absent.split()} if sys.modules.get(m)])")
    assert loaded.strip() == "[]"

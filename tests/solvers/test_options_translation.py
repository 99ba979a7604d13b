"""Every option reaches every engine under the engine's own name, or is refused; none is dropped silently."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from solvers import SolveOptions, UnsupportedOptionError, get_backend
from solvers.backends.external import WorkerBackend
from solvers.backends.translation import ANY_PULP, CBC, CP_SAT, GLOP, PDLP, SCIP, Table, translate
from solvers.conformance.case import Case
from solvers.conformance.runner import CASES
from solvers.worker_client import UnsupportedProblemError

BACKENDS = ("scip", "glop", "pdlp", "cp_sat", "cbc", "pulp:HiGHS")
VALUES: dict[str, Any] = {
    "time_limit_s": 30.0,
    "relative_gap": 1e-6,
    "threads": 1,
    "seed": 7,
    "presolve": False,
    "work_limit": 1000,
    "algorithm": "choose",
    "feasibility_tolerance": 1e-7,
    "log": True,
}


def case(name: str) -> Case:
    return next(c for c in CASES if c.name == name)


def options(**asked: Any) -> SolveOptions:
    return SolveOptions(**asked)


@pytest.mark.parametrize(
    ("table", "asked", "parameters"),
    [
        (SCIP, {"time_limit_s": 2.5}, {"timeLimit": "2.500000000s"}),
        (SCIP, {"time_limit_s": 0.0}, {"timeLimit": "0.000000000s"}),
        (SCIP, {"time_limit_s": float("inf")}, {}),
        (SCIP, {"relative_gap": 0.01, "work_limit": 5}, {"relativeGapTolerance": 0.01, "nodeLimit": "5"}),
        (SCIP, {"seed": 3, "presolve": False}, {"randomSeed": 3, "presolve": "EMPHASIS_OFF"}),
        (SCIP, {"presolve": True, "threads": 1}, {}),
        (
            SCIP,
            {"feasibility_tolerance": 1e-8},
            {"gscip": {"realParams": {"numerics/feastol": 1e-8, "numerics/dualfeastol": 1e-8}}},
        ),
        (GLOP, {"algorithm": "simplex", "seed": -1}, {"randomSeed": 2**31 - 2}),
        (
            PDLP,
            {"relative_gap": 0.1, "feasibility_tolerance": 1e-5, "threads": 2},
            {
                "threads": 2,
                "pdlp": {
                    "terminationCriteria": {
                        "detailedOptimalityCriteria": {
                            "epsOptimalObjectiveGapRelative": 0.1,
                            "epsOptimalPrimalResidualAbsolute": 1e-5,
                            "epsOptimalPrimalResidualRelative": 1e-5,
                            "epsOptimalDualResidualAbsolute": 1e-5,
                            "epsOptimalDualResidualRelative": 1e-5,
                        }
                    }
                },
            },
        ),
        (CP_SAT, {"time_limit_s": 3.0, "threads": 4}, {"max_time_in_seconds": 3.0, "num_workers": 4}),
        (CP_SAT, {"work_limit": 9, "threads": 1}, {"max_number_of_conflicts": 9, "num_workers": 1}),
        (
            CBC,
            {"seed": 4, "presolve": False, "feasibility_tolerance": 1e-8},
            {
                "presolve": False,
                "options": [
                    "primalTolerance 1e-08",
                    "dualTolerance 1e-08",
                    "preprocess off",
                    "randomCbcSeed 4",
                    "randomSeed 4",
                ],
            },
        ),
        (
            CBC,
            {"time_limit_s": 9.0, "relative_gap": 0.2, "work_limit": 3},
            {"timeLimit": 9.0, "gapRel": 0.2, "maxNodes": 3},
        ),
        (ANY_PULP, {"threads": 2, "log": True}, {"threads": 2}),
    ],
)
def test_options_read_in_the_engines_own_words(table: Table, asked: dict[str, Any], parameters: dict[str, Any]) -> None:
    assert translate("engine", table, options(**asked)) == parameters


@pytest.mark.parametrize(
    ("table", "asked", "message"),
    [
        (SCIP, {"threads": 2}, "backend b: threads is 2, but the engine runs on one"),
        (GLOP, {"algorithm": "ipx"}, "algorithm is 'ipx', expected one of choose, simplex"),
        (PDLP, {"algorithm": "simplex"}, "expected one of choose, pdlp"),
        (CP_SAT, {"work_limit": 9, "threads": 2}, "two options ask for num_workers 2 and 1 at once"),
    ],
)
def test_a_value_that_the_engine_cannot_honour_is_refused(table: Table, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(UnsupportedOptionError, match=message):
        translate("b", table, options(**asked))


@pytest.mark.parametrize("name", BACKENDS)
def test_an_option_outside_the_table_is_an_error_and_never_starts_a_worker(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("solvers.backends.external.solve_in_worker", pytest.fail)
    backend = get_backend(name)
    for field in {f.name for f in fields(SolveOptions)} - backend.supported_options:
        with pytest.raises(UnsupportedOptionError, match=field):
            backend.solve(case("offset_max").problem, options(**{field: VALUES[field]}))


@pytest.mark.parametrize("name", BACKENDS)
def test_the_engine_knows_every_parameter_it_is_told(name: str, capfd: pytest.CaptureFixture[str]) -> None:
    backend = get_backend(name)
    chosen = case("max_two_binding_rows" if name in ("glop", "pdlp") else "general_integers")
    asked = {field: VALUES[field] for field in backend.supported_options}
    result = backend.solve(chosen.problem, options(**asked))
    assert result.primal_bound == pytest.approx(chosen.expected.objective, abs=1e-5)


@pytest.mark.parametrize("name", ["glop", "pdlp"])
def test_an_engine_of_linear_programs_names_the_integer_column_it_cannot_take(name: str) -> None:
    with pytest.raises(UnsupportedProblemError, match=r"linear programs only, and column x\[1\] is integer"):
        get_backend(name).solve(case("fault_highs_3043").problem, options())


def test_cp_sat_names_the_column_that_is_not_a_bounded_integer() -> None:
    with pytest.raises(UnsupportedProblemError, match=r"column x\[0\] is not"):
        get_backend("cp_sat").solve(case("general_integers_without_upper_bounds").problem, options())


def test_every_worker_backend_is_covered_here() -> None:
    assert all(isinstance(get_backend(name), WorkerBackend) for name in BACKENDS)

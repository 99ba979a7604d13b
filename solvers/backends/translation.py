"""How each engine behind a worker is told each field of SolveOptions. Pure data: no engine is imported.

A table maps a field to a function from its value to the engine's own parameters; nested mappings are
merged and lists joined. A field that is not in the table is not supported, and asking for it is an
error; so is a value that the engine cannot honour.

| field | scip | glop | pdlp | cp_sat | cbc | pulp:NAME |
|---|---|---|---|---|---|---|
| time_limit_s | timeLimit | timeLimit | timeLimit | max_time_in_seconds | -sec | timeLimit |
| relative_gap | relativeGapTolerance | no | eps_optimal_objective_gap_relative | relative_gap_limit | -ratio | gapRel |
| threads | 1 only | 1 only | threads | num_workers | -threads | threads |
| seed | randomSeed | randomSeed | no | random_seed | -randomCbcSeed, -randomSeed | no |
| presolve | presolve emphasis | presolve emphasis | no | cp_model_presolve | -presolve, -preprocess | no |
| work_limit | nodeLimit | no | no | max_number_of_conflicts, on 1 worker | -maxNodes | no |
| algorithm | no | choose, simplex | choose, pdlp | no | choose, simplex | no |
| feasibility_tolerance | feastol, dualfeastol | both tolerances | residual tolerances | no | both tolerances | no |
| log | yes | yes | yes | yes | yes, at the end | msg |
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from solvers.options import SolveOptions, UnsupportedOptionError

Parameters = dict[str, Any]
Table = Mapping[str, Callable[[Any], Parameters]]

_LONGEST_S = 1e9
"""A time limit at or beyond this (31 years) is none."""


def translate(name: str, table: Table, options: SolveOptions) -> Parameters:
    """The engine's parameters for the asked options.

    Raises UnsupportedOptionError for a value that the engine cannot honour; fields outside the table
    are refused before (solvers.backends.base.check_options).
    """
    merged: Parameters = {}
    for field in sorted(options.asked()):
        try:
            _merge(merged, table[field](getattr(options, field)))
        except UnsupportedOptionError as fault:
            raise UnsupportedOptionError(f"backend {name}: {fault}") from None
    return merged


def _merge(into: Parameters, more: Parameters) -> None:
    for key, value in more.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        elif isinstance(value, list):
            into.setdefault(key, []).extend(value)
        else:
            if into.setdefault(key, value) != value:
                raise UnsupportedOptionError(f"two options ask for {key} {into[key]} and {value} at once")


def _plain(key: str) -> Callable[[Any], Parameters]:
    return lambda value: {key: value}


def _nothing(_: Any) -> Parameters:
    return {}


def _seconds(key: str) -> Callable[[float], Parameters]:
    """A number of seconds; none beyond the longest."""
    return lambda value: {key: value} if value < _LONGEST_S else {}


def _duration(value: float) -> Parameters:
    """A protocol-buffer duration of whole nanoseconds, rounded up."""
    if value >= _LONGEST_S:
        return {}
    whole = math.floor(value)
    nanoseconds = min(math.ceil((value - whole) * 1e9), 999_999_999)
    return {"timeLimit": f"{whole}.{nanoseconds:09d}s"}


def _one_thread(value: int) -> Parameters:
    if value != 1:
        raise UnsupportedOptionError(f"threads is {value}, but the engine runs on one; ask for 1 or leave it out")
    return {}


def _only(*allowed: str) -> Callable[[str], Parameters]:
    def check(value: str) -> Parameters:
        if value not in allowed:
            raise UnsupportedOptionError(f"algorithm is {value!r}, expected one of {', '.join(allowed)}")
        return {}

    return check


def _seed(key: str) -> Callable[[int], Parameters]:
    return lambda value: {key: value % (2**31 - 1)}


def _emphasis(value: bool) -> Parameters:
    return {} if value else {"presolve": "EMPHASIS_OFF"}


def _scip_tolerance(value: float) -> Parameters:
    return {"gscip": {"realParams": {"numerics/feastol": value, "numerics/dualfeastol": value}}}


def _glop_tolerance(value: float) -> Parameters:
    return {"glop": {"primalFeasibilityTolerance": value, "dualFeasibilityTolerance": value}}


def _pdlp_criteria(**values: float) -> Parameters:
    return {"pdlp": {"terminationCriteria": {"detailedOptimalityCriteria": values}}}


def _pdlp_tolerance(value: float) -> Parameters:
    return _pdlp_criteria(
        epsOptimalPrimalResidualAbsolute=value,
        epsOptimalPrimalResidualRelative=value,
        epsOptimalDualResidualAbsolute=value,
        epsOptimalDualResidualRelative=value,
    )


def _pdlp_gap(value: float) -> Parameters:
    return _pdlp_criteria(epsOptimalObjectiveGapRelative=value)


def _cbc_options(*names: str) -> Callable[[Any], Parameters]:
    return lambda value: {"options": [f"{name} {value}" for name in names]}


def _cbc_presolve(value: bool) -> Parameters:
    return {"presolve": value, **({} if value else {"options": ["preprocess off"]})}


def _cbc_seed(value: int) -> Parameters:
    return _cbc_options("randomCbcSeed", "randomSeed")(value % (2**31 - 1))


_LOG: Table = {"log": _plain("enableOutput")}

SCIP: Table = {
    **_LOG,
    "time_limit_s": _duration,
    "relative_gap": _plain("relativeGapTolerance"),
    "threads": _one_thread,
    "seed": _seed("randomSeed"),
    "presolve": _emphasis,
    "work_limit": lambda value: {"nodeLimit": str(value)},
    "feasibility_tolerance": _scip_tolerance,
}

GLOP: Table = {
    **_LOG,
    "time_limit_s": _duration,
    "threads": _one_thread,
    "seed": _seed("randomSeed"),
    "presolve": _emphasis,
    "algorithm": _only("choose", "simplex"),
    "feasibility_tolerance": _glop_tolerance,
}

PDLP: Table = {
    **_LOG,
    "time_limit_s": _duration,
    "relative_gap": _pdlp_gap,
    "threads": _plain("threads"),
    "algorithm": _only("choose", "pdlp"),
    "feasibility_tolerance": _pdlp_tolerance,
}

CP_SAT: Table = {
    "time_limit_s": _seconds("max_time_in_seconds"),
    "relative_gap": _plain("relative_gap_limit"),
    "threads": _plain("num_workers"),
    "seed": _seed("random_seed"),
    "presolve": _plain("cp_model_presolve"),
    "work_limit": lambda value: {"max_number_of_conflicts": value, "num_workers": 1},
    "log": _plain("log_search_progress"),
}

CBC: Table = {
    "time_limit_s": _seconds("timeLimit"),
    "relative_gap": _plain("gapRel"),
    "threads": _plain("threads"),
    "seed": _cbc_seed,
    "presolve": _cbc_presolve,
    "work_limit": _plain("maxNodes"),
    "algorithm": _only("choose", "simplex"),
    "feasibility_tolerance": _cbc_options("primalTolerance", "dualTolerance"),
    "log": _nothing,
}

ANY_PULP: Table = {
    "time_limit_s": _seconds("timeLimit"),
    "relative_gap": _plain("gapRel"),
    "threads": _plain("threads"),
    "log": _nothing,
}

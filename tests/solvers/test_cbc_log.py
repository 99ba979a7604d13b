"""CBC's log is read for what it proves, with bounds moved outward by their printed rounding."""

from __future__ import annotations

import pytest

from solvers.backends.cbc_log import CUTOFF, read_log

PROVEN = """Cbc0001I Search completed - best objective 9, took 0 iterations and 0 nodes (0.00 seconds)
Result - Optimal solution found

Objective value:                9.00000000
Enumerated nodes:               4
Total iterations:               17
"""
WITHIN_GAP = """Cbc0011I Exiting as integer gap of 179.05333 less than 1e-10 or 5%
Cbc0001I Search completed - best objective 14195, took 0 iterations and 0 nodes (0.01 seconds)
Result - Optimal solution found (within gap tolerance)

Objective value:                14195.00000000
Lower bound:                    14015.947
Gap:                            0.01
"""
STOPPED_MAX = """Cbc0010I After 1000 nodes, 503 on tree, -14136 best solution, best possible -14233.425 (1.10 seconds)
Cbc0005I Partial search - best objective -14136 (best possible -14233.4251), took 9 iterations and 12 nodes (2 seconds)
Result - Stopped on time limit

Objective value:                14136.00000000
Upper bound:                    14233.425
"""
NO_POINT = """Result - Stopped on time limit

No feasible solution found
Lower bound:                    20.784
"""
NODES = "Result - Stopped on node limit\n\nNo feasible solution found\nLower bound:   -1.79769e+308\n"
LINEAR = "Optimal - objective value 12\nOptimal objective 12 - 1 iterations time 0.002\n"


def test_a_proven_optimum_is_its_own_bound() -> None:
    end = read_log(PROVEN, maximize=False)
    assert (end.word, end.limit) == ("optimal", None)
    assert end.bound == pytest.approx(9.0 - CUTOFF - 5e-9, abs=1e-15)
    assert end.statistics == {"nodes": 4.0, "simplex_iterations": 17.0}


def test_within_a_gap_the_finest_printed_bound_counts_and_never_the_objective() -> None:
    end = read_log(WITHIN_GAP, maximize=False)
    assert end.word == "optimal"
    assert end.bound == pytest.approx(14195.0 - 179.05333 - 5e-9 - 5e-6, abs=1e-9)


def test_a_stopped_search_names_its_limit_and_turns_the_sign_when_maximising() -> None:
    end = read_log(STOPPED_MAX, maximize=True)
    assert (end.word, end.limit) == ("stopped", "time")
    assert end.bound == pytest.approx(14233.4255, abs=1e-9)


def test_without_a_point_the_bound_remains() -> None:
    end = read_log(NO_POINT, maximize=False)
    assert (end.word, end.limit) == ("stopped", "time")
    assert end.bound == pytest.approx(20.7835)


def test_a_bound_that_says_nothing_is_none() -> None:
    end = read_log(NODES, maximize=False)
    assert (end.word, end.limit, end.bound) == ("stopped", "work", None)


def test_a_linear_program_is_bounded_by_its_objective_to_eight_digits() -> None:
    end = read_log(LINEAR, maximize=True)
    assert end.word == "optimal"
    assert end.bound == pytest.approx(12.0 + 5e-7, abs=2e-9)


@pytest.mark.parametrize(
    ("log", "word"),
    [
        ("Result - Linear relaxation infeasible\n", "infeasible"),
        ("Result - Problem proven infeasible\n", "infeasible"),
        ("Result - Linear relaxation unbounded\n", "unbounded"),
        ("Problem is unbounded - 0.00 seconds\n", "unbounded"),
        ("Problem is infeasible - 0.00 seconds\n", "infeasible"),
        ("Pre-processing says infeasible or unbounded\n", "infeasible_or_unbounded"),
        ("Continuous objective value is 4 - 0.0 s\nPre-processing says infeasible or unbounded\n", "infeasible"),
        ("Analysis indicates model infeasible or unbounded\nOptimal objective 3 - 1 iterations\n", "optimal"),
        ("", "stopped"),
    ],
)
def test_the_word_follows_from_the_log(log: str, word: str) -> None:
    end = read_log(log, maximize=False)
    assert end.word == word
    assert (end.bound is None) == (word != "optimal")

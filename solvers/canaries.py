"""Quick checks that an installed engine is one of the sound ones: problems that some release got wrong."""

from __future__ import annotations

from solvers.backends.base import Backend
from solvers.conformance.runner import CASES, CaseReport, Verdict, run_case

CANARIES = tuple(case for case in CASES if case.canary)
"""Past wrong answers, at the engine's default tolerances."""


def run_canaries(backend: Backend) -> list[CaseReport]:
    """Run the canaries that apply to the backend, one after the other; a few seconds at most."""
    reports = [run_case(backend, case, tight=False) for case in CANARIES]
    return [report for report in reports if report.verdict is not Verdict.NOT_APPLICABLE]

"""`allocator solvers`: what is installed and whether it answers right; no engine but HiGHS enters the process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from solvers import canaries
from solvers.conformance.runner import CaseReport, Verdict
from solvers.registry import backend_names
from tests.cli.conftest import Command
from tests.cli.shell import environment

SHOW = """
import sys
from allocator.cli.main import run
code = run(["solvers", "--json"])
print([name for name in ("ortools", "pulp") if name in sys.modules])
sys.exit(code)
"""


def test_every_engine_is_tried_in_a_process_of_its_own(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", SHOW], env=environment(), capture_output=True, text=True, cwd=tmp_path)
    said, loaded = done.stdout.splitlines()
    assert (done.returncode, loaded) == (0, "[]"), done.stdout
    engines = {engine["name"]: engine for engine in json.loads(said)["engines"]}
    assert set(engines) == set(backend_names())
    assert engines["highs"]["installed"]
    for engine in engines.values():
        assert bool(engine["version"]) == engine["installed"] == bool(engine["known_problems"])
        assert {case["verdict"] for case in engine["known_problems"]} <= {"passed", "excluded"}


class Fake:
    """A backend that needs no engine."""

    supported_options = frozenset({"seed"})
    capabilities = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name

    def version(self) -> str:
        return "" if self.name == "cbc" else "1.0"

    def is_available(self) -> bool:
        return self.name != "cbc"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """SCIP answers wrong, CBC is not installed."""

    def reports(backend: Fake) -> list[CaseReport]:
        wrong = backend.name == "scip"
        verdict, faults = (Verdict.FAILED, ("ended optimal at 15",)) if wrong else (Verdict.PASSED, ())
        return [CaseReport("past_fault", verdict, faults)]

    monkeypatch.setattr("allocator.cli.solvers.get_backend", Fake)
    monkeypatch.setattr("allocator.cli.solvers.run_canaries", reports)


@pytest.mark.usefixtures("broken")
def test_a_wrong_answer_is_an_exit_code_and_a_line(command: Command) -> None:
    ran = command("solvers")
    assert ran.code == 1
    assert "WRONG: scip 1.0 on past_fault: ended optimal at 15" in ran.out
    assert any(line.startswith("cbc") and "not installed" in line for line in ran.out.splitlines())
    assert command("solvers", "--json").json["exit_code"] == 1


def test_there_are_known_problems_to_try() -> None:
    assert canaries.CANARIES

"""`allocator solvers`: what is installed, what it can do, and whether it answers known problems right.

Engines other than HiGHS are asked in worker processes; nothing of theirs is imported here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import click

from allocator.cli.machine import print_json
from allocator.cli.text import counted, printable, table
from allocator.pipeline.errors import ExitCode
from solvers.backends.base import Backend
from solvers.canaries import run_canaries
from solvers.conformance.runner import CaseReport, Verdict
from solvers.registry import PULP_PREFIX, backend_names, get_backend

PACKAGES = ("highspy", "ortools", "pulp")


@dataclass(frozen=True)
class Engine:
    """What is known of one backend.

    Attributes:
        version: "" where it is not installed. reports: of the known problems that apply to it.
    """

    name: str
    version: str
    capabilities: tuple[str, ...]
    options: tuple[str, ...]
    reports: tuple[CaseReport, ...]

    @property
    def failed(self) -> tuple[CaseReport, ...]:
        return tuple(report for report in self.reports if report.verdict is Verdict.FAILED)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(as_json: bool) -> int:
    """Show each engine's version, what it can do, and whether it solves problems that some release got wrong.

    Exit status: 0 every installed engine answers right, 1 one does not.
    """
    engines = [_engine(get_backend(name), as_json) for name in backend_names()]
    code = ExitCode.FAILED if any(engine.failed for engine in engines) else ExitCode.WITHIN_GAP
    if as_json:
        print_json({"exit_code": code, "packages": _packages(), "engines": [_machine(engine) for engine in engines]})
    else:
        click.echo("\n".join(_page(engines)))
    return code


def _engine(backend: Backend, quiet: bool) -> Engine:
    if not quiet:
        click.echo(f"trying {backend.name} ...", err=True)
    reports = run_canaries(backend) if backend.is_available() else []
    return Engine(
        name=backend.name,
        version=backend.version(),
        capabilities=tuple(sorted(capability.value for capability in backend.capabilities)),
        options=tuple(sorted(backend.supported_options)),
        reports=tuple(reports),
    )


def _page(engines: Sequence[Engine]) -> Iterator[str]:
    head = ["engine", "version", "known problems", "can"]
    rows = [[e.name, e.version or "not installed", _verdict(e), ", ".join(e.capabilities)] for e in engines]
    yield from table(head, rows, wrapped=3)
    yield ""
    yield from table(["engine", "options"], [[e.name, ", ".join(e.options)] for e in engines], wrapped=1)
    yield ""
    packages = ", ".join(f"{name} {found or 'not installed'}" for name, found in _packages().items())
    yield f"packages: {packages}"
    yield f"{PULP_PREFIX}NAME reaches any solver that PuLP knows, such as {PULP_PREFIX}GUROBI, where it is licensed"
    for engine in engines:
        for report in engine.failed:
            faults = "; ".join(report.faults)
            yield f"WRONG: {engine.name} {engine.version} on {report.case}: {printable(faults)}"


def _verdict(engine: Engine) -> str:
    if not engine.version:
        return "-"
    if engine.failed:
        return f"{len(engine.failed)} of {len(engine.reports)} WRONG"
    passed = sum(report.verdict is Verdict.PASSED for report in engine.reports)
    return f"{counted(passed, 'answer')} right"


def _machine(engine: Engine) -> dict[str, object]:
    return {
        "name": engine.name,
        "installed": bool(engine.version),
        "version": engine.version or None,
        "capabilities": engine.capabilities,
        "options": engine.options,
        "known_problems": [_case(report) for report in engine.reports],
    }


def _case(report: CaseReport) -> dict[str, object]:
    return {
        "case": report.case,
        "verdict": report.verdict.value,
        "faults": report.faults,
        "why": report.why,
        "seconds": report.seconds,
    }


def _packages() -> dict[str, str | None]:
    return {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None

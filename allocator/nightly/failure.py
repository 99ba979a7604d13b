"""How a night ends that gives no plan: in words, as an exit status, and with the published plan where there is one."""

from __future__ import annotations

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.store.shelf import Shelf
from allocator.pipeline.errors import (
    ExitCode,
    LockHeldError,
    NightKeptError,
    PipelineError,
    StoreError,
    WriteError,
)
from allocator.scenario.faults import ScenarioFaults

MOST_DETAILS = 5


def ended_by(error: Exception, shelf: Shelf | None) -> Exception:
    """What a night raises for an error; one of store or disk leaves the published plan as it is, and says so."""
    found = WriteError(f"the night cannot be written: {error}") if isinstance(error, OSError) else error
    current = None if shelf is None else shelf.current()
    if current is None or not isinstance(found, StoreError | WriteError):
        return found
    return NightKeptError(found.message, [*found.details, f"the plan of {current.as_of} stays published as it is"])


def exit_code(error: BaseException) -> ExitCode:
    """What the command ends with."""
    if isinstance(error, ScenarioFaults):
        return ExitCode.BAD_INPUT
    return error.exit_code if isinstance(error, PipelineError) else ExitCode.FAILED


def said(error: BaseException) -> str:
    """The error on one line."""
    if isinstance(error, PipelineError):
        return "; ".join((error.message, *error.details[:MOST_DETAILS]))
    if isinstance(error, ScenarioFaults):
        return "; ".join(map(str, error.faults[:MOST_DETAILS]))
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def failure_alert(error: BaseException) -> Alert:
    """What somebody is told of a night that failed."""
    if isinstance(error, LockHeldError):
        return Alert(Severity.WARNING, "lock_held", said(error), about="lock")
    return Alert(Severity.CRITICAL, "run_failed", said(error))

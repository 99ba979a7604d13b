"""How a run that gives no plan is told: on the error stream, or as one JSON object on standard output.

Every exception that may leave a command ends here, as an exit code and words; no traceback reaches the terminal.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence

import click

from allocator.cli.machine import print_json
from allocator.cli.text import counted, printable
from allocator.pipeline.errors import ExitCode, PipelineError, WriteError
from allocator.scenario.faults import Fault, ScenarioFaults

INTERRUPTED = "interrupted; nothing was published"
WRITE_ADVICE = "free space, or choose another place; what stood there before still stands"
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Errors of a disk, or of what a user may have of it, that is full."""
NOTHING_WRITTEN = "the input has faults; nothing was written"


def tell(error: BaseException, as_json: bool) -> ExitCode:
    """Say what ended the command; returns its exit code."""
    if isinstance(error, BrokenPipeError):
        _leave_pipe()
        return ExitCode.FAILED
    if isinstance(error, ScenarioFaults):
        return _tell(ExitCode.BAD_INPUT, NOTHING_WRITTEN, (), error.faults, as_json)
    if isinstance(error, PipelineError):
        cause = error.__cause__
        if isinstance(cause, ScenarioFaults):
            return _tell(error.exit_code, error.message, (), cause.faults, as_json)
        advice = (WRITE_ADVICE,) if isinstance(error, WriteError) else ()
        return _tell(error.exit_code, error.message, (*error.details, *advice), (), as_json)
    if isinstance(error, click.ClickException):
        return _tell_usage(error, as_json)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return _tell(ExitCode.FAILED, INTERRUPTED, (), (), as_json)
    if isinstance(error, OSError) and error.errno in FULL:
        return _tell(ExitCode.FAILED, _full(error), (WRITE_ADVICE,), (), as_json)
    return _tell(ExitCode.FAILED, *_unforeseen(error), (), as_json)


def _tell(
    code: ExitCode, message: str, details: Sequence[str], faults: Sequence[Fault], as_json: bool
) -> ExitCode:  # fmt: skip
    if as_json:
        lines = list(details) or [str(fault) for fault in faults]
        print_json({"exit_code": code, "error": message, "details": lines, "faults": faults})
        return code
    for fault in faults:
        click.echo(str(fault), err=True)
    count = f"{counted(len(faults), 'fault')}: " if faults else ""
    click.echo(printable(count + message), err=True)
    for line in details:
        click.echo(f"  {printable(line)}", err=True)
    return code


def _tell_usage(error: click.ClickException, as_json: bool) -> ExitCode:
    if as_json:
        return _tell(ExitCode.BAD_INPUT, error.format_message(), (), (), as_json)
    error.show()
    return ExitCode.BAD_INPUT


def _full(error: OSError) -> str:
    return f"{error.filename or 'standard output'} cannot be written: {error.strerror}"


def _unforeseen(error: BaseException) -> tuple[str, Sequence[str]]:
    """Message and details of an error that no command foresees; its traceback goes to a file."""
    if isinstance(error, MemoryError):
        return "out of memory", ["ask for fewer representative days (--hours), or use a machine with more memory"]
    text = "".join(traceback.format_exception(error))
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"internal error: {what}", [_kept(text), "please report it together with the scenario"]


def _kept(text: str) -> str:
    try:
        handle, place = tempfile.mkstemp(prefix="allocator-error-", suffix=".txt")
        with open(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        return f"the traceback could not be saved ({error.strerror}): {' | '.join(text.splitlines()[-3:])}"
    return f"the traceback is in {place}"


def _leave_pipe() -> None:
    """Nobody reads any more: let what is still buffered go nowhere, instead of failing again at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())

"""How a night ends that gives no plan: in words, as an exit status, and with the published plan where there is one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import NoReturn

from allocator.nightly.alerts import Alert, Severity
from allocator.nightly.notify.deliver import Desk, OnLog
from allocator.nightly.notify.message import Headline
from allocator.nightly.store.deliveries import NO_KIND
from allocator.nightly.store.registry import Registry, State, now
from allocator.nightly.store.shelf import Shelf
from allocator.nightly.store.store import Store
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


@contextmanager
def on_record(store: Store, run: str, log: OnLog) -> Iterator[None]:
    """Put on record why a run failed; one that is interrupted stays open, to be gone on with."""
    try:
        yield
    except Exception as error:
        ended = ended_by(error, store.shelf)
        code = exit_code(ended)
        state = State.KEPT if code == ExitCode.KEPT else State.FAILED
        log("run_failed", run=run, exit_code=int(code), error=said(ended))
        try:
            store.registry.advance(run, state, exit_code=int(code), finished_at=now())
            store.registry.tell(Severity.CRITICAL, "run_failed", said(ended), run)
        except StoreError as unrecorded:
            log("not_on_record", run=run, error=said(unrecorded))
        raise


def raise_told(
    error: Exception,
    headline: Headline | None,
    desk: Desk,
    registry: Registry | None,
    shelf: Shelf | None,
    alerts: Sequence[Alert] = (),
) -> NoReturn:
    """Log the alerts of a night that failed, tell of it where there is a headline, and raise what ends it."""
    ended = ended_by(error, shelf)
    alerts = [*alerts, failure_alert(ended)]
    for alert in alerts:
        desk.log("alert", **alert.as_dict())
    if headline is not None:
        headline = replace(headline, exit_code=int(exit_code(ended)))
        desk.tell(registry, headline, alerts, NO_KIND)
    if ended is error:
        raise error
    raise ended from error

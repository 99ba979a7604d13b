"""Why no plan came out, each with the exit code that says so to scripts."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum


class ExitCode(IntEnum):
    """What a run says to the shell."""

    WITHIN_GAP = 0
    FAILED = 1
    BAD_INPUT = 2
    INFEASIBLE = 3
    NO_PLAN = 4
    GAP_NOT_REACHED = 5
    NOT_VERIFIED = 6
    FALLBACK_PUBLISHED = 7
    KEPT = 8
    AWAITING_APPROVAL = 9
    SHADOW = 10
    LOCK_HELD = 11
    MARGIN_CALLED = 12
    MARGIN_NEAR = 13


class PipelineError(RuntimeError):
    """A run that gives no plan.

    Attributes:
        message: one sentence. details: one line each: faults, conflicts, violations, what to do next.
    """

    exit_code = ExitCode.FAILED

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.details = tuple(details)


class BadInputError(PipelineError):
    """The scenario, an option or the place to write to is wrong; nothing was solved or written."""

    exit_code = ExitCode.BAD_INPUT


class InfeasibleError(PipelineError):
    """No plan can meet every requirement; `details` name the requirements in conflict and what would restore them."""

    exit_code = ExitCode.INFEASIBLE


class NoPlanError(PipelineError):
    """A limit was reached before any plan was found."""

    exit_code = ExitCode.NO_PLAN


class NotVerifiedError(PipelineError):
    """The plan broke a rule when it was derived again from its tables; nothing was published."""

    exit_code = ExitCode.NOT_VERIFIED


class EngineError(PipelineError):
    """The solver failed, or its answer does not agree with the plan derived from it."""


class WriteError(PipelineError):
    """The plan could not be written (disk full, permission); the last good plan stands."""


class NightKeptError(PipelineError):
    """A night could not be written or put on record; the plan published before stays as it is."""

    exit_code = ExitCode.KEPT


class LockHeldError(PipelineError):
    """Another run works on the same store; this one did nothing."""

    exit_code = ExitCode.LOCK_HELD


class StoreError(PipelineError):
    """The store cannot be used: its folder, its database, or what stands in them."""


class FeedsError(PipelineError):
    """Values without which no plan may be made are missing or too old."""

"""What the exit status of every command means."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit statuses; scripts and schedulers rely on them."""

    OK = 0
    """Done; a plan is within the requested gap."""
    ERROR = 1
    """Anything not listed below."""
    BAD_INPUT = 2
    """A scenario, a series or an option is wrong; every fault is printed."""
    INFEASIBLE = 3
    """No plan can meet the requirements; the conflict is named."""
    NO_PLAN = 4
    """A limit was reached before any plan was found."""
    GAP_NOT_REACHED = 5
    """A plan was written, its proven gap is wider than requested."""
    NOT_VERIFIED = 6
    """The verifier objected; nothing was published."""

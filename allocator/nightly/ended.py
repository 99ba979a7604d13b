"""How a night ends, and who listens while it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from allocator.nightly.alerts import Alert
from allocator.nightly.inputs import NightRequest as NightRequest
from allocator.nightly.store.registry import State
from allocator.pipeline.errors import ExitCode
from allocator.plan.meta import PlanMeta

OnLog = Callable[..., None]
"""Takes the name of an event and facts by keyword."""


def no_log(_: str, **facts: object) -> None:
    """Keeps nothing."""


@dataclass(frozen=True)
class Night:
    """How a night ended.

    Attributes:
        folder: files of the night, None where it had ended the same way before it could write any.
        plan: name of the plan that is current after it, or that waits. rung: where that comes from.
        repeated: the run had ended before; nothing was done.
    """

    run: str
    state: State
    exit_code: ExitCode
    rung: str
    plan: str
    folder: Path
    alerts: tuple[Alert, ...] = ()
    repeated: bool = False
    meta: PlanMeta | None = field(default=None, repr=False)

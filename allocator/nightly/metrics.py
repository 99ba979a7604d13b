"""The last run for Prometheus: a file for the node exporter's textfile collector, written whole."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from allocator.nightly.alerts import Severity
from allocator.nightly.night import Night
from allocator.nightly.store.registry import State
from allocator.plan.files import written_whole

PREFIX = "allocator_nightly"
READABLE = 0o644
"""Mode of the file: the exporter runs as another user, whatever the umask of the job."""


def write_metrics(path: Path, night: Night | None, exit_code: int, seconds: float, at: datetime) -> None:
    """Write the file; a run without a night still says that it ended, and how.

    Raises:
        OSError: it cannot be written.
    """
    lines = [
        *_gauge("last_run_timestamp_seconds", "When the last run ended.", at.timestamp()),
        *_gauge("last_run_exit_code", "Exit status of the last run.", exit_code),
        *_gauge("last_run_duration_seconds", "How long the last run took.", seconds),
    ]
    if night is not None:
        published = night.state == State.PUBLISHED
        lines += _gauge("last_run_published", "1 where the last run's plan is published.", int(published))
        lines += _alerts(night)
        if night.meta is not None:
            lines += _gauge("objective_usd", "Net present value of the last plan.", night.meta.objective_usd)
        if night.meta is not None and night.meta.relative_gap is not None:
            lines += _gauge("relative_gap", "Proven gap of the last plan.", night.meta.relative_gap)
    with written_whole(path) as beside:
        beside.write_text("\n".join(lines) + "\n", encoding="utf-8")
        beside.chmod(READABLE)


def _gauge(name: str, words: str, value: float) -> list[str]:
    whole = f"{PREFIX}_{name}"
    return [f"# HELP {whole} {words}", f"# TYPE {whole} gauge", f"{whole} {value!r}"]


def _alerts(night: Night) -> list[str]:
    whole = f"{PREFIX}_last_run_alerts"
    count = Counter(alert.severity for alert in night.alerts)
    rows = [f'{whole}{{severity="{severity}"}} {count[severity]}' for severity in Severity]
    return [f"# HELP {whole} Alerts of the last run.", f"# TYPE {whole} gauge", *rows]

"""`allocator nightly`: what a job runs every night."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import counted, money, printable
from allocator.pipeline.errors import BadInputError, ExitCode, PipelineError, WriteError
from allocator.pipeline.method import AUTO, DEFAULTS, LARGEST_GAP, METHODS, SolveRequest
from allocator.pipeline.progress import Event, PhaseStarted
from allocator.scenario.faults import ScenarioFaults

if TYPE_CHECKING:
    from allocator.nightly.night import Night, NightRequest

MOST_THREADS = 256


@click.command()
@click.argument("scenario")
@store_options
@click.option(
    "--as-of", metavar="TIME", help="Moment of the run, such as 2027-06-01T02:00Z; last midnight (UTC) if not said."
)
@click.option(
    "--deadline",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds of solving; the best plan found counts then.",
)
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap that is enough.",
)
@click.option(
    "--method", type=click.Choice([AUTO, *METHODS]), default=DEFAULTS.method, show_default=True, help="As in solve."
)
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), help="Threads of the engine.")
@click.option("--workers", type=click.IntRange(1, MOST_THREADS), help="Site-nodes dispatched side by side.")
@click.option("--hours", metavar="full|DAYS", help="As in solve; a schedule needs full.")
@click.option("--feeds", type=click.Path(path_type=Path, dir_okay=False), help="Fetch these feeds first.")
@click.option("--btc-feed", default="", metavar="NAME", help="Feed of the price at which loans are watched, USD.")
@click.option("--notify", type=click.Path(path_type=Path, dir_okay=False), help="Tell these webhooks and mailboxes.")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="How sites and balances really stand.")
@click.option(
    "--instructions",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What people and the grid have ordered, each for a time.",
)
@click.option("--roll", "rolls", is_flag=True, help="Start in the month of the run, as the last plan leads there.")
@click.option("--months", type=click.IntRange(1, 600), help="With --roll: length of the horizon; it ends when it did.")
@click.option("--shadow", is_flag=True, help="Solve and write the files of the night, publish nothing.")
@click.option("--approve", is_flag=True, help="Publish nothing until `allocator approve`.")
@click.option("--keep", type=click.IntRange(1), default=60, show_default=True, help="Nights whose files are kept.")
@click.option(
    "--keep-records",
    type=click.IntRange(1, 20000),
    default=1000,
    show_default=True,
    help="Nights whose record is kept; commitments are for good.",
)
@click.option("--metrics", type=click.Path(path_type=Path), help="Prometheus text file to write.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No log on the error stream.")
def command(
    scenario: str, store: str, plans: Path | None, as_of: str | None, deadline: float | None, gap: float, method: str,
    threads: int | None, workers: int | None, hours: str | None, feeds: Path | None, btc_feed: str,
    notify: Path | None, state: Path | None, instructions: Path | None, rolls: bool, months: int | None,
    shadow: bool, approve: bool, keep: int, keep_records: int, metrics: Path | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Run the night of SCENARIO on a store: solve from the last plan with what is committed held, verify, publish.

    The log goes to the error stream, one JSON object a line. The same scenario, files and --as-of are one run: again,
    it does nothing.

    Exit status: 0 published, 5 published but its gap is not proven, 7 the last decisions published on today's data, 8
    the last plan kept as it is, 9 waits for approval, 10 shadow run, 11 another run holds the store; without any plan
    so far 2, 3, 4 and 6 as in solve; 1 anything else.
    """
    need_store()
    from allocator.nightly.night import NightRequest, night
    from allocator.nightly.store.store import place_of

    solve = SolveRequest(
        method=method, relative_gap=gap, time_limit_s=deadline, threads=threads, workers=workers, hours=hours
    )
    moment = moment_of(as_of)
    request = NightRequest(
        scenario, place_of(store, plans), moment, solve, shadow, approve, keep, keep_records, feeds, btc_feed, notify,
        as_of is None, state, instructions, rolls, months,
    )  # fmt: skip
    log = _silent if quiet else JsonLines()
    started = time.monotonic()
    try:
        found = night(request, log, lambda event: _progress(log, event))
    except (PipelineError, ScenarioFaults) as error:
        code = error.exit_code if isinstance(error, PipelineError) else ExitCode.BAD_INPUT
        if code != ExitCode.LOCK_HELD:  # the run that holds the store writes its own
            _measure(metrics, None, code, started)
        raise
    _measure(metrics, found, found.exit_code, started)
    if as_json:
        print_json(_machine(found))
    elif not quiet:
        click.echo("\n".join(printable(line) for line in _page(found, request)))
    return found.exit_code


def moment_of(text: str | None) -> datetime:
    """The moment that a user names, UTC where no offset is said; last midnight for None."""
    if text is None:
        return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"--as-of is {text!r}", ["write a moment such as 2027-06-01T02:00Z"]) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class JsonLines:
    """One JSON object a line, in ASCII, on the error stream."""

    def __call__(self, event: str, **facts: object) -> None:
        """Write an event and its facts."""
        line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event, **facts}
        click.echo(json.dumps(line, default=str), err=True)


def _silent(event: str, **facts: object) -> None:
    """Writes nothing."""


def _progress(log: Any, event: Event) -> None:
    if isinstance(event, PhaseStarted):
        log("phase", phase=event.phase)


def _measure(path: Path | None, found: Night | None, code: ExitCode, started: float) -> None:
    from allocator.nightly.metrics import write_metrics

    if path is not None:
        try:
            write_metrics(path, found, int(code), time.monotonic() - started, datetime.now(UTC))
        except OSError as error:
            raise WriteError(f"{path} cannot be written: {error.strerror}") from error


def _machine(found: Night) -> dict[str, object]:
    return {
        "exit_code": found.exit_code,
        "run": found.run,
        "state": found.state,
        "rung": found.rung,
        "plan": found.plan,
        "folder": found.folder,
        "repeated": found.repeated,
        "alerts": [alert.as_dict() for alert in found.alerts],
        "objective_usd": None if found.meta is None else found.meta.objective_usd,
        "relative_gap": None if found.meta is None else found.meta.relative_gap,
    }


def _page(found: Night, request: NightRequest) -> Iterator[str]:
    again = ", as it was before: nothing was done" if found.repeated else ""
    yield f"run {found.run[:12]} as of {request.as_of.isoformat()}: {found.state}{again}"
    if found.meta is not None:
        yield f"net present value {money(found.meta.objective_usd)}, plan {found.plan[:12]} ({found.rung})"
    yield f"files of the night: {found.folder}"
    yield f"{counted(len(found.alerts), 'alert')}{':' if found.alerts else ''}"
    yield from (f"  {alert.severity}: {alert.message}" for alert in found.alerts)

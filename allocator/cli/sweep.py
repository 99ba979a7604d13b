"""`allocator sweep`: many plans of one scenario, each with other values of some inputs, in one table."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.progress import ProgressLines
from allocator.cli.settings import changed, settings_options
from allocator.cli.solve import LARGEST_SEED, MOST_THREADS
from allocator.cli.sweep_pictures import draw, tell_sensitivities
from allocator.cli.sweep_text import sensitivity_lines
from allocator.cli.text import counted, duration, money, percent, printable, table
from allocator.pipeline.errors import ExitCode
from allocator.pipeline.machine import usable_cores
from allocator.pipeline.method import AUTO, DEFAULTS, LARGEST_GAP, METHODS, SolveRequest
from allocator.pipeline.staff import cluster_at
from allocator.scenario.load import load_scenario
from allocator.studies.sweep.axes import parsed
from allocator.studies.sweep.design import GRID, KINDS, design
from allocator.studies.sweep.run import Progress, Swept, sweep
from allocator.work.executors import Staff, here, processes

MOST_SHOWN = 20
"""Points on the page; the table has them all."""


@click.command()
@click.argument("scenario")
@settings_options
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="NAME=LOW:HIGH:COUNT",
    help="A knob or the path of a number, and its values; NAME=1,2,5 lists them. May be repeated.",
)
@click.option("--sample", default=GRID, show_default=True, metavar=KINDS, help="Which points are solved.")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the sweep, new or to be continued."
)
@click.option(
    "--workers",
    type=click.IntRange(0, MOST_THREADS),
    help="Processes side by side; one a core where not said, 0 for this process alone. The table is the same.",
)
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask cluster instead; needs the extra `cluster`.")
@click.option("--method", type=click.Choice([AUTO, *METHODS]), default=DEFAULTS.method, show_default=True)
@click.option("--backend", default=DEFAULTS.backend, show_default=True, help="Engine; see `allocator solvers`.")
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap of each point.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    help="Seconds of each solve; points that reach it depend on how fast the machine is.",
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), default=0, show_default=True, help="Of the sample.")
@click.option("--hours", metavar="full|DAYS", help="As of allocator solve.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No page and no progress.")
def command(
    scenario: str, variant: str | None, settings: tuple[str, ...], vary: tuple[str, ...], sample: str, out: Path,
    workers: int | None, scheduler: str | None, method: str, backend: str, gap: float, time_limit: float | None,
    seed: int, hours: str | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO at many values of its inputs and write one table to --out.

    The same command goes on where an earlier run of it was stopped.

    Exit status: 0 every point has an answer, be it that it has no plan; 2 bad input, 1 anything else.
    """
    request = SolveRequest(
        method=method, backend=backend, relative_gap=gap, time_limit_s=time_limit, hours=hours
    )  # fmt: skip
    asked = design(parsed(vary), sample, seed)
    staff, loaded = _staff(workers, scheduler), changed(load_scenario(scenario), variant, settings)
    if quiet:
        found = sweep(loaded, asked, request, out, staff)
    else:
        found = sweep(loaded, asked, request, out, staff, ProgressLines(), SweepLines())
    sensitivities, pictures = tell_sensitivities(found, out), draw(loaded, found, out)
    if as_json:
        print_json({**_machine(found, out), "sensitivities": sensitivities})
    elif not quiet:
        click.echo(
            "\n".join([*_page(found, out), *sensitivity_lines(found.design, sensitivities), printable(pictures)])
        )
    return ExitCode.WITHIN_GAP


def _staff(workers: int | None, scheduler: str | None) -> Staff:
    if scheduler is not None:
        return cluster_at(scheduler, workers)
    return here if workers == 0 else processes(workers or usable_cores())


@dataclass
class SweepLines:
    """Prints how far a sweep is, at most every `every_s` seconds, and when it ends."""

    every_s: float = 1.0 if sys.stderr.isatty() else 10.0
    _last: float = 0.0

    def __call__(self, now: Progress) -> None:
        """Show the state."""
        if time.monotonic() - self._last < self.every_s and now.done < now.total:
            return
        self._last = time.monotonic()
        failed = f", {now.failed} without a plan" if now.failed else ""
        left = "" if now.remaining_s is None or now.done == now.total else f"; about {duration(now.remaining_s)} left"
        click.echo(f"  {now.seconds:6.1f} s  {now.done} of {counted(now.total, 'point')}{failed}{left}", err=True)


def _machine(found: Swept, out: Path) -> Mapping[str, object]:
    counts = dict(_statuses(found))
    return {"exit_code": ExitCode.WITHIN_GAP, "folder": out, "points": len(found.finished), "statuses": counts}


def _statuses(found: Swept) -> list[tuple[str, int]]:
    named = [one.status for one in found.finished.values()]
    return [(status, named.count(status)) for status in sorted(set(named))]


def _page(found: Swept, out: Path) -> Iterator[str]:
    names = [axis.name for axis in found.design.axes]
    counts = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in _statuses(found))
    yield printable(f"{counted(len(found.finished), 'point')}: {counts}")
    if found.base is not None:
        yield f"as it stands: net present value {money(found.base.meta.objective_usd)}"
    yield ""
    rows = [
        [
            *("as it stands" if value != value else f"{value:g}" for value in point.values),
            _money(found, point.number, "npv_usd"),
            _share(found, point.number, "ai_share_last_year"),
            _decided(found, point.number),
        ]
        for point in found.design.points()[:MOST_SHOWN]
    ]
    head = [*names, "net present value", "AI share at the end", "what it decides, or why there is no plan"]
    yield from table([printable(name) for name in head], rows, range(len(names) + 2), wrapped=len(head) - 1)
    if len(found.finished) > MOST_SHOWN:
        yield f"... and {len(found.finished) - MOST_SHOWN} more"
    yield printable(f"table: {out / 'results.parquet'}, for people {out / 'results.csv'}")


def _money(found: Swept, number: int, name: str) -> str:
    value = found.finished[number].figures.get(name)
    return money(value) if isinstance(value, float) else "-"


def _share(found: Swept, number: int, name: str) -> str:
    value = found.finished[number].figures.get(name)
    return percent(value) if isinstance(value, float) else "-"


def _decided(found: Swept, number: int) -> str:
    point = found.finished[number]
    if not point.has_plan:
        return f"{point.status.replace('_', ' ')}: {point.message}"
    made, signed = str(point.figures["conversions"]), str(point.figures["contracts"])
    return f"{made or 'no conversion'}; {signed or 'no contract'}"

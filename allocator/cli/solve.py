"""`allocator solve`: decide, prove, verify, write."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.page import page
from allocator.cli.progress import ProgressLines
from allocator.cli.settings import changed, settings_options
from allocator.cli.text import printable
from allocator.decomposition.staff import suited
from allocator.pipeline.errors import BadInputError
from allocator.pipeline.machine import usable_cores
from allocator.pipeline.method import AUTO, DEFAULTS, IN_PARTS, LARGEST_GAP, METHODS, SolveRequest
from allocator.pipeline.progress import ignore
from allocator.pipeline.solve import Outcome, plan_in, solve_scenario
from allocator.pipeline.staff import cluster_at
from allocator.plan.summary import summarise
from allocator.scenario.load import load_scenario

MOST_THREADS = 256
"""Engines fall over, or start more threads than the system grants, far beyond any machine's cores."""
LARGEST_SEED = 2**31 - 1


@click.command()
@click.argument("scenario")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for the plan; an older plan there is replaced.",
)
@click.option(
    "--method",
    type=click.Choice([AUTO, *METHODS]),
    default=DEFAULTS.method,
    show_default=True,
    help="How to solve; auto chooses by size.",
)
@click.option("--backend", default=DEFAULTS.backend, show_default=True, help="Engine; see `allocator solvers`.")
@click.option(
    "--gap",
    type=click.FloatRange(min=0, max=LARGEST_GAP),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap that is enough: 0.001 is 0.1 %.",
)
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds of solving; the best plan found is kept."
)
@click.option("--threads", type=click.IntRange(1, MOST_THREADS), help="Threads of the engine.")
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_THREADS),
    help="Hours of site-nodes worked out side by side; one a core where not said. The plan is the same.",
)
@click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Hours worked out by a Dask cluster instead; needs the extra `cluster`. The plan is the same.",
)
@click.option("--seed", type=click.IntRange(0, LARGEST_SEED), help="Random seed of the engine.")
@click.option(
    "--hours",
    metavar="full|DAYS",
    help='"full", or a number of representative days, instead of what the scenario says.',
)
@settings_options
@click.option("--start-from", type=click.Path(path_type=Path), help="An older plan, whose decisions are tried first.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="No page and no progress; faults and --json are still printed.")
def command(
    scenario: str, out: Path, method: str, backend: str, gap: float, time_limit: float | None, threads: int | None,
    workers: int | None, scheduler: str | None, seed: int | None, hours: str | None, variant: str | None,
    settings: tuple[str, ...], start_from: Path | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO (a folder, a YAML file or a bundled name) and write the plan to --out.

    The page goes to standard output, progress to the error stream.

    Exit status: 0 plan within the gap, 2 bad input, 3 infeasible, 4 no plan found in time, 5 plan written but gap not
    reached, 6 verification failed and nothing published, 1 anything else.
    """
    request = SolveRequest(
        method=method if scheduler is None else _in_parts(method),
        backend=backend,
        relative_gap=gap,
        time_limit_s=time_limit,
        threads=threads,
        workers=workers,
        staff=suited(workers or usable_cores()) if scheduler is None else cluster_at(scheduler, workers),
        seed=seed,
        hours=hours,
        start=None if start_from is None else plan_in(start_from, "there is no plan to start from: "),
    )
    loaded = changed(load_scenario(scenario), variant, settings)
    outcome = solve_scenario(loaded, out, request, ignore if quiet else ProgressLines())
    if as_json:
        print_json(_machine(outcome))
    elif not quiet:
        click.echo(page(summarise(outcome.plan)))
        click.echo(_where(outcome, out))
    return outcome.exit_code


def _in_parts(method: str) -> str:
    """The method whose hours others can work out; BadInputError where another one is asked for."""
    if method not in (AUTO, IN_PARTS):
        raise BadInputError(f"--scheduler is for method {IN_PARTS}, not {method}", ["one whole model has no parts"])
    return IN_PARTS


def _where(outcome: Outcome, out: Path) -> str:
    seconds, memory = sum(outcome.run.seconds.values()), outcome.run.peak_memory_mb
    places = f"tables for people in {out / 'csv'}, for programs in {out / 'tables'}"
    return printable(f"plan: {out} ({places}); {seconds:,.1f} s, {memory:,.0f} MB")


def _machine(outcome: Outcome) -> dict[str, object]:
    return {"exit_code": outcome.exit_code, "folder": outcome.folder, "plan": outcome.meta, "run": outcome.run}

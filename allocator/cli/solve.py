"""`allocator solve`: decide, prove, verify, write."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.failures import tell_failure
from allocator.cli.faults import print_faults
from allocator.cli.page import page
from allocator.cli.progress import ProgressLines
from allocator.pipeline.errors import ExitCode, PipelineError
from allocator.pipeline.method import DEFAULTS, METHODS, SolveRequest
from allocator.pipeline.progress import ignore
from allocator.pipeline.solve import Outcome, solve_scenario
from allocator.plan.summary import summarise
from allocator.scenario.faults import ScenarioFaults
from allocator.scenario.load import load_scenario


@click.command()
@click.argument("scenario")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder for the plan; an older plan there is replaced.",
)
@click.option(
    "--method", type=click.Choice(["auto", *METHODS]), default=DEFAULTS.method, show_default=True, help="How to solve."
)
@click.option("--backend", default=DEFAULTS.backend, show_default=True, help="Engine; see `allocator solvers`.")
@click.option(
    "--gap",
    type=click.FloatRange(min=0),
    default=DEFAULTS.relative_gap,
    show_default=True,
    help="Proven relative gap that is enough.",
)
@click.option(
    "--time-limit", type=click.FloatRange(min=0, min_open=True), help="Seconds of solving; the best plan found is kept."
)
@click.option("--threads", type=click.IntRange(min=1), help="Threads of the engine.")
@click.option("--seed", type=click.IntRange(min=0), help="Random seed of the engine.")
@click.option("--hours", help='"full", or a number of representative days, instead of what the scenario says.')
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="Print nothing but faults.")
def command(
    scenario: str, out: Path, method: str, backend: str, gap: float, time_limit: float | None, threads: int | None,
    seed: int | None, hours: str | None, as_json: bool, quiet: bool,
) -> int:  # fmt: skip
    """Solve SCENARIO (a folder, a YAML file or a bundled name) and write the plan to --out.

    Exit status: 0 plan within the gap, 2 bad input, 3 infeasible, 4 no plan found in time, 5 plan written but gap not
    reached, 6 verification failed and nothing published, 1 anything else.
    """
    request = SolveRequest(method, backend, gap, time_limit, threads, seed, hours)
    try:
        loaded = load_scenario(scenario)
        outcome = solve_scenario(loaded, out, request, ignore if quiet or as_json else ProgressLines())
    except ScenarioFaults as faults:
        print_faults(faults, as_json)
        return ExitCode.BAD_INPUT
    except PipelineError as error:
        return tell_failure(error, as_json)
    if as_json:
        click.echo(json.dumps(_machine(outcome), ensure_ascii=False))
    elif not quiet:
        click.echo(page(summarise(outcome.plan)))
        click.echo(f"plan: {out} (tables for people in {out / 'csv'}, for programs in {out / 'tables'})")
    return outcome.exit_code


def _machine(outcome: Outcome) -> dict[str, object]:
    return {
        "exit_code": int(outcome.exit_code),
        "folder": str(outcome.folder),
        "plan": asdict(outcome.meta),
        "run": asdict(outcome.run),
    }

"""`allocator approve`: publish what waits."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.pipeline.errors import ExitCode


@click.command()
@click.argument("run", default="")
@store_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(run: str, store: str, plans: Path | None, as_json: bool) -> int:
    """Publish the plan of RUN (the beginning of its name), or of the only run that waits; it is verified again first.

    Exit status: 0 published, 2 no such run waits, 6 the plan does not hold any more, 11 another run holds the store.
    """
    need_store()
    from allocator.nightly.approve import approve
    from allocator.nightly.store.store import place_of

    found = approve(place_of(store, plans), run)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, **asdict(found)})
    else:
        click.echo(f"run {found.run[:12]} as of {found.as_of} is published, plan {found.plan[:12]}")
    return ExitCode.WITHIN_GAP

"""`allocator health`: one look at a store, for monitors."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode


@click.command()
@store_options
@click.option("--max-age", "most_age_h", type=click.FloatRange(min=0), default=30.0, show_default=True, help="Hours.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(store: str, plans: Path | None, most_age_h: float, as_json: bool) -> int:
    """Say whether a store serves a whole and fresh plan; nothing is changed and no lock is taken.

    Exit status: 0 all is well, 1 something is not (a plan of more than a day ahead too, where a clock jumped or it was
    run for a later moment), 2 there is no such store.
    """
    need_store()
    from allocator.nightly.health import health
    from allocator.nightly.store.store import place_of

    found = health(place_of(store, plans), most_age_h)
    code = ExitCode.WITHIN_GAP if found.good else ExitCode.FAILED
    if as_json:
        print_json({"exit_code": code, "healthy": found.good, **asdict(found)})
    else:
        age = "" if found.age_h is None else f", as of {found.age_h:,.1f} h ago"
        age = age if found.ahead_h is None else f", as of a moment {found.ahead_h:,.1f} h ahead"
        click.echo("\n".join(map(printable, found.problems)) or f"well{age}")
    return code

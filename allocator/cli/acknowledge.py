"""`allocator acknowledge`: answers to set-points, kept in the store."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import counted
from allocator.pipeline.errors import ExitCode


@click.command()
@click.argument("answers", type=click.Path(path_type=Path, dir_okay=False))
@store_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(answers: Path, store: str, plans: Path | None, as_json: bool) -> int:
    """Keep what those who run machines answer to the set-points of published nights. ANSWERS is a CSV table with the
    columns id, answer (accepted or rejected), reason, by and at. The next night plans around what was rejected.

    Exit status: 0 all are kept, 2 the table has faults or answers what was never asked, and none is kept, 11 another
    run holds the store.
    """
    need_store()
    from allocator.nightly.handoff.answered import acknowledge
    from allocator.nightly.store.store import opened, place_of

    with opened(place_of(store, plans)) as (held, _):
        kept = acknowledge(answers, held.registry)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "accepted": kept.accepted, "rejected": kept.rejected})
    else:
        click.echo(f"{counted(kept.accepted, 'set-point')} accepted, {kept.rejected:,} rejected")
    return ExitCode.WITHIN_GAP

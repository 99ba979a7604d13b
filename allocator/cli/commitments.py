"""`allocator commitments`: what every later night plans around."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store, store_options
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode


@click.command()
@store_options
@click.option("--release", multiple=True, metavar="KIND:NAME", help="One that was not carried out; may stand again.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(store: str, plans: Path | None, release: tuple[str, ...], as_json: bool) -> int:
    """List what published plans have committed to: contract:NAME, convert:HALL/FIT_OUT, order:MODEL, sale:MODEL and
    notice:AGREEMENT, each with the node at which it was decided.

    Exit status: 0 listed, 2 there is no such commitment, 11 another run holds the store.
    """
    need_store()
    from allocator.nightly.commit import FAMILIES, word
    from allocator.nightly.store.store import opened, place_of

    with opened(place_of(store, plans)) as (held, _):
        for text in release:
            kind, _, name = text.partition(":")
            if kind not in FAMILIES or not held.registry.release(FAMILIES[kind], name):
                raise BadInputError(f"{text!r} is no commitment", [word(one) for one in held.registry.commitments()])
            held.registry.tell("info", "released", f"{text} was not carried out")
        found = list(dict.fromkeys(word(one) for one in held.registry.commitments()))
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "commitments": found})
    else:
        click.echo("\n".join(map(printable, found)) or "nothing is committed")
    return ExitCode.WITHIN_GAP

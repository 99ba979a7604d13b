"""`allocator notify`: a message on trial, so that channels are known to work before they are needed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.store_options import need_store
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode
from allocator.scenario.notify import load_notify


@click.command()
@click.argument("channels", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(channels: Path, as_json: bool) -> int:
    """Send a message on trial to every webhook and mailbox of CHANNELS (a YAML file, see docs/how_to/alerts.md).

    Exit status: 0 all of them took it, 1 one did not, 2 CHANNELS has faults.
    """
    need_store()
    answers = _answers(channels)
    code = ExitCode.FAILED if any(answers.values()) else ExitCode.WITHIN_GAP
    if as_json:
        print_json({"exit_code": code, "channels": answers})
    for name, said in () if as_json else answers.items():
        click.echo(printable(f"{name}: {said or 'taken'}"))
    return code


def _answers(file: Path) -> dict[str, str]:
    """Why each channel did not take it, or not for all; "" where it did."""
    from allocator.nightly.notify.channels import UndeliveredError, channels
    from allocator.nightly.notify.message import Headline, Message, Told

    at = datetime.now(UTC).isoformat(timespec="seconds")
    message = Message(
        Headline("trial", at, "", "a trial", 0, "trial"), (Told("info", "trial", "this channel works"),), ()
    )
    answers = {}
    try:
        for channel in channels(load_notify(file), file.absolute().parent):
            try:
                answers[channel.name] = channel.send(message)
            except UndeliveredError as error:
                answers[channel.name] = str(error)
    except OSError as error:
        raise BadInputError(f"ca_file cannot be read: {error.strerror}") from None
    return answers

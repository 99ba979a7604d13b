"""Every command with its options, as `--help` prints them."""

from __future__ import annotations

import click

from allocator.cli.main import COMMANDS, PROGRAM, cli
from docs.site.markdown import page, plain

INTRO = f"""# Commands

As `{PROGRAM} COMMAND --help` prints them. What each is for, and exit codes: [Use from scripts](../how_to/scripts.md).
"""


def pages() -> dict[str, str]:
    """The page on commands."""
    parent = click.Context(cli, info_name=PROGRAM)
    parts = [INTRO]
    for name, says in COMMANDS.items():
        command = cli.get_command(parent, name)
        assert command is not None
        context = click.Context(command, info_name=name, parent=parent, max_content_width=110, terminal_width=110)
        parts += [f"## {name}", plain(says), f"```text\n{command.get_help(context)}\n```"]
    return {"reference/commands.md": page(*parts)}

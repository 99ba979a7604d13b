"""`allocator init`: a starter scenario."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.machine import print_json
from allocator.cli.text import printable
from allocator.pipeline.errors import BadInputError, ExitCode, WriteError
from allocator.scenario.starter import write_starter


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(folder: Path, as_json: bool) -> int:
    """Write a commented starter scenario into FOLDER, which must not exist or be empty."""
    try:
        write_starter(folder)
    except (FileExistsError, NotADirectoryError, PermissionError, ValueError) as error:
        raise BadInputError(f"{folder}: {_reason(error)}; choose a folder that is new or empty") from error
    except OSError as error:
        raise WriteError(f"{folder}: {_reason(error)}; nothing was written") from error
    if as_json:
        files = sorted(path.name for path in folder.iterdir())
        print_json({"exit_code": ExitCode.WITHIN_GAP, "folder": folder, "files": files})
    else:
        name = printable(str(folder))
        click.echo(f"wrote {name}; next: allocator check {name}, then allocator solve {name} --out {name}-plan")
    return ExitCode.WITHIN_GAP


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)

"""`allocator init`: a starter scenario."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.pipeline.errors import ExitCode
from allocator.scenario.starter import write_starter


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def command(folder: Path) -> int:
    """Write a commented starter scenario into FOLDER, which must not exist or be empty."""
    try:
        write_starter(folder)
    except OSError as error:
        raise click.ClickException(
            f"{folder}: {error.strerror or error}; choose a folder that is new or empty"
        ) from error
    click.echo(f"wrote {folder}; next: allocator check {folder}, then allocator solve {folder} --out {folder}-plan")
    return ExitCode.WITHIN_GAP

"""`allocator report`: a plan as something people open, in the format they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import click

from allocator.cli.machine import print_json
from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode

FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "html": "allocator.cli.report_html",
        "xlsx": "allocator.cli.report_xlsx",
        "png": "allocator.cli.report_png",
        "svg": "allocator.cli.report_svg",
    }
)
"""Module of each format: its `write(folder, out)` writes the report of a folder."""
ENDINGS: Mapping[str, str] = MappingProxyType({"png": "-pictures", "svg": "-pictures"})
"""How the name of a report ends, where that is no file of its format: pictures are a folder."""


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), default="xlsx", show_default=True, help="What is written."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="File to write, of pictures a folder; beside FOLDER, named like it, where not said.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
@click.option("--quiet", is_flag=True, help="Print nothing.")
def command(folder: Path, kind: str, out: Path | None, as_json: bool, quiet: bool) -> int:
    """Write a report of the plan in FOLDER: one web page that loads nothing, a workbook with live formulas,
    or a folder of pictures, one a figure.

    Web pages and pictures are made of the folders of `compare`, `sweep`, `frontier` and `backtest`, and of a night
    (STORE/current).

    Exit status: 0 written, 2 FOLDER is no plan or the file cannot be written.
    """
    home = folder.resolve()
    target = out if out is not None else home.parent / f"{home.name}{ENDINGS.get(kind, f'.{kind}')}"
    import_module(FORMATS[kind]).write(folder, target)
    if as_json:
        print_json({"exit_code": ExitCode.WITHIN_GAP, "file": target, "format": kind})
    elif not quiet:
        click.echo(printable(f"report: {target}"))
    return ExitCode.WITHIN_GAP

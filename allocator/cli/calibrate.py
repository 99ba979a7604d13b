"""`allocator calibrate`: processes from series of the past, beside what the market and people say."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedSeq

from allocator.cli.machine import print_json
from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode
from allocator.scenario.calibration import load_calibration
from allocator.uncertainty.calibrate import Calibrated, calibrate

WIDTH = 110


@click.command()
@click.argument("request", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object for machines.")
def command(request: Path, as_json: bool) -> int:
    """Fit what REQUEST (a YAML file, see docs/how_to/uncertainty.md) asks for; print a fragment of a scenario.

    Series are looked up beside REQUEST. The same request gives the same fragment.
    Exit status: 0 printed, 2 faults of the request or its series.
    """
    found = calibrate(load_calibration(request), request.parent)
    if as_json:
        fragment = {"uncertainty": found.uncertainty, "bitcoin": found.bitcoin}
        print_json({"exit_code": ExitCode.WITHIN_GAP, "fragment": fragment, "notes": found.notes})
    else:
        click.echo("\n".join(_page(found)))
    return ExitCode.WITHIN_GAP


def _page(found: Calibrated) -> Iterator[str]:
    yield from (f"# {printable(note)}" for note in found.notes)
    for key, content in (("bitcoin", found.bitcoin), ("uncertainty", found.uncertainty)):
        if content:
            yield _yaml({key: content})


def _yaml(content: Mapping[str, Any]) -> str:
    stream, writer = io.StringIO(), YAML()
    writer.width = WIDTH
    writer.dump(_flowing(content), stream)
    return stream.getvalue().rstrip("\n")


def _flowing(content: Any) -> Any:
    """Lists of numbers or names in one run instead of a line each."""
    if isinstance(content, Mapping):
        return {key: _flowing(value) for key, value in content.items()}
    if not isinstance(content, list):
        return content
    made = CommentedSeq(_flowing(value) for value in content)
    if not any(isinstance(value, Mapping | list) for value in content):
        made.fa.set_flow_style()
    return made

"""How a run that gives no plan is told: on the error stream, or as one JSON object."""

from __future__ import annotations

import json

import click

from allocator.cli.text import printable
from allocator.pipeline.errors import ExitCode, PipelineError


def tell_failure(error: PipelineError, as_json: bool) -> ExitCode:
    """Print the failure; returns its exit code."""
    if as_json:
        failure = {"exit_code": int(error.exit_code), "error": error.message, "details": list(error.details)}
        click.echo(json.dumps(failure, ensure_ascii=False))
    else:
        click.echo(printable(error.message), err=True)
        for line in error.details:
            click.echo(f"  {printable(line)}", err=True)
    return error.exit_code

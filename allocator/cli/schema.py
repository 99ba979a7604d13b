"""`allocator schema`: the JSON Schema of scenario files."""

from __future__ import annotations

import json

import click

from allocator.scenario.json_schema import json_schema


@click.command()
def command() -> None:
    """Print the JSON Schema of scenario files, for editors that complete and check YAML."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))

"""How faults of an input are shown: one line each, on the error stream."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from allocator.scenario.faults import ScenarioFaults


def print_faults(faults: ScenarioFaults, as_json: bool) -> None:
    """One line a fault on stderr, or one JSON object on stdout."""
    if as_json:
        click.echo(json.dumps({"faults": [asdict(fault) for fault in faults.faults]}, ensure_ascii=False))
        return
    for fault in faults.faults:
        click.echo(str(fault), err=True)
    count = len(faults.faults)
    click.echo(f"{count} fault{'s' if count > 1 else ''}; nothing was written", err=True)
